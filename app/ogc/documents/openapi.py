"""The description of the GIS door by hand, in OpenAPI 3.0.3: clients and the official tests read no other version.

Paths are concrete, one a collection, relative to the landing page: GDAL looks up its page size and QGIS its
parameters there. Sources: OGC 17-069r4, 7.3 and 9; OpenAPI 3.0.3.
"""

from collections.abc import Sequence
from typing import Any, Final

from app import problems
from app.i18n import LANGUAGES, N_, translate
from app.ogc import crs
from app.ogc.documents import jsonschema
from app.ogc.documents.content import DESCRIPTION, TITLE
from app.ogc.documents.openapi_answers import ANSWERS, Part, list_of
from app.ogc.fields import Field
from app.ogc.links import Links
from app.ogc.negotiation import DESCRIPTION as API
from app.ogc.negotiation import DOCUMENT, ITEM, ITEMS, SCHEMAS, Format
from app.ogc.view import View
from app.wire import MAX_PAGE

VERSION: Final = "3.0.3"
DEFAULT_PAGE: Final = 100
ROOT: Final = N_("This service")
WENT_WELL: Final = N_("What was asked for")
NAMES: Final = N_("Name of the format; an ending such as .geojson and the header Accept do the same")


def description(views: Sequence[View], links: Links, language: str) -> Part:
    """The whole document, for who sees `views`."""

    def told(message: str) -> str:
        return translate(message, language)

    paths: Part = {
        "/": _path(told, "landingPage", TITLE, "LandingPage", DOCUMENT),
        "/conformance": _path(told, "conformance", N_("Conformance classes"), "Conformance", DOCUMENT),
        "/api": _path(told, "description", N_("This description"), "Any", API),
        "/collections": _path(told, "collections", N_("Collections"), "Collections", DOCUMENT),
    }
    for view in views:
        paths |= _of_collection(told, view, language)
    return {
        "openapi": VERSION,
        "info": {"title": told(TITLE), "description": told(DESCRIPTION), "version": "1.0.0"},
        "servers": [{"url": links.base}],
        "tags": [{"name": told(each)} for each in (ROOT, *(view.collection.title for view in views))],
        "security": [{}, {"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "parameters": _parameters(told),
            "responses": _problems(told),
            "headers": _headers(told),
            "schemas": {**ANSWERS, "Problem": problems.SCHEMA},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": told(_TOKEN)},
                "basic": {"type": "http", "scheme": "basic", "description": told(_AS_PASSWORD)},
            },
        },
    }


_TOKEN: Final = N_("A token from the page of an account: it shows what its owner may see")
_AS_PASSWORD: Final = N_("Any user name; the token is the password")
_WRONG: Final = {400: "BadRequest", 401: "WrongToken", 404: "NotFound", 406: "NotAcceptable", 503: "Busy"}


def _ref(kind: str, name: str) -> Part:
    return {"$ref": f"#/components/{kind}/{name}"}


def _content(offered: Sequence[Format], schema: str) -> Part:
    found: Part = {}
    for each in offered:
        for media_type in each.media_types:
            json = media_type.partition(";")[0].endswith("json")
            found[media_type] = {"schema": _ref("schemas", schema) if json else {"type": "string"}}
    return found


def _operation(told: Any, name: str, summary: str, schema: str, offered: Sequence[Format], tag: str) -> Part:
    wrong = {str(status): _ref("responses", each) for status, each in _WRONG.items()}
    fine = {"description": told(WENT_WELL), "content": _content(offered, schema)}
    return {
        "operationId": name,
        "summary": told(summary),
        "tags": [told(tag)],
        "parameters": [_f(told, offered), _ref("parameters", "lang")],
        "responses": {"200": fine, **wrong},
    }


def _path(told: Any, name: str, summary: str, schema: str, offered: Sequence[Format]) -> Part:
    return {"get": _operation(told, name, summary, schema, offered, ROOT)}


def _f(told: Any, offered: Sequence[Format]) -> Part:
    return _in_query(
        "f", {"type": "string", "enum": [name for each in offered for name in each.names]}, told(NAMES)
    )


def _in_query(name: str, schema: Part, told: str) -> Part:
    return {
        "name": name,
        "in": "query",
        "description": told,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _of_collection(told: Any, view: View, language: str) -> Part:
    """The paths of one collection."""
    known = view.collection
    here, name, title = f"/collections/{known.id}", known.id.replace("-", "_"), told(known.title)
    paths: Part = {here: _path(told, f"{name}", known.title, "Collection", DOCUMENT)}
    for end, summary in (
        ("queryables", N_("Properties that filters may name")),
        ("sortables", N_("Properties to sort by")),
        ("schema", N_("Properties of the features")),
        ("feature-schema", N_("Schema of a feature")),
    ):
        operation = f"{name}_{end.replace('-', '_')}"
        paths[f"{here}/{end}"] = _path(told, operation, summary, "Any", SCHEMAS)
    for path in paths.values():
        path["get"]["tags"] = [title]
    return {
        **paths,
        f"{here}/items": {"get": _items(told, view, name, language)},
        f"{here}/items/{{featureId}}": {"get": _item(told, name, known.title)},
    }


def _items(told: Any, view: View, name: str, language: str) -> Part:
    found = _operation(
        told, f"{name}_items", N_("Features"), "FeatureCollection", ITEMS, view.collection.title
    )
    found["responses"]["200"]["headers"] = {
        each: _ref("headers", each)
        for each in ("Content-Crs", "Link", "OGC-NumberMatched", "OGC-NumberReturned")
    }
    names = [field.name for field in view.fields]
    sorts = [f"{sign}{each}" for each in names for sign in ("", "+", "-")]
    found["parameters"] += [
        *(_ref("parameters", name) for name, _, _ in _SHARED),
        _in_query("properties", list_of({"type": "string", "enum": names}), told(_SHOWN)),
        _in_query("sortby", list_of({"type": "string", "enum": sorts}), told(_SORT)),
        *(_queryable(field, language) for field in view.fields),
    ]
    return found


_SHOWN: Final = N_("Properties to answer with, separated by commas")
_SORT: Final = N_("Properties to sort by, separated by commas; a minus: descending")


def _item(told: Any, name: str, title: str) -> Part:
    found = _operation(told, f"{name}_item", N_("One feature"), "Feature", ITEM, title)
    found["responses"]["200"]["headers"] = {"Content-Crs": _ref("headers", "Content-Crs")}
    found["parameters"] += [_ref("parameters", each) for each in ("featureId", "crs")]
    return found


def _queryable(field: Field, language: str) -> Part:
    schema = jsonschema.of_field(field, language)
    kept = {key: value for key, value in schema.items() if key in ("type", "format", "enum")}
    return _in_query(field.name, kept, str(schema["title"]))


_SYSTEMS: Final[Part] = {
    "type": "string",
    "format": "uri",
    "enum": list(crs.ALL.values()),
    "default": crs.ALL[crs.CRS84],
}
_TEXT: Final[Part] = {"type": "string"}
_SHARED: Final[tuple[tuple[str, Part, str], ...]] = (
    (
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
        N_("How many features at most; CSV, GeoJSONSeq and GeoPackage hold all without it"),
    ),
    ("offset", {"type": "integer", "minimum": 0, "default": 0}, N_("How many features to pass over")),
    ("cursor", _TEXT, N_("Where a page begins: from the link to the next page, nowhere else")),
    (
        "bbox",
        list_of({"type": "number"}, minItems=4, maxItems=6),
        N_("Only features that touch this box: west, south, east, north"),
    ),
    ("bbox-crs", _SYSTEMS, N_("Coordinate system of the box")),
    ("datetime", _TEXT, N_("Only features of this moment or period (RFC 3339); .. is an open end")),
    ("crs", _SYSTEMS, N_("Coordinate system of the answer")),
    ("ids", list_of(_TEXT), N_("Only the features with these ids, separated by commas")),
    ("filter", _TEXT, N_("A filter in CQL2")),
    (
        "filter-lang",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
        N_("How the filter is written"),
    ),
    ("filter-crs", _SYSTEMS, N_("Coordinate system of the filter's geometries")),
    (
        "resultType",
        {"type": "string", "enum": ["hits", "results"], "default": "results"},
        N_("hits: count only"),
    ),
    ("skipGeometry", {"type": "boolean", "default": False}, N_("Leave the geometries out")),
)
"""What every collection's items have in common: name, schema, description."""


def _parameters(told: Any) -> Part:
    found = {name: _in_query(name, schema, told(says)) for name, schema, says in _SHARED}
    languages = {"type": "string", "enum": list(LANGUAGES)}
    found["lang"] = _in_query("lang", languages, told(N_("Language of titles and messages")))
    found["featureId"] = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "description": told(N_("Id of a feature")),
        "schema": _TEXT,
    }
    return found


def _problems(told: Any) -> Part:
    content = {
        problems.MEDIA_TYPE: {"schema": _ref("schemas", "Problem")},
        "text/html": {"schema": {"type": "string"}},
    }
    return {
        name: {"description": told(problems.TITLES[status]), "content": content}
        for status, name in _WRONG.items()
    }


def _headers(told: Any) -> Part:
    return {
        name: {"description": told(says), "schema": {"type": kind}}
        for name, kind, says in (
            ("Content-Crs", "string", N_("Coordinate system of the answer")),
            ("Link", "string", N_("Links, to the next page too")),
            ("OGC-NumberMatched", "integer", N_("How many features match")),
            ("OGC-NumberReturned", "integer", N_("How many features this answer holds")),
        )
    }
