"""The documents around the items say what is true, in the words and shapes that clients look for."""

import math

import jsonschema_rs
import pytest

from app.ogc.collections import COLLECTIONS
from app.ogc.crs import ALL, CRS84
from app.ogc.documents.conformance import CLASSES
from app.ogc.extents import extent
from app.outputs import CREDIT

SPEC = "http://www.opengis.net/spec/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
CQL2 = (
    *(
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
    ),
    *(
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "basic-spatial-operators",
        "spatial-functions",
    ),
    *("temporal-functions", "property-property", "arithmetic", "cql2-text", "cql2-json"),
)
HELD = {
    *(f"{SPEC}ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{SPEC}ogcapi-features-2/1.0/conf/crs",
    *(
        f"{SPEC}ogcapi-features-3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(f"{SPEC}cql2/1.0/conf/{name}" for name in CQL2),
    *(
        f"{SPEC}ogcapi-common-3/1.0/conf/{name}"
        for name in ("schemas", "advanced-property-roles", "returnables-and-receivables", "sortables")
    ),
    *(
        f"{SPEC}ogcapi-features-5/1.0/conf/{name}"
        for name in ("schemas", "returnables-and-receivables", "sortables")
    ),
}
SIMPLE = {"string", "integer", "number", "boolean"}


def hrefs(document, rel):
    return [link["href"] for link in document["links"] if link["rel"] == rel]


def test_these_conformance_classes_are_held_and_no_others(door):
    assert set(door.get("/ogc/conformance").json()["conformsTo"]) == HELD
    assert len(CLASSES) == len(set(CLASSES))


@pytest.mark.parametrize("path", ["/ogc", "/ogc/"])
def test_the_landing_page_leads_everywhere(door, path):
    found = door.get(path).json()

    for rel in (
        "self",
        "alternate",
        "service-desc",
        "service-doc",
        "conformance",
        "data",
        f"{REL}data",
        "license",
    ):
        for href in hrefs(found, rel):
            assert door.get(href).status_code == 200, rel
        assert hrefs(found, rel), rel
    [described] = [link for link in found["links"] if link["rel"] == "service-desc"]
    assert door.get(described["href"]).headers["Content-Type"] == described["type"]
    assert found["attribution"] == CREDIT


def test_every_link_of_a_collection_answers_with_the_type_it_names(door):
    for known in door.get("/ogc/collections").json()["collections"]:
        for link in known["links"]:
            if link.get("type") == "application/geopackage+sqlite3":
                continue  # made in a process of its own: see test_geopackage
            answer = door.get(link["href"], headers={"Accept": link["type"]})
            got = answer.headers["Content-Type"].partition("; charset")[0]
            assert (answer.status_code, got) == (200, link["type"]), link


def test_a_collection_says_what_it_holds(door):
    listed = door.get("/ogc/collections").json()

    assert [each["id"] for each in listed["collections"]] == list(COLLECTIONS)
    for each in listed["collections"]:
        alone = door.get(f"/ogc/collections/{each['id']}").json()
        items = door.get(f"/ogc/collections/{each['id']}/items", params={"limit": 10000}).json()
        assert {**alone, "links": 0} == {**each, "links": 0}
        assert each["itemCount"] == items["numberMatched"] == len(items["features"])
        assert each["itemType"] == "feature"
        assert each["crs"] == listed["crs"] == list(ALL.values())
        assert each["storageCrs"] == ALL[CRS84]
        assert each["attribution"] == CREDIT
        assert hrefs(each, "license")
        for rel in ("items", "self", "describedby", f"{REL}queryables", f"{REL}schema", f"{REL}sortables"):
            assert hrefs(each, rel), (each["id"], rel)


def test_the_licence_of_a_part_is_not_claimed_for_the_whole(door):
    found = door.get("/ogc/collections", headers={"Accept-Language": "en"}).json()
    for document in (found, *found["collections"]):
        (licence,) = (each for each in document["links"] if each["rel"] == "license")
        assert licence["title"].startswith("Streets, streams and outlines: © OpenStreetMap")
        assert licence["title"].endswith("for the rest nobody has named a licence yet")

    page = door.get(licence["href"], headers={"Accept-Language": "en", "Accept": "text/html"}).text
    assert f'id="{licence["href"].partition("#")[2]}"' in page
    assert all(name in page for name in ("Open Database License 1.0", "opendatacommons.org", "Apache"))


def coordinates(value):
    if value and isinstance(value[0], int | float):
        yield value[:2]
        return
    for part in value:
        yield from coordinates(part)


def test_extents_hold_everything_and_are_rounded_outward(door):
    for known in door.get("/ogc/collections").json()["collections"]:
        features = door.get(f"/ogc/collections/{known['id']}/items", params={"limit": 10000}).json()[
            "features"
        ]
        places = [
            place
            for each in features
            if each["geometry"]
            for place in coordinates(each["geometry"]["coordinates"])
        ]
        if not places:
            assert "spatial" not in known.get("extent", {})
            continue
        [[west, south, east, north]] = known["extent"]["spatial"]["bbox"]
        edges = [f(place[axis] for place in places) for f in (min, max) for axis in (0, 1)]
        assert west <= edges[0] < west + 2e-5
        assert south <= edges[1] < south + 2e-5
        assert east - 2e-5 < edges[2] <= east
        assert north - 2e-5 < edges[3] <= north
        assert all(math.isclose(edge, round(edge, 5)) for edge in (west, south, east, north))


def test_an_extent_follows_what_is_written(client, board, make):
    before = client.get("/ogc/collections/sites").json()

    make.site(at=(108.6, 11.7))

    after = client.get("/ogc/collections/sites").json()
    [[west, south, east, north]] = after["extent"]["spatial"]["bbox"]
    assert after["itemCount"] == before["itemCount"] + 1
    assert (east, south) == (108.6, 11.7)
    assert [west, north] == [before["extent"]["spatial"]["bbox"][0][at] for at in (0, 3)]


def test_the_days_of_units_are_moments_in_vietnam_and_an_end_nobody_said_is_open(database, app):
    with database.read() as db:
        units, sites = (extent(db, COLLECTIONS[name]) for name in ("units", "sites"))

    assert app is not None
    assert units.timed
    assert units.ends is None
    assert (sites.timed, sites.begins, sites.ends) == (True, None, None)  # nobody was there yet


def test_every_collection_whose_features_have_times_says_between_which(door):
    """OGC 17-069r4 (1.0.1), 7.14.3 and extent.yaml: null is an open end, and both ends may be open."""
    found = {}
    for known in door.get("/ogc/collections").json()["collections"]:
        temporal = known["extent"].get("temporal")
        if temporal is not None:
            assert temporal["trs"] == "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
            ((begins, ends),) = temporal["interval"]
            found[known["id"]] = (begins, ends)

    assert set(found) == set(COLLECTIONS) - {"proposals"}
    assert (
        found["sites"] == found["inspections"] == found["measures"] == (None, None)
    )  # nothing is said of any


@pytest.mark.parametrize("name", list(COLLECTIONS))
def test_schemas_are_valid_and_of_the_shapes_that_clients_read(door, name):
    here = f"/ogc/collections/{name}"
    found = {}
    for end in ("queryables", "sortables", "schema", "feature-schema"):
        answer = door.get(f"{here}/{end}", headers={"Accept": "application/schema+json"})
        assert answer.headers["Content-Type"] == "application/schema+json"
        found[end] = answer.json()
        jsonschema_rs.meta.validate(found[end])
        assert found[end]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert found[end]["$id"] == f"{door.base_url}{here}/{end}"
    queryables, sortables, schema = (
        found[end]["properties"] for end in ("queryables", "sortables", "schema")
    )
    geometry = queryables.pop("geometry")
    assert geometry["$ref"].startswith("https://geojson.org/schema/")
    assert queryables == sortables
    assert all(each["type"] in SIMPLE and each["title"] for each in queryables.values())
    returned = schema.pop("geometry")
    assert (returned["format"], returned["x-ogc-role"]) == ("geometry-any", "primary-geometry")
    assert not {"type", "$ref"} & set(returned)
    assert [each["x-ogc-propertySeq"] for each in schema.values()] == list(range(1, len(schema) + 1))
    assert [each["x-ogc-role"] for each in schema.values() if "x-ogc-role" in each].count("id") == 1
    of_feature = set(found["feature-schema"]["properties"]["properties"]["properties"])
    assert (
        set(schema) == set(queryables) == of_feature | ({"id"} & set(schema))
    )  # a member `id` is enough for GDAL
    assert "id" not in of_feature
    one = door.get(f"{here}/items", params={"limit": 1}).json()["features"]
    assert all(list(each["properties"]) == list(schema) for each in one)


def test_codes_are_listed_days_and_moments_told_apart(door):
    fields = door.get("/ogc/collections/sites/schema", params={"lang": "vi"}).json()["properties"]
    visits = door.get("/ogc/collections/inspections/schema").json()["properties"]

    assert fields["kind"]["enum"] == ["slide", "flood", "drowning"]
    assert fields["due_on"]["format"] == "date"
    assert fields["updated_at"]["format"] == "date-time"
    assert fields["overdue"]["type"] == "boolean"
    assert fields["location_accuracy_m"]["x-ogc-unit"] == "m"
    assert visits["id"]["format"] == "uuid"
    assert visits["seen_at"]["x-ogc-role"] == "primary-instant"
    assert fields["risk_level"]["title"] == "Mức nguy cơ"


def test_titles_are_in_the_language_asked_for(door):
    said = {}
    for language in ("vi", "en"):
        for how in ({"params": {"lang": language}}, {"headers": {"Accept-Language": language}}):
            answer = door.get("/ogc/collections/sites-flood", **how)
            assert answer.headers["Content-Language"] == language
            said.setdefault(language, set()).add(answer.json()["title"])

    assert said == {"vi": {"Điểm ngập"}, "en": {"Flood point"}}


def test_schemas_show_the_fields_that_the_caller_may_see(client, board):
    for end in ("queryables", "sortables", "schema", "feature-schema"):
        here = f"/ogc/collections/sites/{end}"
        assert "households_at_risk" not in client.get(here).text
        assert "households_at_risk" in board.get(here).text
    assert "households_at_risk" not in client.get("/ogc/api").text
    assert "households_at_risk" in board.get("/ogc/api").text
    assert "households_at_risk" not in client.get("/ogc/collections/sites?f=html").text
