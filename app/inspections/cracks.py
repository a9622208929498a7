# ruff: noqa: PLR2004 - every figure stands in the table of alarm levels
"""Crack gauges: the distance between two pins, in millimetres, read with a steel tape good to ± 1 mm.

Every alarm level here is proposed, not official. Sources: data/SOURCES.md#crack-gauge
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from app.errors import BadReading
from app.i18n import N_

GAUGE: Final = re.compile(r"V[1-9][a-z]?", re.ASCII)
"""V1 to V9; a replaced pin starts a new series with a letter: V1a, V1b."""

SHOWN_FROM_MM: Final = 3
SHOWN_FROM_HOURS: Final = 6
VIETNAM: Final = timezone(timedelta(hours=7))

Point = tuple[datetime, float]
"""When a gauge was read, and the millimetres between its pins."""


def crack_rate(before_mm: float, after_mm: float, days: float) -> float:
    """Mean opening rate of a crack, millimetres a day; negative means it closed.

    Raises `BadReading` where `days` is not positive. Source: data/SOURCES.md#crack-gauge
    """
    if not days > 0:
        raise BadReading(N_("A rate needs two readings at different times."))
    return (after_mm - before_mm) / days


def shown_rate(before_mm: float, after_mm: float, hours: float) -> float | None:
    """The rate in millimetres a day, or None where it would be noise: under 3 mm of change or under 6 h.

    Negative rates are not shown either: a shrinking distance points at the pins.
    """
    if after_mm - before_mm < SHOWN_FROM_MM or hours < SHOWN_FROM_HOURS:
        return None
    return crack_rate(before_mm, after_mm, hours / 24)


def shrunk(before_mm: float, after_mm: float) -> bool:
    """Whether the distance fell by more than 3 mm: the pin may be broken; kept and flagged, never plotted."""
    return before_mm - after_mm > SHOWN_FROM_MM


def grew_3_mm(now: Point, earlier: Sequence[Point]) -> bool:
    """3 mm or more since the last reading."""
    return bool(earlier) and now[1] - earlier[0][1] >= 3


def mean_1_mm_a_day(now: Point, earlier: Sequence[Point]) -> bool:
    """A mean of 1 mm a day or more over the shortest span of 10 days or more that holds 3 readings or more."""
    for moment, mm in earlier[1:]:
        if _days(moment, now[0]) >= 10:
            return crack_rate(mm, now[1], _days(moment, now[0])) >= 1
    return False


def grew_10_mm_in_24_h(now: Point, earlier: Sequence[Point]) -> bool:
    """10 mm or more within 24 h."""
    return any(_days(moment, now[0]) <= 1 and now[1] - mm >= 10 for moment, mm in earlier)


def rate_10_mm_a_day(now: Point, earlier: Sequence[Point]) -> bool:
    """10 mm a day or more between the last reading and this one, taken on two calendar days."""
    if not earlier or _day(earlier[0][0]) == _day(now[0]):
        return False
    rate = shown_rate(earlier[0][1], now[1], _days(earlier[0][0], now[0]) * 24)
    return rate is not None and rate >= 10


def rate_2_mm_an_hour(now: Point, earlier: Sequence[Point]) -> bool:
    """2 mm an hour or more since a reading at least 1 h ago; near the tape's error, so measure again."""
    for moment, mm in earlier:
        hours = _days(moment, now[0]) * 24
        if hours >= 1 and now[1] - mm >= max(2, 2 * hours):
            return True
    return False


def _days(earlier: datetime, later: datetime) -> float:
    return (later - earlier) / timedelta(days=1)


def _day(moment: datetime) -> int:
    return moment.astimezone(VIETNAM).toordinal()
