"""What SQLite cannot do by itself, registered on each connection: folding, arithmetic, days, spatial predicates.

Each gives NULL for NULL, and NULL where a calculation has no value, so that both databases answer alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from app.clock import LOCAL, local_date, rfc3339
from app.ogc.cql2.folding import FOLD

CACHED_GEOMETRIES: Final = 16
"""Of literals, prepared; for each connection, which one thread uses at a time (preparing is not safe for more)."""
LARGEST: Final = 1e150
SMALLEST: Final = 1e-150
"""What is multiplied, divided or raised lies between these, or is 0: no result overflows or vanishes."""
LARGEST_SUM: Final = 1e300
LARGEST_EXPONENT: Final = 600.0
"""Of e, in a power."""
MILLISECOND: Final = timedelta(milliseconds=1)

PREDICATES: Final[dict[str, Callable[..., Any]]] = {
    "s_contains": shapely.within,
    "s_crosses": shapely.crosses,
    "s_equals": shapely.equals,
    "s_intersects": shapely.intersects,
    "s_overlaps": shapely.overlaps,
    "s_touches": shapely.touches,
    "s_within": shapely.contains,
}
"""With the literal first, since it is the prepared one; S_DISJOINT is NOT S_INTERSECTS."""


def register(connection: Any) -> None:
    """Give an sqlite3 connection the functions of filters."""
    for name, fold in FOLD.items():
        connection.create_function(f"taluy_{name}", 1, _of_text(fold), deterministic=True)
    for name, calculate in CALCULATIONS.items():
        connection.create_function(f"taluy_{name}", 2, partial(_calculated, calculate), deterministic=True)
    connection.create_function("taluy_local_day", 1, _of_text(_local_day), deterministic=True)
    connection.create_function("taluy_first_moment", 1, _of_text(_first_of), deterministic=True)
    connection.create_function("taluy_last_moment", 1, _of_text(_last_of), deterministic=True)
    prepared = lru_cache(maxsize=CACHED_GEOMETRIES)(_prepared)
    for name, predicate in PREDICATES.items():
        connection.create_function(
            f"taluy_{name}", 2, partial(_meets, predicate, prepared), deterministic=True
        )


def first_moment(day: date) -> datetime:
    """The first moment of a day in Vietnam, in UTC."""
    return _in_utc(datetime.combine(day, time.min))


def last_moment(day: date) -> datetime:
    """The last millisecond of a day in Vietnam, in UTC."""
    return _in_utc(datetime.combine(day, time(23, 59, 59, 999_000)))


def _in_utc(local: datetime) -> datetime:
    try:
        return local.replace(tzinfo=LOCAL).astimezone(UTC)
    except OverflowError:  # the first hours of year 1: nothing lies before them
        return datetime.min.replace(tzinfo=UTC)


def _local_day(moment: str) -> str:
    return local_date(datetime.fromisoformat(moment)).isoformat()


def _first_of(day: str) -> str:
    return rfc3339(first_moment(date.fromisoformat(day)))


def _last_of(day: str) -> str:
    return rfc3339(last_moment(date.fromisoformat(day)))


def _of_text(function: Callable[[str], str]) -> Callable[[str | None], str | None]:
    return lambda text: None if text is None else function(text)


def _calculated(
    calculate: Callable[[float, float], float | None], a: float | None, b: float | None
) -> float | None:
    return None if a is None or b is None else calculate(float(a), float(b))


def _fits(number: float) -> bool:
    return number == 0 or SMALLEST <= abs(number) <= LARGEST


def _plus(a: float, b: float) -> float | None:
    return a + b if abs(a) <= LARGEST_SUM and abs(b) <= LARGEST_SUM else None


def _minus(a: float, b: float) -> float | None:
    return _plus(a, -b)


def _times(a: float, b: float) -> float | None:
    return a * b if _fits(a) and _fits(b) else None


def _over(a: float, b: float) -> float | None:
    return a / b if b != 0 and _fits(a) and _fits(b) else None


def _whole(a: float, b: float) -> float | None:
    quotient = _over(a, b)
    return None if quotient is None else float(math.trunc(quotient))


def _rest(a: float, b: float) -> float | None:
    whole = _whole(a, b)
    return None if whole is None else a - b * whole


def _power(a: float, b: float) -> float | None:
    if not _fits(a) or not _fits(b) or (a < 0 and b != math.trunc(b)):
        return None
    if a == 0:
        return None if b < 0 else float(b == 0)
    return math.pow(a, b) if abs(b * math.log(abs(a))) <= LARGEST_EXPONENT else None


CALCULATIONS: Final[dict[str, Callable[[float, float], float | None]]] = {
    "plus": _plus,
    "minus": _minus,
    "times": _times,
    "over": _over,
    "whole": _whole,
    "rest": _rest,
    "power": _power,
}


def _prepared(wkb: bytes) -> BaseGeometry:
    shape = shapely.from_wkb(wkb)
    shapely.prepare(shape)
    return shape


def _meets(
    predicate: Callable[..., Any],
    prepared: Callable[[bytes], BaseGeometry],
    wkb: bytes | None,
    literal: bytes,
) -> bool | None:
    """Null too for bytes that another tool wrote and that are no geometry, as everywhere else."""
    shape = None if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore")
    return None if shape is None else bool(predicate(prepared(literal), shape))
