"""Keeping what a phone sent, once."""

from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Model

Row = TypeVar("Row", bound=Model)


def keep_once(db: Session, row: Row, record_id: Any) -> Row:
    """Store `row`; gives the one that another request stored under the same id a moment before."""
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        known = db.get(type(row), record_id)
        if known is None:
            raise
        return known
    return row
