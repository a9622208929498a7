"""Pieces of SQL that the two databases spell differently. All values in them are bound; no text of a caller is here.

What a piece is stands in its class, so that SQLAlchemy's statement cache tells pieces apart by class and clauses.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from sqlalchemy import Boolean, Date, Double, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.clock import LOCAL
from app.columns import UtcDateTime
from app.geometry import Predicate, in_tree
from app.ogc.cql2.folding import BARRED, MARKS
from app.ogc.cql2.functions import LARGEST, LARGEST_EXPONENT, LARGEST_SUM, PREDICATES, SMALLEST

_PLACE: Final = re.compile(r"\{(\d+)\}")


class Piece(FunctionElement[Any]):
    """An expression by a template for each database; `{0}` is its first clause."""

    inherit_cache = True
    sqlite: ClassVar[str]
    postgresql: ClassVar[str]


@compiles(Piece, "sqlite")
def _on_sqlite(element: Piece, compiler: SQLCompiler, **kw: Any) -> str:
    return _filled(element.sqlite, element, compiler, kw)


@compiles(Piece, "postgresql")
def _on_postgresql(element: Piece, compiler: SQLCompiler, **kw: Any) -> str:
    return _filled(element.postgresql, element, compiler, kw)


def _filled(template: str, element: Piece, compiler: SQLCompiler, kw: dict[str, Any]) -> str:
    clauses = list(element.clauses)
    parts: dict[str, str] = {}
    for place in _PLACE.findall(template):
        if place not in parts:
            parts[place] = compiler.process(clauses[int(place)], **kw)
    return _PLACE.sub(lambda found: parts[found[1]], template)


class ByCodePoint(Piece):
    """A text whose order is that of Unicode code points."""

    inherit_cache = True
    type = Text()
    sqlite = "{0}"
    postgresql = '({0} COLLATE "C")'


class Casei(Piece):
    """As `folding.casei`."""

    inherit_cache = True
    type = Text()
    sqlite = "taluy_casei({0})"
    postgresql = """(translate(lower(upper(lower({0} COLLATE "und-x-icu"))), 'ς', 'σ') COLLATE "C")"""


class Accenti(Piece):
    """As `folding.accenti`."""

    inherit_cache = True
    type = Text()
    sqlite = "taluy_accenti({0})"
    postgresql = (
        f"normalize(translate(regexp_replace(normalize({{0}}, NFD), '[{MARKS}]+', '', 'g'), "
        f"'{BARRED[0]}', '{BARRED[1]}'), NFC)"
    )


class Like(Predicate, Piece):
    """A text, a pattern for LIKE and the same pattern for GLOB, which knows capitals from small letters."""

    inherit_cache = True
    type = Boolean()
    sqlite = "({0} GLOB {2})"
    postgresql = '(({0} COLLATE "C") LIKE ({1} COLLATE "C"))'


class Unknown(Predicate, Piece):
    """Whether a condition is null; SQLAlchemy leaves out the parentheses that NOT needs."""

    inherit_cache = True
    type = Boolean()
    sqlite = postgresql = "(({0}) IS NULL)"


class UuidText(Piece):
    """A UUID as people write it."""

    inherit_cache = True
    type = Text()
    sqlite = (
        "(substr({0}, 1, 8) || '-' || substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-' || "
        "substr({0}, 17, 4) || '-' || substr({0}, 21))"
    )
    postgresql = "CAST({0} AS TEXT)"


class LocalDay(Piece):
    """The day in Vietnam of a moment."""

    inherit_cache = True
    type = Date()
    sqlite = "taluy_local_day({0})"
    postgresql = f"CAST({{0}} AT TIME ZONE '{LOCAL.key}' AS DATE)"


class FirstMoment(Piece):
    """The first moment of a day in Vietnam."""

    inherit_cache = True
    type = UtcDateTime()
    sqlite = "taluy_first_moment({0})"
    postgresql = f"(CAST({{0}} AS TIMESTAMP) AT TIME ZONE '{LOCAL.key}')"


class LastMoment(Piece):
    """The last millisecond of a day in Vietnam."""

    inherit_cache = True
    type = UtcDateTime()
    sqlite = "taluy_last_moment({0})"
    postgresql = f"(CAST({{0}} + 1 AS TIMESTAMP) AT TIME ZONE '{LOCAL.key}' - INTERVAL '1 millisecond')"


def _guarded(value: str, *conditions: str) -> str:
    """SQL: `value` of a and b where the conditions hold, else NULL; PostgreSQL would end the statement instead.

    OFFSET keeps the planner from writing the operands out again in each place, which doubles them with every level.
    """
    for condition in reversed(conditions):  # one within the other: AND promises no order
        value = f"CASE WHEN {condition} THEN {value} END"
    return f"(SELECT {value} FROM (SELECT {{0}} AS a, {{1}} AS b OFFSET 0) AS operands)"  # noqa: S608 - our own words # nosec B608


def _fits(name: str) -> str:
    return f"({name} = 0 OR abs({name}) BETWEEN {SMALLEST!r} AND {LARGEST!r})"


_SUMMED: Final = tuple(f"abs({name}) <= {LARGEST_SUM!r}" for name in "ab")
_FIT: Final = (_fits("a"), _fits("b"))
_DIVIDED: Final = ("b <> 0", *_FIT)
_RAISED: Final = (
    *_FIT,
    "a >= 0 OR b = trunc(b)",
    f"CASE WHEN a = 0 THEN b >= 0 ELSE abs(b * ln(abs(a))) <= {LARGEST_EXPONENT!r} END",
)


class _Calculation(Piece):
    inherit_cache = True
    type = Double()


def _calculation(name: str, value: str, *conditions: str) -> type[Piece]:
    """The class of one operation on two numbers."""
    members = {
        "inherit_cache": True,
        "__doc__": f"SQL for `functions._{name}`.",
        "sqlite": f"taluy_{name}({{0}}, {{1}})",
        "postgresql": _guarded(value, *conditions),
    }
    return type(name.title(), (_Calculation,), members)


CALCULATIONS: Final[dict[str, type[Piece]]] = {
    "+": _calculation("plus", "a + b", *_SUMMED),
    "-": _calculation("minus", "a - b", *_SUMMED),
    "*": _calculation("times", "a * b", *_FIT),
    "/": _calculation("over", "a / b", *_DIVIDED),
    "div": _calculation("whole", "trunc(a / b)", *_DIVIDED),
    "%": _calculation("rest", "a - b * trunc(a / b)", *_DIVIDED),
    "^": _calculation("power", "power(a, b)", *_RAISED),
}


class Spatial(Predicate):
    """A geometry column with its key and edges, the edges of a literal, and the literal.

    True, false, or null where the geometry is; SQLite looks at the edges first.
    """

    inherit_cache = True
    relation: ClassVar[str]


class SpatialFound(Spatial):
    """As `Spatial`, but false where the geometry is null; SQLite asks the R*Tree."""

    inherit_cache = True


def _spatial(kind: type[Spatial], op: str) -> type[Spatial]:
    return type(
        f"{kind.__name__}_{op}", (kind,), {"inherit_cache": True, "relation": op, "__doc__": kind.__doc__}
    )


TESTED: Final = {op: _spatial(Spatial, op) for op in PREDICATES}
FOUND: Final = {op: _spatial(SpatialFound, op) for op in PREDICATES}


@compiles(Spatial, "sqlite")
def _spatial_sqlite(element: Spatial, compiler: SQLCompiler, **kw: Any) -> str:
    parts = [compiler.process(clause, **kw) for clause in element.clauses]
    geometry, _key, west, south, east, north, w, s, e, n, literal = parts
    beside = f"{west} > {e} OR {east} < {w} OR {south} > {n} OR {north} < {s}"
    exact = f"CASE WHEN {beside} THEN 0 ELSE taluy_{element.relation}({geometry}, {literal}) END"
    return f"({in_tree(element, parts)} AND {exact})" if isinstance(element, SpatialFound) else exact


@compiles(Spatial, "postgresql")
def _spatial_postgis(element: Spatial, compiler: SQLCompiler, **kw: Any) -> str:
    clauses = list(element.clauses)
    geometry, literal = (compiler.process(clauses[place], **kw) for place in (0, 10))
    return f"ST_{element.relation[2:].title()}({geometry}, {literal})"
