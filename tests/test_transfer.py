"""Import and export through the command line, on both databases."""

import csv
import io
import json
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from app.archive.manifest import digest
from app.cli import cli
from app.clock import now
from app.db import Database
from app.geometry import metres_per_degree
from app.log.model import LogDetail, LogEntry
from app.settings import Settings
from app.signboards.model import Signboard
from app.sites import queries as sites
from app.sites.model import Site, SiteUnit
from app.transfer import bodies, pieces
from app.transfer.columns import number
from app.transfer.grids import Grid
from app.units.model import Unit
from tests.make import Make

Taluy = Callable[..., Result]
HEADER = "code,name,kind,lon,lat,location_status,location_accuracy_m"
VECTOR = (108.4259036, 11.9586602, 573418.073, 1322582.409)


@pytest.fixture
def taluy(settings: Settings, make: Make) -> Taluy:
    """Runs the command line on the database of the test, which holds the ward's real places."""
    environment = {"TALUY_DATABASE_URL": settings.database_url, "TALUY_DATA_DIR": str(settings.data_dir)}

    def run(*arguments: object) -> Result:
        found = CliRunner().invoke(cli, [str(one) for one in arguments], env=environment)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    return run


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of lines."""

    def write(*lines: str, name: str = "in.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def site(database: Database, code: str) -> Site:
    with database.read() as db:
        found = db.scalar(select(Site).where(Site.code == code))
    assert found is not None
    return found


def state(database: Database) -> tuple[Any, ...]:
    """What an import could have changed."""
    with database.read() as db:
        counts = [db.scalar(select(func.count()).select_from(model)) for model in (Site, Signboard, LogEntry)]
        versions = db.execute(select(Site.code, Site.version, Site.updated_at).order_by(Site.code)).all()
    return (*counts, *versions)


def collection(*features: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def feature(code: str, **properties: Any) -> dict[str, Any]:
    geometry = properties.pop("geometry", {"type": "Point", "coordinates": [108.43, 11.95]})
    named = {"name": "Mái taluy", "kind": "slide", "location_status": "surveyed", "location_accuracy_m": 5}
    return {"type": "Feature", "geometry": geometry, "properties": {"code": code, **named, **properties}}


def test_the_grid_of_lam_dong_is_tied_by_the_official_shift():
    lon, lat, east, north = VECTOR

    found = Grid(5899).lonlat(east, north)

    assert found == pytest.approx((lon, lat), abs=1e-7)
    east_m, north_m = metres_per_degree(lat)
    without_shift = _as_if_wgs84(east, north)
    away = math.hypot((found[0] - without_shift[0]) * east_m, (found[1] - without_shift[1]) * north_m)
    assert 200 < away < 250


def _as_if_wgs84(east: float, north: float) -> tuple[float, float]:
    from pyproj import Transformer

    plain = Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +ellps=WGS84"
        " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    lon, lat = plain.transform(east, north)
    return lon, lat


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.322.582,41", 1322582.41),
        ("573 418,073", 573418.073),
        ("573418.073", 573418.073),
        ("1.322.582", 1322582),
        ("5", 5),
        ("-3,5", -3.5),
        ("năm", "năm"),
    ],
)
def test_numbers_are_read_as_they_are_written_in_vietnam(text, value):
    assert number(text) == value


@pytest.mark.parametrize("chunk", [1, 7, 65536])
def test_features_come_out_one_by_one_however_the_file_is_cut(chunk, monkeypatch):
    monkeypatch.setattr(pieces, "CHUNK", chunk)
    wanted = [
        {"type": "Feature", "properties": {"name": 'a "{[ \\ }' * n, "features": [{}]}} for n in range(4)
    ]
    text = json.dumps(
        {"name": "features", "x": [{"features": [1]}], "features": wanted, "type": "FeatureCollection"}
    )

    found = [json.loads(piece) for piece in pieces.features(io.StringIO(text))]

    assert found == wanted


def test_without_apply_nothing_is_written_but_everything_is_said(taluy, table, database):
    before = state(database)
    path = table(
        HEADER, "P6-ST-20,Mái taluy mới,slide,108.43,11.95,surveyed,5", "P6-ST-01,Tên khác,slide,,,,"
    )

    found = taluy("import", path, "--unit", "24787")

    assert found.exit_code == 0, found.output
    assert "P6-ST-20" in found.output
    assert "Vị trí nguy cơ sạt lở số 1 (chưa xác định) → Tên khác" in found.output
    assert "Mới: 1 · Sửa: 1 · Giữ nguyên: 0 · Từ chối: 0" in found.output
    assert state(database) == before


def test_with_apply_places_are_added_and_changed_and_the_log_knows(taluy, table, database, make):
    member = make.person("board")
    before = site(database, "P6-ST-01")
    path = table(
        HEADER, "P6-ST-20,Mái taluy mới,slide,108.43,11.95,surveyed,5", "P6-ST-01,Tên khác,slide,,,,"
    )

    found = taluy("import", path, "--unit", "24787", "--apply", "--by", member)

    assert found.exit_code == 0, found.output
    added, changed = site(database, "P6-ST-20"), site(database, "P6-ST-01")
    assert (added.name, added.kind, added.geometry.x, added.geometry.y) == (
        "Mái taluy mới",
        "slide",
        108.43,
        11.95,
    )
    assert (changed.name, changed.version) == ("Tên khác", before.version + 1)
    assert (changed.location_accuracy_m, changed.geometry) == (before.location_accuracy_m, before.geometry)
    with database.read() as db:
        entries = db.execute(
            select(LogEntry.verb, LogEntry.about, LogDetail.person_id, LogDetail.what)
            .join(LogDetail, LogDetail.seq == LogEntry.seq)
            .order_by(LogEntry.seq.desc())
            .limit(2)
        ).all()
        unit = db.execute(
            select(Unit.code, Unit.valid_from)
            .join(SiteUnit, SiteUnit.unit_id == Unit.id)
            .where(SiteUnit.site_id == added.id)
        ).one()
    assert [(one.verb, one.about) for one in entries] == [("add", "P6-ST-20"), ("change", "P6-ST-01")]
    assert json.loads(entries[1].what)["before"] == {"name": before.name}
    assert all(one.person_id is not None for one in entries)
    assert (unit.code, str(unit.valid_from)) == ("24787", "2025-07-01")


def test_an_export_of_sites_comes_back_without_a_change(taluy, database, make, tmp_path):
    note = 'Gần "cầu", ngã ba\nrẽ trái'
    make.site(name="'=TỔNG(1)", address="-12/3 Hai Bà Trưng", households_at_risk=3, location_note=note)
    make.site(code="TH-ST-90", risk_level="high", risk_reason="=Dốc, 45°", at=(108.123456789012, 11.1))
    before = state(database)
    for form, scope in product(("csv", "geojson"), ("public", "private")):
        path = tmp_path / f"{scope}.{form}"

        exported = taluy("export", path, "--scope", scope)
        found = taluy("import", path, "--apply")

        assert (exported.exit_code, found.exit_code) == (0, 0), exported.output + found.output
        assert "Mới: 0 · Sửa: 0 · Giữ nguyên: 8 · Từ chối: 0" in found.output
        assert state(database) == before


def test_an_export_of_signboards_comes_back_without_a_change(taluy, database, tmp_path):
    before = state(database)
    for form in ("csv", "geojson"):
        path = tmp_path / f"out.{form}"

        taluy("export", path, "--what", "signboards")
        found = taluy("import", path, "--kind", "signboard", "--apply")

        assert "Mới: 0 · Sửa: 0 · Giữ nguyên: 5 · Từ chối: 0" in found.output
        assert state(database) == before


def test_an_export_fills_an_empty_registry_with_the_same_places(taluy, database, tmp_path):
    path = tmp_path / "out.geojson"
    taluy("export", path)
    exported = json.loads(path.read_bytes())["features"]
    for one in exported:
        one["properties"]["code"] = one["id"] = one["id"].replace("P6-", "P9-")
    path.write_text(collection(*exported), encoding="utf-8")

    found = taluy("import", path, "--apply")

    assert "Mới: 6" in found.output
    taluy("export", path)
    again = {one["id"]: one for one in json.loads(path.read_bytes())["features"]}
    for one in exported:
        same = again[one["id"]]
        assert same["geometry"] == one["geometry"]
        for name in ("name", "kind", "risk_level", "units", "location_note", "location_accuracy_m"):
            assert same["properties"][name] == one["properties"][name]


def test_the_default_export_holds_public_fields_only(taluy, make, tmp_path):
    code = make.site(households_at_risk=7777)
    public, private = tmp_path / "public.csv", tmp_path / "private.csv"

    taluy("export", public)
    taluy("export", private, "--scope", "private")

    assert "households_at_risk" not in public.read_text(encoding="utf-8")
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(private.read_text(encoding="utf-8-sig")))}
    assert rows[code]["households_at_risk"] == "7777"
    assert private.stat().st_mode & 0o077 == 0


def test_everything_can_be_exported(taluy, officer, make, tmp_path):
    here = {"lon": 108.4257, "lat": 11.9588, "accuracy_m": 8, "age_s": 2, "source": "gps"}
    body = make.inspection_body("P6-NL-01", position=here)
    answer = officer.put("/api/inspections/7f2c1e52-98b3-4d0e-8f4d-0d7a8f3f2b11", json=body)
    assert answer.status_code == 201, answer.text
    wanted = {"sites": 6, "signboards": 5, "measures": 14, "proposals": 2, "inspections": 1}
    for what, count in wanted.items():
        files = [tmp_path / f"{what}.{ending}" for ending in ("csv", "geojson", "geojsons")]

        found = [taluy("export", path, "--what", what, "--scope", "internal") for path in files]

        table, features, sequence = files
        assert [one.exit_code for one in found] == [0, 0, 0], found[0].output
        assert len(list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))) == count
        assert len(json.loads(features.read_bytes())["features"]) == count
        assert sequence.read_bytes().count(b"\x1e") == count
    assert "POINT (108.4257 11.9588)" in (tmp_path / "inspections.csv").read_text(encoding="utf-8")


def test_a_sheet_in_vn_2000_is_read_with_its_system_only(taluy, table, database):
    lon, lat, *_ = VECTOR
    path = table(
        "Mã;Tên;Loại;Đông (Y);Bắc (X);location_status;Sai số (m)",
        "P6-ST-20;Mái taluy;slide;573.418,073;1.322.582,409;surveyed;5",
    )

    without = taluy("import", path, "--unit", "24787", "--apply")
    found = taluy("import", path, "--unit", "24787", "--crs", "5899", "--apply")

    assert without.exit_code == 1
    assert "--crs 5899" in without.output
    assert found.exit_code == 0, found.output
    point = site(database, "P6-ST-20").geometry
    assert (point.x, point.y) == pytest.approx((lon, lat), abs=1e-7)
    again = taluy("import", path, "--unit", "24787", "--crs", "5899")
    assert "Giữ nguyên: 1" in again.output


def test_a_geojson_in_vn_2000_is_read_with_its_system(taluy, table, database):
    line = {"type": "LineString", "coordinates": [[573418.073, 1322582.409], [573500.0, 1322600.0]]}
    path = table(collection(feature("P6-ST-20", geometry=line)), name="in.geojson")

    found = taluy("import", path, "--unit", "24787", "--crs", "5899", "--apply")

    assert found.exit_code == 0, found.output
    assert site(database, "P6-ST-20").geometry.coords[0] == pytest.approx(VECTOR[:2], abs=1e-7)


ROWS = {
    "swapped metres": ("E,N", "1322582.409,573418.073", "Tọa độ có vẻ bị đảo: Bắc (X) phải lớn hơn Đông (Y)"),
    "degrees as metres": ("E,N", "108.42,11.95", "độ, không phải mét"),
    "half a position": ("lon,lat", "108.42,", "lon và lat phải đi cùng nhau"),
    "swapped degrees": ("lon,lat", "11.95,108.42", "bị đổi chỗ"),
    "not a number": ("lon,lat", "NaN,11.95", "hữu hạn"),
    "infinite": ("lon,lat", "1e999,11.95", "hữu hạn"),
    "words for numbers": ("lon,lat", "đông,bắc", "phải là số"),
    "outside Vietnam": ("lon,lat", "2.35,48.85", "ngoài Việt Nam"),
    "no position": ("lon,lat", ",", "cần có vị trí"),
    "foreign wkt": ("wkt,lat", "GEOMETRYCOLLECTION (POINT (108.4 11.9)),", "wkt"),
    "two positions": ("wkt,lon,lat", "POINT (108.4 11.9),108.5,11.9", "hai vị trí khác nhau"),
}


def test_rows_with_bad_positions_are_refused_with_the_reason(taluy, table, database):
    before = state(database)
    for head, cells, reason in ROWS.values():
        path = table(
            f"code,name,kind,location_status,location_accuracy_m,{head}",
            f"P6-ST-20,Mái taluy,slide,surveyed,5,{cells}",
        )

        found = taluy("import", path, "--unit", "24787", "--crs", "5899", "--apply")

        assert found.exit_code == 1
        assert reason in found.output
    assert state(database) == before


REFUSED = [
    ("P6-ST-20,Mái taluy,river,108.43,11.95,surveyed,5", "kind"),
    ("P6-ST-21,Mái taluy,slide,108.43,11.95,surveyed,NaN", "location_accuracy_m"),
    ("P6-ST-22,,slide,108.43,11.95,surveyed,5", "name"),
    ("p6 st,Mái taluy,slide,108.43,11.95,surveyed,5", "chữ hoa và số"),
    (",Mái taluy,slide,108.43,11.95,surveyed,5", "code"),
    ("P6-BB-01,Mái taluy,slide,108.43,11.95,surveyed,5", "đã dùng cho một bản ghi khác"),
    ("P6-ST-23,Mái\x07 taluy,slide,108.43,11.95,surveyed,5", "không lưu được"),
    ("P6-ST-01,Tên,flood,,,,", "Loại của vị trí không đổi được"),
    ("P6-ST-02,Tên,slide,108.43,11.95,,", "location_status"),
    ("P6-ST-24,Mái taluy,slide,108.43,11.95,surveyed,5,thừa", "nhiều ô hơn"),
]


def test_rows_that_cannot_be_taken_are_refused_each_with_its_reason(taluy, table, database):
    before = state(database)

    found = taluy("import", table(HEADER, *(row for row, _ in REFUSED)), "--unit", "24787", "--apply")

    assert found.exit_code == 1
    assert f"Mới: 0 · Sửa: 0 · Giữ nguyên: 0 · Từ chối: {len(REFUSED)}" in found.output
    lines = {line.split("│")[1].strip(): line for line in found.output.splitlines() if line.startswith("│")}
    for number_, (_row, reason) in enumerate(REFUSED, 2):
        assert reason in lines[str(number_)]
    assert state(database) == before


def test_a_null_byte_far_down_in_a_table_refuses_its_row(taluy, table):
    long = f"P6-ST-20,{'a' * 70_000},slide,108.43,11.95,surveyed,5"

    found = taluy(
        "import", table(HEADER, long, "P6\x00,Mái,slide,108.43,11.95,surveyed,5"), "--unit", "24787"
    )

    assert found.exit_code == 1
    assert "Từ chối: 2" in found.output


def test_a_code_that_stands_twice_in_the_file_is_refused_the_second_time(taluy, table):
    row = "P6-ST-20,Mái taluy,slide,108.43,11.95,surveyed,5"

    found = taluy("import", table(HEADER, row, row), "--unit", "24787")

    assert "dòng 2" in found.output
    assert "Mới: 1 · Sửa: 0 · Giữ nguyên: 0 · Từ chối: 1" in found.output


def test_refused_rows_can_be_left_out_when_asked(taluy, table, database):
    good, bad = "P6-ST-20,Tốt,slide,108.43,11.95,surveyed,5", "P6-ST-21,Xấu,river,108.43,11.95,surveyed,5"

    found = taluy("import", table(HEADER, good, bad), "--unit", "24787", "--apply", "--skip-refused")

    assert found.exit_code == 0
    assert "river" not in found.output
    assert site(database, "P6-ST-20").name == "Tốt"


FILES = {
    "binary": (b"\x7fELF\x00\x01\x02", "không phải văn bản"),
    "spreadsheet": (b"PK\x03\x04rest", "không phải văn bản"),
    "utf-16": ("code,name\n".encode("utf-16"), "CSV UTF-8"),
    "old encoding": ("code,name\nP6-ST-20,Mái\n".encode("cp1258", "replace") + b"\xff\n", "CSV UTF-8"),
    "empty": (b" \n", "rỗng"),
    "no code": (b"name,kind\nA,slide\n", "code"),
    "two columns alike": (b"code,lon,longitude\nP6-ST-20,1,2\n", "lon"),
    "open quotation mark": (b'code,name\nP6-ST-20,"Ten\n', "ngoặc kép"),
    "no collection": (b'{"type": "Point", "coordinates": [108, 11]}', "FeatureCollection"),
    "cut off": (b'{"type": "FeatureCollection", "features": [{"type": "Feature", ', "FeatureCollection"),
    "deep": (b'{"type": "FeatureCollection", "features": [' + b"[" * 100_000, "không phải là đối tượng"),
    "a list of numbers": (b'{"type": "FeatureCollection", "features": [1, 2]}', "không phải là đối tượng"),
}


def test_files_that_cannot_be_read_are_refused_in_one_line(taluy, database, tmp_path):
    path = tmp_path / "in.csv"
    before = state(database)
    for content, reason in FILES.values():
        path.write_bytes(content)

        found = taluy("import", path, "--apply", "--unit", "24787")

        assert found.exit_code == 1
        assert reason in found.output
        assert found.output.count("\n") == 1
    assert state(database) == before


FEATURES = [
    ('{"type": "Feature", "properties": {"code": "P6-ST-20", "location_accuracy_m": NaN}}', "hữu hạn"),
    ('{"type": "Feature", "properties": {"code": "A", "code": "B"}}', "hai lần"),
    ('{"type": "Feature", "properties": [1]}', "GeoJSON"),
    ('{"type": "Feature", "properties": {"code": "P6-ST-20", "name": "\\ud800"}}', "không lưu được"),
    ('{"type": "Feature", "properties": {"code": ' + "[" * 60 + "]" * 60 + "}}", "40"),
]


def test_features_that_cannot_be_read_are_refused_by_themselves(taluy, table):
    for text, reason in FEATURES:
        good = json.dumps(feature("P6-ST-21"))
        path = table(
            '{"type": "FeatureCollection", "features": [' + text + "," + good + "]}", name="in.geojson"
        )

        found = taluy("import", path, "--unit", "24787")

        assert found.exit_code == 1
        assert reason in found.output
        assert "Mới: 1 · Sửa: 0 · Giữ nguyên: 0 · Từ chối: 1" in found.output


OPTIONS = [
    (("--crs", "999999"), "EPSG:999999"),
    (("--crs", "4326"), "EPSG:4326"),
    (("--unit", "00000"), "00000"),
    (("--by", "Không ai"), "Error"),
]


def test_wrong_options_are_refused_in_one_line(taluy, table):
    path = table(HEADER, "P6-ST-20,Mái taluy,slide,108.43,11.95,surveyed,5")
    for arguments, reason in OPTIONS:
        found = taluy("import", path, *arguments)

        assert found.exit_code == 1
        assert reason in found.output
        assert found.output.count("\n") == 1


def test_only_the_board_of_the_unit_answers_for_changes(taluy, table, database, make):
    path = table(HEADER, "P6-ST-01,Tên khác,slide,,,,")
    inside, outside = make.person("officer"), make.person("board", "24846")
    before = state(database)

    officer = taluy("import", path, "--by", inside, "--apply")
    stranger = taluy("import", path, "--by", outside, "--apply")

    assert (officer.exit_code, stranger.exit_code) == (1, 1)
    assert "thuộc phường khác" in stranger.output
    assert state(database) == before


def test_a_null_in_geojson_empties_a_field_and_an_empty_cell_leaves_it(taluy, table, database, make):
    code = make.site(address="Hẻm 12")

    taluy("import", table("code,address", f"{code},"), "--apply")
    kept = site(database, code).address
    named = {"type": "Feature", "geometry": None, "properties": {"code": code, "address": None}}
    taluy("import", table(collection(named), name="in.geojson"), "--apply")

    assert kept == "Hẻm 12"
    assert site(database, code).address is None


def test_a_rating_that_changes_is_dated_anew_and_needs_its_reason(taluy, table, database, make):
    code = make.site(risk_level="low", risk_reason="Thoải")
    before = site(database, code)

    refused = taluy("import", table("code,risk_level", f"{code},high"), "--apply")
    taken = taluy("import", table("code,risk_level,risk_reason", f"{code},high,Vết nứt mới"), "--apply")

    after = site(database, code)
    assert (refused.exit_code, taken.exit_code) == (1, 0)
    assert (after.risk_level, after.risk_reason) == ("high", "Vết nứt mới")
    assert after.risk_rated_at is not None
    assert before.risk_rated_at is not None
    assert after.risk_rated_at > before.risk_rated_at


def test_signboards_are_added_at_places_that_exist(taluy, table, database):
    head = "code,name,site,lon,lat,location_status,location_accuracy_m"
    path = table(
        head,
        "P6-BB-20,Biển mới,P6-NL-01,108.4257,11.9589,surveyed,3",
        "P6-BB-21,Biển lạc,P6-ST-99,108.4257,11.9589,surveyed,3",
        "P6-BB-01,Biển dời,P6-NL-01,,,,",
    )

    found = taluy("import", path, "--kind", "signboard", "--apply", "--skip-refused")

    assert "Mới: 1 · Sửa: 0 · Giữ nguyên: 0 · Từ chối: 2" in found.output
    with database.read() as db:
        assert db.scalar(select(func.count()).where(Signboard.code == "P6-BB-20")) == 1


def test_columns_that_nobody_reads_are_named(taluy, table):
    found = taluy("import", table(f"{HEADER},Ghi chú riêng,version", "P6-ST-01,Tên,slide,,,,,x,3"))

    assert "Ghi chú riêng" in found.output
    assert "version" not in found.output


def test_escapes_for_terminals_in_a_file_are_not_printed(taluy, table):
    found = taluy("import", table("code,name,\x1b[31mcot", "\x1b[31mP6,x,y"))

    assert "\x1b" not in found.output


def test_an_import_into_a_database_without_tables_says_what_to_run(tmp_path, table):
    environment = {"TALUY_DATABASE_URL": "", "TALUY_DATA_DIR": str(tmp_path / "empty")}

    found = CliRunner().invoke(cli, ["import", str(table(HEADER))], env=environment)

    assert found.exit_code == 1
    assert "taluy migrate" in found.output


def test_an_export_never_leaves_half_a_file(taluy, tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    taluy("export", path)
    with path.open("rb") as file:
        before = digest(file)

    found = taluy("export", path, "--format", "kml")

    assert found.exit_code == 1
    with path.open("rb") as file:
        assert digest(file) == before
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".out")] == []


def test_a_position_that_moved_by_a_millimetre_is_the_same():
    def point(lon: float) -> Any:
        return bodies.geometry_in({"type": "Point", "coordinates": [lon, 11.9586602]})

    assert bodies.same_place(point(108.42590360), point(108.42590361))
    assert not bodies.same_place(point(108.42590360), point(108.42590370))


def test_many_rows_are_read_in_batches(taluy, table, database):
    rows = [f"TH-ST-{n:05d},Vị trí {n},slide,108.43,11.95,surveyed,5" for n in range(1201)]

    found = taluy("import", table(HEADER, *rows), "--unit", "24787", "--apply")

    assert "Mới: 1201" in found.output
    assert "còn 1101" in found.output
    with database.read() as db:
        assert len(sites.page(db, sites.Wanted(limit=5000), today=now().date())) == 1207
