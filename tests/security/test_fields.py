"""What somebody anonymous is told, member by member: a field that joins an answer joins this table, or fails."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.outputs import OUTPUTS
from app.transfer import exporting
from tests.security.walk import reading_routes


def within(prefix: str, *names: str) -> set[str]:
    """The paths of `names` below `prefix`."""
    return {f"{prefix}{name}" for names_ in names for name in names_.split()}


LOCATED = "location_status location_accuracy_m location_note"
VERSIONED = "updated_at version"
UNITS = "units[].code units[].name units[].valid_from"
LINKS = {"links[].href", "links[].rel", "links[].type"}
DOCUMENT = "date date_note date_status issuer kind number title"
FACT = "about certainty field note quote value"
INSPECTED = "condition due_on last_inspected_at overdue"
SITE = (
    f"code name address kind risk_level risk_rated_at risk_reason state state_reason {INSPECTED} {LOCATED}"
    f" {VERSIONED} {UNITS}"
)
SIGNBOARD = f"code name site state wording {INSPECTED} {LOCATED} {VERSIONED} {UNITS}"
PROPOSAL = f"code name period_from period_to addressee status reason {LOCATED} {VERSIONED} {UNITS}"
MEASURE = (
    f"code kind site unit status starts_on expires_on quantity quantity_unit responsible note temporary {INSPECTED}"
    f" {VERSIONED}"
)
PHOTO = "sha256 inspection width height received_at published"
INSPECTION = {
    *within("", "id place seen_at received_at clock_doubtful condition corrects corrected_by"),
    *within("photos[].", PHOTO),
}
UNIT = "code name valid_from valid_to accuracy_m note predecessors[].code predecessors[].valid_from"


def feature(properties: str) -> set[str]:
    """A GeoJSON feature."""
    return {"type", "id", "geometry.type", "geometry.coordinates", *within("properties.", properties)}


def collection(properties: str) -> set[str]:
    """A page of features."""
    return {*within("features[].", *feature(properties)), "type", "credit", "numberReturned", *LINKS}


FLAT = "units unit_names"
"""How the GIS door writes units: codes and names, joined by commas."""
OF_ALL = (
    SITE.replace(UNITS, FLAT),
    SIGNBOARD.replace(UNITS, FLAT),
    PROPOSAL.replace(UNITS, FLAT),
    MEASURE.replace(" temporary", ""),
    "id place seen_at received_at clock_doubtful condition corrects",
    "id code name valid_from valid_to accuracy_m note",
)
"""What features of the GIS door tell, of whichever collection."""
GIS_LINKS = {*LINKS, "links[].title"}
GIS_COLLECTION = {
    *within("", "id title description attribution itemType itemCount storageCrs crs[]"),
    *within("extent.", "spatial.bbox[][] spatial.crs temporal.interval[][] temporal.trs"),
    *GIS_LINKS,
}


def gis_page(*properties: str) -> set[str]:
    """A page of features of the GIS door."""
    return {
        *(name for each in properties for name in within("features[].", *feature(each))),
        *("type", "credit", "numberMatched", "numberReturned"),
        *GIS_LINKS,
    }


TOLD: Mapping[str, set[str]] = {
    "/ogc/collections": {*within("collections[].", *GIS_COLLECTION), "crs[]", *GIS_LINKS},
    "/ogc/collections/{collection}": GIS_COLLECTION,
    "/ogc/collections/{collection}/items": {*gis_page(*OF_ALL), "features[].geometry"},
    "/ogc/collections/{collection}/items/{feature_id}": {
        *(name for each in OF_ALL for name in feature(each)),
        *GIS_LINKS,
    },
    "/api/sites": collection(SITE),
    "/sites.geojson": gis_page(SITE.replace(UNITS, FLAT)),
    "/api/sites/{code}": {
        *feature(SITE),
        "properties.signboards[]",
        "properties.facts[].document",
        *within("properties.", *LINKS),
        *within("properties.facts[].", FACT),
        *within("properties.facts[].document.", DOCUMENT),
        *within("properties.measures[].", MEASURE),
    },
    "/api/signboards": collection(SIGNBOARD),
    "/signboards.geojson": gis_page(SIGNBOARD.replace(UNITS, FLAT)),
    "/api/signboards/{code}": feature(SIGNBOARD),
    "/api/proposals": collection(PROPOSAL),
    "/api/proposals/{code}": feature(PROPOSAL),
    "/api/measures": {*within("measures[].", MEASURE), *LINKS},
    "/api/measures/{code}": within("", MEASURE),
    "/api/inspections": {*within("inspections[].", *INSPECTION), *LINKS},
    "/api/inspections/{inspection_id}": INSPECTION,
    "/api/documents": {*within("documents[].", DOCUMENT), *within("documents[].facts[].", FACT)},
    "/api/units": {
        *within("features[].properties.", UNIT),
        *within("features[].", "type id geometry geometry.type geometry.coordinates"),
        "type",
        "credit",
    },
    "/api/log/checkpoint": {
        *within("checkpoint.", "entry_hash key log seq signed_at v"),
        *("public_key", "signature"),
    },
    "/api/session": {"name", "role"},
    "/healthz": {"status"},
    "/readyz": {"status"},
}
SAME_FOR_ALL = {
    *("/api/forms", "/phone/files/{group}", "/phone/manifest.webmanifest"),
    *("/ogc", "/ogc/conformance", "/ogc/api"),
    *(
        f"/ogc/collections/{{collection}}/{each}"
        for each in ("queryables", "sortables", "schema", "feature-schema")
    ),
}
"""Checklists out of `app/hazards.py`, what the phone's app is made of, and what the GIS door says of itself: no
database behind them."""

EXPORTED = {
    "sites": SITE,
    "signboards": SIGNBOARD,
    "proposals": PROPOSAL,
    "measures": MEASURE,
    "inspections": " ".join(INSPECTION),
}


def members(value: Any, path: str = "") -> Iterator[str]:
    """The paths of every member of a JSON document; the items of a list share one, and so do coordinates."""
    if path.endswith("coordinates"):
        yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from members(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, f"{path}[]")
    else:
        yield path


def test_somebody_anonymous_is_told_these_members_and_no_others(app, client, planted, ground):
    told: dict[str, set[str]] = {}
    for route in reading_routes(app):
        for address in ground.addresses(route):
            if "?" in address:
                continue
            answer = client.get(address, headers={"Accept": "application/json"})
            kind = answer.headers.get("content-type", "")
            if answer.status_code == 200 and "json" in kind and route.path not in SAME_FOR_ALL:
                told.setdefault(route.path, set()).update(members(answer.json()))

    assert told == TOLD


def test_a_public_export_holds_these_members_and_no_others(planted, database, tmp_path):
    held = {}
    for what in exporting.WHAT:
        features = []
        with database.read() as db:
            features = list(exporting.WHAT[what](db, exporting.reader(db, "public")))
        held[what] = {name for each in features for name in each["properties"]}

    assert held == {
        what: {name.partition("[")[0] for name in names.split()} for what, names in EXPORTED.items()
    }
    assert set(OUTPUTS) == {"geojson", "geojsonseq", "csv"}, (
        "a new format writes features: look whether it shows more"
    )
