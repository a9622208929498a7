"""Measures of a whole unit: their geometry is the unit's outline, in every filter and format and on both databases."""

import csv
import io
import json

import pytest
import shapely
from shapely.geometry import shape

from tests.ogc.rows import AT_SITE, OF_BARE_UNIT, door  # noqa: F401 - a fixture

FAR = "0,0,1,1"
CORNER = "108.418,11.943,108.422,11.946"
"""In the rectangle around the old ward, and not in the ward."""


@pytest.fixture(scope="module")
def outline(door):  # noqa: F811 - the fixture
    """Of the old ward, as its own collection has it."""
    (unit,) = door.get("units/items", ids="24787")["features"]
    return unit["geometry"]


def test_the_outline_is_that_of_the_unit_and_of_no_other_with_its_code(door, outline):  # noqa: F811
    features = door.get("measures/items", limit=1000)["features"]
    found = {each["id"]: each for each in features}

    whole = [each for each in features if each["id"].startswith("P6-BP-")]
    assert len(whole) == 14
    assert all(each["geometry"] == outline for each in whole)
    assert found[OF_BARE_UNIT]["geometry"] is None
    assert found[AT_SITE]["geometry"]["type"] == "Point"  # a site goes before the unit beside it
    assert found[AT_SITE]["properties"]["unit"] == "24787"
    assert any(each["geometry"] for each in features[:10])  # what QGIS looks at


def test_filters_meet_the_outline_and_not_the_rectangle_around_it(door, outline):  # noqa: F811
    everything = set(door.ids("measures"))
    whole = everything - {AT_SITE, OF_BARE_UNIT}
    inside = shape(outline).representative_point()
    wkt = f"POINT({inside.x} {inside.y})"

    def filtered(text: str) -> set[str]:
        return set(door.ids("measures", filter=text))

    assert not shape(outline).intersects(shapely.box(*map(float, CORNER.split(","))))
    assert set(door.ids("measures", bbox=CORNER)) == {OF_BARE_UNIT}
    around = f"{inside.x},{inside.y},{inside.x},{inside.y}"
    assert set(door.ids("measures", bbox=around)) == whole | {OF_BARE_UNIT}
    assert filtered(f"S_INTERSECTS(geometry, {wkt})") == whole
    assert filtered(f"S_CONTAINS(geometry, {wkt})") == whole
    assert filtered(f"NOT S_INTERSECTS(geometry, {wkt})") == {AT_SITE}
    assert filtered(f"S_DISJOINT(geometry, {wkt})") == {AT_SITE}
    assert filtered(f"S_INTERSECTS(geometry, BBOX({CORNER}))") == set()
    assert filtered("geometry IS NULL") == {OF_BARE_UNIT}


def test_a_box_in_metres_and_an_answer_in_metres_take_the_outline_too(door, outline):  # noqa: F811
    system = "http://www.opengis.net/def/crs/EPSG/0/5899"
    page = door.get("measures/items", limit=1, crs=system)
    north, east = page["features"][0]["geometry"]["coordinates"][0][0]

    box = f"{north - 1},{east - 1},{north + 1},{east + 1}"
    found = door.ids("measures", bbox=box, bbox_crs=system)

    assert len(page["features"][0]["geometry"]["coordinates"][0]) == len(outline["coordinates"][0])
    assert len(found) == 15
    assert AT_SITE not in found


def test_the_extent_holds_the_outline_and_the_site(door, outline):  # noqa: F811
    document = door.get("measures")
    (site,) = door.get("sites/items", ids="TH-DD-02")["features"]

    both = shapely.union(shape(outline), shape(site["geometry"]))
    assert document["extent"]["spatial"]["bbox"][0] == pytest.approx(both.bounds, abs=2e-5)


def test_files_hold_the_same_geometries(door):  # noqa: F811
    wanted = {each["id"]: each["geometry"] for each in door.get("measures/items", limit=1000)["features"]}
    here = "/ogc/collections/measures/items"

    lines = door.client.get(f"{here}.geojsonl").text.replace("\x1e", "").splitlines()
    rows = csv.DictReader(io.StringIO(door.client.get(f"{here}.csv").text.removeprefix("\ufeff")))

    said = [json.loads(line) for line in lines]
    assert {each["id"]: each["geometry"] for each in said} == wanted
    drawn = {row["code"]: (shapely.from_wkt(row["wkt"]) if row["wkt"] else None) for row in rows}
    assert drawn == {code: each and shape(each) for code, each in wanted.items()}
