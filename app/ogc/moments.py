"""The `datetime` parameter, in RFC 3339 and in the forms that clients really send.

A day is a day in Vietnam from its beginning to its end, as in filters (`app.ogc.cql2.times`); a moment without a zone
is UTC, as all moments that the door writes. GDAL writes `2026-01-01T/..`, QGIS the years 0000 and 9999 for open ends.
Source: OGC 17-069r4, 7.15.4.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from app.errors import BadRequest
from app.i18n import N_
from app.ogc.asked import Period
from app.ogc.cql2.functions import first_moment, last_moment

OPEN: Final = ("", "..")
NO_YEAR: Final = "0000-"
LEAP_YEAR: Final = "2000-"
EARLIEST: Final = datetime(1, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
_MOMENT: Final = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?:(?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.(?P<part>\d{1,20}))?(?P<zone>[Zz]|[+ -]\d{2}:?\d{2})?)?)?",
    re.ASCII,
)

Span = tuple[datetime, datetime]


def period_in(text: str) -> Period:
    """The span of time that `text` means; an instant begins and ends alike. Raises `BadRequest`."""
    ends = [each.strip() for each in text.split("/", 2)]
    if len(ends) > 2 or ends in ([".."], [""]):  # noqa: PLR2004
        raise _bad()
    try:
        start = None if ends[0] in OPEN else _span(ends[0])[0]
        end = None if ends[-1] in OPEN else _span(ends[-1])[1]
    except (ValueError, OverflowError):
        raise _bad() from None
    if start is not None and end is not None and start > end:
        raise BadRequest(
            N_("Parameter datetime: an interval does not end before it starts."), pointer="?datetime"
        )
    return Period(None if start == EARLIEST else start, None if end == LATEST else end)


def moment_in(text: str) -> datetime | None:
    """The moment that `text` is, in UTC to the millisecond; of a day alone its beginning. None for anything else."""
    try:
        return _span(text.strip())[0]
    except (ValueError, OverflowError):
        return None


def _span(text: str) -> Span:
    """The first and the last millisecond of a moment or a day. Raises `ValueError`, `OverflowError`."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError
    if text.startswith(NO_YEAR):  # before everything; the rest must be right all the same
        _span(LEAP_YEAR + text.removeprefix(NO_YEAR))
        return EARLIEST, EARLIEST
    day = date.fromisoformat(found["day"])
    if found["clock"] is None:
        return first_moment(day), LATEST if day == date.max else last_moment(day)
    moment = _moment(found)
    return moment, LATEST if day == date.max else moment


def _moment(found: re.Match[str]) -> datetime:
    clock = found["clock"]
    leap = clock.endswith(":60")  # a leap second is the last millisecond before it
    part = "999" if leap else (found["part"] or "0")[:3].ljust(3, "0")
    seconds = clock.removesuffix(":60") + ":59" if leap else clock + ":00" * (clock.count(":") < 2)  # noqa: PLR2004
    zone = (found["zone"] or "Z").replace(" ", "+").upper()
    read = datetime.fromisoformat(f"{found['day']}T{seconds}.{part}{zone}")
    try:
        return read.astimezone(UTC)
    except OverflowError:
        return LATEST if read.year > EARLIEST.year else EARLIEST


def _bad() -> BadRequest:
    return BadRequest(
        N_(
            "Parameter datetime: a moment such as 2026-11-23T08:00:00Z, a day, or an interval start/end whose ends may "
            "be open (..)."
        ),
        pointer="?datetime",
    )
