"""The documents of the GIS door: landing page, conformance, collections, schemas, description of the service."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from app.db import Database
from app.i18n import language_of
from app.ogc import html, negotiation
from app.ogc.collections import COLLECTIONS
from app.ogc.documents import api_page, content, jsonschema, openapi
from app.ogc.extents import Extents
from app.ogc.links import Links
from app.ogc.negotiation import DESCRIPTION, DOCUMENT, SCHEMAS, Chosen, Format
from app.ogc.routes import Name, collection_of
from app.ogc.view import View, view
from app.outputs import dump
from app.people.access import Reader

router = APIRouter(prefix="/ogc", tags=["gis"], include_in_schema=False)


def _asked(request: Request, offered: Sequence[Format]) -> tuple[Chosen, Links, str]:
    """The format to answer in, the links, the language. Raises `BadRequest`, `NotAcceptable`."""
    negotiation.check_known(request)
    return negotiation.chosen(request, offered), Links(request), language_of(request)


def _answer(document: Any, chosen: Chosen, language: str) -> Response:
    return Response(
        dump(document),
        media_type=chosen.media_type,
        headers={"Content-Language": language},
    )


def _extents(request: Request) -> Extents:
    state = request.app.state
    if not hasattr(state, "extents"):
        state.extents = Extents(state.database.changes)
    found: Extents = state.extents
    return found


@router.get("")
def landing(request: Request, caller: Reader) -> Response:
    """Where clients begin."""
    chosen, links, language = _asked(request, DOCUMENT)
    if chosen.name == "html":
        database: Database = request.app.state.database
        with database.read() as db:
            found = _extents(request).of(db, *COLLECTIONS)
        return html.landing(request, caller, links, found)
    return _answer(content.landing(links, chosen, language), chosen, language)


@router.get("/conformance")
def conformance(request: Request, caller: Reader) -> Response:
    """The conformance classes that are held."""
    chosen, links, language = _asked(request, DOCUMENT)
    if chosen.name == "html":
        return html.conformance(request, caller, links)
    return _answer(content.conformance(links, chosen), chosen, language)


@router.get("/api")
def api(request: Request, caller: Reader) -> Response:
    """The description of the service: OpenAPI 3.0.3."""
    chosen, links, language = _asked(request, DESCRIPTION)
    if chosen.name == "html":
        return api_page.api(request)
    views = [view(known, caller) for known in COLLECTIONS.values()]
    return _answer(openapi.description(views, links, language), chosen, language)


@router.get("/collections")
def collections(request: Request, caller: Reader) -> Response:
    """Every collection."""
    chosen, links, language = _asked(request, DOCUMENT)
    database: Database = request.app.state.database
    with database.read() as db:
        found = _extents(request).of(db, *COLLECTIONS)
    if chosen.name == "html":
        return html.collections(request, caller, links, found)
    return _answer(content.collections(found, chosen, links, language), chosen, language)


@router.get("/collections/{collection}")
def one_collection(request: Request, collection: Name, caller: Reader) -> Response:
    """One collection."""
    known = collection_of(collection)
    chosen, links, language = _asked(request, DOCUMENT)
    database: Database = request.app.state.database
    with database.read() as db:
        [extent] = _extents(request).of(db, known.id)
    if chosen.name == "html":
        return html.collection(request, caller, view(known, caller), links, extent)
    own = links.both(chosen, DOCUMENT)
    return _answer(content.collection(known, extent, own, links, language), chosen, language)


Describe = Callable[[View, str, str], dict[str, Any]]


def _schema(request: Request, name: str, caller: Reader, describe: Describe) -> Response:
    """One of a collection's schemas, or the page of its fields."""
    seen = view(collection_of(name), caller)
    chosen, links, language = _asked(request, SCHEMAS)
    if chosen.name == "html":
        return html.fields(request, caller, seen, links)
    return _answer(describe(seen, links.bare, language), chosen, language)


@router.get("/collections/{collection}/queryables")
def queryables(request: Request, collection: Name, caller: Reader) -> Response:
    """What filters may name."""
    return _schema(request, collection, caller, jsonschema.queryables)


@router.get("/collections/{collection}/sortables")
def sortables(request: Request, collection: Name, caller: Reader) -> Response:
    """What `sortby` may name."""
    return _schema(request, collection, caller, jsonschema.sortables)


@router.get("/collections/{collection}/schema")
def returnables(request: Request, collection: Name, caller: Reader) -> Response:
    """What features hold."""
    return _schema(request, collection, caller, jsonschema.returnables)


@router.get("/collections/{collection}/feature-schema")
def feature_schema(request: Request, collection: Name, caller: Reader) -> Response:
    """The schema of one feature as GeoJSON."""
    return _schema(request, collection, caller, jsonschema.of_feature)
