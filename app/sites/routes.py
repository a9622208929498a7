"""Reading and editing sites."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app import clock
from app.db import Db, ReadDb
from app.documents import queries as documents
from app.geojson import bbox_in
from app.inspections import queries as inspections
from app.measures import queries as measures
from app.people.access import Anybody, Board, Now
from app.people.rules import Caller, check_covers
from app.records import visible
from app.signboards import queries as signboards
from app.sites import queries, rules
from app.sites.model import Site
from app.sites.schemas import SiteChange, SiteCollection, SiteDetail, SiteFeature, SiteIn
from app.units import queries as units
from app.wire import MAX_PAGE, GeoJson, changes_of, page, single, split

router = APIRouter(default_response_class=GeoJson, tags=["sites"])

IfMatch = Annotated[str | None, Header(description='ETag of the version you read, such as "3"')]
CodePath = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,40}$", examples=["P6-NL-01"])]


def several(*values: str) -> Any:  # a pydantic field
    """A query parameter that takes one or several of `values`, separated by commas."""
    one = f"({'|'.join(values)})"
    return Field(
        None, description=f"{', '.join(values)}: one or several, with commas", pattern=f"^{one}(,{one})*$"
    )


class SiteFilter(BaseModel):
    """Which sites; every filter narrows further."""

    model_config = ConfigDict(extra="forbid")

    kind: str | None = several("slide", "flood", "drowning")
    risk: str | None = several("low", "medium", "high", "very_high", "none")
    state: str | None = several("active", "watch", "closed")
    condition: str | None = several("no_change", "worse", "danger", "not_seen", "none")
    unit: str | None = Field(
        None, description="Code of a unit; its predecessors are included", pattern=r"^[0-9A-Za-z-]{1,20}$"
    )
    overdue: Literal["true", "false"] | None = None
    bbox: str | None = Field(
        None,
        description="west,south,east,north in degrees",
        max_length=120,
        examples=["108.41,11.93,108.44,11.97"],
    )
    q: str = Field(
        "", description="Words in code, name or address; diacritics may be left out", max_length=200
    )
    limit: int = Field(100, ge=1, le=MAX_PAGE)
    cursor: str | None = Field(None, description="From the `next` link", pattern=r"^[0-9]{1,15}$")
    lang: Literal["vi", "en"] | None = Field(None, description="Language of messages")

    def wanted(self) -> queries.Wanted:
        """The same in the words of the query."""
        return queries.Wanted(
            kinds=split(self.kind),
            risks=split(self.risk),
            states=split(self.state),
            conditions=split(self.condition),
            unit=self.unit,
            overdue=None if self.overdue is None else self.overdue == "true",
            bbox=bbox_in(self.bbox) if self.bbox else None,
            text=self.q,
            after=int(self.cursor or 0),
            limit=self.limit,
        )


def features(db: ReadDb, rows: Sequence[Any], caller: Caller) -> Iterable[Mapping[str, Any]]:
    """`rows` as features with what `caller` may see of each."""
    brief, of_site = units.brief(db), queries.unit_ids(db, [row.id for row in rows])
    today = clock.today()
    for row in rows:
        ids = of_site.get(row.id, frozenset())
        fields = visible(Site, caller.scope(ids))
        named = [dict(brief[unit_id]) for unit_id in sorted(ids)]
        yield rules.as_feature(row._mapping, fields, units=named, today=today)  # noqa: SLF001 - public by its docs


@router.get("/api/sites", response_model=SiteCollection)
def sites(request: Request, db: ReadDb, caller: Anybody, wanted: Annotated[SiteFilter, Query()]) -> Response:
    """Sites as GeoJSON, a page at a time."""
    rows = queries.page(db, wanted.wanted(), today=clock.today())
    return page(request, rows, wanted.limit, lambda shown: features(db, shown, caller))


@router.get("/api/sites/{code}", response_model=SiteDetail)
def site(db: ReadDb, caller: Anybody, code: CodePath) -> Response:
    """One site with what is known of it and who says so, its boards and measures."""
    return single(detail(db, caller, code))


def detail(db: ReadDb, caller: Caller, code: str) -> dict[str, Any]:
    """The feature of one site with everything around it."""
    row = queries.row(db, code)
    (feature,) = features(db, [row], caller)
    more = {
        "facts": documents.about(db, code),
        "signboards": signboards.codes_at(db, row.id),
        "measures": measures.at_site(db, row.id, today=clock.today()),
        "links": [
            {"href": f"/s/{code}", "rel": "alternate", "type": "text/html"},
            {"href": f"/api/inspections?place={code}", "rel": "related", "type": "application/json"},
        ],
    }
    return {**feature, "properties": {**feature["properties"], **more}}


def _unit_ids(db: Db, body: SiteIn | SiteChange, now: Now) -> frozenset[int] | None:
    """Ids of the units that `body` names; None where it says nothing of units."""
    if body.units is None:
        return None
    today = clock.local_date(now)
    return frozenset(units.find(db, ref.code, on=ref.valid_from or today).id for ref in body.units)


@router.post("/api/sites", status_code=201, response_model=SiteFeature)
def add_site(body: SiteIn, db: Db, board: Board, now: Now) -> Response:
    """Register a site. Without `units` it belongs to the caller's own units of today."""
    values = body.model_dump(exclude={"units", "geometry"}) | {"geometry": body.geometry}
    rules.check_rating(values)
    rules.check_closing(values)
    own = board.unit_ids & frozenset(units.valid_ids(db, on=clock.local_date(now)))
    named = _unit_ids(db, body, now)
    unit_ids = own if named is None else named
    check_covers(board, unit_ids)
    added = queries.add(db, values, unit_ids=unit_ids, at=now, by=board.person_id)
    inspections.refresh(db, added)
    (feature,) = features(db, [queries.row(db, added.code)], board)
    return single(feature, status=201, headers={"Location": f"/api/sites/{added.code}"})


@router.patch("/api/sites/{code}", response_model=SiteFeature)
def change_site(
    code: CodePath, body: SiteChange, db: Db, board: Board, now: Now, if_match: IfMatch = None
) -> Response:
    """Change a site, rate its risk, correct its geometry or close it; nothing is ever deleted."""
    changes = changes_of(body)
    changes.pop("units", None)
    found = queries.get(db, code)
    before = queries.unit_ids(db, [found.id]).get(found.id, frozenset())
    check_covers(board, before)
    rules.check_version(if_match, found.version)
    rules.check_rating(changes)
    rules.check_closing(changes)
    rules.check_position(changes)
    unit_ids = _unit_ids(db, body, now)
    if unit_ids is not None:
        kept = frozenset(units.with_predecessors(db, unit_ids))
        rules.check_units(board, before, unit_ids, kept)
    queries.change(db, found, changes, unit_ids=unit_ids, at=now, by=board.person_id)
    inspections.refresh(db, found)
    (feature,) = features(db, [queries.row(db, code)], board)
    return single(feature)
