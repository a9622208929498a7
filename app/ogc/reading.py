"""Reading features, for whatever format: a piece at a time, each feature one GeoJSON text.

Where the text of a feature for everybody is kept (`app.ogc.ready`), it is passed through; what waits to be made again
is made on the spot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from app.db import Database
from app.ogc import features, paging, queries, quick
from app.ogc.asked import Asked
from app.ogc.quick import Found
from app.ogc.view import View


@dataclass(frozen=True)
class Piece:
    """Features in their order, `Asked.after` for those that follow (None: none do), and how many there are at all.

    Their number is None where reading them did not tell.
    """

    texts: list[bytes]
    after: tuple[Any, ...] | None = None
    matched: int | None = field(default=None, compare=False)


def page(database: Database, view: View, asked: Asked, *, today: date) -> tuple[Piece, int]:
    """At most `asked.limit` features, and how many match at all."""
    with database.glance() as connection:
        found = _ready(connection, view, asked, today=today) if quick.suits(view, asked) else None
        if found is not None and (told := _told(asked, found)) is not None:
            return found, told
        with Session(connection, autoflush=False) as db:
            found = found or piece(db, view, asked, today=today)
            return found, matched(db, view, asked, found, today=today)


def feature(database: Database, view: View, feature_id: str, asked: Asked, *, today: date) -> bytes | None:
    """The text of one feature, or None where there is none."""
    with database.glance() as connection:
        if queries.is_ready(view, asked):
            return _ready_one(connection, view, feature_id, today=today)
        with Session(connection, autoflush=False) as db:
            return one(db, view, feature_id, asked, today=today)


def piece(db: Session, view: View, asked: Asked, *, today: date) -> Piece:
    """At most `asked.limit` features; none where only their number is asked for."""
    if asked.hits:
        return Piece([])
    if quick.suits(view, asked):
        return _ready(db.connection(), view, asked, today=today)
    rows = queries.page(db, view, asked, today=today)
    wanted = rows[: asked.limit]
    behind = paging.after(wanted[-1], asked) if len(rows) > len(wanted) else None
    return Piece(_texts(db, wanted, view, asked, today=today), behind)


def one(db: Session, view: View, feature_id: str, asked: Asked, *, today: date) -> bytes | None:
    """The text of one feature, or None where there is none."""
    if queries.is_ready(view, asked):
        return _ready_one(db.connection(), view, feature_id, today=today)
    row = queries.one(db, view, feature_id, asked, today=today)
    return None if row is None else features.texts([row], view, asked)[0]


def matched(db: Session, view: View, asked: Asked, found: Piece, *, today: date) -> int:
    """How many features match; a first page that holds them all has counted them."""
    told = _told(asked, found)
    if told is not None:
        return told
    if asked.narrows:
        return queries.count(db, view, asked, today=today)
    return quick.count(db.connection(), view)


def _told(asked: Asked, found: Piece) -> int | None:
    """How many match, as far as reading a page has told."""
    begins = not (asked.hits or asked.offset or asked.after is not None)
    return len(found.texts) if begins and found.after is None else found.matched


def _ready(connection: Connection, view: View, asked: Asked, *, today: date) -> Piece:
    """A page of what `quick` suits; it takes no session, unless a text waits."""
    found = quick.page(connection, view, asked, today=today)
    shown = found[: asked.limit]
    after = (shown[-1][0],) if len(found) > len(shown) else None
    matched = None if asked.narrows or not found else int(found[0][2])
    return Piece(_passed(connection, shown, view, today=today), after, matched)


def _ready_one(connection: Connection, view: View, feature_id: str, *, today: date) -> bytes | None:
    found = quick.one(connection, view, feature_id, today=today)
    return _passed(connection, found, view, today=today)[0] if found else None


def _texts(db: Session, rows: Sequence[Row[Any]], view: View, asked: Asked, *, today: date) -> list[bytes]:
    if not queries.is_ready(view, asked):
        return features.texts(rows, view, asked)
    return _passed(db.connection(), [(row._key, row._text) for row in rows], view, today=today)  # noqa: SLF001 - labels of ours


def _passed(connection: Connection, found: Found, view: View, *, today: date) -> list[bytes]:
    """The texts as they are kept; those that wait are made."""
    texts = [row[1] for row in found]
    if None not in texts:
        return texts
    waiting = [row[0] for row in found if row[1] is None]
    with Session(connection, autoflush=False) as db:
        rows = queries.by_key(db, view, waiting, today=today)
    made = dict(zip((row._key for row in rows), features.texts(rows, view, Asked()), strict=True))  # noqa: SLF001
    return [made[row[0]] if row[1] is None else row[1] for row in found]
