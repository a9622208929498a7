"""Accounts and sessions in the database."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.i18n import N_
from app.people.model import BrowserSession, Person, PersonUnit, SetupLink
from app.people.rules import ANONYMOUS, Caller
from app.text import nfc
from app.units import queries as units


def name_key(name: str) -> str:
    """The form in which names are compared."""
    return nfc(name).strip().casefold()


def digest(token: str) -> str:
    """What is kept of a secret token."""
    return sha256(token.encode()).hexdigest()


def by_name(db: Session, name: str) -> Person | None:
    """The person who signs in with `name`."""
    return db.scalar(select(Person).where(Person.name_key == name_key(name)))


def anybody(db: Session) -> bool:
    """Whether anybody can sign in yet; closed accounts, such as the invented officers of practice data, cannot."""
    return db.scalar(select(Person.id).where(Person.disabled_at.is_(None)).limit(1)) is not None


def add(
    db: Session, name: str, *, role: str, password_hash: str, unit_ids: Iterable[int], at: datetime
) -> Person:
    """Add an account. Raises `Conflict` where the name is taken."""
    if by_name(db, name) is not None:
        raise Conflict(N_("There is already somebody with that name."), code="name-taken", pointer="/name")
    person = Person(
        name=nfc(name).strip(), name_key=name_key(name), role=role, password_hash=password_hash, created_at=at
    )
    db.add(person)
    db.flush()
    db.add_all(PersonUnit(person_id=person.id, unit_id=unit_id) for unit_id in unit_ids)
    db.flush()
    return person


def disable(db: Session, person: Person, *, at: datetime) -> None:
    """Close an account and end its sessions at once."""
    person.disabled_at = at
    db.execute(delete(BrowserSession).where(BrowserSession.person_id == person.id))
    db.flush()


def open_session(db: Session, token: str, person_id: int, *, at: datetime, days: int) -> None:
    """Keep a new browser session and drop those that have ended."""
    db.execute(delete(BrowserSession).where(BrowserSession.expires_at < at))
    db.add(
        BrowserSession(
            token_sha256=digest(token),
            person_id=person_id,
            created_at=at,
            last_used_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    db.flush()


def close_session(db: Session, token: str) -> None:
    """End one browser session."""
    db.execute(delete(BrowserSession).where(BrowserSession.token_sha256 == digest(token)))


def touch_session(db: Session, token: str, *, at: datetime) -> None:
    """Note that a session is in use."""
    found = BrowserSession.token_sha256 == digest(token)
    db.execute(update(BrowserSession).where(found).values(last_used_at=at))


def caller(db: Session, token: str, *, at: datetime, idle: timedelta) -> tuple[Caller, datetime | None]:
    """Who holds `token`, and when it was last used; anonymous where it is unknown, ended or disabled."""
    found = (
        select(Person, BrowserSession.last_used_at)
        .join(BrowserSession, BrowserSession.person_id == Person.id)
        .where(BrowserSession.token_sha256 == digest(token), BrowserSession.expires_at > at)
        .where(BrowserSession.last_used_at > at - idle, Person.disabled_at.is_(None))
    )
    row = db.execute(found).first()
    if row is None:
        return ANONYMOUS, None
    person, last_used_at = row
    return as_caller(db, person), last_used_at


def as_caller(db: Session, person: Person) -> Caller:
    """`person` with the ids of their units and of all those units' predecessors."""
    own = db.scalars(select(PersonUnit.unit_id).where(PersonUnit.person_id == person.id)).all()
    return Caller(
        person_id=person.id,
        name=person.name,
        role=person.role,  # type: ignore[arg-type] # the table's own check keeps it a Role
        unit_ids=frozenset(units.with_predecessors(db, own)),
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
