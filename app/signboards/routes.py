"""Reading and editing signboards."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app import clock
from app.db import Db, ReadDb
from app.geojson import bbox_in
from app.inspections import queries as inspections
from app.log import queries as log
from app.people.access import Anybody, Board, Now
from app.people.rules import Caller, check_covers
from app.records import visible
from app.signboards import queries
from app.signboards.model import Signboard
from app.signboards.schemas import SignboardChange, SignboardCollection, SignboardFeature, SignboardIn
from app.sites import queries as sites
from app.sites import rules
from app.sites.routes import CodePath, IfMatch
from app.units import queries as units
from app.wire import MAX_PAGE, GeoJson, changes_of, page, single

router = APIRouter(default_response_class=GeoJson, tags=["signboards"])


class SignboardFilter(BaseModel):
    """Which signboards."""

    model_config = ConfigDict(extra="forbid")

    site: str | None = Field(None, description="Code of the site they stand at", pattern=r"^[A-Z0-9-]{1,40}$")
    bbox: str | None = Field(None, description="west,south,east,north in degrees", max_length=120)
    limit: int = Field(100, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(None, description="From the `next` link", pattern=r"^[0-9]{1,15}$")


def features(db: ReadDb, rows: Sequence[Any], caller: Caller) -> Iterable[Mapping[str, Any]]:
    """`rows` as features with what `caller` may see of each; a board's units are its site's."""
    brief, of_site = units.brief(db), sites.unit_ids(db, [row.site_id for row in rows])
    today = clock.today()
    for row in rows:
        ids = of_site.get(row.site_id, frozenset())
        fields = [*visible(Signboard, caller.scope(ids)), "site"]
        named = [dict(brief[unit_id]) for unit_id in sorted(ids)]
        yield rules.as_feature(row._mapping, fields, units=named, today=today)  # noqa: SLF001 - public by its docs


@router.get("/api/signboards", response_model=SignboardCollection)
def signboards(
    request: Request, db: ReadDb, caller: Anybody, wanted: Annotated[SignboardFilter, Query()]
) -> Response:
    """Signboards as GeoJSON, a page at a time."""
    bbox = bbox_in(wanted.bbox) if wanted.bbox else None
    rows = queries.page(db, site=wanted.site, bbox=bbox, after=int(wanted.cursor or 0), limit=wanted.limit)
    return page(request, rows, wanted.limit, lambda shown: features(db, shown, caller))


@router.get("/api/signboards/{code}", response_model=SignboardFeature)
def signboard(db: ReadDb, caller: Anybody, code: CodePath) -> Response:
    """One signboard."""
    (feature,) = features(db, [queries.row(db, code)], caller)
    return single(feature)


@router.post("/api/signboards", status_code=201, response_model=SignboardFeature)
def add_signboard(body: SignboardIn, db: Db, board: Board, now: Now) -> Response:
    """Register a signboard at a site of the caller's units."""
    place = sites.row(db, body.site)
    check_covers(board, sites.unit_ids(db, [place.id]).get(place.id, frozenset()))
    values = body.model_dump(exclude={"site", "geometry"}) | {"geometry": body.geometry, "site_id": place.id}
    added = queries.add(db, values, at=now, by=board.person_id)
    inspections.refresh(db, added)
    (feature,) = features(db, [queries.row(db, added.code)], board)
    return single(feature, status=201, headers={"Location": f"/api/signboards/{added.code}"})


@router.patch("/api/signboards/{code}", response_model=SignboardFeature)
def change_signboard(
    code: CodePath, body: SignboardChange, db: Db, board: Board, now: Now, if_match: IfMatch = None
) -> Response:
    """Change a signboard; nothing is ever deleted."""
    found = queries.get(db, code)
    check_covers(board, sites.unit_ids(db, [found.site_id]).get(found.site_id, frozenset()))
    rules.check_version(if_match, found.version)
    changes = changes_of(body)
    rules.check_position(changes)
    log.change(db, found, changes, at=now, by=board.person_id)
    (feature,) = features(db, [queries.row(db, code)], board)
    return single(feature)
