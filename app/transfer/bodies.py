"""From what a row names to the body that the API would be sent: position, units, nothing that is not ours to set."""

from collections.abc import Mapping
from typing import Any, Final

import shapely

from app.errors import BadGeometry, Unprocessable
from app.geojson import geometry_in
from app.i18n import N_
from app.transfer import wkt
from app.transfer.columns import POSITION, SETTABLE
from app.transfer.grids import Grid

SAME_DEGREES: Final = 2e-8
"""Two millimetres: what a position may lose on its way through a grid and a spreadsheet."""


def body(named: Mapping[str, Any], kind: str, grid: Grid | None) -> dict[str, Any]:
    """The members of a body. Raises `Unprocessable` where positions or units cannot be read."""
    found = {name: value for name, value in named.items() if name in SETTABLE[kind]}
    shape = position(named, grid)
    if shape is not None:
        found["geometry"] = shape
    if found.get("units") is not None:
        found["units"] = unit_refs(found["units"])
    return found


def position(named: Mapping[str, Any], grid: Grid | None) -> Any:
    """The geometry a row gives, one way or another; None where it gives none. Raises `BadGeometry`."""
    lonlat = _pair(named, "lon", "lat")
    metres = _pair(named, "easting", "northing")
    drawn = named.get("geometry")
    if drawn is not None and grid is not None:
        drawn = grid.geometry(drawn)
    if named.get("wkt") is not None:
        drawn = wkt.read(str(named["wkt"]))
    given = [drawn] if drawn is not None else []
    if lonlat is not None:
        given.append(_point(*lonlat))
    if metres is not None:
        if grid is None:
            raise BadGeometry(
                N_("The columns easting and northing need their system: add --crs, such as --crs 5899.")
            )
        given.append(_point(*grid.lonlat(*metres)))
    if not given:
        return None
    first, *others = (geometry_in(value) for value in given)
    if any(not same_place(first, other) for other in others):
        raise BadGeometry(
            N_("The row gives two different positions ({columns}). Keep one."), columns=_said(named)
        )
    return first


def same_place(shape: Any, other: Any) -> bool:
    """Whether two geometries are drawn alike, to two millimetres."""
    return bool(shapely.equals_exact(shape, other, SAME_DEGREES))


def unit_refs(value: Any) -> Any:
    """Units as references: "24787; 24787@2025-07-01", a list of such texts, or the `units` of our own exports.

    A reference that names `valid_from` (null: always was) means exactly that unit; one that does not, today's.
    """
    items = value.split(";") if isinstance(value, str) else value
    return [_unit_ref(item) for item in items] if isinstance(items, list) else value


def _unit_ref(item: Any) -> Any:
    if isinstance(item, str):
        code, _, since = item.strip().partition("@")
        return {"code": code, "valid_from": since or None}
    return {name: part for name, part in item.items() if name != "name"} if isinstance(item, dict) else item


def _pair(named: Mapping[str, Any], first: str, second: str) -> tuple[float, float] | None:
    values = [named[name] for name in (first, second) if named.get(name) is not None]
    if not values:
        return None
    if len(values) == 1:
        raise BadGeometry(N_("The columns {first} and {second} go together."), first=first, second=second)
    try:
        one, two = (float(value) for value in values if not isinstance(value, bool))
    except (TypeError, ValueError, OverflowError):
        raise Unprocessable(
            N_("The columns {first} and {second} hold numbers."), first=first, second=second
        ) from None
    return one, two


def _point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def _said(named: Mapping[str, Any]) -> str:
    return ", ".join(name for name in ("geometry", *POSITION) if named.get(name) is not None)
