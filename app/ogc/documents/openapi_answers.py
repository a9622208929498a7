"""The shapes of the GIS door's answers, for its description in OpenAPI 3.0.3. Source: the schemas of OGC 17-069r4."""

from typing import Any, Final

Part = dict[str, Any]


def list_of(of: Part, **more: Any) -> Part:
    """The schema of an array."""
    return {"type": "array", "items": of, **more}


def _object(*required: str, **properties: Part) -> Part:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", **needed, "properties": properties}


_TEXT: Final[Part] = {"type": "string"}
_LINKS: Final = list_of({"$ref": "#/components/schemas/Link"})
_NUMBER: Final[Part] = {"type": "integer", "minimum": 0}
_EXTENT: Final = _object(
    spatial=_object(
        "bbox", bbox=list_of(list_of({"type": "number"}, minItems=4, maxItems=6), minItems=1), crs=_TEXT
    ),
    temporal=_object(
        "interval",
        interval=list_of(
            list_of({"type": "string", "format": "date-time", "nullable": True}, minItems=2, maxItems=2),
            minItems=1,
        ),
        trs=_TEXT,
    ),
)
_COLLECTION: Final = _object(
    *("id", "links"),
    id=_TEXT,
    title=_TEXT,
    description=_TEXT,
    attribution=_TEXT,
    itemType=_TEXT,
    itemCount=_NUMBER,
    extent=_EXTENT,
    crs=list_of(_TEXT),
    storageCrs=_TEXT,
    links=_LINKS,
)
_FEATURE: Final = _object(
    *("type", "geometry", "properties"),
    type={"type": "string", "enum": ["Feature"]},
    id=_TEXT,
    geometry={"type": "object", "nullable": True},
    properties={"type": "object", "nullable": True},
    links=_LINKS,
)
ANSWERS: Final[Part] = {
    "Any": {"type": "object"},
    "Link": _object("href", "rel", href=_TEXT, rel=_TEXT, type=_TEXT, title=_TEXT),
    "LandingPage": _object("links", title=_TEXT, description=_TEXT, attribution=_TEXT, links=_LINKS),
    "Conformance": _object("conformsTo", conformsTo=list_of(_TEXT), links=_LINKS),
    "Collection": _COLLECTION,
    "Collections": _object(
        "links", "collections", links=_LINKS, collections=list_of({"$ref": "#/components/schemas/Collection"})
    ),
    "Feature": _FEATURE,
    "FeatureCollection": _object(
        *("type", "features"),
        type={"type": "string", "enum": ["FeatureCollection"]},
        features=list_of({"$ref": "#/components/schemas/Feature"}),
        links=_LINKS,
        timeStamp={"type": "string", "format": "date-time"},
        numberMatched=_NUMBER,
        numberReturned=_NUMBER,
    ),
}
