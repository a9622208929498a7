"""Rows as GeoJSON features: one text each, ready to send."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry
from sqlalchemy import Row

from app.ogc import crs
from app.ogc.asked import Asked
from app.ogc.view import View
from app.outputs import dump

Feature = dict[str, Any]
TAILS: Final = {last: b"%s}}" % dump(last) for last in (False, True)}
"""What follows the text that is kept of a feature: the value of its last property."""


def texts(rows: Sequence[Row[Any]], view: View, asked: Asked) -> list[bytes]:
    """Each row as the text of a feature, in the system and with the properties asked for."""
    return [dump(feature) for feature in plain(rows, view, asked)]


def plain(rows: Sequence[Row[Any]], view: View, asked: Asked) -> list[Feature]:
    """Each row as a feature."""
    names = [field.name for field in view.fields if asked.shown is None or field.name in asked.shown]
    mappings = [row._mapping for row in rows]  # noqa: SLF001 - public by its docs
    shapes = geometries([each["_geometry"] for each in mappings], asked.crs) if asked.geometry else None
    return [
        {
            "type": "Feature",
            "id": str(each["_id"]),
            "geometry": None if shapes is None else shapes[place],
            "properties": {name: each[name] for name in names},
        }
        for place, each in enumerate(mappings)
    ]


def geometries(shapes: Sequence[BaseGeometry | None], code: int) -> list[dict[str, Any] | None]:
    """Shapes as GeoJSON geometries in a system, all moved at once; outer rings counterclockwise seen from above."""
    each: Any = shapely.orient_polygons(np.array(shapes, dtype=object))
    if code != crs.CRS84:
        each = shapely.transform(each, crs.from_degrees(code))
    decimals = crs.decimals(code)
    return [
        None if shape is None else {"type": shape.geom_type, "coordinates": _coordinates(shape, decimals)}
        for shape in each
    ]


def _coordinates(shape: BaseGeometry, decimals: int) -> list[Any]:
    match shape:
        case shapely.Point():
            return [round(shape.x, decimals), round(shape.y, decimals)]
        case shapely.Polygon():
            return [_coordinates(ring, decimals) for ring in (shape.exterior, *shape.interiors)]
        case BaseMultipartGeometry():
            return [_coordinates(part, decimals) for part in shape.geoms]
    rounded: list[Any] = shapely.get_coordinates(shape).round(decimals).tolist()
    return rounded
