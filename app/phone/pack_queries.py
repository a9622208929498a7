"""What a phone takes along of the places of some units: a few queries, however many places there are."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.inspections.model import Inspection
from app.measures.model import Measure
from app.measures.rules import TEMPORARY_DAYS
from app.signboards.model import Signboard
from app.sites.model import Site, SiteUnit
from app.units.model import Unit

LOOKED_BACK = 12
"""Visits to a place among which its last readings are looked for."""
POSITION = ("geometry", "location_status", "location_accuracy_m")
VISITED = ("code", "condition", "last_inspected_at", "due_on", "version")
PLACE = (Inspection.site_id, Inspection.signboard_id, Inspection.measure_id)


def _own(unit_ids: Collection[int]) -> Select[int]:
    """Ids of the sites of the units; everything else that is inspected stands at one."""
    return select(SiteUnit.site_id).where(SiteUnit.unit_id.in_(unit_ids))


def sites(db: Session, unit_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Sites of the units."""
    names = (*VISITED, *POSITION, "name", "kind", "risk_level", "state")
    columns = [getattr(Site, name) for name in names]
    return db.execute(select(Site.id, *columns).where(Site.id.in_(_own(unit_ids))).order_by(Site.code)).all()


def signboards(db: Session, unit_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Boards that stand at sites of the units, with the code of the site."""
    columns = [getattr(Signboard, name) for name in (*VISITED, *POSITION, "name")]
    found = select(Signboard.id, Site.code.label("site"), *columns).join(Site, Site.id == Signboard.site_id)
    return db.execute(found.where(Site.id.in_(_own(unit_ids))).order_by(Signboard.code)).all()


def measures(db: Session, unit_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Temporary measures that stand at sites of the units, past their day too, with position and rating of the site."""
    columns = [getattr(Measure, name) for name in (*VISITED, "kind")]
    at_site = [getattr(Site, name) for name in (*POSITION, "risk_level")]
    found = select(Measure.id, Site.code.label("site"), *columns, *at_site).join(
        Site, Site.id == Measure.site_id
    )
    standing = (Measure.kind.in_(TEMPORARY_DAYS), Measure.status.not_in(("proposed", "expired")))
    return db.execute(found.where(Site.id.in_(_own(unit_ids)), *standing).order_by(Measure.code)).all()


def visits(db: Session, unit_ids: Collection[int]) -> Sequence[Row[Any]]:
    """The last visits to each place of the units, newest first, corrected ones left out."""
    newest = (Inspection.happened_at.desc(), Inspection.received_at.desc(), Inspection.id)
    newer = aliased(Inspection)
    replaced = select(newer.id).where(newer.corrects_id == Inspection.id).exists()
    number = func.row_number().over(partition_by=PLACE, order_by=newest).label("number")
    listed = select(Inspection.id, number).where(_at(unit_ids), ~replaced).subquery()
    columns = (
        *PLACE,
        Inspection.happened_at,
        Inspection.condition,
        Inspection.answers,
        Inspection.measurements,
    )
    found = select(*columns).join(listed, listed.c.id == Inspection.id)
    return db.execute(found.where(listed.c.number <= LOOKED_BACK).order_by(*newest)).all()


def _at(unit_ids: Collection[int]) -> ColumnElement[bool]:
    own = _own(unit_ids)
    return or_(
        Inspection.site_id.in_(own),
        Inspection.signboard_id.in_(select(Signboard.id).where(Signboard.site_id.in_(own))),
        Inspection.measure_id.in_(select(Measure.id).where(Measure.site_id.in_(own))),
    )


def units(db: Session, unit_ids: Collection[int], *, on: date) -> Sequence[Unit]:
    """Those of the units that exist on a day, and those whose outline is known."""
    valid = or_(Unit.valid_from.is_(None), Unit.valid_from <= on) & or_(
        Unit.valid_to.is_(None), Unit.valid_to > on
    )
    return db.scalars(
        select(Unit).where(Unit.id.in_(unit_ids), or_(valid, Unit.geometry.is_not(None))).order_by(Unit.id)
    ).all()
