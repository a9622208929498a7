"""What a collection's properties are, as JSON Schema: for filters, for sorting, for clients that make columns.

Types are single texts, since GDAL and QGIS read nothing else. Sources: OGC 19-079r2 (queryables), OGC 23-058r2
(schemas, sortables).
"""

from typing import Any, Final

from sqlalchemy import Uuid

from app.i18n import N_, translate
from app.ogc.fields import Field
from app.ogc.view import View

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
GEOMETRY: Final = "https://geojson.org/schema/Geometry.json"
"""QGIS takes a queryable for a geometry only by a `$ref` to a schema of that place."""
GEOMETRY_NAME: Final = "geometry"
METRES: Final = frozenset({"location_accuracy_m", "accuracy_m"})
TIMES: Final = frozenset({"date", "date-time"})

_GEOMETRY_TITLE: Final = N_("Geometry")


def of_field(field: Field, language: str) -> Schema:
    """The schema of one property's value."""
    found: Schema = {"title": translate(field.title, language)}
    found["type"] = "string" if field.type in TIMES else field.type
    if field.type in TIMES:
        found["format"] = field.type
    elif isinstance(field.column.type, Uuid):
        found["format"] = "uuid"
    if field.enum:
        found["enum"] = list(field.enum)
    if field.name in METRES:
        found["x-ogc-unit"] = "m"
    return found


def _head(view: View, address: str, language: str) -> Schema:
    return {
        "$schema": DIALECT,
        "$id": address,
        "type": "object",
        "title": translate(view.collection.title, language),
        "description": translate(view.collection.description, language),
    }


def queryables(view: View, address: str, language: str) -> Schema:
    """What filters may name; `address` is the schema's own."""
    geometry = {"title": translate(_GEOMETRY_TITLE, language), "$ref": GEOMETRY, "format": "geometry-any"}
    fields = {field.name: of_field(field, language) for field in view.fields}
    return {
        **_head(view, address, language),
        "properties": {GEOMETRY_NAME: geometry, **fields},
        "additionalProperties": False,
    }


def sortables(view: View, address: str, language: str) -> Schema:
    """What `sortby` may name."""
    fields = {field.name: of_field(field, language) for field in view.fields}
    return {**_head(view, address, language), "properties": fields, "additionalProperties": False}


def returnables(view: View, address: str, language: str) -> Schema:
    """What features hold, with the roles of properties and their order."""
    geometry = {
        "title": translate(_GEOMETRY_TITLE, language),
        "format": "geometry-any",
        "x-ogc-role": "primary-geometry",
        "x-ogc-propertySeq": len(view.fields) + 1,
        "readOnly": True,
    }
    fields = {}
    for place, field in enumerate(view.fields, start=1):
        role = {"x-ogc-role": field.role} if field.role else {}
        fields[field.name] = {
            **of_field(field, language),
            **role,
            "x-ogc-propertySeq": place,
            "readOnly": True,
        }
    return {
        **_head(view, address, language),
        "properties": {**fields, GEOMETRY_NAME: geometry},
        "additionalProperties": False,
    }


def of_feature(view: View, address: str, language: str) -> Schema:
    """The schema of a GeoJSON feature: GDAL makes its columns from it. Nulls are left out, or it would make texts.

    So is a property `id`: beside the member of that name GDAL would make two columns, both of them empty.
    """
    fields = {field.name: of_field(field, language) for field in view.fields if field.name != "id"}
    return {
        **_head(view, address, language),
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"$ref": GEOMETRY},
            "properties": {"type": "object", "properties": fields},
            "links": {"type": "array"},
        },
    }
