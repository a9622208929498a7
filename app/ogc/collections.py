"""What GIS tools can pull: every collection as data, with the SQL that it reads. A new collection is one entry here.

A collection's rows come from `source`; `key` gives their order and is unique. Geometries stand in columns of their
own tables, of which each row has one at most.
"""

from collections.abc import Callable, Mapping
from collections.abc import Collection as AnyOf
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, Final, cast, get_args
from uuid import UUID

from sqlalchemy import Table, Text, and_, false, func, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.hazards import KINDS
from app.i18n import N_
from app.inspections.model import Inspection
from app.inspections.schemas import Condition
from app.measures.model import STATUSES, Measure, Proposal, ProposalUnit
from app.measures.schemas import MeasureKind
from app.ogc.fields import (
    ENUMS,
    INSPECTED,
    POSITION,
    UNIT,
    UNIT_KEY,
    VERSION,
    Collection,
    due,
    field,
    own,
    unit_fields,
)
from app.signboards.model import Signboard
from app.signboards.schemas import State as BoardState
from app.sites.model import Site, SiteUnit
from app.sites.schemas import Kind, Risk, State

SITE, LINK = (cast("Table", model.__table__) for model in (Site, SiteUnit))
BOARD, VISIT, MEASURE = (cast("Table", model.__table__) for model in (Signboard, Inspection, Measure))
PROPOSAL, PROPOSAL_LINK = (cast("Table", model.__table__) for model in (Proposal, ProposalUnit))
MEASURED = SITE.alias("measured_site")
"""The site of a measure, where the visited place may be a site of its own."""
WHOLE = UNIT.alias("whole_unit")
"""The unit of a measure that is at no site: its outline is where the measure is."""


def _sites_of(unit_ids: AnyOf[int]) -> Any:
    return select(LINK.c.site_id).where(LINK.c.unit_id.in_(unit_ids))


def _coded(table: Table) -> Callable[[AnyOf[str]], ColumnElement[bool]]:
    return table.c.code.in_


def _visits_named(texts: AnyOf[str]) -> ColumnElement[bool]:
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(UUID(text))
    return VISIT.c.id.in_(found)


def _units_named(texts: AnyOf[str]) -> ColumnElement[bool]:
    """Compared as they are stored, so that their index finds them; in lists, since SQLite takes no OR of thousands."""
    timeless, dated = [], []
    for text in texts:
        code, at, day = text.partition("@")
        if not at:
            timeless.append(code)
            continue
        with suppress(ValueError):
            dated.append((code, date.fromisoformat(day)))
    found: list[ColumnElement[bool]] = []
    if timeless:
        found.append(UNIT.c.code.in_(timeless) & UNIT.c.valid_from.is_(None))
    if dated:
        found.append(tuple_(UNIT.c.code, UNIT.c.valid_from).in_(dated))
    return or_(false(), *found)


_closed: Final = SITE.c.state == "closed"
SITES: Final = Collection(
    id="sites",
    title=N_("Hazard sites"),
    description=N_(
        "Places that may slide, flood or drown somebody, with their risk, state and last condition."
    ),
    source=SITE,
    key=SITE.c.id,
    feature_id=SITE.c.code,
    named=_coded(SITE),
    geometries=(SITE.c.geometry,),
    fields=(
        field("code", SITE.c.code, role="id"),
        *own(
            SITE,
            *(
                "name",
                "address",
                "kind",
                "risk_level",
                "risk_rated_at",
                "risk_reason",
                "state",
                "state_reason",
            ),
            *("households_at_risk", "people_at_risk", "households_moved_out", "people_moved_out"),
            *POSITION,
            *INSPECTED,
            **ENUMS,
            kind=get_args(Kind),
            risk_level=get_args(Risk),
            state=get_args(State),
        ),
        *unit_fields(LINK, SITE.c.id),
        *own(SITE, *VERSION),
        *due(SITE, _closed),
    ),
    covers=lambda unit_ids: SITE.c.id.in_(_sites_of(unit_ids)),
    times=("last_inspected_at", "last_inspected_at"),
    tally="site",
    ready=SITE.c.feature,
)
BOARDS: Final = Collection(
    id="signboards",
    title=N_("Warning signboards"),
    description=N_("Warning signboards at the sites, and what was seen of them last."),
    source=BOARD.join(SITE, SITE.c.id == BOARD.c.site_id),
    key=BOARD.c.id,
    feature_id=BOARD.c.code,
    named=_coded(BOARD),
    geometries=(BOARD.c.geometry,),
    fields=(
        field("code", BOARD.c.code, role="id"),
        field("name", BOARD.c.name),
        field("site", SITE.c.code),
        *own(BOARD, "state", "wording", *POSITION, *INSPECTED, **ENUMS, state=get_args(BoardState)),
        *unit_fields(LINK, SITE.c.id),
        *own(BOARD, *VERSION),
        *due(BOARD, false()),
    ),
    covers=lambda unit_ids: BOARD.c.site_id.in_(_sites_of(unit_ids)),
    times=("last_inspected_at", "last_inspected_at"),
    tally="signboard",
)
_visited: Final = func.coalesce(SITE.c.code, BOARD.c.code, MEASURE.c.code, type_=Text())
VISITS: Final = Collection(
    id="inspections",
    title=N_("Inspections"),
    description=N_(
        "What was seen at a site, a signboard or a temporary measure; the geometry is the place's."
    ),
    source=VISIT.outerjoin(SITE, SITE.c.id == VISIT.c.site_id)
    .outerjoin(BOARD, BOARD.c.id == VISIT.c.signboard_id)
    .outerjoin(MEASURE, MEASURE.c.id == VISIT.c.measure_id)
    .outerjoin(MEASURED, MEASURED.c.id == MEASURE.c.site_id),
    key=VISIT.c.id,
    feature_id=VISIT.c.id,
    named=_visits_named,
    geometries=(SITE.c.geometry, BOARD.c.geometry, MEASURED.c.geometry),
    fields=(
        field("id", VISIT.c.id, role="id"),
        field("place", _visited),
        field("seen_at", VISIT.c.seen_at, role="primary-instant"),
        *own(VISIT, "received_at", "clock_doubtful"),
        replace(field("condition", VISIT.c.condition, *get_args(Condition)), title=N_("Condition")),
        *own(VISIT, "suggested_condition", "note"),
        field("corrects", VISIT.c.corrects_id),
    ),
    covers=lambda unit_ids: func.coalesce(VISIT.c.site_id, BOARD.c.site_id, MEASURE.c.site_id).in_(
        _sites_of(unit_ids)
    ),
    times=("seen_at", "seen_at"),
    unplaced=True,
    tally="inspection",
)
MEASURES: Final = Collection(
    id="measures",
    title=N_("Measures"),
    description=N_(
        "What was done or ordered against the danger, at a site or for a whole unit; the geometry is the site's, or "
        "the outline of that unit where one is known."
    ),
    source=MEASURE.outerjoin(SITE, SITE.c.id == MEASURE.c.site_id)
    .outerjoin(UNIT, UNIT.c.id == MEASURE.c.unit_id)
    .outerjoin(WHOLE, and_(WHOLE.c.id == MEASURE.c.unit_id, MEASURE.c.site_id.is_(None))),
    key=MEASURE.c.id,
    feature_id=MEASURE.c.code,
    named=_coded(MEASURE),
    geometries=(SITE.c.geometry, WHOLE.c.geometry),
    fields=(
        field("code", MEASURE.c.code, role="id"),
        field("kind", MEASURE.c.kind, *get_args(MeasureKind)),
        field("site", SITE.c.code),
        field("unit", UNIT.c.code),
        field("status", MEASURE.c.status, *STATUSES),
        field("starts_on", MEASURE.c.starts_on, role="primary-interval-start"),
        field("expires_on", MEASURE.c.expires_on, role="primary-interval-end"),
        *own(MEASURE, "quantity", "quantity_unit", "responsible", "note", *INSPECTED, **ENUMS),
        *own(MEASURE, *VERSION),
        *due(MEASURE, false()),
    ),
    covers=lambda unit_ids: or_(MEASURE.c.site_id.in_(_sites_of(unit_ids)), MEASURE.c.unit_id.in_(unit_ids)),
    times=("starts_on", "expires_on"),
    unplaced=True,
    tally="measure",
)
PROPOSALS: Final = Collection(
    id="proposals",
    title=N_("Works proposals"),
    description=N_("Works that exceed what a ward can do, proposed to the province."),
    source=PROPOSAL,
    key=PROPOSAL.c.id,
    feature_id=PROPOSAL.c.code,
    named=_coded(PROPOSAL),
    geometries=(PROPOSAL.c.geometry,),
    fields=(
        field("code", PROPOSAL.c.code, role="id"),
        *own(
            PROPOSAL,
            *("name", "period_from", "period_to", "addressee", "status", "reason"),
            *POSITION,
            **ENUMS,
            status=STATUSES,
        ),
        *unit_fields(PROPOSAL_LINK, PROPOSAL.c.id),
        *own(PROPOSAL, *VERSION),
    ),
    covers=lambda unit_ids: PROPOSAL.c.id.in_(
        select(PROPOSAL_LINK.c.proposal_id).where(PROPOSAL_LINK.c.unit_id.in_(unit_ids))
    ),
    tally="proposal",
)
UNITS: Final = Collection(
    id="units",
    title=N_("Administrative units"),
    description=N_(
        "Wards and communes with the days between which they exist, and outlines where one is known."
    ),
    source=UNIT,
    key=UNIT.c.id,
    feature_id=UNIT_KEY,
    named=_units_named,
    geometries=(UNIT.c.geometry,),
    fields=(
        field("id", UNIT_KEY, role="id"),
        field("code", UNIT.c.code),
        field("name", UNIT.c.name),
        field("valid_from", UNIT.c.valid_from, role="primary-interval-start"),
        field("valid_to", UNIT.c.valid_to, role="primary-interval-end"),
        *own(UNIT, "accuracy_m", "note"),
    ),
    covers=lambda _unit_ids: false(),
    times=("valid_from", "valid_to"),
    until=True,
    unplaced=True,
    tally="unit",
)


def _of_kind(code: str) -> Collection:
    """The sites of one kind of hazard."""
    return replace(
        SITES,
        id=f"sites-{code}",
        title=KINDS[code].en,
        description=N_("The hazard sites of this kind alone."),
        where=SITE.c.kind == code,
        tally=f"site/{code}",
    )


COLLECTIONS: Final[Mapping[str, Collection]] = {
    collection.id: collection
    for collection in (SITES, *map(_of_kind, get_args(Kind)), BOARDS, VISITS, MEASURES, PROPOSALS, UNITS)
}
