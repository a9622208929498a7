"""Well-known text as our own tables write it, and nothing else of that language."""

import json
import re
from typing import Any, Final

import shapely

from app.errors import BadGeometry
from app.geojson import MAX_VERTICES
from app.i18n import N_

PLAIN: Final = re.compile(r"(?:MULTI)?(?:POINT|LINESTRING|POLYGON) ?\([0-9eE+\-., ()]{1,1000000}\)", re.ASCII)


def read(text: str) -> dict[str, Any]:
    """The GeoJSON geometry that `text` stands for, not checked otherwise. Raises `BadGeometry`."""
    if not PLAIN.fullmatch(text) or text.count(",") > MAX_VERTICES:
        raise BadGeometry(N_("The column wkt is read only as an export of this registry writes it."))
    try:
        shape = shapely.from_wkt(text)
    except shapely.GEOSException:
        raise BadGeometry(
            N_("The column wkt is read only as an export of this registry writes it.")
        ) from None
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return geometry
