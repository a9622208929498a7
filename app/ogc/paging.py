"""The order of pages and where one ends: a cursor holds what the last feature is sorted by, and its key.

So the next page begins behind that feature whatever was added or changed meanwhile, and however long the pages are.
Texts are sorted by code point and by their first characters only, which an address has room for; the key decides
between those that are alike there.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    ColumnElement,
    Date,
    Dialect,
    Double,
    Integer,
    Row,
    Text,
    TypeDecorator,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    or_,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from app.errors import BadRequest
from app.i18n import N_
from app.ogc.asked import Asked, Sort
from app.ogc.cql2.elements import ByCodePoint
from app.ogc.fields import Column, Field
from app.ogc.view import View

SORTED_CHARACTERS: Final = 100
LARGEST: Final = 2**63
LARGEST_KEY: Final = 2**31
"""PostgreSQL fails where a key is compared with more than its column holds."""


class StoredMoment(TypeDecorator[str]):
    """A moment as it is stored, as text: a cursor must not round what another tool wrote with microseconds."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`timestamptz` on PostgreSQL."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """To the driver."""
        return datetime.fromisoformat(value) if value and dialect.name == "postgresql" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """From the driver."""
        del dialect
        return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


class Term(NamedTuple):
    """One expression that pages are sorted by, and how its values are bound."""

    column: Column
    type: TypeEngine[Any]
    descending: bool = False


def terms(view: View, sort: Sequence[Sort]) -> tuple[Term, ...]:
    """What a page is sorted by: the properties asked for, then the key."""
    key = view.collection.key
    return (*(_term(each) for each in sort), Term(key, key.type))


def _term(sort: Sort) -> Term:
    field = sort.field
    if isinstance(field.column.type, Uuid):
        return Term(field.column, field.column.type, sort.descending)
    make = _TERMS[field.type]
    column, type_ = make(field.column)
    return Term(column, type_, sort.descending)


_TERMS: Final[Mapping[str, Callable[[Column], tuple[Column, TypeEngine[Any]]]]] = {
    "string": lambda column: (ByCodePoint(func.substr(column, 1, SORTED_CHARACTERS, type_=Text())), Text()),
    "integer": lambda column: (column, BigInteger()),
    "number": lambda column: (column, Double()),
    "boolean": lambda column: (cast(column, Integer()), Integer()),
    "date": lambda column: (column, Date()),
    "date-time": lambda column: (type_coerce(column, StoredMoment()), StoredMoment()),
}


def ordering(sorted_by: Sequence[Term]) -> list[ColumnElement[Any]]:
    """The ORDER BY of terms; nulls come last either way, and the key has none."""
    *own, key = sorted_by
    found = [term.column.desc() if term.descending else term.column.asc() for term in own]
    return [*(column.nulls_last() for column in found), key.column.asc()]


def behind(sorted_by: Sequence[Term], after: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come after the one with these values."""
    *own, key = zip(sorted_by, after, strict=True)
    found = key[0].column > _bound(*key)
    for term, value in reversed(own):
        nulls = term.column.is_(None)
        if value is None:
            found = and_(nulls, found)
            continue
        bound = _bound(term, value)
        beyond = term.column < bound if term.descending else term.column > bound
        found = or_(beyond, nulls, and_(term.column == bound, found))
    return found


def _bound(term: Term, value: Any) -> ColumnElement[Any]:
    return bindparam(None, value, term.type, unique=True)


def labelled(sorted_by: Sequence[Term]) -> list[ColumnElement[Any]]:
    """The terms as columns of a statement, for `after`."""
    *own, key = sorted_by
    return [*(term.column.label(f"_sort{place}") for place, term in enumerate(own)), key.column.label("_key")]


def after(row: Row[Any], asked: Asked) -> tuple[Any, ...]:
    """The `Asked.after` that goes on behind `row`."""
    values = row._mapping  # noqa: SLF001 - public by its docs
    return (*(values[f"_sort{place}"] for place in range(len(asked.sort))), values["_key"])


def _signature(sort: Sequence[Sort]) -> str:
    return ",".join(f"{'-' * each.descending}{each.field.name}" for each in sort)


def cursor(asked: Asked, after: Sequence[Any]) -> str:
    """The text of `cursor` for a page that begins behind `after`."""
    return urlsafe_b64encode(orjson.dumps([_signature(asked.sort), *after])).decode().rstrip("=")


def after_in(text: str, view: View, sort: Sequence[Sort]) -> tuple[Any, ...]:
    """The values that `text` holds. Raises `BadRequest` where it is none of our cursors, or one of another order."""
    try:
        signature, *values = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if signature != _signature(sort):
            raise BadRequest(
                N_("Parameter cursor: it belongs to another sortby. Begin without it."), pointer="?cursor"
            )
        kinds = [(each.field, each.field.column.type) for each in sort]
        found = [_value(value, *kind) for value, kind in zip(values[:-1], kinds, strict=True)]
        return (*found, _key(values[-1], view.collection.key.type))
    except (ValueError, TypeError, IndexError, OverflowError):
        raise BadRequest(
            N_("Parameter cursor: only what a next link holds. Begin without it."), pointer="?cursor"
        ) from None


def _key(value: Any, type_: TypeEngine[Any]) -> Any:
    if isinstance(type_, Uuid):
        return UUID(_text(value))
    if abs(_number(value, int)) >= LARGEST_KEY:
        raise ValueError
    return value


def _value(value: Any, field: Field, type_: TypeEngine[Any]) -> Any:
    """One value of a cursor, which somebody may have written themselves. Raises `ValueError`, `TypeError`."""
    if value is None:
        return None
    if isinstance(type_, Uuid):
        return UUID(_text(value))
    return _READERS[field.type](value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return value


def _moment(value: Any) -> str:
    datetime.fromisoformat(value).astimezone(UTC)
    return _text(value)


def _number(value: Any, *kinds: type) -> Any:
    if type(value) not in kinds or abs(value) >= LARGEST:
        raise TypeError
    return value


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "string": _text,
    "integer": lambda value: _number(value, int),
    "number": lambda value: float(_number(value, int, float)),
    "boolean": lambda value: _number(value, int),
    "date": date.fromisoformat,
    "date-time": _moment,
}
