"""A table that is opened in a spreadsheet runs nothing: text that would be a formula gets an apostrophe."""

import csv
import io
from datetime import datetime

import pytest
from click.testing import CliRunner

from app.cli import cli
from app.clock import LOCAL
from app.outputs import FORMULA, OUTPUTS

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://a.vn")',
]
PLAIN = ["Dốc 45°", "a=b", "1-2", "'quoted'", "", "ô cửa @ 3"]


def cells(properties: dict[str, object]) -> dict[str, str]:
    """One feature as a CSV says it, read back as a spreadsheet reads it."""
    feature = {"properties": properties, "geometry": None, "id": "x"}
    written = b"".join(OUTPUTS["csv"].write([feature])).decode()
    (row,) = csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
    return row


@pytest.mark.parametrize("text", [*FORMULAS, *(f"'{text}" for text in FORMULAS)])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(text):
    assert cells({"name": text})["name"] == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays_as_it_is(text):
    assert cells({"name": text})["name"] == text


def test_text_within_lists_is_looked_at_too():
    units = [{"code": "=1+1", "valid_from": "2025-07-01"}]
    row = cells({"units": units, "tags": ["=1"], "more": {"a": "=1"}})

    assert [value for value in row.values() if value.startswith(FORMULA)] == []


def test_numbers_and_moments_stay_what_they_are():
    row = cells({"below_m": -3.5, "rank": -2, "yes": True, "at": datetime(2026, 11, 23, 7, tzinfo=LOCAL)})

    assert (row["below_m"], row["rank"], row["yes"], row["at"]) == (
        "-3.5",
        "-2",
        "true",
        "2026-11-23T00:00:00.000Z",
    )


def test_an_export_of_hostile_places_runs_nothing(make, settings, monkeypatch, tmp_path):
    for number, text in enumerate(FORMULAS):
        make.site(
            code=f"TH-ST-{70 + number}", name=text.strip(), address=text.strip(), location_note=text.strip()
        )
    monkeypatch.setenv("TALUY_DATABASE_URL", settings.database_url)
    out = tmp_path / "places.csv"

    done = CliRunner().invoke(cli, ["export", str(out), "--scope", "private"])

    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"), newline="")))
    assert {text.strip() for text in FORMULAS} <= {row["name"].removeprefix("'") for row in rows}
    numbers = {"lon", "lat", "version", "location_accuracy_m"}
    assert [
        (name, value)
        for row in rows
        for name, value in row.items()
        if name not in numbers and value and value.startswith(FORMULA)
    ] == []
    assert all(float(row["lon"]) > 100 for row in rows if row["lon"])
