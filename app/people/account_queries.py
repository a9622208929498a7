"""Managing accounts in the database: every change is logged about `person:{id}`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Forbidden, NotFound
from app.i18n import N_
from app.log import queries as log
from app.people import token_queries as tokens
from app.people.model import Invite, Person, PersonUnit, RecoveryCode
from app.people.queries import close_sessions, digest, held, unit_ids
from app.people.rules import MAY, WHO_MAY


def get(db: Session, person_id: int) -> Person:
    """The account with this id. Raises `NotFound`, also for one that was erased."""
    person = db.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound(N_("There is no such account."))
    return person


def to_change(db: Session, person_id: int, *, by: int | None = None) -> Person:
    """The account with this id, held until the change is kept. Raises `NotFound`, and `Forbidden` as `check_manages`.

    Held with it are the administrators, whom a change might leave without one; always in the same order.
    """
    wanted = or_(Person.id.in_((person_id, by)), _manages())
    db.scalars(select(Person).where(wanted).order_by(Person.id).with_for_update(key_share=True)).all()
    if by is not None:
        check_manages(db, by)
    return get(db, person_id)


def check_manages(db: Session, person_id: int | None) -> None:
    """Raise `Forbidden` where who acts was closed or is no administrator any more since they asked; they are held."""
    person = None if person_id is None else held(db, person_id)
    if person is None or person.role not in MAY["manage_people"]:
        raise Forbidden(WHO_MAY["manage_people"])


def every(db: Session) -> Sequence[Person]:
    """All accounts that were not erased: open ones first, then by name."""
    order = (Person.disabled_at.is_not(None), Person.name_key)
    return db.scalars(select(Person).where(Person.erased_at.is_(None)).order_by(*order)).all()


def pending(db: Session, person_id: int) -> Invite | None:
    """The one-time link that a person has not used yet; it may have ended."""
    found = select(Invite).where(Invite.person_id == person_id, Invite.used_at.is_(None))
    return db.scalar(found.order_by(Invite.created_at.desc()).limit(1))


def every_unit_ids(db: Session) -> Mapping[int, set[int]]:
    """Ids of the units that each person works for, predecessors left out."""
    found: dict[int, set[int]] = {}
    for row in db.execute(select(PersonUnit.person_id, PersonUnit.unit_id)):
        found.setdefault(row.person_id, set()).add(row.unit_id)
    return found


def change(
    db: Session, person: Person, *, role: str, units: Iterable[int], at: datetime, by: int | None
) -> bool:
    """Give a person a role and units; False where nothing differs. Raises `Conflict` for the last administrator."""
    wanted, had = sorted(set(units)), sorted(unit_ids(db, person.id))
    if (person.role, had) == (role, wanted):
        return False
    if role != "administrator":
        _check_not_last(db, person)
    before = {"role": person.role, "units": had}
    person.role = role
    db.execute(delete(PersonUnit).where(PersonUnit.person_id == person.id))
    db.add_all(PersonUnit(person_id=person.id, unit_id=unit_id) for unit_id in wanted)
    note(db, person, "change", at=at, by=by, before=before, after={"role": role, "units": wanted})
    db.flush()
    return True


def disable(db: Session, person: Person, *, at: datetime, by: int | None) -> None:
    """Close an account; its sessions, phones and tokens end at once. Raises `Conflict` for the last administrator."""
    if person.disabled_at is not None:
        return
    _check_not_last(db, person)
    person.disabled_at = at
    _end_sessions_and_tokens(db, person.id, at=at)
    db.execute(delete(Invite).where(Invite.person_id == person.id))
    note(db, person, "disable", at=at, by=by)
    db.flush()


def enable(db: Session, person: Person, *, at: datetime, by: int | None) -> None:
    """Open a closed account again; phones and tokens stay revoked."""
    if person.disabled_at is None:
        return
    person.disabled_at = None
    note(db, person, "enable", at=at, by=by)
    db.flush()


def new_link(db: Session, token: str, person: Person, *, at: datetime, days: int, by: int | None) -> None:
    """A one-time link to a new password for somebody who has lost theirs, or lost the link before.

    The old password, sessions, phones and tokens end at once: whoever has the old one is not asked whether they are
    the person. Raises `Conflict` for a closed account.
    """
    if person.disabled_at is not None:
        raise Conflict(N_("This account is closed. Open it again first."), code="account-closed")
    purpose = "reset" if person.password_hash else "invite"
    if purpose == "reset":
        person.password_hash = ""
        _end_sessions_and_tokens(db, person.id, at=at)
    invite(db, token, person, purpose=purpose, at=at, days=days, by=by)


def invite(
    db: Session, token: str, person: Person, *, purpose: str, at: datetime, days: int, by: int | None
) -> None:
    """Keep a one-time link with which `person` chooses a password; older ones end."""
    db.execute(delete(Invite).where(Invite.person_id == person.id))
    db.add(
        Invite(
            token_sha256=digest(token),
            person_id=person.id,
            purpose=purpose,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
    )
    note(db, person, purpose, at=at, by=by)
    db.flush()


def invited(db: Session, token: str, *, at: datetime) -> Person | None:
    """Whose link `token` is, while it may be used."""
    found = select(Person).join(Invite, Invite.person_id == Person.id).where(Person.disabled_at.is_(None))
    return db.scalar(found.where(*_unused(token, at)))


def use_invite(db: Session, token: str, *, at: datetime) -> Person | None:
    """Use a link up, however many ask at once; None where it cannot be used any more."""
    used = update(Invite).where(*_unused(token, at)).values(used_at=at).returning(Invite.person_id)
    row = db.execute(used).first()
    if row is None:
        return None
    person = db.get(Person, row.person_id)
    return person if person is not None and person.disabled_at is None else None


def set_password(
    db: Session, person: Person, password_hash: str, *, at: datetime, by: int | None, but: str | None = None
) -> None:
    """Keep a new password; sessions but the one with the token `but`, phones and tokens end."""
    person.password_hash = password_hash
    _end_sessions_and_tokens(db, person.id, at=at, but=but)
    note(db, person, "password", at=at, by=by)
    db.flush()


def clear_second_factor(
    db: Session, person: Person, *, at: datetime, by: int | None, but: str | None = None
) -> None:
    """Take a person's second factor away, as for a lost phone; sessions but the one with the token `but` end."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    if person.totp_sealed is None:
        return
    person.totp_sealed = person.totp_step = None
    close_sessions(db, person.id, but=but)
    note(db, person, "second_factor_off", at=at, by=by)
    db.flush()


def note(
    db: Session,
    person: Person,
    verb: str,
    *,
    at: datetime,
    by: int | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Log what happened to an account."""
    log.append(db, verb, f"person:{person.id}", at=at, by=by, before=before, after=after)


def _end_sessions_and_tokens(db: Session, person_id: int, *, at: datetime, but: str | None = None) -> None:
    close_sessions(db, person_id, but=but)
    tokens.revoke_all(db, person_id, at=at)


def _unused(token: str, at: datetime) -> tuple[Any, ...]:
    return (Invite.token_sha256 == digest(token), Invite.used_at.is_(None), Invite.expires_at > at)


def _manages() -> ColumnElement[bool]:
    """Who manages accounts at present: an administrator who has not joined yet, or was closed, cannot."""
    return and_(Person.role == "administrator", Person.disabled_at.is_(None), Person.password_hash != "")


def _check_not_last(db: Session, person: Person) -> None:
    """Raise `Conflict` where nobody would be left to manage accounts. Administrators are held meanwhile."""
    able = select(Person.id).where(_manages()).order_by(Person.id)
    if set(db.scalars(able.with_for_update(key_share=True))) == {person.id}:
        raise Conflict(
            N_("This is the last administrator. Make somebody else administrator first."),
            code="last-administrator",
        )
