"""SQL of the GIS door: pages, single features, counts, extents. Plain rows, never records."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from app import tallies
from app.geometry import intersects_bbox
from app.ogc.asked import Asked
from app.ogc.view import View


def _conditions(view: View, asked: Asked) -> list[ColumnElement[bool]]:
    collection = view.collection
    found = [] if collection.where is None else [collection.where]
    if asked.bbox is not None:
        found.append(or_(*(intersects_bbox(geometry, asked.bbox) for geometry in collection.geometries)))
    return found


def _columns(view: View) -> Select[Any]:
    collection = view.collection
    return select(
        collection.key.label("_key"),
        collection.feature_id.label("_id"),
        collection.geometry.label("_geometry"),
        *(field.column.label(field.name) for field in view.fields),
    ).select_from(collection.source)


def page(db: Session, view: View, asked: Asked, *, today: date) -> Sequence[Row[Any]]:
    """The rows that `asked` wants, in its order; one more than its limit if more follow."""
    found = _columns(view).where(*_conditions(view, asked)).order_by(view.collection.key)
    if asked.after is not None:
        found = found.where(view.collection.key > asked.after[-1])
    return db.execute(found.offset(asked.offset).limit(asked.limit + 1), {"today": today}).all()


def one(db: Session, view: View, feature_id: str, *, today: date) -> Row[Any] | None:
    """The row of one feature."""
    named = view.collection.named(feature_id)
    if named is None:
        return None
    return db.execute(_columns(view).where(named, *_conditions(view, Asked())), {"today": today}).first()


def count(db: Session, view: View, asked: Asked, *, today: date) -> int:
    """How many rows `asked` matches; without a condition nothing is counted."""
    if not asked.narrows:
        return tallies.rows(db, view.collection.tally)
    found = select(func.count()).select_from(view.collection.source).where(*_conditions(view, asked))
    return db.scalar(found, {"today": today}) or 0
