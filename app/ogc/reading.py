"""Reading features, for whatever format: a piece at a time, each feature one GeoJSON text.

Where the text of a feature for everybody is kept (`app.ogc.ready`), it is passed through; what waits to be made again
is made on the spot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.ogc import features, paging, queries
from app.ogc.asked import Asked
from app.ogc.view import View


@dataclass(frozen=True)
class Piece:
    """Features in their order, and `Asked.after` for those that follow (None: none do)."""

    texts: list[bytes]
    after: tuple[Any, ...] | None = None


def piece(db: Session, view: View, asked: Asked, *, today: date) -> Piece:
    """At most `asked.limit` features; none where only their number is asked for."""
    if asked.hits:
        return Piece([])
    rows = queries.page(db, view, asked, today=today)
    shown = rows[: asked.limit]
    after = paging.after(shown[-1], asked) if len(rows) > len(shown) else None
    return Piece(_texts(db, shown, view, asked, today=today), after)


def one(db: Session, view: View, feature_id: str, asked: Asked, *, today: date) -> bytes | None:
    """The text of one feature, or None where there is none."""
    row = queries.one(db, view, feature_id, asked, today=today)
    return None if row is None else _texts(db, [row], view, asked, today=today)[0]


def matched(db: Session, view: View, asked: Asked, found: Piece, *, today: date) -> int:
    """How many features match; a first page that holds them all has counted them."""
    begins = not (asked.hits or asked.offset or asked.after is not None)
    if begins and found.after is None:
        return len(found.texts)
    return queries.count(db, view, asked, today=today)


def _texts(db: Session, rows: Sequence[Row[Any]], view: View, asked: Asked, *, today: date) -> list[bytes]:
    if not queries.is_ready(view, asked):
        return features.texts(rows, view, asked)
    keys = [row._key for row in rows if row._ready is None]  # noqa: SLF001 - a label of ours
    made = _made(db, view, asked, keys, today=today) if keys else {}
    tails = features.TAILS
    return [
        made[row._key] if row._ready is None else row._ready.encode() + tails[bool(row._last)]  # noqa: SLF001
        for row in rows
    ]


def _made(db: Session, view: View, asked: Asked, keys: Sequence[Any], *, today: date) -> dict[Any, bytes]:
    rows = queries.by_key(db, view, keys, today=today)
    return {
        row._key: text  # noqa: SLF001 - a label of ours
        for row, text in zip(rows, features.texts(rows, view, asked), strict=True)
    }
