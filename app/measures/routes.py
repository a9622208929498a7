"""Reading and editing measures."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app import clock
from app.db import Db, ReadDb
from app.errors import Unprocessable
from app.i18n import N_
from app.inspections import queries as inspections
from app.log import queries as log
from app.measures import queries, rules
from app.measures.model import Measure
from app.measures.schemas import MeasureChange, MeasureIn, MeasureOut, Measures
from app.outputs import dump
from app.people.access import Anybody, Board, Now
from app.people.rules import check_covers
from app.sites import queries as sites
from app.sites.routes import CodePath, IfMatch
from app.sites.rules import check_version
from app.units import queries as units
from app.wire import changes_of, next_link

router = APIRouter(prefix="/api/measures", tags=["measures"])


class MeasureFilter(BaseModel):
    """Which measures."""

    model_config = ConfigDict(extra="forbid")

    site: str | None = Field(None, description="Code of the site", pattern=r"^[A-Z0-9-]{1,40}$")
    status: Literal["proposed", "ordered", "in_progress", "done", "expired"] | None = None
    limit: int = Field(100, ge=1, le=1000)
    cursor: str | None = Field(None, description="From the `next` link", pattern=r"^[0-9]{1,15}$")


def _answer(member: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    tag = {"ETag": f'"{member["version"]}"'}
    return Response(
        dump(member), status_code=status, media_type="application/json", headers={**tag, **(headers or {})}
    )


def _unit_ids(db: ReadDb, measure: Measure) -> frozenset[int]:
    if measure.site_id is not None:
        return sites.unit_ids(db, [measure.site_id]).get(measure.site_id, frozenset())
    return frozenset({measure.unit_id} if measure.unit_id is not None else ())


@router.get("", response_model=Measures)
def measures(
    request: Request, db: ReadDb, _caller: Anybody, wanted: Annotated[MeasureFilter, Query()]
) -> Response:
    """Measures at sites and of whole units, a page at a time."""
    found, more = queries.page(
        db,
        site=wanted.site,
        status=wanted.status,
        after=int(wanted.cursor or 0),
        limit=wanted.limit,
        today=clock.today(),
    )
    links, headers = next_link(request, more, "application/json")
    return Response(dump({"measures": found, "links": links}), media_type="application/json", headers=headers)


@router.get("/{code}", response_model=MeasureOut)
def measure(db: ReadDb, _caller: Anybody, code: CodePath) -> Response:
    """One measure."""
    return _answer(queries.member(db, code, today=clock.today()))


@router.post("", status_code=201, response_model=MeasureOut)
def add_measure(body: MeasureIn, db: Db, board: Board, now: Now) -> Response:
    """Register a measure at a site, or for a whole unit where no site is named."""
    today = clock.local_date(now)
    values = body.model_dump(exclude={"site", "unit"}) | {"site_id": None, "unit_id": None}
    rules.check_dates(values)
    if body.site is not None:
        place = sites.row(db, body.site)
        values["site_id"] = place.id
        covered = sites.unit_ids(db, [place.id]).get(place.id, frozenset())
    elif body.unit is not None:
        unit = units.find(db, body.unit.code, on=body.unit.valid_from or today)
        values["unit_id"] = unit.id
        covered = frozenset({unit.id})
    else:
        raise Unprocessable(N_("A measure belongs to a site or to a unit: name one."), pointer="/site")
    check_covers(board, covered)
    values["expires_on"] = values["expires_on"] or rules.expiry(body.kind, body.starts_on)
    added = queries.add(db, values, at=now, by=board.person_id)
    inspections.refresh(db, added)
    member = queries.member(db, added.code, today=today)
    return _answer(member, status=201, headers={"Location": f"/api/measures/{added.code}"})


@router.patch("/{code}", response_model=MeasureOut)
def change_measure(
    code: CodePath, body: MeasureChange, db: Db, board: Board, now: Now, if_match: IfMatch = None
) -> Response:
    """Change a measure; nothing is ever deleted."""
    found = queries.get(db, code)
    check_covers(board, _unit_ids(db, found))
    check_version(if_match, found.version)
    changes = changes_of(body)
    rules.check_dates({"starts_on": found.starts_on, "expires_on": found.expires_on, **changes})
    log.change(db, found, changes, at=now, by=board.person_id)
    inspections.refresh(db, found)
    return _answer(queries.member(db, code, today=clock.local_date(now)))
