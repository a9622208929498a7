"""Finding units, their periods and their predecessors."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.errors import Unprocessable
from app.i18n import N_
from app.units.model import Unit, UnitSuccession


def every(db: Session) -> Sequence[Unit]:
    """All units of all periods, oldest first."""
    return db.scalars(select(Unit).order_by(Unit.valid_from.is_not(None), Unit.valid_from, Unit.code)).all()


def brief(db: Session) -> Mapping[int, dict[str, object]]:
    """`{code, name, valid_from}` of every unit by id, as it stands in `units` of a place."""
    rows = db.execute(select(Unit.id, Unit.code, Unit.name, Unit.valid_from))
    return {row.id: {"code": row.code, "name": row.name, "valid_from": row.valid_from} for row in rows}


def names(db: Session, unit_ids: Iterable[int]) -> list[str]:
    """Names of units by id, in alphabetical order."""
    return list(db.scalars(select(Unit.name).where(Unit.id.in_(unit_ids)).order_by(Unit.name)))


def valid_ids(db: Session, *, on: date) -> list[int]:
    """Ids of the units that exist on a day."""
    return list(db.scalars(select(Unit.id).where(_valid(on))))


def _valid(on: date) -> ColumnElement[bool]:
    begun = or_(Unit.valid_from.is_(None), Unit.valid_from <= on)
    return begun & or_(Unit.valid_to.is_(None), Unit.valid_to > on)


def find(db: Session, code: str, *, on: date) -> Unit:
    """The unit with `code` on a day. Raises `Unprocessable` where there is none."""
    unit = db.scalar(select(Unit).where(Unit.code == code, _valid(on)))
    if unit is None:
        raise Unprocessable(
            N_("No unit with this code exists on that day."), code="no-such-unit", pointer="/units"
        )
    return unit


def with_predecessors(db: Session, unit_ids: Iterable[int]) -> set[int]:
    """`unit_ids` and, however far back, the units that became part of them."""
    found = set(unit_ids)
    pairs = db.execute(select(UnitSuccession.predecessor_id, UnitSuccession.successor_id)).all()
    while fresh := {old for old, new in pairs if new in found} - found:
        found |= fresh
    return found


def ids_for_filter(db: Session, code: str) -> set[int]:
    """Every unit that ever had `code`, with their predecessors: what `?unit=` means."""
    return with_predecessors(db, db.scalars(select(Unit.id).where(Unit.code == code)))


def predecessors(db: Session) -> Mapping[int, list[int]]:
    """Ids of the units that became part of each unit."""
    found: dict[int, list[int]] = {}
    for row in db.execute(select(UnitSuccession.predecessor_id, UnitSuccession.successor_id)):
        found.setdefault(row.successor_id, []).append(row.predecessor_id)
    return found
