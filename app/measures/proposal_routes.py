"""Reading and editing works proposals."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app import clock
from app.db import Db, ReadDb
from app.geojson import bbox_in
from app.log import queries as log
from app.measures import queries, rules
from app.measures.model import Proposal
from app.measures.schemas import ProposalChange, ProposalCollection, ProposalFeature, ProposalIn
from app.people.access import Anybody, Board, Now
from app.people.rules import Caller, check_covers
from app.records import visible
from app.sites.routes import CodePath, IfMatch
from app.sites.rules import as_feature, check_position, check_version
from app.units import queries as units
from app.wire import MAX_PAGE, GeoJson, changes_of, page, single

router = APIRouter(default_response_class=GeoJson, prefix="/api/proposals", tags=["proposals"])


class ProposalFilter(BaseModel):
    """Which works proposals."""

    model_config = ConfigDict(extra="forbid")

    bbox: str | None = Field(None, description="west,south,east,north in degrees", max_length=120)
    limit: int = Field(100, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(None, description="From the `next` link", pattern=r"^[0-9]{1,15}$")


def features(db: ReadDb, rows: Sequence[Any], caller: Caller) -> Iterable[Mapping[str, Any]]:
    """`rows` as features with what `caller` may see of each."""
    brief, of_proposal = units.brief(db), queries.proposal_unit_ids(db, [row.id for row in rows])
    for row in rows:
        ids = of_proposal.get(row.id, frozenset())
        fields = visible(Proposal, caller.scope(ids))
        named = [dict(brief[unit_id]) for unit_id in sorted(ids)]
        yield as_feature(row._mapping, fields, units=named, today=clock.today())  # noqa: SLF001 - public by its docs


@router.get("", response_model=ProposalCollection)
def proposals(
    request: Request, db: ReadDb, caller: Anybody, wanted: Annotated[ProposalFilter, Query()]
) -> Response:
    """Works proposals as GeoJSON, a page at a time."""
    bbox = bbox_in(wanted.bbox) if wanted.bbox else None
    rows = queries.proposals(db, bbox=bbox, after=int(wanted.cursor or 0), limit=wanted.limit)
    return page(request, rows, wanted.limit, lambda shown: features(db, shown, caller))


@router.get("/{code}", response_model=ProposalFeature)
def proposal(db: ReadDb, caller: Anybody, code: CodePath) -> Response:
    """One works proposal."""
    (feature,) = features(db, [queries.proposal_row(db, code)], caller)
    return single(feature)


@router.post("", status_code=201, response_model=ProposalFeature)
def add_proposal(body: ProposalIn, db: Db, board: Board, now: Now) -> Response:
    """Register a works proposal. Without `units` it concerns the caller's own units of today."""
    today = clock.local_date(now)
    values = body.model_dump(exclude={"units", "geometry"}) | {"geometry": body.geometry}
    rules.check_period(values)
    named = frozenset(units.find(db, ref.code, on=ref.valid_from or today).id for ref in body.units or ())
    unit_ids = named or board.unit_ids & frozenset(units.valid_ids(db, on=today))
    check_covers(board, unit_ids)
    added = queries.add_proposal(db, values, unit_ids=unit_ids, at=now, by=board.person_id)
    (feature,) = features(db, [queries.proposal_row(db, added.code)], board)
    return single(feature, status=201, headers={"Location": f"/api/proposals/{added.code}"})


@router.patch("/{code}", response_model=ProposalFeature)
def change_proposal(
    code: CodePath, body: ProposalChange, db: Db, board: Board, now: Now, if_match: IfMatch = None
) -> Response:
    """Change a works proposal; nothing is ever deleted."""
    found = queries.get_proposal(db, code)
    check_covers(board, queries.proposal_unit_ids(db, [found.id]).get(found.id, frozenset()))
    check_version(if_match, found.version)
    changes = changes_of(body)
    check_position(changes)
    rules.check_period({"period_from": found.period_from, "period_to": found.period_to, **changes})
    log.change(db, found, changes, at=now, by=board.person_id)
    (feature,) = features(db, [queries.proposal_row(db, code)], board)
    return single(feature)
