"""Appending to the log, and changing a record so that the log knows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.bulk import insert_columns
from app.clock import rfc3339
from app.geojson import geometry_out
from app.log.model import LogEntry


class Changeable(Protocol):
    """A record with a code that counts its versions."""

    code: str
    version: int
    updated_at: datetime


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
    """Add one entry in the caller's transaction and give its place in the log."""
    entry = LogEntry(
        verb=verb,
        about=about,
        at=at,
        person_id=by,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
    )
    db.add(entry)
    db.flush()
    return entry.seq


def append_added(
    db: Session, records: Sequence[tuple[str, Mapping[str, Any]]], *, at: datetime, by: int | None
) -> None:
    """Add one entry for each new record, by its code and its fields, in this order."""
    count = len(records)
    columns: dict[str, list[Any]] = {
        "verb": ["add"] * count,
        "about": [code for code, _fields in records],
        "at": [at] * count,
        "person_id": [by] * count,
        "after": [{name: plain(value) for name, value in fields.items()} for _code, fields in records],
    }
    insert_columns(db, LogEntry.__table__, columns)


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
