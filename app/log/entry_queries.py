"""Reading the log: all of it in order, for export and check, and pages of it for the board."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.clock import rfc3339
from app.i18n import N_
from app.log.chain import Header
from app.log.model import LogDetail, LogEntry
from app.log.verify import Broken, Chain, Detail, Outside, Whole

BATCH = 2000
ENTRY = LogEntry.__table__.c
DETAIL = LogDetail.__table__.c
STORED: Select[Any] = (
    select(
        *ENTRY, DETAIL.seq.label("detailed"), DETAIL.person_id, DETAIL.who_key, DETAIL.what, DETAIL.what_key
    )
    .outerjoin(LogDetail, DETAIL.seq == ENTRY.seq)
    .order_by(ENTRY.seq)
)


def one_moment(db: Session) -> None:
    """Let a session that has not asked anything yet see one moment of the database in all its questions."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def stored(db: Session) -> Iterator[Row[Any]]:
    """Every entry with its detail, in order, a batch at a time."""
    last = 0
    while rows := db.execute(STORED.where(ENTRY.seq > last).limit(BATCH)).all():
        yield from cast("list[Row[Any]]", rows)
        last = rows[-1].seq


def exported(db: Session) -> Iterator[Mapping[str, Any]]:
    """Every entry as a line of an export."""
    for row in stored(db):
        yield {
            "header": row.header,
            "person": row.person_id,
            "what": row.what,
            "what_key": row.what_key,
            "who_key": row.who_key,
        }


def check(db: Session, held: Outside, *, key: str) -> Whole:
    """Check the log in the database, and that its plain columns say what the headers say. Raises `Broken`."""
    chain = Chain(held)
    for row in stored(db):
        if row.detailed is None:
            raise Broken(N_("who and what of it are gone"), seq=row.seq)
        header = chain.add(row.header, Detail(row.person_id, row.who_key, row.what, row.what_key))
        _check_columns(row, header, chain.entry_hash)
    chain.end()
    return Whole(chain.seq, chain.entry_hash, key)


def _check_columns(row: Row[Any], header: Header, entry_hash: str) -> None:
    columns = (row.seq, row.prev_hash, row.entry_hash, rfc3339(row.at), row.verb, row.about)
    if columns != (header.seq, header.prev, entry_hash, header.at, header.verb, header.about):
        raise Broken(N_("the columns of the table do not say what the header says"), seq=header.seq)
