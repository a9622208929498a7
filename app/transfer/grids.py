"""From metres on a national grid (VN-2000) to longitude and latitude, with the official datum shift."""

import math
from typing import Any, Final

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from app.errors import BadGeometry, Unprocessable
from app.i18n import N_

VN_2000: Final = 4756
OFFICIAL_SHIFT: Final = {"authority": "EPSG", "code": 6960}
"""VN-2000 to WGS 84 (2), 1 m; without it positions are 225 m off."""
WGS84: Final = 4326
DECIMALS: Final = 8
"""About a millimetre."""
DEGREES: Final = 360.0
MAX_NESTING: Final = 4


class Grid:
    """One grid by its EPSG code. Raises `Unprocessable` where it is unknown, not in metres or not surely tied."""

    def __init__(self, epsg: int) -> None:
        self.epsg = epsg
        try:
            crs = CRS.from_epsg(epsg)
        except CRSError:
            raise Unprocessable(N_("There is no coordinate system EPSG:{epsg}."), epsg=epsg) from None
        if not crs.is_projected or {axis.unit_name for axis in crs.axis_info} != {"metre"}:
            raise Unprocessable(
                N_("EPSG:{epsg} is no grid in metres. VN-2000 in Lâm Đồng is 5899 or 9218."), epsg=epsg
            )
        self._to_degrees = tied(crs, epsg).transform

    def lonlat(self, east: float, north: float) -> tuple[float, float]:
        """Longitude and latitude of a point. Raises `BadGeometry` for values that are no such metres."""
        if not (math.isfinite(east) and math.isfinite(north)):
            raise BadGeometry(N_("A coordinate is not a finite number."))
        if abs(east) <= DEGREES and abs(north) <= DEGREES:
            raise BadGeometry(N_("These are degrees, not metres: they belong in the columns lon and lat."))
        if north <= east:
            raise BadGeometry(N_("Coordinates look swapped: Bắc (X) must be greater than Đông (Y)."))
        lon, lat = self._to_degrees(east, north)
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise BadGeometry(N_("A coordinate lies outside the grid EPSG:{epsg}."), epsg=self.epsg)
        return round(lon, DECIMALS), round(lat, DECIMALS)

    def geometry(self, value: object) -> object:
        """A GeoJSON geometry in metres as the same in degrees; what is none comes back as it is, to be refused."""
        if not isinstance(value, dict) or "coordinates" not in value:
            return value
        return {"type": value.get("type"), "coordinates": self._moved(value["coordinates"], MAX_NESTING)}

    def _moved(self, value: Any, levels: int) -> Any:
        if not isinstance(value, list) or not value or levels == 0:
            return value
        if isinstance(value[0], list):
            return [self._moved(item, levels - 1) for item in value]
        if len(value) in (2, 3) and all(type(number) in (int, float) for number in value):
            return [*self.lonlat(value[0], value[1]), *value[2:]]
        return value


def tied(crs: CRS, epsg: int) -> Transformer:
    """The transformation of a grid's metres into degrees of WGS84: for VN-2000 the official one and no other.

    Easting or longitude first. Raises `Unprocessable`.
    """
    datum = crs.geodetic_crs.to_epsg() if crs.geodetic_crs else None
    for way in TransformerGroup(crs, WGS84, always_xy=True, allow_ballpark=False).transformers:
        steps = [step.to_json_dict().get("id") for step in way.operations or ()]
        if (datum == VN_2000 and OFFICIAL_SHIFT in steps) or datum == WGS84:
            return way
    raise Unprocessable(
        N_("The way from EPSG:{epsg} to WGS84 is not surely known here. Convert the file first."), epsg=epsg
    )
