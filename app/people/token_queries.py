"""Tokens of phones and tools in the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.i18n import N_
from app.log import queries as log
from app.people.model import Person, Token
from app.people.queries import digest, new_token
from app.text import nfc

MOST: Final = 30
"""Tokens for tools that one person may have at a time."""


def new_secret() -> str:
    """A secret that programs looking for lost secrets recognise."""
    return f"taluy_{new_token()}"


def add(
    db: Session,
    secret: str,
    person_id: int,
    *,
    kind: str,
    name: str,
    scope: str | None = None,
    days: int,
    at: datetime,
) -> Token:
    """Keep a new token by the hash of its secret. Raises `Conflict` past `MOST` tokens for tools."""
    if kind == "tool" and len(of_person(db, person_id, kind=kind, at=at)) >= MOST:
        raise Conflict(
            N_("At most {most} tokens at a time. Revoke one that is not needed any more."),
            code="too-many-tokens",
            most=MOST,
        )
    token = Token(
        token_sha256=digest(secret),
        person_id=person_id,
        kind=kind,
        name=nfc(name).strip(),
        scope=scope,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    db.add(token)
    db.flush()
    _note(db, token, "token", at=at, by=person_id)
    return token


def of_person(db: Session, person_id: int, *, kind: str | None = None, at: datetime) -> Sequence[Token]:
    """Tokens that a person has and that work now, of one kind or of both, newest first."""
    found = select(Token).where(Token.person_id == person_id, *_working(at))
    if kind is not None:
        found = found.where(Token.kind == kind)
    return db.scalars(found.order_by(Token.id.desc())).all()


def holder(db: Session, secret: str, *, at: datetime) -> tuple[Person, Token] | None:
    """Whose token `secret` is; None where it is unknown, ended, revoked, or its person's account is closed."""
    found = (
        select(Person, Token)
        .join(Token, Token.person_id == Person.id)
        .where(Token.token_sha256 == digest(secret), Person.disabled_at.is_(None), *_working(at))
    )
    row = db.execute(found).first()
    return None if row is None else (row[0], row[1])


def touch(db: Session, token_id: int, *, at: datetime) -> None:
    """Note that a token is in use."""
    db.execute(update(Token).where(Token.id == token_id).values(last_used_at=at))


def revoke(
    db: Session, token_id: int, *, of: int, kind: str | None = None, at: datetime, by: int | None
) -> Token:
    """End one token of the person `of` at once. Raises `NotFound`, also for one of another kind."""
    token = db.scalar(select(Token).where(Token.id == token_id, Token.person_id == of))
    if token is None or kind not in (None, token.kind):
        raise NotFound(N_("There is no such phone or token."))
    if token.revoked_at is None:
        token.revoked_at = at
        _note(db, token, "revoke", at=at, by=by)
        db.flush()
    return token


def revoke_all(db: Session, person_id: int, *, at: datetime) -> None:
    """End every token of a person at once."""
    db.execute(
        update(Token).where(Token.person_id == person_id, Token.revoked_at.is_(None)).values(revoked_at=at)
    )


def forget_all(db: Session, person_id: int) -> None:
    """Delete every token of a person, with the names they gave."""
    db.execute(delete(Token).where(Token.person_id == person_id))


def _working(at: datetime) -> tuple[Any, ...]:
    return (Token.revoked_at.is_(None), Token.expires_at > at)


def _note(db: Session, token: Token, verb: str, *, at: datetime, by: int | None) -> None:
    said = {"kind": token.kind, "name": token.name, "scope": token.scope}
    log.append(db, verb, f"person:{token.person_id}", at=at, by=by, after=said)
