"""SQL of the GIS door: pages, single features, counts. Plain rows, never records; extents are in `app.ogc.extents`."""

from collections.abc import Collection as AnyOf
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app import clock, tallies
from app.driver import Utf8
from app.geometry import intersects_bbox
from app.ogc import crs, paging
from app.ogc.asked import Asked, Period
from app.ogc.cql2 import sql as cql2
from app.ogc.cql2.spatial import INTERSECTS, Where
from app.ogc.features import TAILS
from app.ogc.fields import Collection, Column, Field
from app.ogc.view import View

_WIDER: Final = {"integer": BigInteger(), "boolean": Boolean()}
"""A number in a query may be larger than its column holds: it is compared, not stored."""


def _conditions(view: View, asked: Asked) -> list[ColumnElement[bool]]:
    """What a row must be, so that it is asked for."""
    collection = view.collection
    found = [] if collection.where is None else [collection.where]
    if asked.boxes:
        found.append(_inside(collection, asked))
    if asked.period is not None and collection.times is not None:
        found += _within(view, *collection.times, asked.period)
    if asked.ids is not None:
        found.append(collection.named(asked.ids))
    found += [_equals(field, value) for field, value in asked.equal]
    if asked.filter is not None:
        fields = {field.name: field for field in view.fields}
        move = crs.reading(asked.filter_crs)
        found.append(cql2.condition(asked.filter, fields, collection.geometries, move))
    return found


def _inside(collection: Collection, asked: Asked) -> ColumnElement[bool]:
    """Features that share a point with what `bbox` means, and those without a geometry.

    Source: OGC 17-069r4 (1.0.1), /req/core/fc-bbox-response, C.
    """
    pairs = ((geometry, box) for geometry in collection.geometries for box in asked.boxes)
    found = or_(*(intersects_bbox(geometry, box) for geometry, box in pairs))
    if asked.outline is not None:
        exact = Where(collection.geometries, None).meets(INTERSECTS, asked.outline, positive=True)
        found = and_(found, exact)
    if not collection.unplaced:
        return found
    return or_(found, and_(*(geometry.is_(None) for geometry in collection.geometries)))


def _equals(field: Field, value: Any) -> ColumnElement[bool]:
    if isinstance(field.column.type, Uuid):
        try:
            return field.column == UUID(value)
        except ValueError:
            return false()
    return field.column == _bound(field, value)


def _bound(field: Field, value: Any) -> ColumnElement[Any]:
    type_: Any = _WIDER.get(field.type, field.column.type)
    return bindparam(None, value, type_, unique=True)


def _within(view: View, first: str, last: str, period: Period) -> list[ColumnElement[bool]]:
    """Features whose time shares a moment with the period; what is unknown of it is open.

    Source: OGC 17-069r4 (1.0.1), /req/core/fc-time-response, C.
    """
    begin, end = _column(view, first), _column(view, last)
    found = []
    if period.end is not None:
        found.append((begin, begin <= _time(begin, period.end)))
    if period.start is not None:
        start = _time(end, period.start)
        found.append((end, end > start if view.collection.until else end >= start))
    return [or_(column.is_(None), condition) for column, condition in found]


def _column(view: View, name: str) -> Column:
    return next(field.column for field in view.fields if field.name == name)


def _time(column: Column, moment: datetime) -> datetime | date:
    """`moment` as the column has it; a day is one in Vietnam."""
    if not isinstance(column.type, Date):
        return moment
    try:
        return clock.local_date(moment)
    except OverflowError:
        return date.max


def _whole(view: View) -> list[ColumnElement[Any]]:
    """The columns of a feature."""
    return [
        view.collection.feature_id.label("_id"),
        view.collection.geometry.label("_geometry"),
        *(field.column.label(field.name) for field in view.fields),
    ]


def ready_columns(view: View) -> list[ColumnElement[Any]]:
    """The columns of a feature whose text is kept: the text, with the value of its last property, as bytes."""
    assert view.collection.ready is not None  # noqa: S101 - that is what `is_ready` says # nosec B101
    no, yes = (TAILS[said].decode() for said in (False, True))
    last = case((view.fields[-1].column, yes), else_=no)
    return [cast(view.collection.ready + last, Utf8()).label("_text")]


def is_ready(view: View, asked: Asked) -> bool:
    """Whether the answer's features are those whose text is kept."""
    whole = asked.shown is None and asked.geometry and asked.crs == crs.CRS84
    return whole and view.public and view.collection.ready is not None


def page(db: Session, view: View, asked: Asked, *, today: date) -> Sequence[Row[Any]]:
    """The rows that `asked` wants, in its order; one more than its limit if more follow.

    With `is_ready` they hold `_text`, else the columns of a feature.
    """
    columns = ready_columns(view) if is_ready(view, asked) else _whole(view)
    source = view.collection.source
    sorted_by = paging.terms(view, asked.sort)
    order, labels = paging.ordering(sorted_by), paging.labelled(sorted_by)
    found = _place(select(*labels).select_from(source).where(*_conditions(view, asked)), asked, sorted_by)
    found = found.order_by(*order)
    if not (asked.sort or asked.offset):
        return db.execute(found.add_columns(*columns), {"today": today}).all()
    wanted = found.subquery("wanted")  # by key first: nothing is read of rows that are left out
    own = [wanted.c[label.name] for label in labels]
    falling = [term.descending for term in sorted_by]
    again = [
        (column.desc() if down else column.asc()).nulls_last()
        for column, down in zip(own, falling, strict=True)
    ]
    joined = source.join(wanted, wanted.c["_key"] == view.collection.key)
    return db.execute(select(*own, *columns).select_from(joined).order_by(*again), {"today": today}).all()


def _place(found: Select[Any], asked: Asked, sorted_by: Sequence[paging.Term]) -> Select[Any]:
    if asked.after is not None:
        found = found.where(paging.behind(sorted_by, asked.after))
    if asked.offset:
        found = found.offset(asked.offset)
    return found.limit(asked.limit + 1)


def by_key(db: Session, view: View, keys: AnyOf[Any], *, today: date) -> Sequence[Row[Any]]:
    """The rows with these keys, in no order."""
    key = view.collection.key
    found = select(key.label("_key"), *_whole(view)).select_from(view.collection.source).where(key.in_(keys))
    return db.execute(found, {"today": today}).all()


def one(db: Session, view: View, feature_id: str, asked: Asked, *, today: date) -> Row[Any] | None:
    """The row of one feature, with columns as `page` has them."""
    collection = view.collection
    columns = ready_columns(view) if is_ready(view, asked) else _whole(view)
    conditions = [collection.named([feature_id])]
    if collection.where is not None:
        conditions.append(collection.where)
    found = select(collection.key.label("_key"), *columns).select_from(collection.source).where(*conditions)
    return db.execute(found, {"today": today}).first()


def count(db: Session, view: View, asked: Asked, *, today: date) -> int:
    """How many rows `asked` matches; without a condition nothing is counted."""
    if not asked.narrows:
        return tallies.rows(db, view.collection.tally)
    found = select(func.count()).select_from(view.collection.source).where(*_conditions(view, asked))
    return db.scalar(found, {"today": today}) or 0
