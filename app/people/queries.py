"""Accounts and sessions in the database."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.i18n import N_
from app.log import queries as log
from app.people.model import BrowserSession, Person, PersonUnit, SetupLink
from app.people.rules import Caller, Channel
from app.text import nfc
from app.units import queries as units


def name_key(name: str) -> str:
    """The form in which names are compared."""
    return nfc(name).strip().casefold()


def new_token() -> str:
    """A secret nobody can guess, safe in a cookie, a header or a link."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a secret token."""
    return sha256(token.encode()).hexdigest()


def by_name(db: Session, name: str) -> Person | None:
    """The person who signs in with `name`."""
    return db.scalar(select(Person).where(Person.name_key == name_key(name)))


def held(db: Session, person_id: int) -> Person | None:
    """An open account that was not erased, held till the end of the transaction."""
    person = db.get(Person, person_id, with_for_update={"key_share": True})
    return person if person is not None and person.disabled_at is None and person.erased_at is None else None


def is_still(db: Session, person: Person) -> bool:
    """Whether the account is open and has the password it had when `person` was read; so it stays till the end."""
    now = held(db, person.id)
    return now is not None and now.password_hash == person.password_hash


def anybody(db: Session) -> bool:
    """Whether anybody can sign in yet; closed accounts, such as the invented officers of practice data, cannot."""
    return db.scalar(select(Person.id).where(Person.disabled_at.is_(None)).limit(1)) is not None


def add(
    db: Session,
    name: str,
    *,
    role: str,
    password_hash: str,
    unit_ids: Iterable[int],
    at: datetime,
    by: int | None = None,
) -> Person:
    """Add an account; an empty `password_hash` opens for nobody. Raises `Conflict` where the name is taken."""
    taken = Conflict(N_("There is already somebody with that name."), code="name-taken", pointer="/name")
    if by_name(db, name) is not None:
        raise taken
    person = Person(
        name=nfc(name).strip(), name_key=name_key(name), role=role, password_hash=password_hash, created_at=at
    )
    try:
        with db.begin_nested():
            db.add(person)
    except IntegrityError:  # somebody else took it since we looked
        raise taken from None
    units = sorted(set(unit_ids))
    db.add_all(PersonUnit(person_id=person.id, unit_id=unit_id) for unit_id in units)
    said = {"name": person.name, "role": role, "units": units}
    log.append(db, "add", f"person:{person.id}", at=at, by=by, after=said)
    return person


def open_session(
    db: Session,
    token: str,
    person_id: int,
    *,
    at: datetime,
    ends_at: datetime,
    by_browser: bool,
    awaiting_code: bool = False,
) -> None:
    """Keep a new browser session and drop those that have ended."""
    db.execute(delete(BrowserSession).where(BrowserSession.expires_at < at))
    db.add(
        BrowserSession(
            token_sha256=digest(token),
            person_id=person_id,
            created_at=at,
            last_used_at=at,
            expires_at=ends_at,
            by_browser=by_browser,
            awaiting_code=awaiting_code,
        )
    )
    db.flush()


def close_session(db: Session, token: str) -> bool:
    """End one browser session; False where there was none."""
    ended = delete(BrowserSession).where(BrowserSession.token_sha256 == digest(token))
    return db.execute(ended.returning(BrowserSession.person_id)).first() is not None


def close_sessions(db: Session, person_id: int, *, but: str | None = None) -> None:
    """End every browser session of a person, but the one with the token `but`."""
    ended = delete(BrowserSession).where(BrowserSession.person_id == person_id)
    db.execute(ended.where(BrowserSession.token_sha256 != digest(but)) if but else ended)


def sessions(
    db: Session, person_id: int, *, at: datetime, idle: timedelta, but: str | None = None
) -> Sequence[BrowserSession]:
    """A person's signed-in browsers but the one with the token `but`, last used first."""
    found = (
        select(BrowserSession)
        .where(BrowserSession.person_id == person_id, BrowserSession.token_sha256 != digest(but or ""))
        .where(BrowserSession.expires_at > at, BrowserSession.last_used_at > at - idle)
        .where(BrowserSession.awaiting_code.is_(False))
    )
    return db.scalars(found.order_by(BrowserSession.last_used_at.desc())).all()


def touch_session(db: Session, token: str, *, at: datetime) -> None:
    """Note that a session is in use."""
    found = BrowserSession.token_sha256 == digest(token)
    db.execute(update(BrowserSession).where(found).values(last_used_at=at))


def session(
    db: Session, token: str, *, at: datetime, idle: timedelta, awaiting_code: bool = False
) -> tuple[Person, BrowserSession] | None:
    """Whose session `token` opens; None where it is unknown, ended, disabled, or at another stage of signing in."""
    found = (
        select(Person, BrowserSession)
        .join(BrowserSession, BrowserSession.person_id == Person.id)
        .where(BrowserSession.token_sha256 == digest(token), BrowserSession.expires_at > at)
        .where(BrowserSession.last_used_at > at - idle, Person.disabled_at.is_(None))
        .where(BrowserSession.awaiting_code.is_(awaiting_code))
    )
    row = db.execute(found).first()
    return None if row is None else (row[0], row[1])


def keeps_session(db: Session, person_id: int, token: str) -> bool:
    """Whether `token` still opens a session of a person, who is held till the end; it was looked up before."""
    if held(db, person_id) is None:
        return False
    own = (BrowserSession.token_sha256 == digest(token), BrowserSession.person_id == person_id)
    return db.scalar(select(BrowserSession.person_id).where(*own)) is not None


def unit_ids(db: Session, person_id: int) -> Sequence[int]:
    """Ids of the units that a person works for, predecessors left out."""
    return db.scalars(select(PersonUnit.unit_id).where(PersonUnit.person_id == person_id)).all()


def as_caller(
    db: Session,
    person: Person,
    channel: Channel = "browser",
    *,
    unfinished: bool = False,
    token_id: int | None = None,
) -> Caller:
    """`person` with the ids of their units and of all those units' predecessors, and the way they came."""
    return Caller(
        person_id=person.id,
        name=person.name,
        role=person.role,  # type: ignore[arg-type] # the table's own check keeps it a Role
        unit_ids=frozenset(units.with_predecessors(db, unit_ids(db, person.id))),
        channel=channel,
        unfinished=unfinished,
        token_id=token_id,
    )


def offer_setup(db: Session, token: str, *, at: datetime, hours: int) -> None:
    """Keep a one-time set-up link; older ones end."""
    db.execute(delete(SetupLink))
    db.add(SetupLink(token_sha256=digest(token), created_at=at, expires_at=at + timedelta(hours=hours)))
    db.flush()


def setup_is_open(db: Session, token: str, *, at: datetime) -> bool:
    """Whether `token` may still make the first administrator."""
    link = db.get(SetupLink, digest(token))
    return link is not None and link.used_at is None and link.expires_at > at and not anybody(db)


def use_setup(db: Session, token: str, *, at: datetime) -> bool:
    """Use the set-up link up; False where it cannot make an administrator any more, however many ask at once."""
    unused = (SetupLink.token_sha256 == digest(token), SetupLink.used_at.is_(None), SetupLink.expires_at > at)
    taken = db.execute(update(SetupLink).where(*unused).values(used_at=at).returning(SetupLink.token_sha256))
    return taken.first() is not None and not anybody(db)
