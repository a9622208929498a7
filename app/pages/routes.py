"""What people open: home, list, place, label, documents. Editing, visits and accounts have files of their own."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field

from app import clock
from app.db import ReadDb
from app.documents import queries as documents
from app.errors import NotFound
from app.i18n import N_, language_of, translate
from app.maps.symbols import symbol
from app.measures import queries as measures
from app.pages import (
    account_routes,
    board_routes,
    join_routes,
    log_routes,
    own_account_routes,
    people_routes,
    person_routes,
    position_routes,
    position_views,
    second_factor_routes,
    views,
    visit_routes,
    words,
)
from app.pages.formats import LOCAL_NAMES
from app.pages.qr import qr_svg
from app.pages.render import page
from app.people.access import Anybody
from app.sites import queries as sites
from app.sites import routes as site_features
from app.sites.routes import CodePath
from app.units import queries as units

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
router.include_router(account_routes.router)
router.include_router(visit_routes.router)
router.include_router(board_routes.router)
router.include_router(log_routes.router)
router.include_router(position_routes.router)
router.include_router(people_routes.router)
router.include_router(person_routes.router)
router.include_router(join_routes.router)
router.include_router(own_account_routes.router)
router.include_router(second_factor_routes.router)

PER_PAGE = 50
FIRST = 7
DRAWN = 80


@router.get("/")
def home(request: Request, db: ReadDb, caller: Anybody) -> HTMLResponse:
    """How the ward stands and what to deal with first."""
    language = language_of(request)
    today = clock.today()
    counts = sites.counts(db, today=today)
    first = list(site_features.features(db, sites.urgent(db, limit=FIRST, today=today), caller))
    every = (
        list(site_features.features(db, sites.urgent(db, limit=DRAWN, today=today), caller))
        if counts["places"]
        else []
    )
    drawn = views.sketch_of(db, every, translate("Where they are", language))
    now = units.valid_ids(db, on=clock.today())
    return page(
        request,
        "home.html",
        {
            "counts": counts,
            "first": first,
            "pins": position_views.pinnable(db, first, caller),
            "sketch": drawn,
            "ward_measures": measures.of_units(db, units.with_predecessors(db, now), today=clock.today()),
        },
        caller=caller,
    )


class ListFilter(BaseModel):
    """What the list was asked for, as the form sends it; an empty choice means all."""

    model_config = ConfigDict(extra="ignore")

    q: str = Field("", max_length=200)
    kind: Literal["", "slide", "flood", "drowning"] = ""
    risk: Literal["", "low", "medium", "high", "very_high", "none"] = ""
    condition: Literal["", "no_change", "worse", "danger", "not_seen", "none"] = ""
    state: Literal["", "active", "watch", "closed"] = ""
    location: Literal["", "surveyed", "approximate", "inferred", "unlocated"] = ""
    unit: str = Field("", pattern=r"^[0-9A-Za-z-]{0,20}$")
    overdue: Literal["", "true"] = ""
    due: Literal["", "1"] = ""
    sort: str = Field("", pattern=r"^-?(code|name|risk|condition|seen|due)$|^$")
    page: int = Field(1, ge=1, le=10_000)

    def wanted(self) -> sites.Wanted:
        """The same in the words of the query."""
        chosen = {
            name: frozenset(filter(None, [getattr(self, name)]))
            for name in ("kind", "risk", "state", "condition")
        }
        return sites.Wanted(
            kinds=chosen["kind"],
            risks=chosen["risk"],
            states=chosen["state"],
            conditions=chosen["condition"],
            locations=frozenset(filter(None, [self.location])),
            unit=self.unit or None,
            overdue=True if self.overdue else None,
            due=bool(self.due),
            text=self.q,
            limit=PER_PAGE,
        )


@router.get("/places")
def places(
    request: Request, db: ReadDb, caller: Anybody, asked: Annotated[ListFilter, Query()]
) -> HTMLResponse:
    """The list of places, sorted and filtered."""
    today = clock.today()
    rows = sites.listed(db, asked.wanted(), sort=asked.sort, skip=(asked.page - 1) * PER_PAGE, today=today)
    values = {name: value for name, value in asked.model_dump().items() if value}
    names = {unit.code: unit.name for unit in units.every(db)}
    found = list(site_features.features(db, rows[:PER_PAGE], caller))
    return page(
        request,
        "places.html",
        {
            "places": found,
            "pins": position_views.pinnable(db, found, caller),
            "total": sites.how_many(db, asked.wanted(), today=today),
            "more": len(rows) > PER_PAGE,
            "page": asked.page,
            "sort": asked.sort,
            "filtered": bool(set(values) - {"sort", "page"}),
            "form": {"typed": values, "errors": {}},
            "units": names,
            "site_kinds": {kind: words.KINDS[kind] for kind in ("slide", "flood", "drowning")},
            "risk_filter": {risk or "none": label for risk, label in words.RISKS.items()},
            "condition_filter": {value or "none": label for value, label in words.CONDITIONS.items()},
        },
        caller=caller,
    )


@router.get("/s/{code}")
def place(
    request: Request,
    db: ReadDb,
    caller: Anybody,
    code: CodePath,
    visits: Literal["all"] | None = None,
    saved: Literal["1"] | None = None,
) -> HTMLResponse:
    """One place, board, measure or proposal: what a passer-by must know first, then what is known and who says so."""
    record = views.find(db, code.upper(), caller)
    shown = views.place(db, record, caller, language_of(request), every_visit=visits == "all")
    crs = request.app.state.settings.local_crs
    context = {
        **shown,
        **position_views.here(db, record, caller, may_inspect=shown["may_inspect"]),
        "crs_name": translate(LOCAL_NAMES.get(crs, f"EPSG:{crs}"), language_of(request)),
        "saved": saved is not None,
    }
    return page(request, "place.html", context, caller=caller)


def address_of(request: Request, code: str) -> str:
    """The public address of a place's page."""
    return f"{request.app.state.settings.origin}/s/{code}"


@router.get("/s/{code}/qr.svg")
def qr(request: Request, db: ReadDb, caller: Anybody, code: CodePath) -> Response:
    """The QR code that opens a place's page."""
    record = views.find(db, code.upper(), caller)
    drawn = qr_svg(address_of(request, record.code), border=4).replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
    )
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/s/{code}/label")
def label(request: Request, db: ReadDb, caller: Anybody, code: CodePath) -> HTMLResponse:
    """The A5 label for a warning signboard: of a site, or of the site that a board stands at."""
    record = views.find(db, code.upper(), caller)
    if record.sort not in views.LABELLED:
        raise NotFound(N_("Only places and signboards have a label."))
    shown = views.place(db, record, caller, "vi", every_visit=False)
    board = record.code if record.sort == "signboard" else None
    site_code = record.properties["site"] if board else record.code
    site = views.find(db, site_code, caller)
    address = address_of(request, site.code)
    return page(
        request,
        "label.html",
        {
            "p": site.properties,
            "board": board,
            "advice": shown["advice"],
            "address": address.partition("://")[2],
            "office": ", ".join(f"UBND {name[:1].lower()}{name[1:]}" for name in shown["unit_names"]),
            "qr": Markup(qr_svg(address, border=0)),  # noqa: S704 - drawn by us # nosec B704
            "sign": symbol(site.properties["kind"], risk="low", size=160),
            "vi": lambda text: translate(text, "vi"),
        },
        caller=caller,
    )


@router.get("/documents")
def every_document(request: Request, db: ReadDb, caller: Anybody) -> HTMLResponse:
    """Every document with what it says, and where documents conflict."""
    language = language_of(request)
    found = documents.every(db)
    for document in found:
        document["facts"] = [_about(fact, language) for fact in document["facts"]]
    return page(request, "documents.html", {"documents": found}, caller=caller)


def _about(fact: dict[str, Any], language: str) -> dict[str, Any]:
    code = str(fact["about"])
    return {
        **views.said(fact, language),
        "document": None,
        "label": views.label_of(fact["field"], language),
        "href": f"/s/{code}" if "-" in code and code[:1].isalpha() else None,
    }


@router.get("/about")
def about(request: Request, caller: Anybody) -> HTMLResponse:
    """Where the figures come from, and what is never mixed or invented."""
    crs = request.app.state.settings.local_crs
    name = translate(LOCAL_NAMES.get(crs, ""), language_of(request))
    return page(
        request, "about.html", {"crs_name": f"{name} (EPSG:{crs})" if name else f"EPSG:{crs}"}, caller=caller
    )
