"""The coordinate systems of the GIS door: what they are called, the order of their axes, geometries and boxes in them.

Everything is stored as CRS84, longitude first. Other systems have their axes in the order that EPSG gives them; VN-2000
is tied to WGS 84 by the official shift alone. Sources: OGC 18-058r1 (Features, Part 2); data/SOURCES.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.errors import BadRequest
from app.geojson import DECIMALS, WORLD, BBox
from app.i18n import N_

CRS84: Final = 0
WGS84: Final = 4326
BASE: Final = "http://www.opengis.net/def/crs"
ALL: Final[Mapping[int, str]] = {
    CRS84: f"{BASE}/OGC/1.3/CRS84",
    **{code: f"{BASE}/EPSG/0/{code}" for code in (WGS84, 3857, 5899, 3405, 3406, 9218)},
}
"""The URI of each system by its EPSG code, CRS84 first."""
IN_METRES: Final = 3
"""Decimals, where seven decimals of a degree are a centimetre."""
STEP_M: Final = 1_000
MOST_STEPS: Final = 500
"""Along each edge of a box in metres, which is no straight line in degrees: off by millimetres at most."""
LARGEST_M: Final = 1e8

_SPELLED: Final[Mapping[str, int]] = {
    spelling: code
    for code, uri in ALL.items()
    for spelling in (uri, uri.replace("http:", "https:"), f"[EPSG:{code}]" if code else "[OGC:CRS84]")
}
_NUMBER: Final = re.compile(r"\s*[-+]?(\d{1,9}(\.\d{0,20})?|\.\d{1,20})([eE][-+]?\d{1,2})?\s*", re.ASCII)
FLAT, WITH_HEIGHTS = 4, 6

Positions = NDArray[np.float64]


def code_of(text: str, parameter: str) -> int:
    """The system that `text` names as URI or safe CURIE. Raises `BadRequest` naming those that are known."""
    found = _SPELLED.get(text)
    if found is None:
        raise BadRequest(
            N_("Parameter {name}: known coordinate systems are {uris}."),
            pointer=f"?{parameter}",
            name=parameter,
            uris=", ".join(ALL.values()),
        )
    return found


def content(code: int) -> str:
    """The value of the header `Content-Crs`. Source: OGC 18-058r1, /req/crs/ogc-crs-header."""
    return f"<{ALL[code]}>"


def decimals(code: int) -> int:
    """Of a coordinate, so that no position moves by more than about a centimetre."""
    return DECIMALS if code in (CRS84, WGS84) else IN_METRES


@cache
def _way(code: int) -> tuple[Any, bool]:
    """The transformation into degrees, easting first, and whether the system has its northing first."""
    from pyproj import CRS  # 7 MB, when the first coordinates of another system are asked for

    from app.transfer.grids import tied

    crs = CRS.from_epsg(code)
    return tied(crs, code).transform, crs.axis_info[0].direction.lower() == "north"


def from_degrees(code: int) -> Callable[[Positions], Positions]:
    """From longitude and latitude to the axes of the system."""
    if code == WGS84:
        return _swapped
    transform, northing_first = _way(code)

    def moved(positions: Positions) -> Positions:
        east, north = transform(positions[:, 0], positions[:, 1], direction="INVERSE")
        return np.column_stack((north, east) if northing_first else (east, north))

    return moved


def to_degrees(code: int) -> Callable[[Positions], Positions]:
    """From the axes of the system to longitude and latitude."""
    if code == WGS84:
        return _swapped
    transform, northing_first = _way(code)

    def moved(positions: Positions) -> Positions:
        pair = positions[:, ::-1] if northing_first else positions
        return np.column_stack(transform(pair[:, 0], pair[:, 1]))

    return moved


def _swapped(positions: Positions) -> Positions:
    return positions[:, ::-1]


def reading(code: int) -> Callable[[BaseGeometry], BaseGeometry] | None:
    """What makes a geometry in the system one in CRS84, corner by corner; None where nothing is to be done."""
    if code == CRS84:
        return None
    moved = to_degrees(code)

    def read(shape: BaseGeometry) -> BaseGeometry:
        found: BaseGeometry = shapely.transform(shape, moved)
        if not np.isfinite(shapely.get_coordinates(found)).all():
            raise BadRequest(N_("A position lies outside its coordinate system."))
        return found

    return read


def boxes_in(text: str, code: int) -> tuple[tuple[BBox, ...], BaseGeometry | None]:
    """The boxes in CRS84 that a `bbox` in the system means, and its exact outline where that is no box there.

    Two boxes where it crosses the antimeridian; heights are left out of account, since nothing here has any.
    Raises `BadRequest`. Source: OGC 17-069r4, 7.15.3; OGC 18-058r1, /req/crs/fc-bbox-crs-definition.
    """
    numbers = _numbers(text)
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if code == WGS84:
        low, high = low[::-1], high[::-1]
    if low[1] > high[1]:
        raise _bad_box(N_("Parameter bbox: south comes before north."))
    if code in (CRS84, WGS84):
        return _degrees(*low, *high), None
    if low[0] > high[0] or max(map(abs, (*low, *high))) > LARGEST_M:
        raise _bad_box(N_("Parameter bbox: a box in metres runs from its smaller to its larger corner."))
    outline = shapely.transform(_dense(BBox(*low, *high)), to_degrees(code))
    if not np.isfinite(shapely.get_coordinates(outline)).all():
        raise _bad_box(N_("Parameter bbox: the box lies outside its coordinate system."))
    around = BBox(*outline.bounds)
    return (around,), None if code == 3857 else outline  # noqa: PLR2004 - Mercator's boxes stay boxes


def _numbers(text: str) -> list[float]:
    parts = text.split(",", WITH_HEIGHTS)
    if len(parts) not in (FLAT, WITH_HEIGHTS) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise _bad_box(
            N_(
                "Parameter bbox: four numbers, west,south,east,north, or six with heights; bbox-crs tells of what."
            )
        )
    numbers = [float(part) for part in parts]
    if not all(map(math.isfinite, numbers)):
        raise _bad_box(N_("Parameter bbox: a number is too large."))
    return numbers


def _degrees(west: float, south: float, east: float, north: float) -> tuple[BBox, ...]:
    if not WORLD.holds(west, south) or not WORLD.holds(east, north):
        raise _bad_box(N_("Parameter bbox: degrees, longitude -180 to 180, latitude -90 to 90."))
    if west <= east:
        return (BBox(west, south, east, north),)
    return (BBox(west, south, WORLD.east, north), BBox(WORLD.west, south, east, north))


def _dense(box: BBox) -> BaseGeometry:
    shape = box.shape()
    length = max(box.east - box.west, box.north - box.south)
    return shapely.segmentize(shape, max(STEP_M, length / MOST_STEPS)) if length else shape


def _bad_box(message: str) -> BadRequest:
    return BadRequest(message, pointer="?bbox")
