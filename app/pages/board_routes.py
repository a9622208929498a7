"""Registering and correcting records by the board, through the same functions as the API."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ValidationError

from app.db import Db, ReadDb
from app.errors import NotFound, Problem
from app.i18n import N_, language_of, translate
from app.inspections import photo_routes
from app.inspections.schemas import PhotoChange
from app.measures import proposal_routes
from app.measures import routes as measure_routes
from app.pages import views
from app.pages.board_fields import LOCATED, POSITION, SORTS, Field, Section
from app.pages.positions import SYSTEMS, geometry_of, typed_position
from app.pages.render import page
from app.pages.typed import Sent, one_each, reasons
from app.people.access import Board, Now, Publisher
from app.people.rules import check_covers
from app.signboards import routes as signboard_routes
from app.sites import routes as site_routes
from app.sites.routes import CodePath
from app.transfer.columns import number

router = APIRouter()

SortName = Literal["site", "signboard", "measure", "proposal"]
CHANGE: Mapping[str, Callable[..., Response]] = {
    "site": site_routes.change_site,
    "signboard": signboard_routes.change_signboard,
    "measure": measure_routes.change_measure,
    "proposal": proposal_routes.change_proposal,
}
ADD: Mapping[str, Callable[..., Response]] = {
    "site": site_routes.add_site,
    "signboard": signboard_routes.add_signboard,
    "measure": measure_routes.add_measure,
    "proposal": proposal_routes.add_proposal,
}


def _shown(value: object) -> str:
    """A stored value as a form field holds it."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)


def said_of(typed: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, Any]:
    """What the form says of `fields`, for the API's schema; an empty field means that nothing is known."""
    said: dict[str, Any] = {}
    for field in fields:
        text = typed.get(field.name, "")
        if not text and not field.needed:
            said[field.name] = None
        elif field.look == "number":
            said[field.name] = number(text) if text else text
        elif text or field.look in ("text", "number"):
            said[field.name] = text
    return said


def _name_of(pointer: str) -> str:
    """The field that a JSON pointer means; anything in the geometry is the position."""
    first = pointer.strip("/").partition("/")[0]
    return "first" if first in ("geometry", "coordinates") else first


def _page(
    request: Request, template: str, context: Mapping[str, Any], board: Board, error: Exception | None
) -> HTMLResponse:
    status = 200
    if error is not None:
        status = error.status if isinstance(error, Problem) else 422
    return page(request, template, {**context, "systems": SYSTEMS}, caller=board, status=status)


@router.get("/s/{code}/edit")
def edit_form(request: Request, db: ReadDb, board: Board, code: CodePath) -> HTMLResponse:
    """Everything that the board can correct of one record."""
    return _edit(request, db, board, code.upper(), "", {}, None)


def _edit(
    request: Request,
    db: ReadDb,
    board: Board,
    code: str,
    section: str,
    typed: Mapping[str, str],
    error: Problem | ValidationError | None,
) -> HTMLResponse:
    language = language_of(request)
    record = views.find(db, code, board)
    check_covers(board, views.unit_ids(db, record))
    kept = {
        name: _shown(value) for name, value in record.properties.items() if not isinstance(value, list | dict)
    }
    kept |= typed_position(record.geometry)
    errors = reasons(error, language, _name_of) if error else {}
    forms = {
        each.name: {
            "typed": {**kept, **typed} if each.name == section else kept,
            "errors": errors if each.name == section else {},
        }
        for each in SORTS[record.sort].sections
    }
    p = record.properties
    context = {
        "p": {**p, "name": p["name"] or translate(N_("Measure"), language)},
        "sort": SORTS[record.sort],
        "forms": forms,
        "geometry": record.geometry,
        "version": typed.get("version", p["version"]),
        "form": {"typed": {}, "errors": errors},
    }
    return _page(request, "edit.html", context, board, error)


@router.post("/s/{code}/edit")
def edit_now(request: Request, db: Db, board: Board, now: Now, code: CodePath, sent: Sent) -> Response:
    """Save one section. A version that somebody else has changed meanwhile is refused, with everything typed kept."""
    code, typed = code.upper(), one_each(sent)
    record = views.find(db, code, board)
    sort = SORTS[record.sort]
    section = next((each for each in sort.sections if each.name == typed.get("section")), None)
    if section is None:
        raise NotFound(N_("There is no such section to change."))
    try:
        body = _changes(request, sort.change, section, typed)
        tag = f'"{typed.get("version", "")}"'
        with db.begin_nested():
            CHANGE[record.sort](code, body, db, board, now, if_match=tag)
    except (Problem, ValidationError) as error:
        return _edit(request, db, board, code, section.name, typed, error)
    return RedirectResponse(f"/s/{code}?saved=1", status_code=303)


def _changes(
    request: Request, schema: type[BaseModel], section: Section, typed: Mapping[str, str]
) -> BaseModel:
    said = said_of(typed, section.fields)
    if section is POSITION:
        said["geometry"] = geometry_of(typed, request.app.state.settings.local_crs)
    return schema.model_validate(said)


@router.post("/s/{code}/photos")
def publish_photo(db: Db, board: Publisher, now: Now, code: CodePath, sent: Sent) -> Response:
    """Show one photo to everybody, or take it back."""
    typed = one_each(sent)
    wanted = PhotoChange(published=typed.get("published") == "yes")
    try:
        visit = UUID(typed.get("inspection", ""))
    except ValueError:
        raise NotFound(N_("There is no such photo, or it is not published.")) from None
    photo_routes.publish(
        typed.get("sha256", ""), photo_routes.Record("inspection", visit), wanted, db, board, now
    )
    return RedirectResponse(f"/s/{code.upper()}#visits", status_code=303)


@router.get("/new")
def new_form(
    request: Request,
    board: Board,
    record: SortName = "site",
    site: Annotated[str, Query(pattern=r"^[A-Z0-9-]{0,40}$")] = "",
) -> HTMLResponse:
    """The form to register a record."""
    typed = {"site": site, "state": "unknown" if record == "signboard" else "", "system": "wgs84"}
    return _new(request, board, record, typed, None)


def _new(
    request: Request,
    board: Board,
    sort: str,
    typed: Mapping[str, str],
    error: Problem | ValidationError | None,
) -> HTMLResponse:
    errors = reasons(error, language_of(request), _name_of) if error else {}
    context = {
        "record": sort,
        "sort": SORTS[sort],
        "sorts": SORTS,
        "position": POSITION if sort in LOCATED else None,
        "geometry": None,
        "p": {},
        "form": {"typed": typed, "errors": errors},
    }
    return _page(request, "new.html", context, board, error)


@router.post("/new")
def new_now(
    request: Request, db: Db, board: Board, now: Now, sent: Sent, record: SortName = "site"
) -> Response:
    """Register a record, or give the form back with the reason."""
    typed, sort = one_each(sent), SORTS[record]
    try:
        said = {name: value for name, value in said_of(typed, sort.first).items() if value is not None}
        if record in LOCATED:
            said |= said_of(typed, POSITION.fields)
            said["geometry"] = geometry_of(typed, request.app.state.settings.local_crs)
        body = sort.new.model_validate(said)
        with db.begin_nested():
            ADD[record](body, db, board, now)
    except (Problem, ValidationError) as error:
        return _new(request, board, record, typed, error)
    return RedirectResponse(f"/s/{said['code']}?saved=1", status_code=303)
