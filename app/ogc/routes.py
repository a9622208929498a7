"""The GIS door: OGC API - Features at /ogc."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app import clock
from app.db import Database
from app.errors import NotFound
from app.i18n import N_
from app.ogc import queries
from app.ogc.asked import Asked
from app.ogc.collections import COLLECTIONS
from app.ogc.features import as_feature, as_features
from app.ogc.fields import Collection
from app.ogc.links import Links
from app.ogc.parameters import read
from app.ogc.view import view
from app.outputs import dump
from app.people.access import Reader
from app.wire import GeoJson

router = APIRouter(prefix="/ogc", tags=["gis"], include_in_schema=False)


Name = Annotated[str, Path(description="Id of a collection", max_length=40, examples=["sites"])]


def collection_of(name: str) -> Collection:
    """The collection called so. Raises `NotFound`."""
    found = COLLECTIONS.get(name)
    if found is None:
        raise NotFound(N_("There is no such collection. /ogc/collections names them."))
    return found


@router.get("/collections/{collection}/items")
def items(request: Request, collection: Name, caller: Reader) -> Response:
    """Features of a collection, a page at a time."""
    database: Database = request.app.state.database
    known = collection_of(collection)
    seen, links, today = view(known, caller), Links(request), clock.today()
    asked = read(request, seen)
    with database.read() as db:
        rows = queries.page(db, seen, asked, today=today)
        matched = queries.count(db, seen, asked, today=today)
    shown = rows[: asked.limit]
    body: Mapping[str, Any] = {
        "type": "FeatureCollection",
        "links": _page_links(links, known, asked, rows),
        "timeStamp": clock.now(),
        "numberMatched": matched,
        "numberReturned": len(shown),
        "features": as_features(shown, seen),
    }
    return GeoJson(dump(body))


def _page_links(links: Links, known: Collection, asked: Asked, rows: Any) -> list[dict[str, str]]:
    here = links.to("collections", known.id, "items")
    found = [{"rel": "self", "type": "application/geo+json", "href": here}]
    if len(rows) > asked.limit:
        last = rows[asked.limit - 1]._mapping["_key"]  # noqa: SLF001 - public by its docs
        href = f"{here}?limit={asked.limit}&cursor={last}"
        found.append({"rel": "next", "type": "application/geo+json", "href": href})
    return found


@router.get("/collections/{collection}/items/{feature_id}")
def item(request: Request, collection: Name, caller: Reader, feature_id: str) -> Response:
    """One feature."""
    database: Database = request.app.state.database
    seen = view(collection_of(collection), caller)
    with database.read() as db:
        row = queries.one(db, seen, feature_id, today=clock.today())
    if row is None:
        raise NotFound(N_("There is no feature with this id in the collection."))
    return GeoJson(dump(as_feature(row, seen)))
