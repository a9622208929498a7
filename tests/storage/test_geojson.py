"""GeoJSON from outside: what is true comes in as drawn, the rest is refused soon and with a reason."""

import gc
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadGeometry, BadRequest
from app.geojson import MAX_VERTICES, BBox, bbox_in, geometry_in, geometry_out

SOON_S = 0.2
SQUARE = [[108.0, 12.0], [108.4, 12.0], [108.4, 12.4], [108.0, 12.4], [108.0, 12.0]]
HOLE_IN_HOLE = [[108.125, 12.125], [108.125, 12.175], [108.175, 12.175], [108.175, 12.125], [108.125, 12.125]]
HOLE = [[108.1, 12.1], [108.1, 12.2], [108.2, 12.2], [108.2, 12.1], [108.1, 12.1]]
OUTSIDE = [[109.1, 12.1], [109.1, 12.2], [109.2, 12.2], [109.2, 12.1], [109.1, 12.1]]
BOW_TIE = [[108.0, 12.0], [108.4, 12.4], [108.4, 12.0], [108.0, 12.4], [108.0, 12.0]]
GOOD = {
    "Point": [108.425708, 11.958893],
    "MultiPoint": [[108.4, 11.9], [108.5, 11.9]],
    "LineString": [[108.4, 11.9], [108.5, 11.9]],
    "MultiLineString": [[[108.4, 11.9], [108.5, 11.9]], [[108.4, 12.9], [108.5, 12.9]]],
    "Polygon": [SQUARE, HOLE],
    "MultiPolygon": [[SQUARE, HOLE], [OUTSIDE[::-1]]],
}


@contextmanager
def soon() -> Iterator[None]:
    """It takes little time of the processor, whatever else the machine and the collector of garbage do."""
    gc.disable()
    started = thread_time()
    try:
        yield
    finally:
        took = thread_time() - started
        gc.enable()
    assert took < SOON_S


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def star(points: int, reach: float = 1.0) -> list[list[float]]:
    """Every point joined to the one almost opposite: its lines all cross."""
    turns = [2 * math.pi * (points // 2) * step / points for step in range(points)]
    ring = [[109 + reach * math.cos(turn), 12 + reach * math.sin(turn)] for turn in turns]
    return [*ring, ring[0]]


def spikes(points: int) -> list[list[float]]:
    """A valid star whose boxes nearly all overlap: the slow case for a validity check."""
    turns = [2 * math.pi * step / points for step in range(points)]
    reach = [1 if step % 2 else 0.001 for step in range(points)]
    ring = [[109 + r * math.cos(t), 12 + r * math.sin(t)] for r, t in zip(reach, turns, strict=True)]
    return [*ring, ring[0]]


def comb(teeth: int) -> list[list[float]]:
    """Long, slanting teeth beside each other: valid, and every box overlaps every other."""
    ring = [[108 + tooth * 1e-6 + long, 12 + 2 * long] for tooth in range(teeth) for long in (0, 0.5)]
    return [*ring, [108.6, 11.9], [108, 11.9], ring[0]]


def nested(depth: int) -> dict[str, Any]:
    """Collections within collections."""
    value: dict[str, Any] = {"type": "Point", "coordinates": [108, 12]}
    for _ in range(depth):
        value = {"type": "GeometryCollection", "geometries": [value]}
    return value


def deep(depth: int) -> list[Any]:
    """Lists within lists."""
    value: list[Any] = [108, 12]
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("kind", GOOD)
def test_every_simple_type_comes_in_and_goes_out_as_drawn(kind: str) -> None:
    given_in = {"type": kind, "coordinates": GOOD[kind]}

    shape = geometry_in(given_in)

    assert shape.geom_type == kind
    assert shape.equals(shapely.from_geojson(shapely.to_geojson(shape)))
    again = geometry_out(shape)
    assert again["type"] == kind
    assert geometry_in(again).equals(shape)


def test_polygons_go_out_with_the_right_hand_rule_and_centimetres() -> None:
    clockwise = [[lon + 1e-9, lat] for lon, lat in SQUARE[::-1]]

    out = geometry_out(geometry_in(polygon(clockwise, HOLE[::-1])))

    shell, hole = (shapely.LinearRing(ring) for ring in out["coordinates"])
    assert (shell.is_ccw, hole.is_ccw) == (True, False)
    assert shell.coords[0] in {tuple(position) for position in SQUARE}


def test_a_height_of_nought_is_left_out() -> None:
    assert geometry_in({"type": "Point", "coordinates": [108, 12, 0]}).equals(shapely.Point(108, 12))


REFUSED = {
    "nothing": (None, "GeoJSON object"),
    "a list": ([108, 12], "GeoJSON object"),
    "a text": ("POINT (108 12)", "GeoJSON object"),
    "no type": ({"coordinates": [108, 12]}, "type is one of"),
    "a strange type": ({"type": "Circle", "coordinates": [108, 12]}, "type is one of"),
    "a type that is no text": ({"type": ["Point"], "coordinates": [108, 12]}, "type is one of"),
    "a collection": ({"type": "GeometryCollection", "geometries": []}, "type is one of"),
    "no coordinates": ({"type": "Point"}, "type and coordinates"),
    "an unknown member": ({"type": "Point", "coordinates": [108, 12], "crs": {}}, "no others"),
    "50,000 collections": (nested(50_000), "type is one of"),
    "50,000 lists in a point": ({"type": "Point", "coordinates": deep(50_000)}, "two numbers"),
    "50,000 lists in a polygon": ({"type": "Polygon", "coordinates": deep(50_000)}, "two numbers"),
    "too flat": ({"type": "Polygon", "coordinates": [108, 12]}, "not nested"),
    "too deep": ({"type": "Point", "coordinates": [[108, 12]]}, "two numbers"),
    "nothing in it": ({"type": "MultiPolygon", "coordinates": []}, "empty"),
    "nothing in a ring": ({"type": "Polygon", "coordinates": [[]]}, "empty"),
    "a point of nothing": ({"type": "Point", "coordinates": []}, "two numbers"),
    "one number": ({"type": "Point", "coordinates": [108]}, "two numbers"),
    "texts": ({"type": "Point", "coordinates": ["108", "12"]}, "two numbers"),
    "truths": ({"type": "Point", "coordinates": [True, False]}, "two numbers"),
    "nulls": ({"type": "Point", "coordinates": [None, 12]}, "two numbers"),
    "a height": ({"type": "Point", "coordinates": [108, 12, 1500]}, "heights are not kept"),
    "four numbers": ({"type": "Point", "coordinates": [108, 12, 0, 0]}, "heights are not kept"),
    "NaN": ({"type": "Point", "coordinates": [math.nan, 12]}, "finite"),
    "infinity": ({"type": "Point", "coordinates": [108, math.inf]}, "finite"),
    "a number beyond all": ({"type": "Point", "coordinates": [10**400, 12]}, "finite"),
    "swapped": ({"type": "Point", "coordinates": [11.95, 108.42]}, "swapped"),
    "outside": ({"type": "Point", "coordinates": [2.35, 48.86]}, "outside Vietnam"),
    "nowhere": ({"type": "Point", "coordinates": [0, 0]}, "outside Vietnam"),
    "a line of one": ({"type": "LineString", "coordinates": [[108, 12]]}, "two different"),
    "a line on one spot": ({"type": "LineString", "coordinates": [[108, 12], [108, 12]]}, "two different"),
    "an open ring": (polygon(SQUARE[:-1]), "last repeats the first"),
    "a ring of three": (polygon([[108, 12], [108.4, 12], [108, 12]]), "at least four"),
    "a flat ring": (polygon([[108, 12], [108.4, 12], [108.4, 12], [108, 12]]), "not valid|crosses itself|touches"),
    "a bow tie": (polygon(BOW_TIE), r"crosses itself near longitude 108\.2, latitude 12\.2"),
    "a hole outside": (polygon(SQUARE, OUTSIDE), r"hole lies outside its polygon near longitude 109\.1"),
    "holes in holes": (polygon(SQUARE, HOLE, HOLE_IN_HOLE), "another hole"),
    "the same part twice": ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "near longitude"),
    "a star": (polygon(star(1_001)), r"near longitude"),
    "a star of all vertices": (polygon(star(MAX_VERTICES - 1)), "too jagged near longitude"),
    "slow spikes": (polygon(spikes(MAX_VERTICES - 2)), "too jagged near longitude"),
    "a slow comb": (polygon(comb(4_990)), "too jagged near longitude"),
    "too many vertices": ({"type": "LineString", "coordinates": [[108, 12]] * 10_001}, "at most 10000 vertices"),
    "too many holes": (polygon(SQUARE, *[HOLE] * 100), "at most 100 parts"),
    "too many parts": ({"type": "MultiPolygon", "coordinates": [[SQUARE]] * 101}, "at most 100 parts"),
    "too many rings in all": ({"type": "MultiPolygon", "coordinates": [[SQUARE] * 11] * 10}, "at most 100 parts"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_the_reason_and_soon(case: str) -> None:
    value, reason = REFUSED[case]

    with soon(), pytest.raises(BadGeometry, match=reason):
        geometry_in(value)


def wobbly(points: int) -> list[list[float]]:
    """A round outline as a surveyor's instrument trembles."""
    chance = random.Random(1)
    turns = [2 * math.pi * step / points for step in range(points)]
    reach = [0.1 + chance.random() * 1e-3 for _ in turns]
    ring = [
        [108.5 + r * math.cos(turn), 12 + r * math.sin(turn)] for r, turn in zip(reach, turns, strict=True)
    ]
    return [*ring, ring[0]]


def upright(points: int) -> list[list[float]]:
    """A rectangle with many vertices on each side: their boxes stand in rows and columns."""
    steps = [step / points * 4 for step in range(points // 4)]
    south, east = ([108 + step, 12] for step in steps), ([109, 12 + step] for step in steps)
    north, west = ([109 - step, 13] for step in steps), ([108, 13 - step] for step in steps)
    return [*south, *east, *north, *west, [108, 12]]


@pytest.mark.parametrize("outline", [wobbly, upright])
def test_a_detailed_boundary_is_no_attack(outline: Callable[[int], list[list[float]]]) -> None:
    ring = outline(MAX_VERTICES - 4)

    with soon():
        shape = geometry_in(polygon(ring))

    assert shape.is_valid


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=30,
)


@given(kind=st.sampled_from([*GOOD, "GeometryCollection"]), coordinates=JSON_VALUES)
def test_whatever_comes_is_a_geometry_or_refused(kind: str, coordinates: object) -> None:
    try:
        shape = geometry_in({"type": kind, "coordinates": coordinates})
    except BadGeometry:
        return
    assert shape.is_valid
    assert not shape.is_empty


def test_a_box_is_read() -> None:
    assert bbox_in("108.1, 11.5,108.9,12") == BBox(108.1, 11.5, 108.9, 12)
    assert bbox_in("108,12,108,12") == BBox(108, 12, 108, 12)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "four numbers"),
        ("1,2,3", "four numbers"),
        ("1,2,3,4,5,6", "four numbers"),
        ("nan,11,109,12", "four numbers"),
        ("inf,11,109,12", "four numbers"),
        ("1e2,11,109,12", "four numbers"),
        ("108,11,109,१२", "four numbers"),
        ("108,11,109,12" + " " * 100_000 + "x", "four numbers"),
        ("109,11,108,12", "west to east"),
        ("108,12,109,11", "south to north"),
        ("108,11,190,12", "in degrees"),
        ("108,11,109,91", "in degrees"),
    ],
)
def test_a_box_that_is_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        bbox_in(text)
