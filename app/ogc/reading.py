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
    matched: int | None = None


def piece(db: Session, view: View, asked: Asked, *, today: date) -> Piece:
    """At most `asked.limit` features; none where only their number is asked for."""
    if asked.hits:
        return Piece([])
    if quick.suits(view, asked):
        found = quick.page(db, view, asked, today=today)
        shown = found[: asked.limit]
        after = (shown[-1][0],) if len(found) > len(shown) else None
        matched = None if asked.narrows or not found else int(found[0][2])
        return Piece(_passed(db, shown, view, today=today), after, matched)
    rows = queries.page(db, view, asked, today=today)
    wanted = rows[: asked.limit]
    behind = paging.after(wanted[-1], asked) if len(rows) > len(wanted) else None
    return Piece(_texts(db, wanted, view, asked, today=today), behind)


def one(db: Session, view: View, feature_id: str, asked: Asked, *, today: date) -> bytes | None:
    """The text of one feature, or None where there is none."""
    if queries.is_ready(view, asked):
        found = quick.one(db, view, feature_id, today=today)
        return _passed(db, found, view, today=today)[0] if found else None
    row = queries.one(db, view, feature_id, asked, today=today)
    return None if row is None else features.texts([row], view, asked)[0]


def matched(db: Session, view: View, asked: Asked, found: Piece, *, today: date) -> int:
    """How many features match; a first page that holds them all has counted them."""
    begins = not (asked.hits or asked.offset or asked.after is not None)
    if begins and found.after is None:
        return len(found.texts)
    if found.matched is not None:
        return found.matched
    return queries.count(db, view, asked, today=today) if asked.narrows else quick.count(db, view)


def _texts(db: Session, rows: Sequence[Row[Any]], view: View, asked: Asked, *, today: date) -> list[bytes]:
    if not queries.is_ready(view, asked):
        return features.texts(rows, view, asked)
    return _passed(db, [(row._key, row._text) for row in rows], view, today=today)  # noqa: SLF001 - labels of ours


def _passed(db: Session, found: Found, view: View, *, today: date) -> list[bytes]:
    """The texts as they are kept; those that wait are made."""
    texts = [row[1] for row in found]
    if None not in texts:
        return texts
    waiting = [row[0] for row in found if row[1] is None]
    rows = queries.by_key(db, view, waiting, today=today)
    made = dict(zip((row._key for row in rows), features.texts(rows, view, Asked()), strict=True))  # noqa: SLF001
    return [made[row[0]] if row[1] is None else row[1] for row in found]
