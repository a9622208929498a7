"""Days and moments in SQL: comparisons, and the temporal functions (OGC 21-065r2, 7.8, by OWL-Time).

A timestamp is a moment, a date a day in Vietnam; moments are compared to the millisecond. Where one is compared with
the other, `=`, `<` and their like ask on which day the moment lies. In temporal functions a date that meets a
timestamp is the whole day: it starts with its first millisecond and ends with its last. Intervals hold both ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Date, and_, bindparam, case, false, not_, or_, true

from app.clock import local_date
from app.columns import UtcDateTime
from app.ogc.cql2 import literals
from app.ogc.cql2.elements import FirstMoment, LastMoment, LocalDay
from app.ogc.cql2.functions import first_moment, last_moment
from app.ogc.cql2.text import Tree
from app.ogc.cql2.tree import OPEN

Condition = ColumnElement[bool]
Operator = Callable[[Any, Any], Condition]
Edge = Literal["first", "last"]


@dataclass(frozen=True)
class Time:
    """A day or a moment: an expression, and the value where it is a literal. `open` is an end that an interval lacks.

    `edge` says which of a day's moments it is, when a moment is asked for.
    """

    sql: ColumnElement[Any]
    kind: Literal["date", "timestamp"]
    value: Any = None
    edge: Edge = "first"
    open: Literal[-1, 0, 1] = 0

    def moment(self) -> ColumnElement[Any]:
        """It as a moment."""
        if self.kind == "timestamp":
            return self.sql
        if self.value is None:
            return FirstMoment(self.sql) if self.edge == "first" else LastMoment(self.sql)
        return _bound((first_moment if self.edge == "first" else last_moment)(self.value))

    def day(self) -> ColumnElement[Any]:
        """It as a day."""
        if self.kind == "date":
            return self.sql
        return LocalDay(self.sql) if self.value is None else _bound(local_date(self.value))


def time_of(node: Tree, columns: Mapping[str, ColumnElement[Any]], kinds: Mapping[str, str]) -> Time:
    """A checked instant."""
    if "property" in node:
        name = node["property"]
        return Time(columns[name], "date" if kinds[name] == "date" else "timestamp")
    if "date" in node:
        day = literals.day(node["date"])
        return Time(_bound(day), "date", day)
    moment = literals.moment(node["timestamp"])
    return Time(_bound(moment), "timestamp", moment)


def _bound(value: Any) -> ColumnElement[Any]:
    return bindparam(None, value, Date() if type(value) is date else UtcDateTime(), unique=True)


def compared(operator: Operator, left: Time, right: Time) -> Condition:
    """A comparison by `operator.lt` and its like."""
    if left.kind == right.kind:
        return operator(left.sql, right.sql)
    if left.kind == "date":
        return compared(_TURNED[operator], right, left)
    if right.value is None or left.value is not None:
        return operator(left.day(), right.sql)
    first, last = (
        _bound(first_moment(right.value)),
        _bound(last_moment(right.value)),
    )  # leaves the index usable
    return _WITHIN_DAY[operator](left.sql, first, last)


def _eq(a: Any, b: Any) -> Condition:
    condition: Condition = a == b
    return condition


def _ne(a: Any, b: Any) -> Condition:
    condition: Condition = a != b
    return condition


def _lt(a: Any, b: Any) -> Condition:
    condition: Condition = a < b
    return condition


def _gt(a: Any, b: Any) -> Condition:
    condition: Condition = a > b
    return condition


def _le(a: Any, b: Any) -> Condition:
    condition: Condition = a <= b
    return condition


def _ge(a: Any, b: Any) -> Condition:
    condition: Condition = a >= b
    return condition


OPERATORS: Final[Mapping[str, Operator]] = {"=": _eq, "<>": _ne, "<": _lt, ">": _gt, "<=": _le, ">=": _ge}
_TURNED: Final[Mapping[Operator, Operator]] = {_eq: _eq, _ne: _ne, _lt: _gt, _gt: _lt, _le: _ge, _ge: _le}
_WITHIN_DAY: Final[Mapping[Operator, Callable[[Any, Any, Any], Condition]]] = {
    _eq: lambda moment, first, last: and_(moment >= first, moment <= last),
    _ne: lambda moment, first, last: or_(moment < first, moment > last),
    _lt: lambda moment, first, _last: moment < first,
    _ge: lambda moment, first, _last: moment >= first,
    _gt: lambda moment, _first, last: moment > last,
    _le: lambda moment, _first, last: moment <= last,
}


@dataclass(frozen=True)
class Span:
    """From a start to an end, both within it."""

    start: Time
    end: Time
    instant: Time | None = None


def span_of(node: Tree, columns: Mapping[str, ColumnElement[Any]], kinds: Mapping[str, str]) -> Span:
    """A checked instant or interval."""
    if "interval" not in node:
        time = time_of(node, columns, kinds)
        return Span(time, _last(time), time)
    start, end = node["interval"]
    return Span(
        Time(true(), "date", open=-1) if start == OPEN else time_of(start, columns, kinds),
        Time(true(), "date", open=1) if end == OPEN else _last(time_of(end, columns, kinds)),
    )


def _last(time: Time) -> Time:
    return Time(time.sql, time.kind, time.value, "last")


def _met(operator: Operator, a: Time, b: Time) -> Condition:
    """A comparison of two ends; an open one lies before or after everything, if the other is there at all."""
    if not a.open and not b.open:
        return operator(a.sql, b.sql) if a.kind == b.kind else operator(a.moment(), b.moment())
    holds = true() if _RANKS[operator](a.open, b.open) else false()
    there = b if a.open else a
    return holds if there.open or there.value is not None else case((there.sql.is_not(None), holds))


_RANKS: Final[Mapping[Operator, Callable[[int, int], bool]]] = {
    _eq: lambda a, b: a == b,
    _lt: lambda a, b: a < b,
    _gt: lambda a, b: a > b,
}


def _before(a: Span, b: Span) -> Condition:
    return _met(_lt, a.end, b.start)


def _disjoint(a: Span, b: Span) -> Condition:
    return or_(_before(a, b), _before(b, a))


def _equals(a: Span, b: Span) -> Condition:
    if a.instant is not None and b.instant is not None:
        return compared(_eq, a.instant, b.instant)
    return and_(_met(_eq, a.start, b.start), _met(_eq, a.end, b.end))


def _contains(a: Span, b: Span) -> Condition:
    return and_(_met(_lt, a.start, b.start), _met(_gt, a.end, b.end))


def _finishes(a: Span, b: Span) -> Condition:
    return and_(_met(_gt, a.start, b.start), _met(_eq, a.end, b.end))


def _starts(a: Span, b: Span) -> Condition:
    return and_(_met(_eq, a.start, b.start), _met(_lt, a.end, b.end))


def _meets(a: Span, b: Span) -> Condition:
    return _met(_eq, a.end, b.start)


def _overlaps(a: Span, b: Span) -> Condition:
    return and_(_met(_lt, a.start, b.start), _met(_gt, a.end, b.start), _met(_lt, a.end, b.end))


RELATIONS: Final[Mapping[str, Callable[[Span, Span], Condition]]] = {
    "t_before": _before,
    "t_after": lambda a, b: _before(b, a),
    "t_disjoint": _disjoint,
    "t_intersects": lambda a, b: not_(_disjoint(a, b)),
    "t_equals": _equals,
    "t_contains": _contains,
    "t_during": lambda a, b: _contains(b, a),
    "t_finishes": _finishes,
    "t_finishedBy": lambda a, b: _finishes(b, a),
    "t_starts": _starts,
    "t_startedBy": lambda a, b: _starts(b, a),
    "t_meets": _meets,
    "t_metBy": lambda a, b: _meets(b, a),
    "t_overlaps": _overlaps,
    "t_overlappedBy": lambda a, b: _overlaps(b, a),
}
