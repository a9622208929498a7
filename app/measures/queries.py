"""Finding and changing measures and works proposals."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.codes import claim
from app.errors import NotFound
from app.geometry import BBox, intersects_bbox
from app.i18n import N_
from app.log import queries as log
from app.measures import rules
from app.measures.model import Measure, Proposal, ProposalUnit
from app.records import visible
from app.sites.model import Site
from app.text import nfc_texts
from app.units.model import Unit

MEASURE_FIELDS = visible(Measure, "public")
PROPOSAL_COLUMNS = [getattr(Proposal, name) for name in visible(Proposal, "private")]


def _measures() -> Select[Measure, str, str]:
    return (
        select(Measure, Site.code.label("site"), Unit.code.label("unit"))
        .outerjoin(Site, Site.id == Measure.site_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .order_by(Measure.id)
    )


def _as_member(row: Row[Measure, str, str], *, today: date) -> dict[str, Any]:
    values = {name: getattr(row.Measure, name) for name in MEASURE_FIELDS}
    return rules.as_member(values, site=row.site, unit=row.unit, today=today)


def page(
    db: Session, *, site: str | None, status: str | None, after: int, limit: int, today: date
) -> tuple[list[dict[str, Any]], int | None]:
    """Measures as plain members, and the id where the next page begins, if more follow."""
    found = _measures().where(Measure.id > after).limit(limit + 1)
    if site is not None:
        found = found.where(Site.code == site)
    if status is not None:
        found = found.where(Measure.status == status)
    rows = db.execute(found).all()
    more = rows[limit - 1].Measure.id if len(rows) > limit else None
    return [_as_member(row, today=today) for row in rows[:limit]], more


def at_site(db: Session, site_id: int, *, today: date) -> list[dict[str, Any]]:
    """Measures at one site."""
    rows = db.execute(_measures().where(Measure.site_id == site_id))
    return [_as_member(row, today=today) for row in rows]


def of_units(db: Session, unit_ids: Iterable[int], *, today: date) -> list[dict[str, Any]]:
    """Measures of whole units, without a site."""
    rows = db.execute(_measures().where(Measure.unit_id.in_(unit_ids), Measure.site_id.is_(None)))
    return [_as_member(row, today=today) for row in rows]


def member(db: Session, code: str, *, today: date) -> dict[str, Any]:
    """One measure as plain members. Raises `NotFound`."""
    row = db.execute(_measures().where(Measure.code == code)).first()
    if row is None:
        raise NotFound(N_("There is no measure with this code."))
    return _as_member(row, today=today)


def unit_ids(db: Session, code: str) -> frozenset[int]:
    """Ids of the unit that a measure without a site belongs to."""
    found = select(Measure.unit_id).where(Measure.code == code, Measure.unit_id.is_not(None))
    return frozenset(unit_id for unit_id in db.scalars(found) if unit_id is not None)


def get(db: Session, code: str) -> Measure:
    """The measure to change. Raises `NotFound`."""
    found = db.scalar(select(Measure).where(Measure.code == code).with_for_update())
    if found is None:
        raise NotFound(N_("There is no measure with this code."))
    return found


def add(db: Session, values: Mapping[str, Any], *, at: datetime, by: int | None) -> Measure:
    """Register a measure. Raises `Conflict` where the code is used."""
    kept = nfc_texts(values)
    claim(db, kept["code"])
    measure = Measure(**kept, version=1, created_at=at, updated_at=at)
    db.add(measure)
    db.flush()
    log.append(
        db, "add", measure.code, at=at, by=by, after={name: log.plain(value) for name, value in kept.items()}
    )
    return measure


def proposals(db: Session, *, bbox: BBox | None = None, after: int = 0, limit: int) -> Sequence[Row[Any]]:
    """One page of works proposals as plain rows; one row more if more follow."""
    found = select(Proposal.id, *PROPOSAL_COLUMNS).where(Proposal.id > after).order_by(Proposal.id)
    if bbox is not None:
        found = found.where(intersects_bbox(Proposal.geometry, bbox))
    return db.execute(found.limit(limit + 1)).all()


def proposal_row(db: Session, code: str) -> Row[Any]:
    """One works proposal as a plain row. Raises `NotFound`."""
    found = db.execute(select(Proposal.id, *PROPOSAL_COLUMNS).where(Proposal.code == code)).first()
    if found is None:
        raise NotFound(N_("There is no works proposal with this code."))
    return found


def get_proposal(db: Session, code: str) -> Proposal:
    """The works proposal to change. Raises `NotFound`."""
    found = db.scalar(select(Proposal).where(Proposal.code == code).with_for_update())
    if found is None:
        raise NotFound(N_("There is no works proposal with this code."))
    return found


def proposal_unit_ids(db: Session, proposal_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """Ids of the units that each proposal concerns."""
    pairs = db.execute(
        select(ProposalUnit.proposal_id, ProposalUnit.unit_id).where(
            ProposalUnit.proposal_id.in_(proposal_ids)
        )
    )
    found: dict[int, set[int]] = {}
    for proposal_id, unit_id in pairs:
        found.setdefault(proposal_id, set()).add(unit_id)
    return {proposal_id: frozenset(ids) for proposal_id, ids in found.items()}


def add_proposal(
    db: Session, values: Mapping[str, Any], *, unit_ids: Iterable[int], at: datetime, by: int | None
) -> Proposal:
    """Register a works proposal. Raises `Conflict` where the code is used."""
    kept = nfc_texts(values)
    claim(db, kept["code"])
    proposal = Proposal(**kept, version=1, created_at=at, updated_at=at)
    db.add(proposal)
    db.flush()
    db.add_all(ProposalUnit(proposal_id=proposal.id, unit_id=unit_id) for unit_id in sorted(unit_ids))
    log.append(
        db, "add", proposal.code, at=at, by=by, after={name: log.plain(value) for name, value in kept.items()}
    )
    return proposal
