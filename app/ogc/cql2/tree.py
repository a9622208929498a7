"""A filter's tree, checked: known operators, properties and functions, right numbers of arguments, right types.

Nothing of the caller's text gets into a message: only our own names, and places as line and column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, NoReturn

import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import BadRequest
from app.i18n import N_
from app.ogc.cql2 import literals
from app.ogc.cql2.guards import check_json, check_size
from app.ogc.cql2.operators import (
    ALSO_INSTANTS,
    COMPARISONS,
    FOLDINGS,
    GEOMETRY,
    SPATIAL,
    TEMPORAL,
    WITH_INTERVALS,
)
from app.ogc.cql2.patterns import MAX_PATTERN
from app.ogc.cql2.scalars import TIMES, VALUED, Scalars, Typed, exactly, node_of, storable
from app.ogc.cql2.text import MAX_DIGITS, Tree

OPEN: Final = ".."
"""An end of an interval that has none."""


class Shaped(dict[str, Any]):
    """A geometry literal with what it was read to: one geometry, or the members of a collection."""

    shapes: Sequence[BaseGeometry] = ()


def from_json(text: str) -> Tree:
    """The tree of a filter written as CQL2 JSON; what it says is not looked at yet. Raises `BadRequest`."""
    check_json(text)
    try:
        return json.loads(text, parse_constant=_no_number, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise BadRequest(
            N_("The filter is no JSON at line {line}, column {column}."),
            line=error.lineno,
            column=error.colno,
        ) from None


def _no_number(_name: str) -> NoReturn:
    raise BadRequest(N_("A number is missing, not finite or too large."))


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= MAX_DIGITS else _no_number(digits)


def checked(value: object, fields: Mapping[str, Typed]) -> Tree:
    """The tree with every name and type checked, bare dates made dates, texts in NFC.

    `fields` are those that the caller may see. Raises `BadRequest` with what is wrong and what is allowed.
    """
    check_size(value)
    return _Check(fields).condition(value)


class _Check(Scalars):
    """One walk over one tree."""

    def condition(self, node: object) -> Tree:
        """Something true, false or null."""
        if isinstance(node, bool):
            return node
        if isinstance(node, dict) and "property" in node:
            found, kind = self.scalar(node)
            if kind != "boolean":
                raise BadRequest(N_("A property that is no boolean cannot stand alone as a condition."))
            return found
        op, args = self.operation(node)
        if op in ("and", "or"):
            return node_of(op, map(self.condition, _gathered(op, args)))
        if op == "not":
            return node_of(op, map(self.condition, exactly(1, op, args)))
        check = self.checks.get(op)
        if check is None:
            raise BadRequest(N_("{operator} gives a value; a filter is a condition."), operator=op)
        return check(self, op, args)

    def compared(self, op: str, args: list[Any]) -> Tree:
        return node_of(op, self.alike(exactly(2, op, args))[0])

    def between(self, op: str, args: list[Any]) -> Tree:
        values, kinds = self.alike(exactly(3, op, args))
        if "boolean" in kinds:
            raise BadRequest(N_("BETWEEN takes numbers, texts or times, no booleans."))
        return node_of(op, values)

    def is_in(self, op: str, args: list[Any]) -> Tree:
        value, listed = exactly(2, op, args)
        if not isinstance(listed, list) or not listed:
            raise BadRequest(N_("IN takes a value and a list of at least one value."))
        first, *others = self.alike([value, *listed])[0]
        return node_of(op, [first, others])

    def like(self, op: str, args: list[Any]) -> Tree:
        value, pattern = exactly(2, op, args)
        found, kind = self.scalar(value)
        if kind != "string":
            raise BadRequest(N_("LIKE takes a text, not a value of type {kind}."), kind=kind)
        return node_of(op, [found, self.pattern(pattern)])

    def pattern(self, node: object) -> Tree:
        if isinstance(node, str):
            if len(node) > MAX_PATTERN:
                raise BadRequest(N_("A pattern of LIKE has at most {most} characters."), most=MAX_PATTERN)
            return storable(node)
        if isinstance(node, dict) and node.get("op") in FOLDINGS:
            op, args = self.operation(node)
            return node_of(op, map(self.pattern, exactly(1, op, args)))
        raise BadRequest(N_("The pattern of LIKE is a text, or CASEI or ACCENTI of one."))

    def is_null(self, op: str, args: list[Any]) -> Tree:
        (node,) = exactly(1, op, args)
        if _is_geometry(node):
            return node_of(op, [node])
        if isinstance(node, dict) and "op" in node and self.operation(node)[0] not in VALUED:
            return node_of(op, [self.condition(node)])
        return node_of(op, [self.scalar(node)[0]])

    def spatial(self, op: str, args: list[Any]) -> Tree:
        shapes = [self.shape(node) for node in exactly(2, op, args)]
        if any(map(_is_mixed, shapes)) and op not in ("s_intersects", "s_disjoint"):
            raise BadRequest(
                N_(
                    "A collection of points, lines and areas together goes only with S_INTERSECTS and S_DISJOINT."
                )
            )
        return node_of(op, shapes)

    def shape(self, node: object) -> Tree:
        if _is_geometry(node):
            return node
        if isinstance(node, dict) and set(node) == {"bbox"}:
            return {"bbox": literals.check_box(node["bbox"])}
        if isinstance(node, dict) and "type" in node:
            found = Shaped(node)
            found.shapes = literals.check_geometry(node)
            return found
        if isinstance(node, dict) and "op" in node:
            self.operation(node)
        raise BadRequest(
            N_("A spatial function takes the property {geometry} and a geometry."), geometry=GEOMETRY
        )

    def temporal(self, op: str, args: list[Any]) -> Tree:
        times = [self.time(node) for node in exactly(2, op, args)]
        intervals = ["interval" in time for time in times]
        outer = intervals[1] if op == "t_during" else intervals[0]
        if op not in ALSO_INSTANTS and not (outer if op in WITH_INTERVALS else all(intervals)):
            raise BadRequest(N_("{operator} compares intervals, no instants."), operator=op.upper())
        return node_of(op, times)

    def time(self, node: object) -> Tree:
        """An instant or an interval."""
        if isinstance(node, str):
            return literals.day_or_moment(node)
        if isinstance(node, dict) and set(node) == {"interval"}:
            return self.interval(node["interval"])
        found, kind = self.scalar(node)
        if kind not in TIMES:
            raise BadRequest(N_("A time is needed, not a value of type {kind}."), kind=kind)
        return found

    def interval(self, ends: object) -> Tree:
        if not isinstance(ends, list) or len(ends) != 2:  # noqa: PLR2004
            raise BadRequest(N_("An interval has a start and an end."))
        start, end = ({} if moment == OPEN else self.time(moment) for moment in ends)
        if "interval" in start or "interval" in end:
            raise BadRequest(N_("An interval has a start and an end."))
        for read, name in ((literals.day, "date"), (literals.moment, "timestamp")):
            if name in start and name in end and read(start[name]) > read(end[name]):
                raise BadRequest(N_("An interval does not end before it starts."))
        return {"interval": [start or OPEN, end or OPEN]}

    checks: ClassVar[dict[str, Callable[[_Check, str, list[Any]], Tree]]] = {
        **dict.fromkeys(COMPARISONS, compared),
        **dict.fromkeys(SPATIAL, spatial),
        **dict.fromkeys(TEMPORAL, temporal),
        "like": like,
        "between": between,
        "in": is_in,
        "isNull": is_null,
    }


def _gathered(op: str, args: list[Any]) -> list[Any]:
    """The arguments of an AND or OR, with those of the same within it: clients nest them as deep as they are long."""
    waiting, found = [*reversed(args)], []
    while waiting:
        node = waiting.pop()
        inner = (
            node["args"]
            if isinstance(node, dict) and set(node) == {"op", "args"} and node["op"] == op
            else None
        )
        if isinstance(inner, list) and len(inner) > 1:
            waiting += reversed(inner)
        else:
            found.append(node)
    if len(found) < 2:  # noqa: PLR2004
        raise BadRequest(N_("{operator} takes at least two conditions."), operator=op)
    return found


def _is_geometry(node: object) -> bool:
    return node == {"property": GEOMETRY}


def _is_mixed(node: Tree) -> bool:
    shapes = node.shapes if isinstance(node, Shaped) else ()
    return len({int(shapely.get_dimensions(shape)) for shape in shapes}) > 1
