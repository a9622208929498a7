"""The documents around the items: landing page, conformance, collections."""

from collections.abc import Sequence
from typing import Any, Final

from app.clock import rfc3339
from app.i18n import N_, translate
from app.ogc import crs
from app.ogc.collections import COLLECTIONS
from app.ogc.documents.conformance import CLASSES
from app.ogc.extents import Extent
from app.ogc.fields import Collection
from app.ogc.links import REL, Link, Links, link
from app.ogc.negotiation import DOCUMENT, GEOJSON, HTML, ITEMS, JSON, OPENAPI, SCHEMA, Chosen
from app.outputs import CREDIT

Document = dict[str, Any]

TITLE: Final = N_("Taluy, open registry of landslide and flood hazard sites")
DESCRIPTION: Final = N_(
    "Hazard sites, warning signboards, inspections, measures and works proposals of the ward, for GIS tools. "
    "Every position carries its accuracy; what nobody said is empty."
)
LICENCE: Final = N_(
    "Streets, streams and outlines: © OpenStreetMap contributors, Open Database License 1.0; for the rest nobody has "
    "named a licence yet"
)
GREGORIAN: Final = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


def _licence(links: Links, language: str) -> Link:
    """Where the licence of each part stands, one of them by a name: a link without words would claim it for all."""
    return link("license", f"{links.root}/about#licence", HTML.media_types[0], translate(LICENCE, language))


def _in(links: Links, language: str, rel: str, title: str, *path: str, media_type: str) -> Link:
    return link(rel, links.to(*path), media_type, translate(title, language))


def landing(links: Links, chosen: Chosen, language: str) -> Document:
    """The first page. Source: OGC 17-069r4, 7.2."""
    json = JSON.media_types[0]
    api, about = N_("Description of this service"), N_("Documentation of this service")
    held, data = N_("Conformance classes that this service holds"), N_("Collections")
    return {
        "title": translate(TITLE, language),
        "description": translate(DESCRIPTION, language),
        "attribution": CREDIT,
        "links": [
            *links.both(chosen, DOCUMENT),
            _in(links, language, "service-desc", api, "api", media_type=OPENAPI.media_types[0]),
            _in(links, language, "service-doc", about, "api.html", media_type=HTML.media_types[0]),
            _in(links, language, "conformance", held, "conformance", media_type=json),
            _in(links, language, f"{REL}conformance", held, "conformance", media_type=json),
            _in(links, language, "data", data, "collections", media_type=json),
            _in(links, language, f"{REL}data", data, "collections", media_type=json),
            _licence(links, language),
        ],
    }


def conformance(links: Links, chosen: Chosen) -> Document:
    """The conformance classes that are held. Source: OGC 17-069r4, 7.4."""
    return {"links": links.both(chosen, DOCUMENT), "conformsTo": list(CLASSES)}


def collection(
    known: Collection, extent: Extent, own: Sequence[Link], links: Links, language: str
) -> Document:
    """One collection; `own` are its links to itself. Sources: OGC 17-069r4, 7.14; OGC 18-058r1, 6."""
    found: Document = {
        "id": known.id,
        "title": translate(known.title, language),
        "description": translate(known.description, language),
        "attribution": CREDIT,
        "itemType": "feature",
        "itemCount": extent.count,
        "extent": _extent(extent),
        "crs": list(crs.ALL.values()),
        "storageCrs": crs.ALL[crs.CRS84],
        "links": [*own, *_around(known, links, language)],
    }
    if not found["extent"]:
        del found["extent"]
    return found


def _around(known: Collection, links: Links, language: str) -> list[Link]:
    here = ("collections", known.id)
    schema = SCHEMA.media_types[0]
    items = links.items(known.id)
    title = translate(known.title, language)
    found = [link("items", items, GEOJSON.media_types[0], f"{title} (GeoJSON)")]
    found += [
        link("items", f"{items}?f={each.name}", each.media_types[0], f"{title} ({each.title})")
        for each in ITEMS
        if each is not GEOJSON
    ]
    described = N_("Schema of a feature")
    filters, returned = N_("Properties that filters may name"), N_("Properties of the features")
    sorts = N_("Properties to sort by")
    return [
        *found,
        _in(links, language, f"{REL}queryables", filters, *here, "queryables", media_type=schema),
        _in(links, language, f"{REL}schema", returned, *here, "schema", media_type=schema),
        _in(links, language, f"{REL}sortables", sorts, *here, "sortables", media_type=schema),
        _in(links, language, "describedby", described, *here, "feature-schema", media_type=schema),
        # As the relation was once written: GDAL 3.6, which Debian 12 has, knows it only so.
        _in(links, language, "describedBy", described, *here, "feature-schema", media_type=schema),
        _licence(links, language),
    ]


def _extent(extent: Extent) -> Document:
    found: Document = {}
    if extent.box is not None:
        box = extent.box
        found["spatial"] = {"bbox": [[box.west, box.south, box.east, box.north]], "crs": crs.ALL[crs.CRS84]}
    if extent.timed:
        ends = [None if each is None else rfc3339(each) for each in (extent.begins, extent.ends)]
        found["temporal"] = {"interval": [ends], "trs": GREGORIAN}
    return found


def collections(extents: Sequence[Extent], chosen: Chosen, links: Links, language: str) -> Document:
    """All collections; `extents` in the order of `COLLECTIONS`."""
    found = []
    for known, extent in zip(COLLECTIONS.values(), extents, strict=True):
        address = links.to("collections", known.id)
        own = [
            link("self", address, JSON.media_types[0]),
            link("alternate", f"{address}?f={HTML.name}", HTML.media_types[0], HTML.title),
        ]
        found.append(collection(known, extent, own, links, language))
    return {
        "links": [*links.both(chosen, DOCUMENT), _licence(links, language)],
        "crs": list(crs.ALL.values()),
        "collections": found,
    }
