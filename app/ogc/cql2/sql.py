"""A checked tree to SQL. Values are bound; operators, functions and properties come from tables of ours.

True, false and null are kept apart as the standard has it (OGC 21-065r2, 6.2), alike on SQLite and PostGIS: a null
in a comparison gives null, NOT of null is null, and only what is true is found. A calculation without a value (a
division by zero, a result beyond 1e300) is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, Protocol
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    false,
    not_,
    or_,
    true,
)

from app.geometry import GeometryColumn
from app.ogc.cql2.elements import CALCULATIONS, Accenti, ByCodePoint, Casei, Like, Unknown, UuidText
from app.ogc.cql2.folding import FOLD
from app.ogc.cql2.operators import COMPARISONS, FOLDINGS, GEOMETRY, SPATIAL
from app.ogc.cql2.patterns import as_glob, as_like
from app.ogc.cql2.scalars import TIMES, VALUED, kind_of
from app.ogc.cql2.spatial import Where
from app.ogc.cql2.text import Tree
from app.ogc.cql2.times import OPERATORS, RELATIONS, compared, span_of, time_of

Condition = ColumnElement[bool]
_TYPES: Final = {"boolean": Boolean, "string": Text, "number": Double}
FOLDED: Final = {"casei": Casei, "accenti": Accenti}


class Column(Protocol):
    """What a filter wants to know of a field."""

    @property
    def type(self) -> Literal["string", "integer", "number", "boolean", "date", "date-time"]:
        """Its type."""
        ...

    @property
    def column(self) -> ColumnElement[Any]:
        """Its SQL."""
        ...


def condition(
    tree: Tree,
    fields: Mapping[str, Column],
    geometries: Sequence[GeometryColumn],
    transform: Callable[[BaseGeometry], BaseGeometry] | None = None,
) -> Condition:
    """The SQL of a tree that `app.ogc.cql2.tree.checked` gave, with the same fields.

    Each row has at most one of `geometries`. `transform` takes the filter's geometries to longitude and latitude;
    without it they are so already. Raises `BadRequest` for geometries that this is not possible with.
    """
    return _Writer(fields, Where(geometries, transform)).condition(tree, positive=True)


class _Writer:
    """Writes one filter."""

    def __init__(self, fields: Mapping[str, Column], where: Where) -> None:
        self.fields, self.where = fields, where
        self.columns = {name: field.column for name, field in fields.items()}
        self.kinds = {name: field.type for name, field in fields.items()}

    def condition(self, node: Tree, *, positive: bool) -> Condition:
        """`positive`: what is null may be false, since nothing around it turns false into true."""
        if isinstance(node, bool):
            return true() if node else false()
        return (
            self.predicate(node["op"], node["args"], positive=positive) if "op" in node else self.value(node)
        )

    def predicate(self, op: str, args: list[Tree], *, positive: bool) -> Condition:
        if op in ("and", "or"):
            parts = [self.condition(arg, positive=positive) for arg in args]
            return and_(*parts) if op == "and" else or_(*parts)
        if op == "not":
            return not_(self.condition(args[0], positive=False))
        if op in SPATIAL:
            return self.where.condition(op, *args, positive=positive)
        if op in RELATIONS:
            return RELATIONS[op](*(span_of(arg, self.columns, self.kinds) for arg in args))
        return self.of_values(op, args)

    def of_values(self, op: str, args: list[Tree]) -> Condition:
        """A predicate about values."""
        if op in COMPARISONS:
            return self.compared(op, *args)
        if op == "between":
            value, low, high = args
            return and_(self.compared(">=", value, low), self.compared("<=", value, high))
        if op == "in":
            return self.is_in(*args)
        if op == "like":
            return self.like(*args)
        return self.is_null(args[0])

    def compared(self, op: str, left: Tree, right: Tree) -> Condition:
        kinds = {kind_of(left, self.fields), kind_of(right, self.fields)}
        if kinds <= set(TIMES):
            times = (time_of(node, self.columns, self.kinds) for node in (left, right))
            return compared(OPERATORS[op], *times)
        if op == "=":
            found = self.is_uuid(left, right)
            if found is not None:
                return found
        values = [self.value(left), self.value(right)]
        if kinds == {"string"} and op not in ("=", "<>"):
            values = [ByCodePoint(value) for value in values]
        return OPERATORS[op](*values)

    def is_uuid(self, left: Tree, right: Tree) -> Condition | None:
        """Equality of a UUID and its text, so that the index is used; None for anything else."""
        if not isinstance(right, str) or not isinstance(left, dict) or "property" not in left:
            return None
        column = self.columns[left["property"]]
        if not isinstance(column.type, Uuid):
            return None
        try:
            value = UUID(right)
        except ValueError:
            return None
        return column == bindparam(None, value, Uuid(), unique=True) if str(value) == right else None

    def is_in(self, value: Tree, listed: list[Tree]) -> Condition:
        if {kind_of(node, self.fields) for node in (value, *listed)} == set(TIMES):
            return or_(*(self.compared("=", value, item) for item in listed))
        return self.value(value).in_([self.value(item) for item in listed])

    def like(self, value: Tree, pattern: Tree) -> Condition:
        folds: list[str] = []
        while isinstance(pattern, dict):
            folds.append(pattern["op"])
            (pattern,) = pattern["args"]
        on_postgresql: ColumnElement[Any] = _bound(as_like(pattern), Text())
        for fold in reversed(folds):
            on_postgresql = FOLDED[fold](on_postgresql)
            pattern = FOLD[fold](pattern)
        return Like(self.value(value), on_postgresql, _bound(as_glob(pattern), Text()))

    def is_null(self, node: Tree) -> Condition:
        if node == {"property": GEOMETRY}:
            return and_(*(geometry.is_(None) for geometry in self.where.geometries))
        if isinstance(node, dict) and "op" in node and node["op"] not in VALUED:
            return Unknown(self.condition(node, positive=False))
        return self.value(node).is_(None)

    def value(self, node: Tree) -> ColumnElement[Any]:
        """A scalar."""
        kind = kind_of(node, self.fields)
        if not isinstance(node, dict):
            return _bound(node if kind != "number" else float(node), _TYPES[kind]())
        if kind in TIMES:
            return time_of(node, self.columns, self.kinds).sql
        if "property" in node:
            column = self.columns[node["property"]]
            return UuidText(column) if isinstance(column.type, Uuid) else column
        if node["op"] in FOLDINGS:
            return FOLDED[node["op"]](self.value(node["args"][0]))
        return CALCULATIONS[node["op"]](*map(self.operand, node["args"]))

    def operand(self, node: Tree) -> ColumnElement[Any]:
        """A number to calculate with: in both databases of the same precision."""
        value = self.value(node)
        return cast(value, Double()) if isinstance(node, dict) and "property" in node else value


def _bound(value: Any, kind: Any) -> ColumnElement[Any]:
    return bindparam(None, value, kind, unique=True)
