"""data/SOURCES.md explains every figure that the rules use, with the mark they show."""

import re
from pathlib import Path

import pytest

from app.hazards import KINDS
from app.inspections.due import BEFORE_HOLIDAYS, BEFORE_RAINS, INTERVALS
from app.inspections.signs import RULES, TWO_WORSE
from app.measures.rules import TEMPORARY_DAYS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "data" / "SOURCES.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in row.strip("|").split("|")] for row in TEXT.splitlines() if row.startswith("|")
]
ANCHORS = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.+)$", TEXT, re.MULTILINE)}


def mentions() -> list[tuple[str, str]]:
    """Every place in the code that points at a section of the page."""
    return [
        (str(path.relative_to(ROOT)), anchor)
        for path in sorted((ROOT / "app").rglob("*.py"))
        for anchor in re.findall(r"SOURCES\.md#([a-z-]+)", path.read_text("utf-8"))
    ]


@pytest.mark.parametrize(
    "rule", [rule for rules in (*RULES.values(), (TWO_WORSE,)) for rule in rules], ids=lambda rule: rule.code
)
def test_a_rule_stands_there_with_its_effect_and_its_mark(rule):
    (row,) = [row for row in ROWS if row[0] == f"`{rule.code}`"]

    assert row[3:] == [rule.effect, rule.status, rule.source or "–"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_stands_there_with_its_marks(kind):
    start = TEXT.index(f"(`{kind}`)")
    section = TEXT[start : TEXT.find("\n#", start)]

    for item in KINDS[kind].items:
        assert f"| `{item.code}` |" in section
        for mark in item.marks:
            assert f"| {mark.about} | {mark.status} | {', '.join(mark.sources) or '–'} |" in section


@pytest.mark.parametrize("key", INTERVALS)
def test_an_interval_stands_there_with_its_days(key):
    (row,) = [row for row in ROWS if row[0].startswith(f"`{key}`")]
    interval = INTERVALS[key]

    days = [re.match(r"\d+", cell) for cell in row[1:4]]
    assert [int(found[0]) if found else None for found in days] == [
        interval.rainy,
        interval.dry,
        interval.holidays,
    ]
    assert row[4] == interval.mark


def test_the_lives_of_temporary_measures_and_the_deadlines_stand_there():
    assert list(TEMPORARY_DAYS.values()) == [90, 180, 365]
    assert "tarpaulin 90 days, sandbags 180 days, stakes 365 days" in TEXT
    for deadline in (BEFORE_RAINS, BEFORE_HOLIDAYS):
        (month, day), (to_month, to_day) = deadline.opens, deadline.closes
        assert f"seen between {day}/{month} and {to_day}/{to_month}" in TEXT


@pytest.mark.parametrize(("path", "anchor"), mentions())
def test_code_points_at_sections_that_exist(path, anchor):
    assert anchor in ANCHORS
