"""The reviewed files of `data/seed` say what the documents say, and nothing more."""

import csv
import shutil
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from pyproj import Geod

from app.errors import Unprocessable
from app.seed_files import FOLDER, Seed, SiteRow, read

EARTH = Geod(ellps="WGS84")
UNLOCATED = [f"P6-ST-0{number}" for number in range(1, 5)]
POSITION = {"location_status", "location_accuracy_m", "location_note", "geometry"}


@pytest.fixture(scope="module")
def files() -> Seed:
    return read()


@pytest.fixture
def copy(tmp_path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "seed")


def site(files: Seed, code: str) -> SiteRow:
    (found,) = [row for row in files.sites if row.code == code]
    return found


def test_the_files_hold_what_the_notice_gives_and_no_more(files):
    sites = Counter(row.kind for row in files.sites)

    assert sites == {"slide": 4, "flood": 1, "drowning": 1}
    assert [row.code for row in files.signboards] == [f"P6-BB-0{number}" for number in range(1, 6)]
    assert [row.code for row in files.proposals] == ["P6-KN-01", "P6-KN-02"]
    assert [row.code for row in files.measures] == [f"P6-BP-{number:02}" for number in range(1, 15)]
    assert len({row.kind for row in files.measures}) == 14
    assert {row.unit for row in files.measures} == {"24787"}
    assert {row.site for row in files.measures} == {None}


def test_the_four_unlocated_share_one_point_whose_circle_holds_the_whole_ward(files):
    four = [site(files, code) for code in UNLOCATED]
    (point,) = {row.geometry for row in four}
    outline = files.units[0].geometry

    farthest_m = max(EARTH.inv(point.x, point.y, *corner)[2] for corner in outline.exterior.coords)

    assert {(row.location_status, row.location_accuracy_m) for row in four} == {("unlocated", 1250)}
    assert farthest_m == pytest.approx(1179, abs=1)
    assert outline.contains(point)


def test_the_outline_has_the_known_area_of_the_ward(files):
    area_m2, _ = EARTH.geometry_area_perimeter(files.units[0].geometry)

    assert area_m2 == pytest.approx(1.68e6, rel=0.01)


def test_only_the_four_slides_are_rated_and_all_alike(files):
    rated = {row.code: row.risk_level for row in files.sites if row.risk_level}

    assert rated == dict.fromkeys(UNLOCATED, "high")
    assert all(row.risk_reason and row.risk_rated_at for row in files.sites if row.risk_level)
    assert all(row.risk_rated_at is None for row in files.sites if not row.risk_level)


def test_positions_nobody_measured_are_not_called_surveyed(files):
    located = [*files.sites, *files.signboards, *files.proposals]

    assert {row.location_status for row in located} == {"unlocated", "inferred"}
    assert all(row.location_note for row in located)
    assert site(files, "P6-NL-01").location_accuracy_m == 150
    assert site(files, "P6-DN-01").geometry.geom_type == "LineString"


def test_the_last_board_stands_on_the_drowning_stream_with_its_accuracy(files):
    board, stream = files.signboards[-1], site(files, "P6-DN-01")

    assert board.site == stream.code
    assert board.location_accuracy_m == stream.location_accuracy_m == 300
    assert stream.geometry.distance(board.geometry) < 1e-5


def test_a_border_place_belongs_to_both_wards_and_their_successors(files):
    assert site(files, "P6-NL-01").units == ["24787", "24769", "24787@2025-07-01", "24846@2025-07-01"]
    assert {row.ref: row.predecessors for row in files.units if row.predecessors} == {
        "24787@2025-07-01": ["24787"],
        "24846@2025-07-01": ["24769"],
    }


def test_every_filled_field_of_a_record_has_a_fact(files):
    said = {(fact.about, fact.field) for fact in files.facts}
    records = [*files.sites, *files.signboards, *files.proposals, *files.measures]

    unsaid = [
        (record.code, field)
        for record in records
        for field in record.__dataclass_fields__
        if field not in {"code", "note", *POSITION} and getattr(record, field) is not None
        if (record.code, field) not in said
    ]

    assert unsaid == []
    assert all((row.code, "geometry") in said for row in (*files.sites, *files.signboards, *files.proposals))


def test_a_fact_about_a_plain_field_says_the_value_that_the_record_has(files):
    records = {row.code: row for row in (*files.sites, *files.signboards, *files.proposals, *files.measures)}
    composed = {"risk_reason", "reason", "units", "unit", "geometry"}

    different = [
        (fact.about, fact.field, fact.value)
        for fact in files.facts
        if fact.about in records and fact.field not in composed and hasattr(records[fact.about], fact.field)
        if fact.value != str(getattr(records[fact.about], fact.field))
    ]

    assert different == []


def test_what_is_not_quoted_is_reasoned_or_stands_in_the_resolution(files):
    unquoted = [fact for fact in files.facts if fact.quote is None]

    assert all(fact.certainty == "inferred" or fact.document == "nq-1671" for fact in unquoted)
    assert all(fact.note for fact in unquoted)
    assert all(fact.note for fact in files.facts if fact.certainty != "certain")


def test_the_two_conflicting_dates_keep_both_readings(files):
    conflicting = {row.number: row for row in files.documents if row.date_status == "conflicting"}
    dates: dict[str, set[str | None]] = {}
    for fact in files.facts:
        if fact.field == "date" and fact.certainty == "conflicting":
            dates.setdefault(fact.about, set()).add(fact.value)

    assert set(conflicting) == {"2381/QĐ-UBND", "07-NQ/ThU"}
    assert dates == {
        "07-NQ/ThU": {"2022-04-29", "2023-04-29"},
        "2381/QĐ-UBND": {"2023-08-28", "2023-08-30"},
    }
    for words in ("29/4/2022", "29/4/2023"):
        assert words in (conflicting["07-NQ/ThU"].date_note or "")
    for words in ("30/8/2023", "28 tháng 8 năm 2023"):
        assert words in (conflicting["2381/QĐ-UBND"].date_note or "")


def test_a_documents_date_is_one_that_its_facts_print(files):
    printed = {(fact.about, fact.value) for fact in files.facts if fact.field == "date"}
    cited = [row for row in files.documents if row.number and row.key != "nq-1671"]

    assert [row.number for row in cited if (row.number, str(row.date)) not in printed] == []
    assert all(row.date for row in cited)


def test_the_files_are_composed_text_without_exclamation():
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8-sig")

        assert unicodedata.is_normalized("NFC", text), path.name
        assert "!" not in text.replace("![", ""), path.name


def test_a_table_saved_by_a_vietnamese_spreadsheet_reads_the_same(files, copy):
    path = copy / "documents.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for row in rows[1:]:
        if row[2]:
            year, month, day = row[2].split("-")
            row[2] = f"{int(day)}/{int(month)}/{year}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)

    assert read(copy).documents == files.documents


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("sites.geojson", '"kind": "flood"', '"kind": "fire"', "sites.geojson, row 5: kind"),
        ("sites.geojson", '"location_accuracy_m": 150', '"location_accuracy_m": 0', "sites.geojson, row 5"),
        ("sites.geojson", '"code": "P6-ST-02"', '"code": "P6-ST-01"', "used twice as code: P6-ST-01"),
        ("sites.geojson", '"code": "P6-ST-02"', '"code": "p6"', "sites.geojson, row 2: code"),
        ("sites.geojson", '"24846@2025-07-01"', '"24846"', "sites.geojson names under units"),
        ("sites.geojson", '"state"', '"status"', "sites.geojson, row 1"),
        ("sites.geojson", "[108.425708, 11.958893]", "[11.958893, 108.425708]", "sites.geojson, row 5"),
        ("sites.geojson", '"type": "FeatureCollection",', '"type",', "sites.geojson, row 0"),
        (
            "signboards.geojson",
            '"site": "P6-DN-01"',
            '"site": "P6-DN-02"',
            "under site what is not there: P6-DN-02",
        ),
        ("measures.csv", "warning_board,,24787,", "warning_board,,,", "measures.csv, row 2: a measure needs"),
        ("documents.csv", "2023-05-23", "2023-13-23", "documents.csv, row 6: date"),
        ("documents.csv", "bc-132", "bc-150", "used twice as key: bc-150"),
        ("facts.csv", "P6-ST-01,name", "P6-ST-09,name", "under about what is not there: P6-ST-09"),
        ("facts.csv", "notice-2023-08", "notice", "facts.csv names under document"),
        ("facts.csv", ",certain,", ",sure,", "facts.csv, row 3: certainty"),
        ("facts.csv", "about,field", "about,fields", "facts.csv, row 2: field"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_row(copy, file, old, new, complaint):
    path = copy / file
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(Unprocessable) as refused:
        read(copy)

    assert complaint in refused.value.sentence()
