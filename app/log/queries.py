"""Appending to the log, and changing a record so that the log knows.

Entries follow each other without a gap, so appending is one at a time: on SQLite a writing transaction is alone
anyway, on PostgreSQL an advisory lock is held from the first append to the end of the transaction.

The order of locks is rows first, the log last. Whoever appends holds what it changes by then (`append` flushes
first), and afterwards waits for no row that others hold while they wait for the log: a transaction that changes many
records one after the other collects its entries (`collected`) and appends them at its end.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session, SessionTransaction

from app.bulk import insert_columns
from app.clock import rfc3339
from app.geojson import geometry_out
from app.log.chain import ERASE, GENESIS, Header, commitment, composed, digest, ranges, what_text, who_text
from app.log.model import LogDetail, LogEntry
from app.people.model import Person

APPENDING: Final = 7_203_147
"""Key of PostgreSQL's advisory lock: one transaction appends at a time."""
KEY_BYTES: Final = 32
BATCH: Final = 2000

_HEAD: Final = "SELECT seq, entry_hash FROM log_entry ORDER BY seq DESC LIMIT 1"
_ENTRY: Final = "INSERT INTO log_entry (seq, prev_hash, entry_hash, header, at, verb, about) VALUES "
_DETAIL: Final = "INSERT INTO log_detail (seq, person_id, who_key, what, what_key) VALUES "


class Changeable(Protocol):
    """A record with a code that counts its versions."""

    code: str
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be appended."""

    verb: str
    about: str
    at: datetime
    by: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry, and the transaction or savepoint in which it was read."""

    seq: int
    entry_hash: str
    within: tuple[SessionTransaction | None, SessionTransaction | None]


def append(
    db: Session,
    verb: str,
    about: str,
    *,
    at: datetime,
    by: int | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Add one entry in the caller's transaction and give its place in the log (0 while entries are collected)."""
    said = Said(verb, about, at, by, what_text(before, after))
    if (waiting := db.info.get("log_waiting")) is not None:
        waiting.append(said)
        return 0
    head = _head(db, {by})
    entry, detail = _rows(head, [said])
    _insert_one(db.connection(), entry[0], detail[0])
    _keep_head(db, entry[-1])
    return head.seq + 1


def append_added(
    db: Session, records: Sequence[tuple[str, Mapping[str, Any]]], *, at: datetime, by: int | None
) -> None:
    """Add one entry for each new record, by its code and its fields, in this order."""
    said = [
        Said("add", code, at, by, what_text(None, {name: plain(value) for name, value in fields.items()}))
        for code, fields in records
    ]
    if (waiting := db.info.get("log_waiting")) is not None:
        waiting.extend(said)
    else:
        _append_all(db, said)


@contextmanager
def collected(db: Session) -> Iterator[None]:
    """Keep entries back and append them all when the block ends, for a transaction that locks rows one by one."""
    waiting: list[Said] = []
    db.info["log_waiting"] = waiting
    try:
        yield
    finally:
        del db.info["log_waiting"]
    for start in range(0, len(waiting), BATCH):
        _append_all(db, waiting[start : start + BATCH])


def _append_all(db: Session, said: Sequence[Said]) -> None:
    if not said:
        return
    entries, details = _rows(_head(db, {one.by for one in said}), said)
    for model, rows in ((LogEntry, entries), (LogDetail, details)):
        names = model.__table__.c.keys()
        insert_columns(db, model.__table__, dict(zip(names, zip(*rows, strict=True), strict=True)))
    _keep_head(db, entries[-1])


def _rows(head: Head, said: Sequence[Said]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Entries and their details, in the order of the tables' columns."""
    entries, details = [], []
    keys = secrets.token_bytes(2 * KEY_BYTES * len(said))
    seq, prev = head.seq, head.entry_hash
    for number, one in enumerate(said):
        seq += 1
        start = 2 * KEY_BYTES * number
        who_key, what_key = keys[start : start + KEY_BYTES], keys[start + KEY_BYTES : start + 2 * KEY_BYTES]
        about = composed(one.about)
        at = one.at.replace(microsecond=one.at.microsecond // 1000 * 1000)  # what both databases keep alike
        header = Header(
            seq=seq,
            prev=prev,
            at=rfc3339(at),
            verb=one.verb,
            about=about,
            who=commitment(who_key, who_text(one.by)),
            what=commitment(what_key, one.what),
        ).text()
        entry_hash = digest(header)
        entries.append((seq, prev, entry_hash, header, at, one.verb, about))
        details.append((seq, one.by, who_key.hex(), one.what, what_key.hex()))
        prev = entry_hash
    return entries, details


def _head(db: Session, people: Iterable[int | None]) -> Head:
    """The last entry, which from here to the end of the transaction nobody else can follow.

    It is read once for each transaction or savepoint: whoever rolls a savepoint back leaves it, so a head that was
    kept in one is never used outside of it, and PostgreSQL's lock, which such a rollback gives back, is asked for anew.
    """
    db.flush()
    known: Head | None = db.info.get("log_head")
    if known is not None and known.within == _within(db):
        return known
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        # One message, several statements: each sees what was committed while the one before it waited. The people
        # whom the entries will refer to are held as the reference itself would hold them, but before the log.
        ids = ", ".join(str(int(person)) for person in people if person is not None)
        held = f"SELECT 1 FROM person WHERE id IN ({ids}) FOR KEY SHARE; " if ids else ""  # noqa: S608 - numbers # nosec B608
        cursor: Any = connection.exec_driver_sql(
            f"{held}SELECT pg_advisory_xact_lock({APPENDING}); {_HEAD}"
        ).cursor
        while cursor.nextset():
            pass
        row = cursor.fetchone()
    else:
        row = connection.exec_driver_sql(_HEAD).fetchone()
    seq, entry_hash = row or (0, GENESIS)
    return Head(seq, entry_hash, _within(db))


def _within(db: Session) -> tuple[SessionTransaction | None, SessionTransaction | None]:
    return db.get_transaction(), db.get_nested_transaction()


def _keep_head(db: Session, entry: tuple[Any, ...]) -> None:
    db.info["log_head"] = Head(entry[0], entry[2], _within(db))


def _insert_one(connection: Connection, entry: tuple[Any, ...], detail: tuple[Any, ...]) -> None:
    """Both rows, by the driver's own words: half the time of a record, in the transaction of every change."""
    if connection.dialect.name == "postgresql":
        marks = f"({', '.join(['%s'] * len(entry))})", f"({', '.join(['%s'] * len(detail))})"
        connection.exec_driver_sql(
            f"WITH entry AS ({_ENTRY}{marks[0]}) {_DETAIL}{marks[1]}", (*entry, *detail)
        )
        return
    seq, prev, entry_hash, header, at, verb, about = entry
    connection.exec_driver_sql(
        f"{_ENTRY}(?, ?, ?, ?, ?, ?, ?)", (seq, prev, entry_hash, header, rfc3339(at), verb, about)
    )
    connection.exec_driver_sql(f"{_DETAIL}(?, ?, ?, ?, ?)", detail)


def plain(value: object) -> object:
    """`value` as it can stand in JSON: times as RFC 3339 text, geometries as GeoJSON."""
    if value is None or isinstance(value, str):  # most are, and an import asks a million times
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseGeometry):
        return geometry_out(value)
    return value


def change(
    db: Session,
    record: Changeable,
    changes: Mapping[str, Any],
    *,
    verb: str = "change",
    at: datetime,
    by: int | None,
) -> bool:
    """Set what differs, count the version up and log before and after; False where nothing differs."""
    differing = {name: value for name, value in changes.items() if getattr(record, name) != value}
    if not differing:
        return False
    before = {name: plain(getattr(record, name)) for name in differing}
    for name, value in differing.items():
        setattr(record, name, value)
    record.version += 1
    record.updated_at = at
    after = {name: plain(value) for name, value in differing.items()}
    append(db, verb, record.code, at=at, by=by, before=before, after=after)
    return True


def head(db: Session) -> tuple[int, str]:
    """Number and hash of the last entry; 0 and the hash before the first where nothing is logged."""
    row = db.execute(select(LogEntry.seq, LogEntry.entry_hash).order_by(LogEntry.seq.desc()).limit(1)).first()
    return (row.seq, row.entry_hash) if row else (0, GENESIS)


def erase(db: Session, person_id: int, *, at: datetime, by: int | None) -> int:
    """Erase who did what this person did and what was logged about them; gives the entry that says so.

    That entry names every erased part, so that `taluy log verify` can tell erasing from tampering; it is never erased
    itself. Person and log are locked first: nobody adds an entry by this person between looking and saying.
    """
    db.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    _head(db, {by})
    about = f"person:{person_id}"
    who = _forget(db, LogDetail.person_id == person_id, LogDetail.person_id, LogDetail.who_key)
    of_person = select(LogEntry.seq).where(LogEntry.about == about, LogEntry.verb != ERASE)
    what = _forget(db, LogDetail.seq.in_(of_person), LogDetail.what, LogDetail.what_key)
    return append(db, ERASE, about, at=at, by=by, after={"who": ranges(who), "what": ranges(what)})


def _forget(db: Session, which: Any, *part: Any) -> Iterable[int]:
    """Erase one part of the details that `which` finds and that still have it; gives their numbers, rising."""
    value, key = part
    found = update(LogDetail).where(which, key.is_not(None)).values({value.key: None, key.key: None})
    return sorted(db.scalars(found.returning(LogDetail.seq).execution_options(synchronize_session=False)))
