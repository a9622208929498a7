"""Days, moments and geometries that stand in filters: read, or refused with what is wrong."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from typing import Any, Final, NoReturn

import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import BadGeometry, BadRequest
from app.geojson import MAX_PARTS, MAX_VERTICES, check_valid
from app.i18n import N_

LARGEST_COORDINATE: Final = 1e8
"""Metres of a projection reach 2e7."""
DEPTHS: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists deep the positions of each type lie."""
COLLECTION: Final = "GeometryCollection"
BOX, BOX_WITH_HEIGHTS = 4, 6
AXES: Final = (2, 3)

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)


def day(text: object) -> date:
    """The calendar day of `2026-11-23`. Raises `BadRequest`."""
    if isinstance(text, str) and _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise BadRequest(N_("A date is written year-month-day, such as 2026-11-23, and has to exist."))


def moment(text: object) -> datetime:
    """The moment of `2026-11-23T08:00:00Z`, in UTC; what is finer than milliseconds is cut. Raises `BadRequest`."""
    if isinstance(text, str) and _MOMENT.fullmatch(text):
        try:
            read = datetime.fromisoformat(_six_digits(text.upper())).astimezone(UTC)
            return read.replace(microsecond=read.microsecond // 1000 * 1000)
        except (ValueError, OverflowError):
            pass
    raise BadRequest(
        N_("A timestamp is written as 2026-11-23T08:00:00Z, with Z or an offset, and has to exist.")
    )


def day_or_moment(text: str) -> dict[str, str]:
    """A bare text where a time is meant, as clients write it: the literal that it stands for. Raises `BadRequest`."""
    if _DAY.fullmatch(text):
        day(text)
        return {"date": text}
    if _MOMENT.fullmatch(text):
        moment(text)
        return {"timestamp": text}
    raise BadRequest(
        N_(
            "A time is a date such as 2026-11-23 or a timestamp such as 2026-11-23T08:00:00Z, and has to exist."
        )
    )


def _six_digits(text: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def check_box(value: object) -> list[float]:
    """The two or three axes of a box, west to east (unless it crosses the antimeridian), south to north."""
    if not isinstance(value, list) or len(value) not in (BOX, BOX_WITH_HEIGHTS):
        raise BadRequest(N_("A BBOX has four numbers: west, south, east, north; or six, with heights."))
    numbers = [_coordinate(number, within=math.inf) for number in value]
    half = len(numbers) // 2
    box = [numbers[0], numbers[1], numbers[half], numbers[half + 1]]
    for number in box:
        _coordinate(number)
    if box[1] > box[3]:
        raise BadRequest(N_("A BBOX runs from its smaller to its larger second coordinate."))
    return box


def check_geometry(value: dict[str, Any], *, inner: bool = False) -> list[BaseGeometry]:
    """The geometries of a GeoJSON object: one, or the members of a collection. Heights are left out.

    Raises `BadRequest` for what is not well-formed, not simple, or too large.
    """
    kind = value.get("type")
    if kind == COLLECTION and not inner and set(value) <= {"type", "geometries", "bbox"}:
        members = value.get("geometries")
        if not isinstance(members, list) or not members or len(members) > MAX_PARTS:
            raise BadRequest(N_("A GEOMETRYCOLLECTION has between 1 and {most} geometries."), most=MAX_PARTS)
        found = [shape for member in members for shape in check_geometry(_as_object(member), inner=True)]
        if sum(map(shapely.get_num_coordinates, found)) > MAX_VERTICES:
            _too_many()
        return found
    if (
        not isinstance(kind, str)
        or kind not in DEPTHS
        or "coordinates" not in value
        or not set(value) <= {"type", "coordinates", "bbox"}
    ):
        raise BadRequest(
            N_("A geometry has a type, one of {types}, and coordinates."), types=", ".join(DEPTHS)
        )
    return [_checked_shape(kind, value["coordinates"])]


def _as_object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _too_many() -> NoReturn:
    raise BadRequest(N_("A geometry has at most {most} vertices."), most=MAX_VERTICES)


def _checked_shape(kind: str, coordinates: object) -> BaseGeometry:
    _check_size(coordinates, DEPTHS[kind])
    shape = _built(kind, coordinates)
    if "Polygon" in kind:
        check_simple(shape)
    return shape


def check_simple(shape: BaseGeometry) -> None:
    """Refuse polygons whose outline crosses itself: databases fail on them. Raises `BadRequest`."""
    try:
        check_valid(shape)
    except BadGeometry as problem:
        raise _as_bad_request(problem) from None


def _as_bad_request(problem: BadGeometry) -> BadRequest:
    """In a filter it is the request that is wrong."""
    bad = BadRequest(problem.detail)
    bad.values = problem.values
    return bad


def _check_size(coordinates: object, depth: int) -> None:
    level: list[Any] = [coordinates]
    for step in range(depth):
        if not all(isinstance(item, list) and item for item in level):
            raise BadRequest(
                N_("The coordinates of a geometry are not nested as its type asks, or are empty.")
            )
        count = sum(len(item) for item in level)
        if step < depth - 1 and count > MAX_PARTS:
            raise BadRequest(N_("A geometry has at most {most} parts and rings."), most=MAX_PARTS)
        if count > MAX_VERTICES:
            _too_many()
        level = [part for item in level for part in item]


def _built(kind: str, coordinates: Any) -> BaseGeometry:
    match kind:
        case "Point":
            return shapely.Point(_position(coordinates))
        case "MultiPoint":
            return shapely.MultiPoint([_position(item) for item in coordinates])
        case "LineString":
            return shapely.LineString(_line(coordinates))
        case "MultiLineString":
            return shapely.MultiLineString([_line(item) for item in coordinates])
        case "Polygon":
            return _polygon(coordinates)
    return shapely.MultiPolygon([_polygon(item) for item in coordinates])


def _position(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) not in AXES:
        raise BadRequest(N_("A position has two numbers, or three with a height."))
    x, y, *_height = (_coordinate(number) for number in value[:2])
    for height in value[2:]:
        _coordinate(height, within=math.inf)
    return x, y


def _coordinate(value: object, within: float = LARGEST_COORDINATE) -> float:
    number = finite(value)
    if abs(number) > within:
        raise BadRequest(N_("A coordinate is a number within 100,000,000."))
    return number


def finite(value: object) -> float:
    """A number of JSON as the databases calculate with it. Raises `BadRequest` for anything else, or too large."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise BadRequest(N_("A number is missing, not finite or too large."))


def _line(value: list[Any]) -> list[tuple[float, float]]:
    positions = [_position(item) for item in value]
    if len(set(positions)) < 2:  # noqa: PLR2004
        raise BadRequest(N_("A line has at least two different positions."))
    return positions


def _ring(value: list[Any]) -> list[tuple[float, float]]:
    positions = [_position(item) for item in value]
    if len(positions) < 4 or positions[0] != positions[-1]:  # noqa: PLR2004
        raise BadRequest(N_("A ring has at least four positions, and the last repeats the first."))
    return positions


def _polygon(value: list[Any]) -> shapely.Polygon:
    shell, *holes = (_ring(ring) for ring in value)
    return shapely.Polygon(shell, holes)
