"""How a unit reads as a GeoJSON feature."""

from collections.abc import Mapping, Sequence
from typing import Any


def key_text(code: str, valid_from: object) -> str:
    """One text for a unit's key: `24787`, or `24787@2025-07-01` where it began on a day."""
    return f"{code}@{valid_from}" if valid_from else code


def as_feature(
    unit: Mapping[str, Any], geometry: object, predecessors: Sequence[Mapping[str, object]]
) -> dict[str, Any]:
    """One unit as a feature; the geometry is None where nobody has drawn an outline."""
    return {
        "type": "Feature",
        "id": key_text(unit["code"], unit["valid_from"]),
        "geometry": geometry,
        "properties": {**unit, "predecessors": list(predecessors)},
    }
