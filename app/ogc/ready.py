"""The text of every site's feature for everybody, kept in `site.feature` so that reading passes it through as bytes.

The text ends where its last property's value begins, since that changes with the calendar. Triggers empty it when
anything that it was made of changes, whoever changes it (migration 20261123_05). It is made again by whoever commits
next, a few hundred at a time, and all at once by `fill` after an import. One that is missing is made when it is read:
that is only slower. What cannot be made stays empty, and is said in the journal.

On PostgreSQL the rows are taken first and read after: triggers wait for them and empty the text once more, so that
none is left that was made of something older.
"""

import logging
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import clock, installation, journal
from app.db import Database
from app.ogc import features, queries
from app.ogc.asked import Asked
from app.ogc.collections import COLLECTIONS, SITES
from app.ogc.view import View, view
from app.people.rules import ANONYMOUS
from app.sites.model import Site

SITE: Final = cast("Table", Site.__table__)
A_COMMIT: Final = 500
"""Texts that one commit makes on the way: about 20 ms."""
BATCH: Final = 2_000
FORM: Final = 1
"""Count up when the text of the same fields is written otherwise."""
_KEY: Final = "feature_form"


def keep(database: Database) -> None:
    """Let every writing session of `database` make some of the texts that wait before it commits."""
    database.before_commit(_some)


def fill(database: Database, *, migrated: bool = False) -> int:
    """Make every text that waits; how many were made. `migrated`: write down which form they have from now on."""
    with database.write() as db:
        _forget_other_forms(db, migrated=migrated)
    made, last = 0, 0
    while True:
        with database.write() as db:
            keys = _waiting(db, BATCH, after=last)
            made += _make(db, keys)
        if not keys:
            return made
        last = keys[-1]


def _some(db: Session) -> None:
    """Before a commit."""
    if db.in_nested_transaction():
        return
    db.flush()
    _make(db, _waiting(db, A_COMMIT))


def _waiting(db: Session, most: int, *, after: int = 0) -> Sequence[int]:
    """Keys of sites without a text that nobody else holds."""
    found = select(SITE.c.id).where(SITE.c.feature.is_(None), SITE.c.id > after).order_by(SITE.c.id)
    return db.scalars(found.limit(most).with_for_update(skip_locked=True, key_share=True)).all()


def _make(db: Session, keys: Sequence[int]) -> int:
    if not keys:
        return 0
    try:
        made = _texts(db, keys)
    except SQLAlchemyError:
        raise
    except Exception:  # noqa: BLE001 - one broken row must not keep others from being written
        made = [pair for key in keys for pair in _one(db, key)]
    if made:
        db.connection().execute(
            update(SITE).where(SITE.c.id == bindparam("_id")).values(feature=bindparam("_feature")), made
        )
    return len(made)


def _one(db: Session, key: int) -> list[dict[str, Any]]:
    try:
        return _texts(db, [key])
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        journal.note("feature_not_made", level=logging.WARNING, site=key, exc_info=error)
        return []


def _texts(db: Session, keys: Sequence[int]) -> list[dict[str, Any]]:
    rows = queries.by_key(db, _everybody(), keys, today=clock.today())
    return [
        {"_id": row._key, "_feature": _without_last(whole, row)}  # noqa: SLF001 - a label of ours
        for row, whole in zip(rows, features.texts(rows, _everybody(), Asked()), strict=True)
    ]


def _without_last(whole: bytes, row: Any) -> str:
    return whole.removesuffix(features.TAILS[bool(row.overdue)]).decode()


def _everybody() -> View:
    return view(COLLECTIONS[SITES.id], ANONYMOUS)


def _forget_other_forms(db: Session, *, migrated: bool) -> None:
    """Empty the texts that an earlier version of the service wrote otherwise: each migration writes down its form."""
    fields = [(field.name, field.type) for field in _everybody().fields]
    form = sha256(repr((FORM, fields)).encode()).hexdigest()[:16]
    known = installation.fact(db, _KEY)
    if known == form or (known is None and not migrated):
        return
    if known is not None:
        if db.connection().dialect.name == "postgresql":
            db.execute(text("SET LOCAL statement_timeout = 0"))
        db.execute(update(SITE).where(SITE.c.feature.is_not(None)).values(feature=None))
    installation.set_fact(db, _KEY, form)
