"""Times, numbers and coordinates as people read them, in Vietnamese or English.

Vietnamese office style: 24 hours, 05/8/2026 (a zero before days under 10 and before months 1 and 2 only), a point
for thousands and a comma for decimals, northing before easting. Source: Decree 30/2020/ND-CP, Appendix I.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING

from babel.dates import format_date
from markupsafe import Markup

from app import clock
from app.i18n import N_, translate

if TYPE_CHECKING:
    from pyproj import Transformer

KILOMETRE = 1000
LOCAL_NAMES = {5899: N_("VN-2000, central meridian 107°45′, zone of 3°")}


@cache
def _to_local(epsg: int) -> "Transformer":
    from pyproj import Transformer  # 7 MB, when the first coordinates are shown

    return Transformer.from_crs(4326, epsg, always_xy=True)


def local_coordinates(lon: float, lat: float, epsg: int) -> tuple[float, float]:
    """Northing and easting in metres of a WGS84 position, in the office's VN-2000 system."""
    east, north = _to_local(epsg).transform(lon, lat)
    return north, east


@dataclass(frozen=True)
class Formats:
    """The filters of one language."""

    language: str

    def _(self, message: str, **values: object) -> str:
        return translate(message, self.language).format(**values)

    def number(self, value: float | None, digits: int | None = None) -> str:
        """1250.5 as "1.250,5"; `digits` after the comma, by default as many as it has, three at most."""
        if value is None or not isfinite(value):
            return "–"
        text = f"{value:,.{3 if digits is None else digits}f}"
        if digits is None:
            text = text.rstrip("0").rstrip(".")
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))

    def metres(self, value: float) -> str:
        """A length: whole metres below a kilometre, then kilometres with one decimal."""
        return f"{self.number(value, 0)} m" if value < KILOMETRE else f"{self.number(value / 1000, 1)} km"

    def within(self, value: float | None) -> str:
        """An accuracy: ±1.250 m."""
        return "" if value is None else f"±{self.number(value, 0)} m"

    def day(self, value: date) -> str:
        """05/8/2026, or 5 Aug 2026."""
        if self.language == "en":
            return str(format_date(value, "d MMM y", locale="en"))
        month = f"{value.month:02d}" if value.month < 3 else str(value.month)  # noqa: PLR2004 - the decree's rule
        return f"{value.day:02d}/{month}/{value.year}"

    def clock(self, moment: datetime) -> str:
        """14:03 in Vietnam."""
        return moment.astimezone(clock.LOCAL).strftime("%H:%M")

    def stamp(self, moment: datetime) -> str:
        """14:03, 14/8/2026."""
        return f"{self.clock(moment)}, {self.day(clock.local_date(moment))}"

    def ago(self, moment: datetime) -> str:
        """How long ago, in words: minutes within the hour, then days; a date alone after a week."""
        now = clock.now()
        if timedelta() <= now - moment < timedelta(hours=1):
            minutes = int((now - moment).total_seconds() // 60)
            return self._(N_("{n} minutes ago"), n=minutes) if minutes else self._(N_("just now"))
        days = (clock.local_date(now) - clock.local_date(moment)).days
        if days in (0, 1):
            return f"{self._(N_('today') if days == 0 else N_('yesterday'))}, {self.clock(moment)}"
        if days > 1:
            return self._(N_("{n} days ago"), n=days)
        return self.stamp(moment)

    def when(self, moment: datetime) -> Markup:
        """`ago` as a time element with the full time on touch."""
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            clock.rfc3339(moment), self.stamp(moment), self.ago(moment)
        )

    def at(self, moment: datetime) -> Markup:
        """The full time as a time element."""
        return Markup('<time datetime="{}">{}</time>').format(clock.rfc3339(moment), self.stamp(moment))

    def local_day(self, moment: datetime) -> str:
        """The day of `moment` in Vietnam."""
        return self.day(clock.local_date(moment))

    def degrees(self, where: tuple[float, float]) -> str:
        """Longitude and latitude as people read them: latitude first, six digits with a point, labelled."""
        lon, lat = where
        return self._(N_("latitude {lat}, longitude {lon}"), lat=f"{lat:.6f}", lon=f"{lon:.6f}")

    def vn2000(self, where: tuple[float, float], epsg: int, accuracy_m: float = 0) -> str:
        """Longitude and latitude as northing and easting, labelled; whole metres where known no better than 10 m."""
        digits = 0 if accuracy_m >= 10 else 2  # noqa: PLR2004 - centimetres would pretend
        north, east = local_coordinates(*where, epsg)
        return self._(
            N_("North (X) {north} m · East (Y) {east} m"),
            north=self.number(north, digits),
            east=self.number(east, digits),
        )

    def filters(self) -> dict[str, Callable[..., object]]:
        """Name and function of every filter."""
        names = (
            *("number", "metres", "within", "day", "local_day", "clock", "stamp", "ago", "when", "at"),
            *("degrees", "vn2000"),
        )
        return {name: getattr(self, name) for name in names}
