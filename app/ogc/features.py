"""Rows as GeoJSON features."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.geojson import geometry_out
from app.ogc.view import View


def as_feature(row: Row[Any], view: View) -> dict[str, Any]:
    """One row as a feature."""
    values = row._mapping  # noqa: SLF001 - public by its docs
    geometry = values["_geometry"]
    return {
        "type": "Feature",
        "id": str(values["_id"]),
        "geometry": None if geometry is None else geometry_out(geometry),
        "properties": {field.name: values[field.name] for field in view.fields},
    }


def as_features(rows: Sequence[Row[Any]], view: View) -> list[dict[str, Any]]:
    """Rows as features."""
    return [as_feature(row, view) for row in rows]
