"""Proposed positions in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFound, Unprocessable
from app.i18n import N_
from app.inspections.model import Inspection, Photo
from app.log import queries as log
from app.log.model import LogDetail, LogEntry
from app.people.model import Person
from app.positions.model import PositionProposal
from app.positions.rules import POSITION
from app.signboards import queries as signboards
from app.signboards.model import Signboard
from app.sites import queries as sites
from app.sites.model import Site, SiteUnit

Located = Site | Signboard
DECIDER = aliased(Person)
code_of_place = func.coalesce(Site.code, Signboard.code)
STANDS_AT = func.coalesce(PositionProposal.site_id, Signboard.site_id)
"""The site whose units a proposal belongs to."""


@dataclass(frozen=True)
class Place:
    """A site or a signboard, and its units."""

    record: Located
    unit_ids: frozenset[int]

    @property
    def link(self) -> dict[str, int]:
        """The column of a proposal that names this place."""
        return {"site_id" if isinstance(self.record, Site) else "signboard_id": self.record.id}


def place(db: Session, code: str) -> Place:
    """The site or signboard with `code`, locked against a second writer. Raises `Unprocessable` for anything else."""
    for get in (sites.get, signboards.get):
        try:
            record: Located = get(db, code)
        except NotFound:
            continue
        return Place(record, _units(db, record))
    raise Unprocessable(
        N_("No place or signboard with this code has a position."), code="no-such-place", pointer="/place"
    )


def place_of(db: Session, proposal: PositionProposal) -> Place:
    """The place of a proposal, not locked."""
    model, key = (Site, proposal.site_id) if proposal.site_id else (Signboard, proposal.signboard_id)
    record: Any = db.get_one(model, key)
    return Place(record, _units(db, record))


def _units(db: Session, record: Located) -> frozenset[int]:
    site_id = record.id if isinstance(record, Site) else record.site_id
    return sites.unit_ids(db, [site_id]).get(site_id, frozenset())


def unit_ids(db: Session, proposal: PositionProposal) -> frozenset[int]:
    """Ids of the units of a proposal's place."""
    return place_of(db, proposal).unit_ids


def find(db: Session, position_id: UUID) -> PositionProposal | None:
    """The proposal with this id, if it was received."""
    return db.get(PositionProposal, position_id)


def get(db: Session, position_id: UUID, *, lock: bool = False) -> PositionProposal:
    """The proposal with this id, `lock`ed as it stands now. Raises `NotFound`."""
    found = db.get(PositionProposal, position_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound(N_("There is no proposed position with this id."))
    return found


def is_inspection(db: Session, record_id: UUID) -> bool:
    """Whether an inspection has this id already."""
    return db.scalar(select(Inspection.id).where(Inspection.id == record_id)) is not None


def append_to_log(
    db: Session, position_id: UUID, code: str, *, at: datetime, by: int | None, sha: str
) -> int:
    """Log that a proposal was received; gives its place in the log."""
    return log.append(db, "propose", code, at=at, by=by, after={"position": str(position_id), "sha256": sha})


def move(db: Session, record: Located, becomes: Mapping[str, Any], *, at: datetime, by: int | None) -> None:
    """Put a place where it was decided to be; its log keeps where it was."""
    if isinstance(record, Site):
        sites.change(db, record, becomes, at=at, by=by)
    else:
        log.change(db, record, becomes, at=at, by=by)


def standing(record: Located) -> dict[str, Any]:
    """The position of a place, as it can stand in JSON."""
    return {name: log.plain(getattr(record, name)) for name in POSITION}


def changes_since(db: Session, record: Located, version: int) -> list[dict[str, Any]]:
    """Changes of the place's position after `version` of it, oldest first: each bumps the version by one."""
    behind = record.version - version
    if behind <= 0:
        return []
    rows = db.execute(
        select(LogEntry.at, LogDetail.what, Person.name.label("by"))
        .join(LogDetail, LogDetail.seq == LogEntry.seq)
        .outerjoin(Person, Person.id == LogDetail.person_id)
        .where(LogEntry.about == record.code, LogEntry.verb == "change")
        .order_by(LogEntry.seq.desc())
        .limit(behind)
    ).all()
    found = []
    for row in reversed(rows):
        said = orjson.loads(row.what or "{}")
        before, after = said.get("before") or {}, said.get("after") or {}
        if set(POSITION) & set(after):
            found.append({"at": row.at, "by": row.by, "before": before, "after": after})
    return found


def last_change(db: Session, code: str) -> Any:
    """Who changed a place last and when; None where nobody is named."""
    return db.execute(
        select(LogEntry.at, Person.name.label("by"))
        .join(LogDetail, LogDetail.seq == LogEntry.seq)
        .join(Person, Person.id == LogDetail.person_id)
        .where(LogEntry.about == code, LogEntry.verb == "change")
        .order_by(LogEntry.seq.desc())
        .limit(1)
    ).first()


def name_of(db: Session, person_id: int | None) -> str | None:
    """What somebody is called."""
    return db.scalar(select(Person.name).where(Person.id == person_id))


def _listed() -> Any:
    return (
        select(
            PositionProposal,
            code_of_place.label("place"),
            Person.name.label("proposed_by"),
            DECIDER.name.label("decided_by"),
        )
        .join(Person, Person.id == PositionProposal.person_id)
        .outerjoin(DECIDER, DECIDER.id == PositionProposal.decided_by_id)
        .outerjoin(Site, Site.id == PositionProposal.site_id)
        .outerjoin(Signboard, Signboard.id == PositionProposal.signboard_id)
    )


def _of_units(unit_ids: Collection[int]) -> ColumnElement[bool]:
    return STANDS_AT.in_(select(SiteUnit.site_id).where(SiteUnit.unit_id.in_(unit_ids)))


def page(
    db: Session,
    unit_ids: Collection[int],
    *,
    code: str | None = None,
    statuses: Collection[str] = (),
    before: tuple[datetime, UUID] | None = None,
    oldest_first: bool = False,
    limit: int,
) -> Sequence[Row[Any]]:
    """Proposals for places of some units, newest first unless `oldest_first`, with who proposed and who decided.

    One row more than `limit` where there are more.
    """
    keys = (PositionProposal.received_at, PositionProposal.id)
    order = (key if oldest_first else key.desc() for key in keys)
    found = _listed().where(_of_units(unit_ids)).order_by(*order).limit(limit + 1)
    if code is not None:
        found = found.where(code_of_place == code)
    if statuses:
        found = found.where(PositionProposal.status.in_(statuses))
    if before is not None:
        moment, last = before
        earlier = and_(PositionProposal.received_at == moment, PositionProposal.id < last)
        found = found.where(or_(PositionProposal.received_at < moment, earlier))
    rows: Sequence[Row[Any]] = db.execute(found).all()
    return rows


def one(db: Session, position_id: UUID) -> Row[Any]:
    """One proposal with who proposed and who decided. Raises `NotFound`."""
    found: Row[Any] | None = db.execute(_listed().where(PositionProposal.id == position_id)).first()
    if found is None:
        raise NotFound(N_("There is no proposed position with this id."))
    return found


def how_many_pending(db: Session, unit_ids: Collection[int], code: str | None = None) -> int:
    """How many proposals for places of some units, or for one of them, wait for the board."""
    found = (
        select(func.count())
        .select_from(PositionProposal)
        .outerjoin(Site, Site.id == PositionProposal.site_id)
        .outerjoin(Signboard, Signboard.id == PositionProposal.signboard_id)
        .where(PositionProposal.status == "pending", _of_units(unit_ids))
    )
    return db.scalar(found if code is None else found.where(code_of_place == code)) or 0


def of_person(db: Session, person_id: int, *, since: datetime) -> list[dict[str, Any]]:
    """What became of the positions that somebody proposed, newest first: what their phone is told."""
    rows = db.execute(
        _listed()
        .where(PositionProposal.person_id == person_id, PositionProposal.received_at >= since)
        .order_by(PositionProposal.received_at.desc(), PositionProposal.id)
    )
    return [
        {
            "id": row.PositionProposal.id,
            "place": row.place,
            "status": row.PositionProposal.status,
            "reason": row.PositionProposal.reason,
            "decided_at": row.PositionProposal.decided_at,
        }
        for row in rows
    ]


def photos_of(db: Session, position_ids: Collection[UUID]) -> Mapping[UUID | None, list[Photo]]:
    """Photos of each proposal in the order they came."""
    found: dict[UUID | None, list[Photo]] = {}
    for photo in db.scalars(select(Photo).where(Photo.position_id.in_(position_ids)).order_by(Photo.id)):
        found.setdefault(photo.position_id, []).append(photo)
    return found
