"""Coordinate systems: axes as EPSG orders them, the official shift, boxes whose edges are no straight lines."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from app.errors import BadRequest
from app.ogc import crs
from app.ogc.features import geometries
from app.transfer.grids import Grid

OTHERS = [code for code in crs.ALL if code != crs.CRS84]
NEAR = {"min_value": 107.0, "max_value": 109.5}
BETWEEN = {"min_value": 10.5, "max_value": 14.5}


def test_the_systems_are_those_that_were_promised():
    assert list(crs.ALL) == [0, 4326, 3857, 5899, 3405, 3406, 9218]
    assert crs.ALL[0] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert crs.ALL[5899] == "http://www.opengis.net/def/crs/EPSG/0/5899"
    assert crs.content(4326) == "<http://www.opengis.net/def/crs/EPSG/0/4326>"


@pytest.mark.parametrize("code", OTHERS)
def test_axes_come_in_the_order_of_epsg(code):
    directions = [axis.direction for axis in CRS.from_epsg(code).axis_info]
    here = np.array([[108.0, 12.0]])
    further_north = crs.from_degrees(code)(np.array([[108.0, 12.01]])) - crs.from_degrees(code)(here)

    assert directions[int(np.abs(further_north[0]).argmax())] == "north"


@pytest.mark.parametrize("code", OTHERS)
def test_a_position_is_where_pyproj_puts_it(code):
    """pyproj itself, by the authority's axes; of several ways the one that the registry uses everywhere."""
    theirs = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}").transform(108.4272, 11.9518)

    ours = crs.from_degrees(code)(np.array([[108.4272, 11.9518]]))[0]

    assert ours == pytest.approx(theirs, abs=1e-3 if code != crs.WGS84 else 1e-9)


def test_metres_are_those_that_an_import_reads():
    east, north = crs.from_degrees(5899)(np.array([[108.4272, 11.9518]]))[0]

    assert Grid(5899).lonlat(east, north) == (108.4272, 11.9518)


@given(code=st.sampled_from(OTHERS), lon=st.floats(**NEAR), lat=st.floats(**BETWEEN))
def test_there_and_back_is_the_same_place(code, lon, lat):
    there = crs.from_degrees(code)(np.array([[lon, lat]]))

    assert crs.to_degrees(code)(there)[0] == pytest.approx((lon, lat), abs=1e-8)


@pytest.mark.parametrize("code", crs.ALL)
def test_geometries_of_every_shape_move_with_their_holes(code):
    ring = shapely.box(108, 12, 108.1, 12.1)
    shapes = [
        None,
        shapely.Point(108.123456789, 12),
        shapely.LineString([(108, 12), (108.1, 12.1)]),
        shapely.Polygon(ring.exterior.reverse(), [shapely.box(108.02, 12.02, 108.04, 12.04).exterior]),
        shapely.MultiPolygon([ring, shapely.box(107, 12, 107.1, 12.1)]),
        shapely.MultiPoint([(108, 12), (108.1, 12.1)]),
    ]

    found = geometries(shapes, code)

    assert found[0] is None
    for shape, each in zip(shapes[1:], found[1:], strict=True):
        moved = shapely.geometry.shape(each)
        back = moved if code == crs.CRS84 else shapely.transform(moved, crs.to_degrees(code))
        assert back.geom_type == shape.geom_type
        assert back.hausdorff_distance(shape) < 1e-6
    assert len(found[3]["coordinates"]) == 2
    digits = max(len(str(number).partition(".")[2]) for number in found[1]["coordinates"])
    assert digits <= (7 if code in (0, 4326) else 3)
    assert all(np.isfinite(found[2]["coordinates"]).ravel())


def test_outer_rings_run_counterclockwise():
    clockwise = shapely.Polygon(shapely.box(108, 12, 109, 13).exterior.coords[::-1])

    (found,) = geometries([clockwise], crs.CRS84)

    assert shapely.LinearRing(found["coordinates"][0]).is_ccw


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 0),
        ("https://www.opengis.net/def/crs/EPSG/0/3857", 3857),
        ("[EPSG:9218]", 9218),
        ("[OGC:CRS84]", 0),
    ],
)
def test_a_system_is_named_by_uri_or_curie(text, code):
    assert crs.code_of(text, "crs") == code


@pytest.mark.parametrize(
    "text", ["", "4326", "EPSG:4326", "[EPSG:32648]", "http://www.opengis.net/def/crs/EPSG/0/1", "[EPSG:]"]
)
def test_another_system_is_refused_with_those_that_are_known(text):
    with pytest.raises(BadRequest) as refused:
        crs.code_of(text, "bbox-crs")

    assert refused.value.pointer == "?bbox-crs"
    assert all(uri in str(refused.value) for uri in crs.ALL.values())


def test_a_box_in_degrees_is_read_with_and_without_heights():
    assert crs.boxes_in("108,11,109,12", 0) == (((108, 11, 109, 12),), None)
    assert crs.boxes_in("108, 11, -5, 109, 12, 1e3", 0) == (((108, 11, 109, 12),), None)
    assert crs.boxes_in("11,108,12,109", crs.WGS84) == (((108, 11, 109, 12),), None)
    assert crs.boxes_in("108,11,108,11", 0) == (((108, 11, 108, 11),), None)


def test_a_box_across_the_antimeridian_is_two():
    assert crs.boxes_in("170,-10,-170,10", 0)[0] == ((170, -10, 180, 10), (-180, -10, -170, 10))
    assert crs.boxes_in("-10,170,10,-170", crs.WGS84)[0] == ((170, -10, 180, 10), (-180, -10, -170, 10))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((text, 0) for text in ("", "1", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "1,2,,4")),
        *((text, 0) for text in ("nan,1,2,3", "inf,1,2,3", "1e99,1,2,3", "108,12,109,11", "1_0,1,20,2")),
        *((text, 0) for text in ("-181,0,0,1", "0,-91,1,0", "0,0,181,1", "1000000,1000000,1000001,1000001")),
        ("108,11,109,12", crs.WGS84),
        ("500000,1300000,400000,1400000", 5899),
        ("400000,1400000,500000,1300000", 5899),
        ("0,0,1e9,1e9", 5899),
    ],
)
def test_what_is_no_box_is_refused(text, code):
    with pytest.raises(BadRequest) as refused:
        crs.boxes_in(text, code)

    assert refused.value.pointer == "?bbox"


@given(
    code=st.sampled_from([5899, 3405, 3406, 9218]),
    corner=st.tuples(st.floats(400_000, 600_000), st.floats(1_200_000, 1_500_000)),
    size=st.tuples(st.floats(0, 200_000), st.floats(0, 200_000)),
    inside=st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)),
)
def test_the_outline_of_a_box_in_metres_holds_what_the_box_holds(code, corner, size, inside):
    (west, south), (width, height) = corner, size
    ((around,), outline) = crs.boxes_in(f"{west},{south},{west + width},{south + height}", code)
    place = np.array([[west + inside[0] * width, south + inside[1] * height]])

    lon, lat = crs.to_degrees(code)(place)[0]

    assert around.grown(1e-7).holds(lon, lat)
    assert outline.distance(shapely.Point(lon, lat)) < 1e-7
