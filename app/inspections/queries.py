"""Recording inspections and finding them again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.clock import local_date
from app.errors import NotFound, Unprocessable
from app.i18n import N_
from app.inspections import due
from app.inspections.model import Inspection, IntervalChange, Photo
from app.log import queries as log
from app.measures.model import Measure
from app.measures.rules import is_temporary
from app.people.model import Person
from app.signboards.model import Signboard
from app.sites.model import Site, SiteUnit

Record = Site | Signboard | Measure
OWNER = {Site: Inspection.site_id, Signboard: Inspection.signboard_id, Measure: Inspection.measure_id}


@dataclass(frozen=True)
class Place:
    """Something that can be inspected: the record, its checklist's kind, its rating and its units."""

    record: Record
    kind: str
    risk_level: str | None
    unit_ids: frozenset[int]

    @property
    def link(self) -> dict[str, int]:
        """The column of an inspection that names this place."""
        return {OWNER[type(self.record)].key: self.record.id}


def _coded(db: Session, model: type[Any], code: str, *, lock: bool) -> Any:
    found = select(model).where(model.code == code)
    return db.scalar(found.with_for_update() if lock else found)


def place(db: Session, code: str, *, lock: bool = True) -> Place:
    """The place with `code`, locked against a second writer. Raises `Unprocessable` where it cannot be inspected."""
    site: Site | None = _coded(db, Site, code, lock=lock)
    if site is not None:
        return Place(site, site.kind, site.risk_level, _units(db, site.id))
    board: Signboard | None = _coded(db, Signboard, code, lock=lock)
    if board is not None:
        return Place(board, "signboard", None, _units(db, board.site_id))
    measure: Measure | None = _coded(db, Measure, code, lock=lock)
    if measure is not None and measure.site_id is not None and is_temporary(measure.kind):
        rating = db.scalar(select(Site.risk_level).where(Site.id == measure.site_id))
        return Place(measure, "temporary_measure", rating, _units(db, measure.site_id))
    raise Unprocessable(
        N_("No place, signboard or temporary measure with this code can be inspected."),
        code="no-such-place",
        pointer="/place",
    )


def _units(db: Session, site_id: int) -> frozenset[int]:
    return frozenset(db.scalars(select(SiteUnit.unit_id).where(SiteUnit.site_id == site_id)))


def find(db: Session, inspection_id: UUID) -> Inspection | None:
    """The inspection with this id, if it was received."""
    return db.get(Inspection, inspection_id)


def standing(record: Record) -> list[Any]:
    """Conditions for the inspections of `record` that no correction has replaced."""
    newer = aliased(Inspection)
    replaced = select(newer.id).where(newer.corrects_id == Inspection.id).exists()
    return [OWNER[type(record)] == record.id, ~replaced]


def latest(db: Session, record: Record, *, limit: int) -> Sequence[Inspection]:
    """The last visits to a place, newest first, corrected ones left out."""
    newest = (Inspection.happened_at.desc(), Inspection.received_at.desc(), Inspection.id)
    return db.scalars(select(Inspection).where(*standing(record)).order_by(*newest).limit(limit)).all()


def correction_of(db: Session, inspection_id: UUID) -> dict[str, Any] | None:
    """What `rules.check_correction` asks about the inspection to correct."""
    found = db.execute(_listed().where(Inspection.id == inspection_id)).first()
    if found is None:
        return None
    return {
        "place": found.place,
        "corrected": found.corrected_by is not None,
        "person_id": found.Inspection.person_id,
    }


def intervals(db: Session) -> Mapping[str, due.Interval]:
    """Days between visits: as the rules have them, and over that as the board has changed them."""
    changed = {
        row.key: due.Interval(row.rainy_days, row.dry_days, row.holidays_days, source=row.source)
        for row in db.scalars(select(IntervalChange))
    }
    return {**due.INTERVALS, **changed}


def change_interval(db: Session, key: str, days: due.Interval, *, at: datetime, by: int | None) -> None:
    """Set the days between visits of one kind and recompute when every place is due."""
    before = intervals(db)[key]
    db.merge(
        IntervalChange(
            key=key,
            rainy_days=days.rainy,
            dry_days=days.dry,
            holidays_days=days.holidays,
            source=days.source,
        )
    )
    db.flush()
    kept: list[Record] = [
        *db.scalars(select(Site).where(Site.last_inspected_at.is_not(None))),
        *db.scalars(select(Signboard).where(Signboard.last_inspected_at.is_not(None))),
        *db.scalars(select(Measure).where(Measure.last_inspected_at.is_not(None))),
    ]
    for each in kept:
        refresh(db, each)
    log.append(db, "change", f"interval:{key}", at=at, by=by, before=asdict(before), after=asdict(days))


def refresh(db: Session, record: Record) -> None:
    """Recompute the stored last condition and due date of a place from its visits and the calendar."""
    visits = latest(db, record, limit=1)
    last = visits[0] if visits else None
    record.condition = last.condition if last else None
    record.last_inspected_at = last.happened_at if last else None
    site = record if isinstance(record, Site) else None
    measure = record if isinstance(record, Measure) else None
    record.due_on = due.due_on(
        _due_kind(record),
        site.risk_level if site else None,
        local_date(last.happened_at) if last else None,
        record.condition,
        intervals(db),
        expires_on=measure.expires_on if measure else None,
    )
    db.flush()


def _due_kind(record: Record) -> str:
    if isinstance(record, Signboard):
        return "signboard"
    return record.kind


def _listed() -> Any:
    newer = aliased(Inspection)
    return (
        select(
            Inspection,
            Person.name.label("observer"),
            newer.id.label("corrected_by"),
            _of_place(Site.code, Signboard.code, Measure.code).label("place"),
            _of_place(Site.last_inspected_at, Signboard.last_inspected_at, Measure.last_inspected_at).label(
                "last_at"
            ),
        )
        .join(Person, Person.id == Inspection.person_id)
        .outerjoin(newer, newer.corrects_id == Inspection.id)
        .outerjoin(Site, Site.id == Inspection.site_id)
        .outerjoin(Signboard, Signboard.id == Inspection.signboard_id)
        .outerjoin(Measure, Measure.id == Inspection.measure_id)
    )


def _of_place(site: Any, signboard: Any, measure: Any) -> Any:
    """A column of whichever record was inspected."""
    return func.coalesce(site, signboard, measure)


def page(
    db: Session, *, code: str | None = None, before: tuple[datetime, UUID] | None = None, limit: int
) -> Sequence[Row[Any]]:
    """Inspections newest first with the code of their place and their observer; one row more if more follow."""
    found = _listed().order_by(Inspection.happened_at.desc(), Inspection.id.desc()).limit(limit + 1)
    if code is not None:
        found = found.where(or_(Site.code == code, Signboard.code == code, Measure.code == code))
    if before is not None:
        moment, last = before
        found = found.where(
            or_(Inspection.happened_at < moment, and_(Inspection.happened_at == moment, Inspection.id < last))
        )
    rows: Sequence[Row[Any]] = db.execute(found).all()
    return rows


def unit_ids(db: Session, inspections: Iterable[Inspection]) -> Mapping[UUID, frozenset[int]]:
    """Ids of the units of each inspection's place."""
    found: dict[UUID, frozenset[int]] = {}
    for row in inspections:
        site_id = row.site_id
        if row.signboard_id is not None:
            site_id = db.scalar(select(Signboard.site_id).where(Signboard.id == row.signboard_id))
        elif row.measure_id is not None:
            site_id = db.scalar(select(Measure.site_id).where(Measure.id == row.measure_id))
        found[row.id] = _units(db, site_id) if site_id is not None else frozenset()
    return found


def place_code(db: Session, visit: Inspection) -> str:
    """The code of the place that was inspected."""
    model, record_id = next(
        (model, record_id)
        for model, column in OWNER.items()
        if (record_id := getattr(visit, column.key)) is not None
    )
    record: Any = db.get_one(model, record_id)
    return str(record.code)


def photos_of(db: Session, inspection_ids: Sequence[UUID]) -> Mapping[UUID, list[Photo]]:
    """Photos of each inspection in the order they came."""
    found: dict[UUID, list[Photo]] = {}
    for photo in db.scalars(select(Photo).where(Photo.inspection_id.in_(inspection_ids)).order_by(Photo.id)):
        if photo.inspection_id is not None:
            found.setdefault(photo.inspection_id, []).append(photo)
    return found


def append_to_log(
    db: Session, inspection_id: UUID, code: str, *, at: datetime, by: int | None, sha: str
) -> int:
    """Log that an inspection was received; gives its place in the log."""
    return log.append(
        db, "inspect", code, at=at, by=by, after={"inspection": str(inspection_id), "sha256": sha}
    )


def one(db: Session, inspection_id: UUID) -> Row[Any]:
    """One inspection with the code of its place and its observer. Raises `NotFound`."""
    found: Row[Any] | None = db.execute(_listed().where(Inspection.id == inspection_id)).first()
    if found is None:
        raise NotFound(N_("There is no inspection with this id."))
    return found
