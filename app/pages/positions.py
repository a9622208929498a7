"""A position as the board types it: degrees, VN-2000 metres, or the GeoJSON of a line or an area."""

import json
from collections.abc import Mapping
from typing import Any, Final

from shapely import Point
from shapely.geometry.base import BaseGeometry

from app import strict_json
from app.errors import BadGeometry, Problem
from app.geojson import VIETNAM, geometry_in, geometry_out
from app.i18n import N_
from app.transfer.columns import number

SYSTEMS: Final = {
    "wgs84": N_("WGS84, degrees"),
    "local": N_("VN-2000, metres"),
    "geojson": N_("Line or area (GeoJSON)"),
}


def typed_position(geometry: BaseGeometry | None) -> dict[str, str]:
    """The form fields of a stored geometry."""
    if geometry is None:
        return {"system": "wgs84"}
    if isinstance(geometry, Point):
        return {"system": "wgs84", "first": f"{geometry.y:.6f}", "second": f"{geometry.x:.6f}"}
    return {"system": "geojson", "geojson": json.dumps(geometry_out(geometry))}


def geometry_of(typed: Mapping[str, str], epsg: int) -> Any:
    """The geometry that the fields say: northing (or latitude) first. Raises `BadGeometry` at the field."""
    if typed.get("system") == "geojson":
        return _drawn(typed.get("geojson", ""))
    first, second = (_metres_or_degrees(typed.get(name, ""), name) for name in ("first", "second"))
    if typed.get("system") == "local":
        from app.transfer.grids import Grid  # with pyproj: 7 MB and 150 ms of a start, when metres are typed

        try:
            lon, lat = Grid(epsg).lonlat(second, first)
        except Problem as problem:
            problem.pointer = "/first"
            raise
    else:
        lon, lat = second, first
        if VIETNAM.holds(lat, lon):
            raise BadGeometry(
                N_("Coordinates look swapped: latitude is about 12, longitude about 108."), pointer="/first"
            )
    return {"type": "Point", "coordinates": [lon, lat]}


def _metres_or_degrees(text: str, name: str) -> float:
    value = number(text) if text else text
    if isinstance(value, str):
        raise BadGeometry(
            N_("A number is needed here, such as 11.958660 or 1.322.582,41."), pointer=f"/{name}"
        )
    return value


def _drawn(text: str) -> BaseGeometry:
    try:
        return geometry_in(strict_json.loads(text.encode()))
    except Problem as problem:
        problem.pointer = "/geojson"
        raise
