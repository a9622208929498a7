"""What is refused before any parser or recursion sees a filter: length, nesting, size. Linear, without recursion."""

from __future__ import annotations

import re
from typing import Any, Final

from app.errors import BadRequest
from app.i18n import N_
from app.ogc.cql2.operators import ARITHMETIC

MAX_BYTES: Final = 20_480
MAX_NESTING: Final = 100
MAX_TERMS: Final = 500
"""Of a tree; SQLite takes expressions up to 1,000 deep, and an AND of n terms is n deep there."""
MAX_DEPTH: Final = 55
"""Of operators within operators, as places on the stack of SQLite's parser, which has 100 before its version 3.46."""
_DEAREST: Final = 5
_COSTS: Final = {**dict.fromkeys(ARITHMETIC, _DEAREST), "not": 2}
MAX_NUMBERS: Final = 40_000
"""In geometries: 10,000 vertices, with heights and boxes."""

_WORDS: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'?|\"[^\"]*\"?|\b[nN][oO][tT]\b|[()\[\]{}]|[-+]", re.DOTALL)
_JSON_MARKS: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


def check_text(text: str) -> None:
    """Refuse CQL2 text that is too long or too deeply nested. Raises `BadRequest`."""
    _check_length(text)
    depth = run = 0
    last_end = 0
    for found in _WORDS.finditer(text):
        word = found[0]
        between = text[last_end : found.start()].strip()
        last_end = found.end()
        if word in _OPENING or word in _CLOSING:
            depth, run = depth + (1 if word in _OPENING else -1), 0
        elif word[0] in "'\"":
            run = 0
        else:  # NOT and signs nest as far as they follow each other
            run = 1 if between else run + 1
        _check_nesting(depth + run)


def check_json(text: str) -> None:
    """Refuse JSON text that is too long or too deeply nested. Raises `BadRequest`."""
    _check_length(text)
    depth = 0
    for found in _JSON_MARKS.finditer(text):
        depth += (found[0] in _OPENING) - (found[0] in _CLOSING)
        _check_nesting(depth)


def check_size(tree: Any) -> None:
    """Refuse a tree that is too large or too deeply nested, wherever it came from. Raises `BadRequest`."""
    waiting: list[tuple[Any, int, object, bool]] = [(tree, 0, None, False)]
    terms = numbers = 0
    while waiting:
        node, depth, above, within_shape = waiting.pop()
        numbers, terms = numbers + within_shape, terms + (not within_shape)
        if terms > MAX_TERMS or numbers > MAX_NUMBERS:
            raise too_many_terms()
        if isinstance(node, list):
            terms -= not within_shape
            if len(node) > (MAX_NUMBERS if within_shape else MAX_TERMS):
                raise too_many_terms()
            waiting += ((item, depth + within_shape, above, within_shape) for item in node)
        elif isinstance(node, dict):
            op = node.get("op")
            depth += _cost(op, above)
            waiting += (
                (value, depth, op, within_shape or name in ("coordinates", "bbox"))
                for name, value in node.items()
                if name not in ("op", "type", "property")
            )
        if depth > MAX_DEPTH:
            raise BadRequest(
                N_("The filter is nested too deeply: at most about {most} operators within each other."),
                most=MAX_DEPTH // _DEAREST,
            )


def _cost(op: object, above: object) -> int:
    """What a node takes of `MAX_DEPTH`; an AND within an AND is the same AND."""
    if not isinstance(op, str) or (op == above and op in ("and", "or")):
        return 1 - isinstance(op, str)
    return _COSTS.get(op, 3)


def too_many_terms() -> BadRequest:
    """The refusal of a filter with more than `MAX_TERMS`."""
    return BadRequest(N_("The filter has more than {most} terms."), most=MAX_TERMS)


def check_storable(text: str) -> str:
    """`text`, unless it holds what no database keeps: half a surrogate pair, or NUL. Raises `BadRequest`."""
    if _UNSTORABLE.search(text):
        raise BadRequest(N_("The filter holds characters that no text of the registry has."))
    return text


def _check_length(text: str) -> None:
    check_storable(text)
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        raise BadRequest(N_("The filter is longer than {most} bytes."), most=MAX_BYTES)


def _check_nesting(depth: int) -> None:
    if depth > MAX_NESTING:
        raise BadRequest(N_("The filter is nested deeper than {most} levels."), most=MAX_NESTING)
