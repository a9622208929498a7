"""CQL2 text to the tree that CQL2 JSON is (OGC 21-065r2, clause 8 and annex B).

By lark: its LALR tables come from one readable grammar and parse without recursion. `cql2` 0.6.0 ends the process at
2,000 nested parentheses; `pygeofilter` 0.4.0 reads `a <> 3 OR a = 4 AND b = 'x'` with the wrong precedence.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from app.errors import BadRequest
from app.i18n import N_
from app.ogc.cql2.guards import check_text, too_many_terms
from app.ogc.cql2.operators import FUNCTIONS

Tree = Any
"""The JSON encoding as Python objects: `{"op": "and", "args": [...]}`, `{"property": "x"}`, GeoJSON, plain values."""

MAX_DIGITS: Final = 400
MAX_TOKENS: Final = 4_000
"""What 500 terms need where a client writes parentheses around everything."""
_SHAPES: Final = ("_POINT", "_LINESTRING", "_POLYGON", "_MULTIPOINT", "_MULTILINESTRING", "_MULTIPOLYGON")

_ESCAPES: Final = {
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "'": "'",
    "\\": "\\",
}
_ESCAPED: Final = re.compile(r"''|\\(.)", re.DOTALL)
_INTEGER: Final = re.compile(r"[0-9]+")
_FUNCTIONS: Final = {name.lower(): name for name in FUNCTIONS}


def parse(text: str) -> Tree:
    """The tree of a filter written as CQL2 text; names in it know where they stood.

    Nothing is known here of properties, functions or types: see `app.ogc.cql2.tree.checked`.
    Raises `BadRequest` with the line and column where the text stops making sense.
    """
    check_text(text)
    if not text.strip():
        raise BadRequest(N_("The filter is empty."))
    try:
        return _parsed(text)
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise BadRequest(N_("The filter ends too early: something is missing at its end.")) from None
        raise _unread(error) from None
    except UnexpectedCharacters as error:
        raise _unread(error) from None


def _parsed(text: str) -> Tree:
    """Stops at what holds more terms than are taken, instead of reading on; positions of geometries are no terms."""
    parser = _parser().parse_interactive(text)
    tokens, within = 0, 0
    for read in parser.iter_parse():
        if within or read.type in _SHAPES:
            within = (
                max(within, 1) + (read == "(") - (read == ")")
            )  # 1 until the shape's own parentheses open
            within = 0 if within == 1 and read == ")" else within
            continue
        tokens += 1
        if tokens > MAX_TOKENS:
            raise too_many_terms()
    return parser.feed_eof()  # type: ignore[no-untyped-call] # lark says nothing of it


def _unread(error: UnexpectedInput) -> BadRequest:
    return BadRequest(
        N_("The filter cannot be read at line {line}, column {column}."), line=error.line, column=error.column
    )


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", transformer=_ToTree(), maybe_placeholders=False)


def _op(name: str, *args: Tree) -> Tree:
    return {"op": name, "args": list(args)}


def _unescaped(token: str) -> str:
    """Requirement /req/cql2-text/escaping. A backslash before anything else stays, for LIKE to see."""
    if "\\" not in token and "''" not in token:
        return token[1:-1]
    return _ESCAPED.sub(
        lambda found: "'" if found[1] is None else _ESCAPES.get(found[1], found[0]), token[1:-1]
    )


def _number(token: str) -> float:
    if len(token) > MAX_DIGITS:
        raise BadRequest(N_("A number has more than {most} digits."), most=MAX_DIGITS)
    return int(token) if _INTEGER.fullmatch(token) else float(token)


def _signed(token: str) -> float:
    return -_number(token[1:]) if token[0] == "-" else _number(token.lstrip("+"))


def _named(token: Token, name: str) -> Token:
    return Token.new_borrow_pos(token.type, name, token)


@v_args(inline=True)
class _ToTree(Transformer[Token, Tree]):
    """Called by the parser as it goes, so that no tree of lark's is built or walked."""

    def any_of(self, *args: Tree) -> Tree:
        return _op("or", *args)

    def all_of(self, *args: Tree) -> Tree:
        return _op("and", *args)

    def negated(self, arg: Tree) -> Tree:
        return _op("not", arg)

    def compared(self, left: Tree, operator: Token, right: Tree) -> Tree:
        return _op(str(operator), left, right)

    def like(self, left: Tree, pattern: Tree) -> Tree:
        return _op("like", left, pattern)

    def not_like(self, left: Tree, pattern: Tree) -> Tree:
        return _op("not", _op("like", left, pattern))

    def between(self, value: Tree, low: Tree, high: Tree) -> Tree:
        return _op("between", value, low, high)

    def not_between(self, value: Tree, low: Tree, high: Tree) -> Tree:
        return _op("not", _op("between", value, low, high))

    def is_in(self, value: Tree, values: Tree) -> Tree:
        return _op("in", value, values)

    def not_in(self, value: Tree, values: Tree) -> Tree:
        return _op("not", _op("in", value, values))

    def is_null(self, value: Tree) -> Tree:
        return _op("isNull", value)

    def is_not_null(self, value: Tree) -> Tree:
        return _op("not", _op("isNull", value))

    def calculated(self, left: Tree, operator: Token, right: Tree) -> Tree:
        return _op(str(operator).lower(), left, right)

    def signed(self, sign: Token, value: Tree) -> Tree:
        """A signed number is a number; any other minus is a multiplication, as in example 85 of the standard."""
        if isinstance(value, Token):
            value = _number(value)
        if sign == "+":
            return value
        return -value if type(value) in (int, float) else _op("*", -1, value)

    def call(self, name: Token, args: list[Tree]) -> Tree:
        return {"op": _named(name, _FUNCTIONS.get(name.lower(), str(name))), "args": args}

    def number(self, token: Token) -> Tree:
        return _number(token)

    def coordinate(self, token: Token) -> Tree:
        return _number(token)

    def text(self, token: Token) -> Tree:
        return _unescaped(token)

    def true(self, _token: Token) -> Tree:
        return True

    def false(self, _token: Token) -> Tree:
        return False

    def property(self, token: Token) -> Tree:
        return {"property": token}

    def quoted_property(self, token: Token) -> Tree:
        return {"property": _named(token, token[1:-1].replace('""', '"'))}

    def date(self, token: Token) -> Tree:
        return {"date": _unescaped(token)}

    def timestamp(self, token: Token) -> Tree:
        return {"timestamp": _unescaped(token)}

    def interval(self, start: Tree, end: Tree) -> Tree:
        return {"interval": [start, end]}

    def bbox(self, *numbers: Tree) -> Tree:
        return {"bbox": list(numbers)}

    def items(self, *items: Tree) -> Tree:
        return [*items]

    arguments = line = lines = points = items

    def position(self, token: Token) -> Tree:
        """Of a geometry: two or three numbers, read in one piece since there may be thousands."""
        return [_signed(part) for part in token.split()]

    def point(self, position: Tree) -> Tree:
        return _shape("Point", position)

    def linestring(self, line: Tree) -> Tree:
        return _shape("LineString", line)

    def polygon(self, rings: Tree) -> Tree:
        return _shape("Polygon", rings)

    def multipoint(self, points: Tree) -> Tree:
        return _shape("MultiPoint", points)

    def multilinestring(self, lines: Tree) -> Tree:
        return _shape("MultiLineString", lines)

    def multipolygon(self, *polygons: Tree) -> Tree:
        return _shape("MultiPolygon", [*polygons])

    def collection(self, *geometries: Tree) -> Tree:
        return {"type": "GeometryCollection", "geometries": [*geometries]}


def _shape(kind: str, coordinates: Tree) -> Tree:
    return {"type": kind, "coordinates": coordinates}
