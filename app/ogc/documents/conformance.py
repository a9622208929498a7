"""The conformance classes that the GIS door holds, by their exact names; a test fixes the list.

QGIS compares some of them letter by letter, two under names from before publication: those stand here as well.
"""

from typing import Final

_SPEC: Final = "http://www.opengis.net/spec/"
_HELD: Final = {
    "ogcapi-features-1/1.0": ("core", "geojson", "html", "oas30"),
    "ogcapi-features-2/1.0": ("crs",),
    "ogcapi-features-3/1.0": ("queryables", "queryables-query-parameters", "filter", "features-filter"),
    "cql2/1.0": (
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "basic-spatial-operators",
        "spatial-functions",
        "temporal-functions",
        "property-property",
        "arithmetic",
        "cql2-text",
        "cql2-json",
    ),
    "ogcapi-common-3/1.0": (
        "schemas",
        "advanced-property-roles",
        "returnables-and-receivables",
        "sortables",
    ),
    "ogcapi-features-5/1.0": ("schemas", "returnables-and-receivables", "sortables"),
}
CLASSES: Final = tuple(f"{_SPEC}{part}/conf/{name}" for part, names in _HELD.items() for name in names)
