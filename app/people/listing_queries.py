"""Accounts as the page of the people shows them: when they were last seen, and by which browsers and phones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.log.model import LogDetail, LogEntry
from app.people import queries
from app.people.model import BrowserSession, Person, Token
from app.text import search_key


def found(people: Iterable[Person], text: str) -> list[Person]:
    """Those whose name holds every word of `text`, diacritics and case left out."""
    words = search_key(text).split()
    return [person for person in people if all(word in search_key(person.name) for word in words)]


def last_seen(db: Session, person_ids: Sequence[int]) -> Mapping[int, datetime]:
    """When people were last at work: by a browser or a token, or by what they wrote after a session has ended."""
    last = (
        select(LogDetail.person_id, func.max(LogDetail.seq).label("seq"))
        .where(LogDetail.person_id.in_(person_ids))
        .group_by(LogDetail.person_id)
        .subquery()
    )
    sources = (
        select(BrowserSession.person_id, func.max(BrowserSession.last_used_at))
        .where(BrowserSession.person_id.in_(person_ids))
        .group_by(BrowserSession.person_id),
        select(Token.person_id, func.max(func.coalesce(Token.last_used_at, Token.created_at)))
        .where(Token.person_id.in_(person_ids))
        .group_by(Token.person_id),
        select(last.c.person_id, LogEntry.at).join(LogEntry, LogEntry.seq == last.c.seq),
    )
    seen: dict[int, datetime] = {}
    for source in sources:
        for person_id, moment in db.execute(source):
            seen[person_id] = max(moment, seen.get(person_id, moment))
    return seen


def sessions(
    db: Session, person_id: int, *, at: datetime, idle: timedelta
) -> Sequence[tuple[str, BrowserSession]]:
    """A person's browser sessions that work now, the last used first, each with the name to end it by."""
    return [(_handle(row.token_sha256), row) for row in queries.sessions(db, person_id, at=at, idle=idle)]


def close_one(db: Session, person_id: int, handle: str) -> None:
    """End the session that `sessions` named `handle`; one that has ended meanwhile is no error."""
    mine = select(BrowserSession.token_sha256).where(BrowserSession.person_id == person_id)
    ended = [token for token in db.scalars(mine) if _handle(token) == handle]
    db.execute(delete(BrowserSession).where(BrowserSession.token_sha256.in_(ended)))


def _handle(token_sha256: str) -> str:
    """A name for a session that opens nothing."""
    return queries.digest(token_sha256)[:16]
