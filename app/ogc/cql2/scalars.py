"""The values in a filter: properties, literals, arithmetic, CASEI and ACCENTI, each with its type."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Protocol

from lark import Token

from app.errors import BadRequest
from app.i18n import N_
from app.ogc.cql2 import literals
from app.ogc.cql2.guards import check_storable
from app.ogc.cql2.operators import ARITHMETIC, FOLDINGS, FUNCTIONS, GEOMETRY, SPELLED
from app.ogc.cql2.text import Tree

Kind = Literal["string", "number", "boolean", "date", "timestamp"]
KINDS: Final[Mapping[str, Kind]] = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "date-time": "timestamp",
}
"""What a field's type is in a filter."""
TIMES: Final = ("date", "timestamp")
VALUED: Final = (*ARITHMETIC, *FOLDINGS)
"""Operators that give a value; all others give true, false or null."""


class Typed(Protocol):
    """What a check wants to know of a field."""

    @property
    def type(self) -> str:
        """Its type, as `Field.type`."""
        ...


def kind_of(node: Tree, fields: Mapping[str, Typed]) -> Kind:
    """The type of a checked scalar expression."""
    match node:
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float():
            return "number"
        case {"property": name}:
            return KINDS[fields[name].type]
        case {"op": op}:
            return "string" if op in FOLDINGS else "number"
    return "date" if "date" in node else "timestamp"


class Scalars:
    """Checks values against the fields of one collection, as one caller sees them."""

    def __init__(self, fields: Mapping[str, Typed]) -> None:
        self.fields = fields

    def operation(self, node: object) -> tuple[str, list[Any]]:
        """The operator of a node, as we spell it, and its arguments."""
        if not isinstance(node, dict) or set(node) != {"op", "args"}:
            raise BadRequest(
                N_("A part of the filter is no CQL2 expression: an object with op and args, or a literal.")
            )
        name, args = node["op"], node["args"]
        op = SPELLED.get(name.lower()) if isinstance(name, str) else None
        if op is None:
            allowed = FUNCTIONS if isinstance(name, Token) else sorted(SPELLED.values())
            raise _unknown(name, _NO_OPERATOR, _NO_OPERATOR_AT, allowed=", ".join(allowed))
        if not isinstance(args, list):
            raise BadRequest(N_("The arguments of {operator} are a list."), operator=op)
        return op, args

    def alike(self, nodes: list[Any]) -> tuple[list[Tree], list[Kind]]:
        """Scalars of one type; dates and timestamps go together, and texts beside them are read as such."""
        found = [self.scalar(node) for node in nodes]
        if any(kind in TIMES for _, kind in found):
            found = [
                self.scalar(literals.day_or_moment(node)) if isinstance(node, str) else (node, kind)
                for node, kind in found
            ]
        kinds = [kind for _, kind in found]
        for kind in kinds[1:]:
            if kind != kinds[0] and not {kind, kinds[0]} <= set(TIMES):
                raise BadRequest(
                    N_("Values of different types are compared: {left} and {right}."),
                    left=kinds[0],
                    right=kind,
                )
        return [node for node, _ in found], kinds

    def scalar(self, node: object) -> tuple[Tree, Kind]:
        """A text, number, boolean, date or timestamp, and which of them."""
        if isinstance(node, bool):
            return node, "boolean"
        if isinstance(node, str):
            return storable(node), "string"
        if isinstance(node, int | float):
            return literals.finite(node), "number"
        return (
            self.named_or_timed(node) if isinstance(node, dict) and len(node) == 1 else self.calculated(node)
        )

    def named_or_timed(self, node: dict[str, Any]) -> tuple[Tree, Kind]:
        """A property, a date or a timestamp."""
        if "property" in node:
            name = self.named(node["property"])
            return {"property": name}, KINDS[self.fields[name].type]
        if "date" in node:
            literals.day(node["date"])
            return node, "date"
        if "timestamp" in node:
            literals.moment(node["timestamp"])
            return node, "timestamp"
        return self.calculated(node)

    def calculated(self, node: object) -> tuple[Tree, Kind]:
        """Arithmetic, CASEI or ACCENTI."""
        if node is None:
            raise BadRequest(N_("NULL is compared by IS NULL only."))
        op, args = self.operation(node)
        if op not in VALUED:
            raise BadRequest(N_("{operator} is a condition; a value is needed here."), operator=op)
        wanted: Kind = "number" if op in ARITHMETIC else "string"
        found = [self.scalar(arg) for arg in exactly(2 if op in ARITHMETIC else 1, op, args)]
        for _, kind in found:
            if kind != wanted:
                raise BadRequest(
                    N_("{operator} takes a value of type {wanted}, not {kind}."),
                    operator=op,
                    wanted=wanted,
                    kind=kind,
                )
        return node_of(op, (value for value, _ in found)), wanted

    def named(self, name: object) -> str:
        """The name of a field."""
        if name == GEOMETRY:
            raise BadRequest(
                N_("The property {geometry} goes only with spatial functions and IS NULL."), geometry=GEOMETRY
            )
        if not isinstance(name, str) or name not in self.fields:
            raise _unknown(name, _NO_PROPERTY, _NO_PROPERTY_AT, allowed=", ".join([*self.fields, GEOMETRY]))
        return str(name)


def storable(value: str) -> str:
    """A text as the registry keeps texts. Raises `BadRequest`."""
    return unicodedata.normalize("NFC", check_storable(value))


_NO_OPERATOR: Final = N_("There is no such operator or function. There are {allowed}.")
_NO_OPERATOR_AT: Final = N_(
    "At line {line}, column {column}: there is no such operator or function. There are {allowed}."
)
_NO_PROPERTY: Final = N_("There is no such property here. There are {allowed}.")
_NO_PROPERTY_AT: Final = N_(
    "At line {line}, column {column}: there is no such property here. There are {allowed}."
)


def _unknown(name: object, plain: str, placed: str, *, allowed: str) -> BadRequest:
    if isinstance(name, Token) and name.line is not None:
        return BadRequest(placed, line=name.line, column=name.column, allowed=allowed)
    return BadRequest(plain, allowed=allowed)


def node_of(op: str, args: Iterable[Tree]) -> Tree:
    """A node of the tree."""
    return {"op": op, "args": list(args)}


def exactly(count: int, op: str, args: list[Any]) -> list[Any]:
    """`args`, if there are `count` of them. Raises `BadRequest`."""
    if len(args) != count:
        raise BadRequest(N_("{operator} takes {count} arguments."), operator=op, count=count)
    return args
