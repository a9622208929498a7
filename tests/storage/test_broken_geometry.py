"""Bytes in the SQLite file that are no geometry, as another tool may leave them: one row without a place, no more."""

import pytest
from shapely import Point, box
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from app.geometry import Geometry, within_metres
from app.sites.model import Site

BROKEN = {
    "cut off": b"\x01\x01\x00",
    "empty": b"",
    "text": b"POINT (108.4 11.9)",
    "too few positions": b"\x01\x02\x00\x00\x00\x01\x00\x00\x00" + bytes(16),
}
SHAPE = box(108.42, 11.95, 108.43, 11.96)
"""What the row's edges still say."""
THROUGH = "108.415,11.955,108.425,11.957"
"""Cuts the edges, so that the geometry itself is asked."""


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_wkb_is_read_as_no_geometry(name):
    read = Geometry().result_processor(sqlite.dialect(), None)

    assert read(BROKEN[name]) is None
    assert read(None) is None
    assert read(Point(1, 2).wkb) == Point(1, 2)


@pytest.fixture
def broken(database, make):
    """The code of a place whose bytes are cut off, beside one that is whole."""
    code, whole = make.site(geometry=SHAPE), make.site(geometry=SHAPE)
    with database.write() as db:
        db.execute(
            text("UPDATE site SET geometry = :bytes WHERE code = :code"),
            {"bytes": BROKEN["cut off"], "code": code},
        )
    return code, whole


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_row_ends_no_list_and_no_map(client, broken):
    """PostGIS takes no such bytes."""
    code, whole = broken
    items = "/ogc/collections/sites/items"

    for path in ("/api/sites", items, f"{items}?sortby=code"):
        found = {each["id"]: each for each in client.get(path).json()["features"]}
        assert found[code]["geometry"] is None, path
        assert found[whole]["geometry"]["type"] == "Polygon", path
    for path in (f"/api/sites/{code}", f"{items}/{code}"):
        assert client.get(path).json()["geometry"] is None, path
    for path in ("/", f"/s/{code}", f"{items}.csv", f"{items}.gpkg"):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "query",
    [
        f"/ogc/collections/sites/items?limit=1000&bbox={THROUGH}",
        f"/ogc/collections/sites/items?limit=1000&filter=S_INTERSECTS(geometry,BBOX({THROUGH}))",
    ],
)
def test_what_is_no_geometry_meets_nothing(client, broken, query):
    code, whole = broken

    answer = client.get(query)

    assert answer.status_code == 200, answer.text
    found = {each["id"] for each in answer.json()["features"]}
    assert whole in found
    assert code not in found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_geometry_is_near_nothing(database, broken):
    with database.read() as db:
        near = set(db.scalars(select(Site.code).where(within_metres(Site.geometry, 108.41, 11.95, 1_300))))

    assert near & set(broken) == {broken[1]}
