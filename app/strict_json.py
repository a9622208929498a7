"""JSON as this service reads it: UTF-8, no duplicate keys, only finite numbers, bounded depth, storable text."""

import json
from typing import Any, NoReturn

from app.errors import BadRequest, Unprocessable

MAX_DEPTH = 40
MAX_DIGITS = 400


def _no_constant(_name: str) -> NoReturn:
    raise Unprocessable("Numbers must be finite: NaN and Infinity cannot be stored.", code="bad-number")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        _no_constant(text)
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise Unprocessable("The number is too large.", code="bad-number")
    value = int(text)
    if abs(value) > 2**53:
        raise Unprocessable("The number is too large.", code="bad-number")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadRequest("A key stands twice in the same JSON object.", code="duplicate-key")
    return members


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser recurses (brackets inside strings do not count)."""
    depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unprocessable("The JSON is nested deeper than {limit} levels.", limit=MAX_DEPTH)
        elif char in "]}":
            depth -= 1


def loads(body: bytes) -> Any:
    """Parse `body`. Raises `BadRequest` for what is no JSON, `Unprocessable` for what cannot be kept."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8 text.", code="not-utf-8") from None
    _check_depth(text)
    try:
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_float=_number,
            parse_int=_integer,
            object_pairs_hook=_members,
        )
    except ValueError:
        raise BadRequest("The body is not JSON.", code="not-json") from None
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _check_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Unprocessable("The text holds characters that cannot be stored.", code="bad-text") from None
