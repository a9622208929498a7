"""GeoJSON geometries in and out.

A polygon from outside is an attack surface: everything is counted and checked one by one, without recursion, before
GEOS sees it, and nothing is ever repaired.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

from app.errors import BadGeometry, BadRequest
from app.i18n import N_

MAX_VERTICES: Final = 10_000
MAX_PARTS: Final = 100
MAX_OVERLAPS: Final = 4_000_000
"""Of the stretches of polygons; GEOS compares each such pair, about 20 ns each."""
DECIMALS: Final = 7
"""About a centimetre."""
PLACE_DECIMALS: Final = 5
"""About a metre, in messages."""


class BBox(NamedTuple):
    """A box in degrees of longitude and latitude."""

    west: float
    south: float
    east: float
    north: float

    def shape(self) -> BaseGeometry:
        """The box as a geometry: a point or a line where it has no width or height."""
        if self.west < self.east and self.south < self.north:
            return shapely.box(*self)
        corner, opposite = (self.west, self.south), (self.east, self.north)
        return shapely.Point(corner) if corner == opposite else shapely.LineString([corner, opposite])

    def grown(self, degrees: float) -> BBox:
        """The box with every edge moved outward."""
        return BBox(self.west - degrees, self.south - degrees, self.east + degrees, self.north + degrees)

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies in it, edges included."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


VIETNAM: Final = BBox(102, 6, 118, 24)
"""Mainland, Hoàng Sa and Trường Sa."""
WORLD: Final = BBox(-180, -90, 180, 90)

Position = tuple[float, float]

_DEPTHS: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists deep the positions of each type lie."""


def geometry_in(value: object) -> BaseGeometry:
    """The geometry that a GeoJSON geometry object stands for, exactly as drawn.

    Raises `BadGeometry` with what is wrong and, where it helps, the place.
    """
    if isinstance(value, BaseGeometry):
        return value
    if not isinstance(value, dict):
        raise BadGeometry(N_("A geometry is a GeoJSON object with type and coordinates."))
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise BadGeometry(N_("The type is one of {types}."), types=", ".join(_DEPTHS))
    if not set(value) <= {"type", "coordinates", "bbox"} or "coordinates" not in value:
        raise BadGeometry(N_("A geometry has the members type and coordinates, and no others."))
    coordinates = value["coordinates"]
    _check_size(coordinates, _DEPTHS[kind])
    shape = _BUILDERS[kind](coordinates)
    if "Polygon" in kind:
        check_valid(shape)
    return shape


def _check_size(coordinates: object, depth: int) -> None:
    """Refuse what is nested otherwise than its type asks, or is too much, without recursion."""
    level: list[Any] = [coordinates]
    for step in range(depth):
        if not all(isinstance(item, list) for item in level):
            raise BadGeometry(N_("The coordinates are not nested as this type asks."))
        if not all(level):
            raise BadGeometry(N_("A part of the geometry is empty."))
        count = sum(len(item) for item in level)
        if step == depth - 1 and count > MAX_VERTICES:
            raise BadGeometry(N_("A geometry has at most {most} vertices."), most=MAX_VERTICES)
        if step < depth - 1 and count > MAX_PARTS:
            raise BadGeometry(N_("A geometry has at most {most} parts and rings."), most=MAX_PARTS)
        level = [part for item in level for part in item]


def _position(value: object) -> Position:
    if not isinstance(value, list) or not all(type(number) in (int, float) for number in value):
        raise BadGeometry(N_("A position is a list of two numbers: longitude, latitude."))
    if len(value) == 3 and value[2] == 0:  # noqa: PLR2004 - some tools write a height of 0
        value = value[:2]
    if len(value) < 2:  # noqa: PLR2004
        raise BadGeometry(N_("A position is a list of two numbers: longitude, latitude."))
    if len(value) > 2:  # noqa: PLR2004
        raise BadGeometry(
            N_("A position is longitude and latitude; heights are not kept, leave the third number out.")
        )
    lon, lat = (_finite(number) for number in value)
    if not VIETNAM.holds(lon, lat):
        if VIETNAM.holds(lat, lon):
            raise BadGeometry(N_("The coordinates look swapped: longitude comes first, then latitude."))
        raise BadGeometry(
            N_("A position lies outside Vietnam: longitude {west} to {east}, latitude {south} to {north}."),
            **VIETNAM._asdict(),
        )
    return lon, lat


def _finite(number: float) -> float:
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise BadGeometry(N_("A coordinate is not a finite number."))
    return value


def _line(value: Sequence[object]) -> list[Position]:
    positions = [_position(item) for item in value]
    if len(set(positions)) < 2:  # noqa: PLR2004
        raise BadGeometry(N_("A line has at least two different positions."))
    return positions


def _ring(value: Sequence[object]) -> list[Position]:
    positions = [_position(item) for item in value]
    if len(positions) < 4 or positions[0] != positions[-1]:  # noqa: PLR2004
        raise BadGeometry(N_("A ring has at least four positions, and the last repeats the first."))
    return positions


def _polygon(value: Sequence[Sequence[object]]) -> shapely.Polygon:
    shell, *holes = (_ring(ring) for ring in value)
    return shapely.Polygon(shell, holes)


_BUILDERS: Final[dict[str, Callable[[Any], BaseGeometry]]] = {
    "Point": lambda value: shapely.Point(_position(value)),
    "MultiPoint": lambda value: shapely.MultiPoint([_position(item) for item in value]),
    "LineString": lambda value: shapely.LineString(_line(value)),
    "MultiLineString": lambda value: shapely.MultiLineString([_line(item) for item in value]),
    "Polygon": _polygon,
    "MultiPolygon": lambda value: shapely.MultiPolygon([_polygon(item) for item in value]),
}

_REASONS: Final = {
    "Self-intersection": N_("The polygon's outline crosses itself near longitude {lon}, latitude {lat}."),
    "Ring Self-intersection": N_(
        "A ring of the polygon touches itself near longitude {lon}, latitude {lat}."
    ),
    "Hole lies outside shell": N_("A hole lies outside its polygon near longitude {lon}, latitude {lat}."),
    "Holes are nested": N_("A hole lies inside another hole near longitude {lon}, latitude {lat}."),
    "Nested shells": N_("A polygon lies inside another one near longitude {lon}, latitude {lat}."),
    "Duplicate Rings": N_("The same ring is there twice, near longitude {lon}, latitude {lat}."),
    "Interior is disconnected": N_("Its holes cut the polygon apart near longitude {lon}, latitude {lat}."),
}
_JAGGED: Final = N_(
    "The polygon's outline is too jagged near longitude {lon}, latitude {lat}. Draw it with fewer turns."
)
_OTHER_REASON: Final = N_("The polygon is not valid near longitude {lon}, latitude {lat}.")
_REASON_AT: Final = re.compile(r"^(?P<reason>[^\[]+)\[(?P<lon>\S+) (?P<lat>\S+)\]$")


def check_valid(shape: BaseGeometry) -> None:
    """Refuse a polygon that is not simple, and one so jagged that finding out would take long."""
    if sum(_overlaps(shapely.get_coordinates(ring)) for ring in _rings(shape)) > MAX_OVERLAPS:
        lon, lat = (round(edge, PLACE_DECIMALS) for edge in shapely.get_coordinates(shape)[0])
        raise BadGeometry(_JAGGED, lon=lon, lat=lat)
    reason = shapely.is_valid_reason(shape)
    if reason == "Valid Geometry":
        return
    found = _REASON_AT.match(reason)
    if found is None:
        raise BadGeometry(N_("The polygon is not valid."))
    lon, lat = round(float(found["lon"]), PLACE_DECIMALS), round(float(found["lat"]), PLACE_DECIMALS)
    raise BadGeometry(_REASONS.get(found["reason"], _OTHER_REASON), lon=lon, lat=lat)


def _rings(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for polygon in shapely.get_parts(shape):
        yield polygon.exterior
        yield from polygon.interiors


def _overlaps(positions: NDArray[np.float64]) -> int:
    """At most so many pairs of monotone stretches of a ring lie beside each other: what a validity check costs."""
    signs = np.sign(np.diff(positions, axis=0))
    turns = np.flatnonzero((signs[1:] != signs[:-1]).any(axis=1)) + 1
    ends = positions[np.concatenate(([0], turns, [len(positions) - 1]))]
    first, last = np.minimum(ends[1:], ends[:-1]), np.maximum(ends[1:], ends[:-1])
    count = len(first)
    apart = (np.searchsorted(np.sort(last[:, axis]), first[:, axis]).sum() for axis in (0, 1))
    return count * (count - 1) // 2 - int(max(apart))


def geometry_out(geometry: BaseGeometry) -> dict[str, Any]:
    """A geometry as RFC 7946 asks: longitude first, outer rings counterclockwise, centimetres."""
    shape = shapely.orient_polygons(geometry) if "Polygon" in geometry.geom_type else geometry
    return {"type": shape.geom_type, "coordinates": _coordinates(shape)}


def _coordinates(shape: BaseGeometry) -> list[Any]:
    match shape:
        case shapely.Point():
            return [round(shape.x, DECIMALS), round(shape.y, DECIMALS)]
        case shapely.Polygon():
            return [_coordinates(ring) for ring in (shape.exterior, *shape.interiors)]
        case BaseMultipartGeometry():
            return [_coordinates(part) for part in shape.geoms]
    rounded: list[Any] = shapely.get_coordinates(shape).round(DECIMALS).tolist()
    return rounded


_NUMBER: Final = re.compile(r"\s*[-+]?\d{1,3}(\.\d{0,20})?\s*", re.ASCII)


def bbox_in(text: str) -> BBox:
    """The box of `bbox=west,south,east,north`, in degrees. Raises `BadRequest`."""
    parts = text.split(",", 6)
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):  # noqa: PLR2004
        raise BadRequest(N_("bbox is four numbers in degrees: west,south,east,north."))
    box = BBox(*map(float, parts))
    if box.west > box.east:
        raise BadRequest(N_("bbox runs from west to east; a box across the antimeridian is not supported."))
    if box.south > box.north:
        raise BadRequest(N_("bbox runs from south to north: west,south,east,north."))
    if not WORLD.holds(box.west, box.south) or not WORLD.holds(box.east, box.north):
        raise BadRequest(N_("bbox is in degrees: longitude -180 to 180, latitude -90 to 90."))
    return box
