"""Taking a person out of the registry: what they saw stays the ward's, who they were goes, the log still verifies."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.i18n import N_
from app.inspections.model import Inspection, Photo
from app.inspections.queries import OWNER
from app.log import queries as log
from app.log.model import LogDetail
from app.people import account_queries as accounts
from app.people import queries
from app.people import token_queries as tokens
from app.people.model import Invite, Person, PersonUnit, RecoveryCode
from app.positions.model import PositionProposal
from app.signboards.model import Signboard
from app.sites.model import Site

SHOWN: Final = "Đã xóa {id}"
"""What the account is called from then on, wherever an observer is named."""
STOOD: Final = ("position_lon", "position_lat", "position_accuracy_m", "position_age_s", "position_source")
TAKEN: Final = ("taken_at", "taken_lon", "taken_lat")


@dataclass(frozen=True)
class Erased:
    """What was done: the account's new name, how many positions went, and where this person's own words still stand."""

    person_id: int
    name: str
    positions: int
    photos: int
    notes: Mapping[str, int]


def find(db: Session, name: str) -> Person:
    """The account to erase, or one that was erased before by the name it has now. Raises `NotFound`."""
    found = queries.by_name(db, name)
    if found is None:
        erased = select(Person).where(Person.name == name.strip(), Person.erased_at.is_not(None))
        found = db.scalar(erased)
    if found is None:
        raise NotFound(N_("There is nobody with that name."))
    return found


def close(db: Session, person: Person, *, at: datetime) -> None:
    """Close the account in a transaction of its own, so that nobody acts as `person` while they are erased.

    Raises `Conflict` for the last administrator.
    """
    if person.erased_at is None:
        accounts.disable(db, accounts.to_change(db, person.id), at=at, by=None)


def erase(db: Session, person: Person, *, at: datetime) -> Erased:
    """Make `person`, whose account is closed, nobody in particular. Once more changes nothing.

    What people wrote in their own words is not searched; `notes` counts it by place.
    """
    shown = SHOWN.format(id=person.id)
    positions, photos = _forget_positions(db, person.id)
    if person.erased_at is None or _stands_in_log(db, person.id):
        log.erase(db, person.id, at=at, by=None)
    if person.erased_at is None:  # after the log: its entries hold on to the rows of those who made them
        _forget_account(db, person, shown, at=at)
    return Erased(person.id, shown, positions, photos, _notes(db, person.id))


def _stands_in_log(db: Session, person_id: int) -> bool:
    """Whether a request that was under way while its person was erased has left an entry of theirs."""
    return db.scalar(select(LogDetail.seq).where(LogDetail.person_id == person_id).limit(1)) is not None


def _forget_account(db: Session, person: Person, shown: str, *, at: datetime) -> None:
    """The row stays, since inspections point at it; nothing in it says whose it was."""
    person.name, person.name_key = shown, f"erased:{secrets.token_hex(32)}"
    person.password_hash = ""
    person.role = "viewer"
    person.totp_sealed = person.totp_step = None
    person.erased_at = at
    queries.close_sessions(db, person.id)
    tokens.forget_all(db, person.id)
    for model in (RecoveryCode, Invite, PersonUnit):
        db.execute(delete(model).where(model.person_id == person.id))
    db.flush()


def _forget_positions(db: Session, person_id: int) -> tuple[int, int]:
    """Where and when somebody stood: of their inspections, and as the camera wrote it; gives how many had one.

    A position that they proposed says where the place is, not where they were: it stays, as the place's own does.
    """
    own = Inspection.person_id == person_id
    stood = or_(*(getattr(Inspection, name).is_not(None) for name in STOOD))
    positions = _empty(db, Inspection, STOOD, own, stood)
    theirs = or_(
        Photo.person_id == person_id,
        Photo.inspection_id.in_(select(Inspection.id).where(own)),
        Photo.position_id.in_(select(PositionProposal.id).where(PositionProposal.person_id == person_id)),
    )
    taken = or_(*(getattr(Photo, name).is_not(None) for name in TAKEN))
    return positions, _empty(db, Photo, TAKEN, theirs, taken)


def _empty(db: Session, model: Any, names: tuple[str, ...], *which: Any) -> int:
    done = update(model).where(*which).values(dict.fromkeys(names)).returning(model.id)
    return len(db.execute(done.execution_options(synchronize_session=False)).all())


def _notes(db: Session, person_id: int) -> dict[str, int]:
    """How many notes and reasons this person wrote, by the code of the place."""
    found: Counter[str] = Counter()
    places: Mapping[Any, Any] = OWNER
    for model, column in places.items():
        _count(db, found, model, column, Inspection.note, Inspection.person_id == person_id)
    proposals = ((Site, PositionProposal.site_id), (Signboard, PositionProposal.signboard_id))
    for model, column in proposals:
        _count(db, found, model, column, PositionProposal.note, PositionProposal.person_id == person_id)
        _count(db, found, model, column, PositionProposal.reason, PositionProposal.decided_by_id == person_id)
    return dict(sorted(found.items()))


def _count(db: Session, found: Counter[str], place: Any, column: Any, words: Any, theirs: Any) -> None:
    """Add how many records of each place have `words` of theirs."""
    written = (
        select(place.code, func.count())
        .join(column.class_, column == place.id)
        .where(theirs, func.trim(words) != "")
        .group_by(place.code)
    )
    for row in db.execute(written):
        found[row[0]] += row[1]
