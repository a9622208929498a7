"""Items as a GeoPackage, as GDAL reads it back: counts, types, values, geometries, and the style for QGIS."""

import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from app.ogc.formats import geopackage, geopackage_writer, styles
from app.ogc.formats.kept_files import Kept, scratch
from tests.ogc import rows
from tests.ogc.rows import COUNT, Door

door = rows.door
ROOT = Path(__file__).parents[2]
ALL = COUNT + 6
ITEMS = "/ogc/collections/sites/items"
TYPES = {
    "code": ("OFTString", "OFSTNone"),
    "risk_rated_at": ("OFTDateTime", "OFSTNone"),
    "location_accuracy_m": ("OFTReal", "OFSTNone"),
    "version": ("OFTInteger64", "OFSTNone"),
    "due_on": ("OFTDate", "OFSTNone"),
    "overdue": ("OFTInteger", "OFSTBoolean"),
}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the answer's bytes are put."""
    return tmp_path / "answer.gpkg"


def asked(client: Any, kept: Path, query: str = "", collection: str = "sites") -> Any:
    answer = client.get(f"/ogc/collections/{collection}/items?f=gpkg&{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geopackage+sqlite3"
    kept.write_bytes(answer.content)
    return answer


def plain(value: Any) -> Any:
    """A value of a column as GeoJSON has it."""
    if value is None or (not isinstance(value, str) and value != value) or str(value) == "NaT":  # noqa: PLR0124
        return None
    if isinstance(value, np.datetime64):
        kind: Any = value.item()
        if isinstance(kind, datetime):
            return kind.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return kind.isoformat() if isinstance(kind, date) else kind
    return value.item() if isinstance(value, np.generic) else value


def read(path: Path, layer: str = "sites") -> tuple[dict[str, Any], list[dict[str, Any]], list[Any]]:
    """What GDAL says of a layer, its rows, its geometries; an integer column with nulls comes as numbers with NaN."""
    said, _, shapes, columns = pyogrio.raw.read(path, layer=layer)
    values = [[plain(value) for value in column] for column in columns]
    found = [dict(zip(said["fields"], row, strict=True)) for row in zip(*values, strict=True)]
    return pyogrio.read_info(path, layer=layer), found, list(shapely.from_wkb(shapes))


def test_gdal_reads_what_the_features_say(door: Door, kept):
    answer = asked(door.client, kept)

    info, found, shapes = read(kept)
    wanted = door.get("sites/items", limit=1000)["features"]
    assert answer.headers["content-disposition"] == 'attachment; filename="sites.gpkg"'
    assert answer.headers["ogc-numbermatched"] == answer.headers["ogc-numberreturned"] == str(ALL)
    types = dict(zip(info["fields"], zip(info["ogr_types"], info["ogr_subtypes"], strict=True), strict=True))
    assert {name: types[name] for name in TYPES} == TYPES
    assert found == [each["properties"] for each in wanted]
    assert shapes == [shapely.geometry.shape(each["geometry"]) for each in wanted]
    assert {shape.geom_type for shape in shapes} == {"Point", "LineString", "Polygon"}
    assert info["crs"] == "EPSG:4326"
    assert info["features"] == ALL == len({row["code"] for row in found})


def test_a_box_is_looked_up_in_its_index(door: Door, kept):
    asked(door.client, kept)

    box = (108.4095, 11.9095, 108.4125, 11.9125)
    found = pyogrio.raw.read(kept, layer="sites", bbox=box, columns=["code"])[3][0]

    assert sorted(found) == ["TH-DD-10", "TH-DD-11", "TH-DD-12"]
    with sqlite3.connect(kept) as database:
        assert database.execute("SELECT count(*) FROM rtree_sites_geom").fetchone() == (ALL,)


@pytest.mark.parametrize("collection", ["signboards", "inspections", "measures", "units"])
def test_every_collection_has_its_layer_even_an_empty_one(door: Door, kept, collection):
    asked(door.client, kept, collection=collection)

    info, found, shapes = read(kept, collection)
    wanted = door.get(f"{collection}/items", limit=1000)["features"]
    assert found == [each["properties"] for each in wanted]
    assert [shape and shape.geom_type for shape in shapes] == [
        each["geometry"] and each["geometry"]["type"] for each in wanted
    ]
    assert info["features"] == len(wanted)
    assert [*pyogrio.list_layers(kept)[:, 0]] == [collection, "layer_styles"]


@pytest.mark.parametrize("code", [4326, 5899])
def test_positions_are_in_the_system_that_was_asked_for_easting_first(door: Door, kept, code):
    name = f"http://www.opengis.net/def/crs/EPSG/0/{code}"

    answer = asked(door.client, kept, f"crs={name}&limit=3")

    info, _, shapes = read(kept)
    wanted = door.get("sites/items", limit=3, **({} if code == 4326 else {"crs": name}))["features"]
    assert info["crs"] == f"EPSG:{code}"
    assert shapes == [shapely.geometry.shape(each["geometry"]) for each in wanted]
    assert answer.headers["ogc-numberreturned"] == "3"
    assert 'rel="next"' in answer.headers["link"]


def test_qgis_finds_a_style_and_the_names_of_the_columns(door: Door, kept):
    asked(door.client, kept)

    with sqlite3.connect(kept) as database:
        ((schema, column, default, qml),) = database.execute(
            "SELECT f_table_schema, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
            " WHERE f_table_name = 'sites'"
        )
        titles = dict(database.execute("SELECT column_name, title FROM gpkg_data_columns"))
        named = database.execute("SELECT identifier FROM gpkg_contents WHERE table_name = 'sites'").fetchone()
        checked = database.execute("PRAGMA integrity_check").fetchone()
    assert (schema, column, default) == ("", "geom", 1)
    assert re.findall(r'<rule key="\{r\d\}" label="([^"]+)"', qml) == [
        "Rất cao",
        "Cao",
        "Trung bình",
        "Thấp",
        "Chưa đánh giá",
    ]
    assert titles["name"] == "Tên"
    assert '<alias field="name" index="2" name="Tên"/>' in qml
    assert named == ("Vị trí nguy cơ",)
    assert checked == ("ok",)


def test_a_style_is_drawn_in_the_colours_of_the_pages():
    tokens = re.findall(r"--[\w-]+:(#[0-9A-F]{6})", (ROOT / "app/static/taluy.css").read_text("utf-8"))

    drawn = {colour for table in styles.COLOURS.values() for pair in table.values() for colour in pair}

    assert drawn <= set(tokens)


def test_it_is_made_once_and_again_when_something_changed(client, board, make, settings, kept):
    code = make.site()
    first, again = asked(client, kept), asked(client, kept)
    folder = settings.data_dir / geopackage.FOLDER
    made = list(folder.iterdir())

    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    assert [path.read_bytes() == first.content for path in made] == [True]
    fresh = client.get(f"{ITEMS}?f=gpkg", headers={"If-None-Match": first.headers["etag"]})
    assert (fresh.status_code, fresh.content) == (304, b"")
    made[0].unlink()
    assert asked(client, kept, "offset=0").headers["etag"] == first.headers["etag"]
    version = board.get(f"/api/sites/{code}").headers["ETag"]
    assert board.patch(
        f"/api/sites/{code}", json={"state": "watch"}, headers={"If-Match": version}
    ).is_success
    changed = client.get(f"{ITEMS}?f=gpkg", headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"] == first.headers["etag"]) == (200, False)


def test_a_range_of_it_is_given_alone(door: Door, kept):
    whole = asked(door.client, kept).content

    def part(asked_for: str) -> tuple[int, bytes, str | None]:
        answer = door.client.get(f"{ITEMS}?f=gpkg", headers={"Range": asked_for})
        return answer.status_code, answer.content, answer.headers.get("content-range")

    length = len(whole)
    assert part("bytes=0-15") == (206, b"SQLite format 3\0", f"bytes 0-15/{length}")
    assert part(f"bytes={length - 5}-") == (206, whole[-5:], f"bytes {length - 5}-{length - 1}/{length}")
    assert part("bytes=-7") == (206, whole[-7:], f"bytes {length - 7}-{length - 1}/{length}")
    assert part(f"bytes={length}-") == (416, b"", f"bytes */{length}")
    assert part("bytes=0-") == (200, whole, None)
    assert part("bytes=1-2,4-5") == part("bytes=5-4") == (200, whole, None)


def test_a_range_is_given_on_no_condition_that_its_weak_tag_cannot_meet(door: Door, kept):
    """RFC 9110: 9.3.2 and 14.2 (HEAD has no ranges), 13.1.1 and 13.1.5 (both compare strongly), 13.2.2."""
    address, tag = f"{ITEMS}?f=gpkg", asked(door.client, kept).headers["etag"]
    some = {"Range": "bytes=0-15"}

    assert door.client.head(address, headers=some).status_code == 200
    for condition, status in (("If-Range", 200), ("If-Match", 412), ("If-None-Match", 304)):
        assert door.client.get(address, headers={**some, condition: tag}).status_code == status
    assert door.client.get(address, headers={**some, "If-Match": "*"}).status_code == 206


def test_what_somebody_of_the_unit_sees_is_kept_nowhere(client, board, make, settings, kept):
    code = make.site(people_at_risk=4)

    answer = asked(board, kept)
    part = board.get(f"{ITEMS}?f=gpkg", headers={"Range": "bytes=0-15"})

    assert (part.status_code, part.headers["accept-ranges"]) == (200, "none"), (
        "each request has a file of its own"
    )
    assert {row["code"]: row["people_at_risk"] for row in read(kept)[1]}[code] == 4
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert list((settings.data_dir / geopackage.FOLDER).iterdir()) == []
    asked(client, kept)
    assert "people_at_risk" not in read(kept)[1][0]


@pytest.mark.parametrize("name", ["_inside", "_working"])
def test_more_than_a_few_at_once_are_told_to_wait(door: Door, monkeypatch, name):
    full = BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(geopackage, name, full)
    monkeypatch.setattr(geopackage, "WAIT_S", 0.01)

    refused = door.client.get(f"{ITEMS}?f=gpkg&offset=1")

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "15")


def test_a_writer_that_takes_too_long_is_ended_and_leaves_nothing(door: Door, monkeypatch):
    monkeypatch.setattr(geopackage, "TIMEOUT_S", 0.01)

    refused = door.client.get(f"{ITEMS}?f=gpkg&offset=2")

    folder = door.client.app.state.settings.data_dir / geopackage.FOLDER
    assert (refused.status_code, refused.json()["code"]) == (503, "geopackage-too-large")
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_writer_without_space_is_told_from_one_that_had_too_much_to_do(door: Door, monkeypatch, tmp_path):
    without = tmp_path / "writer.py"
    without.write_text("raise SystemExit('database or disk is full')")
    monkeypatch.setattr(geopackage, "WRITER", without)

    had_room = door.client.get(f"{ITEMS}?f=gpkg&offset=3")
    monkeypatch.setattr(geopackage, "ROOM", 2**60)
    refused = door.client.get(f"{ITEMS}?f=gpkg&offset=3")

    folder = door.client.app.state.settings.data_dir / geopackage.FOLDER
    assert [each.status_code for each in (had_room, refused)] == [503, 507]
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_file_without_its_index_is_not_whole(door: Door, kept):
    asked(door.client, kept)
    with closing(sqlite3.connect(kept)) as file:
        assert geopackage_writer.is_whole(file, "sites", ALL)
        assert not geopackage_writer.is_whole(file, "sites", ALL + 1)

        file.execute("DROP TABLE rtree_sites_geom")

        assert not geopackage_writer.is_whole(file, "sites", ALL)


def test_files_that_nobody_took_for_longest_make_room(tmp_path):
    kept = Kept(tmp_path / "files", most=25)
    for moment, name in enumerate(("one", "two", "three")):
        with scratch(kept.folder) as folder:
            made = folder / "made"
            made.write_bytes(b"x" * 10)
            os.utime(made, (moment, moment))  # a file system's clock may stand still for all three
            kept.take(made, name)
        if file := kept.opened("one"):
            file.close()

    assert {path.stem for path in kept.folder.iterdir()} == {"one", "three"}
    assert kept.opened("two") is None
