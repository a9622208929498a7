"""The GIS door's documents as pages, for people in a browser.

Asked again, a page is the same bytes, so that `app.memory.freshness` can tell: its inline script is allowed by its
hash, where the service's other pages have a nonce.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote

import orjson
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.assets import import_map
from app.door.headers import Dress, source_of
from app.i18n import N_, language_of, translate
from app.ogc import crs
from app.ogc.collections import COLLECTIONS
from app.ogc.documents.conformance import CLASSES
from app.ogc.extents import Extent
from app.ogc.fields import Field
from app.ogc.links import Links
from app.ogc.negotiation import HTML, ITEMS, ROOT
from app.ogc.view import View
from app.pages import words
from app.pages.formats import LOCAL_NAMES, Formats
from app.pages.render import page, under, with_query
from app.people.rules import Caller

WORDS: Final[Mapping[str, Mapping[Any, str]]] = {
    **words.VALUES,
    "condition": words.CONDITIONS,
    "suggested_condition": words.CONDITIONS,
    "location_status": words.LOCATION_STATUSES,
}
YEARS: Final = frozenset({"period_from", "period_to"})
LISTS: Final = frozenset({"units", "unit_names"})
PLACES: Final = frozenset({"site"})
"""Fields that hold the code of something with a page."""
WITH_PAGES: Final = ("sites", "signboards")
"""Collections, those of one kind too, whose features have pages under /s."""
SHAPES: Final = {
    "Point": N_("Point"),
    "LineString": N_("Line"),
    "Polygon": N_("Outline"),
    "MultiPoint": N_("Several points"),
    "MultiLineString": N_("Several lines"),
    "MultiPolygon": N_("Several areas"),
    "GeometryCollection": N_("Several shapes"),
}
UNSEEN: Final = frozenset({"condition", "last_inspected_at", "due_on"})
"""Fields that are empty until the first visit."""
MOST_POSITIONS: Final = 200
HERE: Final = frozenset({"cursor", "offset", "limit", "f", "lang", "theme"})
"""Parameters that belong to a page of the list, not to what was asked for."""
DOWNLOAD_LIMIT: Final = 10_000


def _shared(links: Links) -> dict[str, Any]:
    return {"base": links.base, "downloads": [each for each in ITEMS if each is not HTML]}


def _known(extents: Iterable[Extent], language: str) -> list[dict[str, Any]]:
    return [
        {
            "id": known.id,
            "title": translate(known.title, language),
            "description": translate(known.description, language),
            "count": extent.count,
        }
        for known, extent in zip(COLLECTIONS.values(), extents, strict=True)
    ]


def _page(request: Request, template: str, context: Mapping[str, Any], *, caller: Caller) -> HTMLResponse:
    imports = import_map()
    same = {"csp_nonce": "", "import_map": lambda: imports}
    answer = page(request, template, {**context, **same}, caller=caller)
    return allowing(request, under(getattr(request.state, "prefix", ""), imports), answer)


def allowing(request: Request, script: str, answer: HTMLResponse) -> HTMLResponse:
    """The answer with a policy of its own: scripts of ours, and inline this one."""
    policy = Dress(request.app.state.settings).policy_for(script=source_of(script))
    answer.headers["Content-Security-Policy"] = policy
    return answer


def landing(request: Request, caller: Caller, links: Links, extents: Sequence[Extent]) -> HTMLResponse:
    """What the door is, what it holds and how to come in."""
    context = {**_shared(links), "collections": _known(extents, language_of(request))}
    return _page(request, "ogc-landing.html", context, caller=caller)


def collections(request: Request, caller: Caller, links: Links, extents: Sequence[Extent]) -> HTMLResponse:
    """The list of collections."""
    context = {**_shared(links), "collections": _known(extents, language_of(request))}
    return _page(request, "ogc-collections.html", context, caller=caller)


def conformance(request: Request, caller: Caller, links: Links) -> HTMLResponse:
    """The conformance classes."""
    return _page(request, "ogc-conformance.html", {**_shared(links), "classes": CLASSES}, caller=caller)


def _of(view: View, language: str) -> dict[str, str]:
    known = view.collection
    return {
        "id": known.id,
        "title": translate(known.title, language),
        "description": translate(known.description, language),
    }


def _fields(view: View, language: str) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "title": translate(field.title, language),
            "type": field.type,
            "values": [(each, _word(field, each, language)) for each in field.enum],
        }
        for field in view.fields
    ]


def collection(request: Request, caller: Caller, view: View, links: Links, extent: Extent) -> HTMLResponse:
    """What a collection is, its formats and fields, and how to add it to QGIS."""
    language = language_of(request)
    context = {
        **_shared(links),
        "collection": _of(view, language),
        "extent": extent,
        "fields": _fields(view, language),
        "systems": crs.ALL,
    }
    return _page(request, "ogc-collection.html", context, caller=caller)


def fields(request: Request, caller: Caller, view: View, links: Links) -> HTMLResponse:
    """The fields of a collection: what its schemas say."""
    language = language_of(request)
    context = {**_shared(links), "collection": _of(view, language), "fields": _fields(view, language)}
    return _page(request, "ogc-fields.html", context, caller=caller)


def tidied(request: Request) -> Response | None:
    """Where a form sent fields that nobody filled in: the way to the same page without them."""
    given = request.query_params
    if all(given.values()):
        return None
    kept = {name: value for name, value in given.items() if value}
    return RedirectResponse(with_query(quote(request.url.path), kept), status_code=303)


def items_page(
    request: Request, caller: Caller, view: View, texts: Sequence[bytes], matched: int, next_href: str | None
) -> HTMLResponse:
    """A page of a collection's features; `texts` are their GeoJSON."""
    language, links = language_of(request), Links(request)
    asked = {name: value for name, value in request.query_params.items() if name not in HERE}
    features = [orjson.loads(text) for text in texts]
    shown = [
        field
        for field in view.fields
        if field.role != "id" and any(field.name in each["properties"] for each in features)
    ]
    context = {
        **_shared(links),
        "collection": _of(view, language),
        "matched": matched,
        "columns": [translate(field.title, language) for field in shown],
        "rows": [
            {
                "id": each["id"],
                "cells": [value_of(field, each["properties"].get(field.name), language) for field in shown],
            }
            for each in features
        ],
        "choices": [
            {**choice, "chosen": asked.get(choice["name"], "")} for choice in _choices(view, language)
        ],
        "asked": asked,
        "later": any(request.query_params.get(name) for name in ("cursor", "offset")),
        "next_href": next_href and next_href.removeprefix(links.root),
        "first_href": with_query(f"{ROOT}/collections/{view.collection.id}/items", asked),
        "data_href": lambda form: with_query(
            f"{ROOT}/collections/{view.collection.id}/items",
            {**asked, **({"limit": DOWNLOAD_LIMIT} if form == "geojson" else {}), "f": form},
        ),
    }
    return _page(request, "ogc-items.html", context, caller=caller)


def item_page(request: Request, caller: Caller, view: View, text: bytes) -> HTMLResponse:
    """One feature with everything it holds; `text` is its GeoJSON in CRS84."""
    language, links = language_of(request), Links(request)
    feature = orjson.loads(text)
    held = feature["properties"]
    positions = list(_positions(feature["geometry"]))
    has_page = view.collection.id.startswith(WITH_PAGES)
    epsg = request.app.state.settings.local_crs
    context = {
        **_shared(links),
        "collection": _of(view, language),
        "id": feature["id"],
        "name": held.get("name"),
        "place": f"/s/{quote(feature['id'])}" if has_page else None,
        "facts": [
            {
                "name": field.name,
                "title": translate(field.title, language),
                "value": value_of(field, held.get(field.name), language),
                "unseen": field.name in UNSEEN and held.get("last_inspected_at", field) is None,
                "href": f"/s/{quote(held[field.name])}"
                if field.name in PLACES and held.get(field.name)
                else None,
            }
            for field in view.fields
        ],
        "shape": translate(SHAPES[feature["geometry"]["type"]], language) if feature["geometry"] else None,
        "positions": positions[:MOST_POSITIONS],
        "position_count": len(positions),
        "accuracy_m": held.get("location_accuracy_m") or held.get("accuracy_m"),
        "epsg": epsg,
        "system": translate(LOCAL_NAMES.get(epsg, f"EPSG:{epsg}"), language),
    }
    return _page(request, "ogc-item.html", context, caller=caller)


def _positions(geometry: Mapping[str, Any] | None) -> Iterable[tuple[float, float]]:
    """Every position of a GeoJSON geometry."""
    if geometry is None:
        return
    for part in geometry.get("geometries", ()):
        yield from _positions(part)
    yield from _flat(geometry.get("coordinates", []))


def _flat(coordinates: Sequence[Any]) -> Iterable[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _flat(part)


def _choices(view: View, language: str) -> list[dict[str, Any]]:
    """The fields that a list can be narrowed by, with their values in words."""
    found = []
    for field in view.fields:
        values = field.enum or (("true", "false") if field.type == "boolean" else ())
        if len(values) > 1:
            options = [(each, _word(field, each, language)) for each in values]
            found.append({"name": field.name, "title": translate(field.title, language), "options": options})
    return found


_YES_NO: Final = {"true": N_("yes"), "false": N_("no")}


def _word(field: Field, value: str, language: str) -> str:
    known = _YES_NO if field.type == "boolean" else WORDS.get(field.name, {})
    return translate(known[value], language) if value in known else value


def value_of(field: Field, value: Any, language: str) -> Any:
    """A value of `field` as people read it; None where nobody said."""
    if value is None or value == "":
        return None
    say = Formats(language)
    if field.type == "date":
        return say.day(date.fromisoformat(value))
    if field.type == "date-time":
        return say.at(datetime.fromisoformat(value))
    if field.type in ("integer", "number") and field.name not in YEARS:
        return say.number(value)
    text = str(value).lower() if field.type == "boolean" else str(value)
    return text.replace(",", ", ") if field.name in LISTS else _word(field, text, language)
