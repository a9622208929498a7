"""The GIS door: OGC API - Features at /ogc."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app import clock
from app.db import Database
from app.errors import NotFound
from app.i18n import N_
from app.ogc import answers, html, negotiation, parameters, reading
from app.ogc.asked import Asked
from app.ogc.collections import COLLECTIONS
from app.ogc.fields import Collection
from app.ogc.formats import geopackage, streams
from app.ogc.links import Links
from app.ogc.straight import Straight
from app.ogc.view import view
from app.outputs import GEOPACKAGE, OUTPUTS
from app.people.access import Reader

router = APIRouter(prefix="/ogc", tags=["gis"], include_in_schema=False, route_class=Straight)

Name = Annotated[str, Path(description="Id of a collection", max_length=40, examples=["sites"])]


def collection_of(name: str) -> Collection:
    """The collection called so. Raises `NotFound`."""
    found = COLLECTIONS.get(name)
    if found is None:
        raise NotFound(N_("There is no such collection. /ogc/collections names them."))
    return found


@router.get("/collections/{collection}/items")
def items(request: Request, collection: Name, caller: Reader) -> Response:
    """Features of a collection, a page at a time; in formats of files everything at once, unless a limit is named."""
    seen = view(collection_of(collection), caller)
    chosen = negotiation.chosen(request, negotiation.ITEMS)
    if chosen.name == "html" and (tidied := html.tidied(request)):
        return tidied
    asked = parameters.read(request, seen)
    if chosen.name == GEOPACKAGE.name:
        return geopackage.answer(request, seen, asked)
    if chosen.name in OUTPUTS and chosen.name != negotiation.GEOJSON.name:
        return streams.answer(request, seen, asked, chosen.name)
    database: Database = request.app.state.database
    today, links = clock.today(), Links(request)
    piece, matched = reading.page(database, seen, asked, today=today)
    page = answers.Page(seen, asked, piece, matched, chosen)
    if chosen.name == "html":
        return html.items_page(request, caller, seen, piece.texts, matched, answers.next_href(links, page))
    body, headers = answers.collection(links, page)
    return Response(body, headers=headers, media_type=chosen.media_type)


@router.get("/collections/{collection}/items/{feature_id}")
def item(request: Request, collection: Name, caller: Reader, feature_id: str) -> Response:
    """One feature."""
    seen = view(collection_of(collection), caller)
    chosen = negotiation.chosen(request, negotiation.ITEM)
    asked = parameters.read_one(request)
    if chosen.name == "html":
        asked = Asked()
    database: Database = request.app.state.database
    text = reading.feature(database, seen, feature_id, asked, today=clock.today())
    if text is None:
        raise NotFound(N_("There is no feature with this id in the collection."))
    if chosen.name == "html":
        return html.item_page(request, caller, seen, text)
    body, headers = answers.feature(Links(request), seen, text, asked, chosen)
    return Response(body, headers=headers, media_type=chosen.media_type)
