"""The abstract tests of OGC API - Features Parts 1, 2, 3 and 5, each named by its identifier, over all collections.

Part 1 and 2 1.0.1 (17-069r4, 18-058r1), Part 3 1.0 (19-079r2), Part 5 (23-058r2). Tests of classes that we do not
claim (GML, functions) and those that need a person's eyes are left out.
"""

import re
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pyproj
import pytest
import shapely
from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR
from shapely.geometry import shape

from app.ogc.collections import COLLECTIONS
from tests.ogc.world import parameters

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
GEOJSON, JSON, SCHEMA = "application/geo+json", "application/json", "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SPEC = "http://www.opengis.net/spec/"
EVERY = pytest.mark.parametrize("collection", COLLECTIONS)
SAMPLE = 5
"""Features of each collection that are asked for one by one."""


def conf(identifier: str) -> Any:
    """The abstract test that a function holds, by its identifier."""
    return pytest.mark.parametrize("identifier", [identifier], ids=[identifier])


def linked(document: dict[str, Any], rel: str) -> list[dict[str, str]]:
    """The links of a document with one relation."""
    return [link for link in document["links"] if link["rel"] == rel]


def has_self_and_alternates(
    document: dict[str, Any], own: str = JSON, others: tuple[str, ...] = ("text/html",)
) -> None:
    """What the standard asks of the links of every document."""
    assert [link["type"] for link in linked(document, "self")] == [own]
    assert {link["type"] for link in linked(document, "alternate")} >= set(others)
    assert all(link.get("rel") and link.get("type") for link in document["links"])


@pytest.fixture(scope="module")
def api(gis):
    return gis.json("/api", accept=OPENAPI)


# Part 1: core


@conf("/conf/core/root-op")
@pytest.mark.parametrize("end", ["", "/"])
def test_root(gis, identifier, end):
    document = gis.json(end)

    # /conf/core/root-success
    assert linked(document, "service-desc")
    assert linked(document, "service-doc")
    assert linked(document, "conformance")
    assert linked(document, "data")
    has_self_and_alternates(document)


@conf("/conf/core/api-definition-op")
def test_api_definition(gis, identifier):
    root = gis.json("")
    for link in (*linked(root, "service-desc"), *linked(root, "service-doc")):
        answer = gis.get(link["href"], accept=link["type"])
        assert answer.status_code == HTTPStatus.OK
        assert answer.headers["Content-Type"].partition(";")[0] == link["type"].partition(";")[0]


@conf("/conf/core/api-definition-success")
def test_api_definition_is_openapi(api, identifier):
    OPENAPI_30_VALIDATOR.validate(api)  # /conf/oas30/oas-definition-2 as well


@conf("/conf/core/conformance-op")
def test_conformance(gis, identifier):
    addresses = [f"{gis.root}/conformance", *(link["href"] for link in linked(gis.json(""), "conformance"))]
    for address in addresses:
        classes = gis.json(address)["conformsTo"]
        # /conf/core/conformance-success
        assert f"{SPEC}ogcapi-features-1/1.0/conf/core" in classes
        assert len(classes) == len(set(classes))


@conf("/conf/core/http")
def test_http(gis, identifier):
    assert gis.get("").http_version == "HTTP/1.1"


@conf("/conf/core/fc-md-op")
def test_collections(gis, identifier):
    document = gis.json("/collections")

    has_self_and_alternates(document)  # /conf/core/fc-md-links
    assert [entry["id"] for entry in document["collections"]] == list(COLLECTIONS)  # /conf/core/fc-md-items
    for entry in document["collections"]:
        types = {link["type"] for link in linked(entry, "items")}  # /conf/core/fc-md-items-links
        assert {GEOJSON, "text/html"} <= types
        assert all(link.get("rel") and link.get("type") for link in entry["links"])


@conf("/conf/core/fc-md-extent-multi")
@EVERY
def test_extent(gis, identifier, collection):
    extent = gis.json(f"/collections/{collection}")["extent"]
    shapes = [shape(each["geometry"]) for each in gis.everything(collection) if each["geometry"]]
    if shapes:
        boxes = extent["spatial"]["bbox"]
        assert shapely.box(*boxes[0]).covers(shapely.union_all(shapes))
        assert extent["spatial"]["crs"] == CRS84
    times = COLLECTIONS[collection].times
    assert (times is not None) == ("temporal" in extent)
    if times is not None:
        ((begins, ends),) = extent["temporal"]["interval"]
        for each in gis.everything(collection):
            first, last = (moment(each["properties"][name]) for name in times)
            assert begins is None or first is None or moment(begins) <= first
            assert ends is None or last is None or last <= moment(ends)


def moment(text: str | None) -> datetime | None:
    """A date or a date-time of an answer."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@conf("/conf/core/sfc-md-op")
@EVERY
def test_one_collection(gis, identifier, collection):
    (entry,) = (each for each in gis.json("/collections")["collections"] if each["id"] == collection)

    found = gis.json(f"/collections/{collection}")

    # /conf/core/sfc-md-success
    same = ("id", "title", "description", "extent", "itemType")
    assert {name: found.get(name) for name in same} == {name: entry.get(name) for name in same}
    own = {(link["rel"], link["href"]) for link in found["links"]}
    assert {(link["rel"], link["href"]) for link in entry["links"]} <= own


@conf("/conf/core/fc-op")
@EVERY
def test_items(gis, identifier, collection):
    answer = gis.get(f"/collections/{collection}/items", accept=GEOJSON)
    document = answer.json()

    assert (answer.status_code, answer.headers["Content-Type"]) == (HTTPStatus.OK, GEOJSON)
    # /conf/core/fc-response, /conf/geojson/content
    assert document["type"] == "FeatureCollection"
    has_self_and_alternates(document, GEOJSON)  # /conf/core/fc-links
    assert (
        "timeStamp" not in document
    )  # /conf/core/fc-timeStamp: only if it is there; equal answers are equal bytes
    assert document["numberReturned"] == len(document["features"])  # /conf/core/fc-numberReturned
    for feature in document["features"]:
        assert feature["type"] == "Feature"
        assert isinstance(feature["properties"], dict)
        assert feature["geometry"] is None or shape(feature["geometry"]).is_valid


@conf("/conf/core/fc-numberMatched")
@EVERY
def test_number_matched(gis, identifier, collection):
    walked = gis.everything(collection)

    assert gis.json(f"/collections/{collection}/items", limit=1)["numberMatched"] == len(walked)
    assert len({feature["id"] for feature in walked}) == len(walked)


@conf("/conf/core/fc-limit-definition")
@EVERY
def test_limit_is_defined(api, identifier, collection):
    limit = parameters(api, collection)["limit"]

    assert (limit["in"], limit["required"], limit["style"], limit["explode"]) == (
        "query",
        False,
        "form",
        False,
    )
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}


@conf("/conf/core/fc-limit-response-1")
@pytest.mark.parametrize("limit", [1, 2, 10, 100, 10_000])
@EVERY
def test_limit(gis, identifier, collection, limit):
    document = gis.json(f"/collections/{collection}/items", limit=limit)

    assert len(document["features"]) == min(limit, document["numberMatched"])
    assert bool(linked(document, "next")) == (document["numberMatched"] > limit)


@conf("/conf/core/fc-limit-response-2")
def test_a_larger_limit_is_no_error(gis, identifier):
    assert gis.get("/collections/sites/items", limit=10_001).status_code == HTTPStatus.OK


@conf("/conf/core/fc-bbox-definition")
@EVERY
def test_bbox_is_defined(api, identifier, collection):
    bbox = parameters(api, collection)["bbox"]

    assert (bbox["in"], bbox["required"], bbox["style"], bbox["explode"]) == ("query", False, "form", False)
    assert (bbox["schema"]["type"], bbox["schema"]["items"]["type"]) == ("array", "number")
    bounds = [(each["minItems"], each["maxItems"]) for each in bbox["schema"].get("oneOf", [bbox["schema"]])]
    assert bounds in ([(4, 4), (6, 6)], [(4, 6)])


BOXES = [
    "108.41,11.93,108.44,11.96",
    "107.5,11.5,108.0,12.0",
    "108.41,11.93,-100,108.44,11.96,5000",
    "-10,-10,-9,-9",
]


@conf("/conf/core/fc-bbox-response")
@pytest.mark.parametrize("bbox", BOXES)
@EVERY
def test_bbox(gis, identifier, collection, bbox):
    found = {feature["id"] for feature in gis.everything(collection, bbox=bbox)}

    numbers = [float(part) for part in bbox.split(",")]
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    box = shapely.box(west, south, east, north)
    expected = {
        feature["id"]
        for feature in gis.everything(collection)
        if feature["geometry"] is None or shape(feature["geometry"]).intersects(box)
    }
    assert found == expected


@conf("/conf/core/fc-time-definition")
@EVERY
def test_datetime_is_defined(api, identifier, collection):
    when = parameters(api, collection)["datetime"]

    assert (when["in"], when["required"], when["style"], when["explode"]) == ("query", False, "form", False)
    assert when["schema"]["type"] == "string"


INTERVALS = [
    ("2026-11-20T03:04:05Z", "2026-11-20T03:04:05Z", "2026-11-20T03:04:05Z"),
    ("2026-07-01T00:00:00Z/2026-08-01T00:00:00Z", "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"),
    ("2026-09-01T00:00:00Z/..", "2026-09-01T00:00:00Z", None),
    ("2026-09-01T00:00:00Z/", "2026-09-01T00:00:00Z", None),
    ("../2026-07-01T12:00:00+07:00", None, "2026-07-01T12:00:00+07:00"),
    ("/2026-07-01T12:00:00+07:00", None, "2026-07-01T12:00:00+07:00"),
]


@conf("/conf/core/fc-time-response")
@pytest.mark.parametrize(("asked", "begins", "ends"), INTERVALS, ids=[asked for asked, *_ in INTERVALS])
@pytest.mark.parametrize("collection", ["sites", "signboards", "inspections", "proposals"])
def test_datetime(gis, identifier, collection, asked, begins, ends):
    found = {feature["id"] for feature in gis.everything(collection, datetime=asked)}

    name = (COLLECTIONS[collection].times or ("",))[0]
    expected = set()
    for feature in gis.everything(collection):
        at = moment(feature["properties"].get(name))
        inside = at is None or (
            (begins is None or moment(begins) <= at) and (ends is None or at <= moment(ends))
        )
        expected |= {feature["id"]} if inside else set()
    assert found == expected


@conf("/conf/core/query-param-invalid")
@pytest.mark.parametrize(
    "query",
    [
        {"limit": "x"}, {"limit": "0"}, {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"datetime": "yesterday"},
        {"datetime": "2026-13-01"}, {"offset": "-1"}, {"resultType": "some"}, {"sortby": "nothing"},
        {"properties": "nothing"}, {"overdue": "perhaps"}, {"f": "xml"},
    ],
    ids=str,
)  # fmt: skip
@EVERY
def test_invalid_parameters(gis, identifier, collection, query):
    if "overdue" in query and not any(field.name == "overdue" for field in COLLECTIONS[collection].fields):
        query = {"version": "x"} if collection == "proposals" else {"limit": "-3"}
    answer = gis.get(f"/collections/{collection}/items", **query)

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@conf("/conf/core/query-param-unknown")
@pytest.mark.parametrize(
    "path", ["", "/conformance", "/api", "/collections", "/{c}", "/{c}/items", "/{c}/items/{f}"]
)
def test_unknown_parameters(gis, identifier, path):
    one = gis.everything("sites")[0]["id"]
    address = path.replace("{c}", "collections/sites").replace("{f}", one)

    answer = gis.get(address, unknown="1")

    assert answer.status_code == HTTPStatus.BAD_REQUEST


@conf("/conf/core/f-op")
@EVERY
def test_one_feature(gis, identifier, collection):
    features = gis.everything(collection)
    for feature in (*features[:SAMPLE], features[-1]):
        answer = gis.get(f"/collections/{collection}/items/{feature['id']}", accept=GEOJSON)
        found = answer.json()

        assert (answer.status_code, answer.headers["Content-Type"]) == (HTTPStatus.OK, GEOJSON)
        has_self_and_alternates(found, GEOJSON)  # /conf/core/f-links
        assert [urlsplit(link["href"]).path for link in linked(found, "collection")] == [
            f"/ogc/collections/{collection}"
        ]
        # /conf/core/f-success, /conf/geojson/content
        assert {name: found[name] for name in feature} == feature


@conf("/conf/core/crs84")
@EVERY
def test_coordinates_are_degrees_east_first(gis, identifier, collection):
    for feature in gis.everything(collection):
        if feature["geometry"]:
            west, south, east, north = shape(feature["geometry"]).bounds
            assert (100 < west <= east < 115, 5 < south <= north < 25) == (True, True)


@conf("/conf/geojson/definition")
@pytest.mark.parametrize("path", ["", "/conformance", "/collections", "/collections/sites"])
def test_json_is_answered_where_geojson_is_asked_for(gis, identifier, path):
    answer = gis.get(path, accept=f"{GEOJSON}, {JSON};q=0.5")

    assert (answer.status_code, answer.headers["Content-Type"]) == (HTTPStatus.OK, JSON)


@conf("/conf/html/definition")
@pytest.mark.parametrize(
    "path", ["", "/conformance", "/collections", "/{c}", "/{c}/items", "/{c}/items/{f}", "/api"]
)
def test_html(gis, identifier, path):
    one = gis.everything("sites")[0]["id"]
    answer = gis.get(path.replace("{c}", "collections/sites").replace("{f}", one), accept="text/html")

    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (
        HTTPStatus.OK,
        "text/html",
    )
    assert answer.text.lstrip().lower().startswith("<!doctype html>")


@conf("/conf/oas30/oas-definition-1")
def test_both_descriptions_are_linked(gis, identifier):
    root = gis.json("")

    assert [link["type"] for link in linked(root, "service-desc")] == [OPENAPI]
    assert [link["type"] for link in linked(root, "service-doc")] == ["text/html"]
    described = gis.get(linked(root, "service-desc")[0]["href"], accept=OPENAPI)
    assert described.headers["Content-Type"] == OPENAPI


@conf("/conf/oas30/oas-impl")
def test_every_described_path_answers(gis, api, identifier):
    (server,) = (each["url"] for each in api["servers"])
    assert server == gis.root
    for path in api["paths"]:
        wanted = re.search(r"/collections/([^/]+)/items/\{", path)
        one = gis.everything(wanted[1])[0]["id"] if wanted else ""
        answer = gis.get(f"{server}{re.sub(r'{[^}]+}', one, path)}", accept="*/*")
        assert answer.status_code == HTTPStatus.OK, path
        described = api["paths"][path]["get"]["responses"]["200"]
        types = (described.get("content") or {}).keys()
        given = answer.headers["Content-Type"]
        assert not types or given in types or given.partition(";")[0] in types, path


@conf("/conf/oas30/exceptions-codes")
def test_every_operation_names_its_failures(api, identifier):
    for path, operations in api["paths"].items():
        assert {"200", "400"} <= set(operations["get"]["responses"]), path


@conf("/conf/oas30/security")
def test_security_is_described(api, identifier):
    schemes = {each["scheme"].lower() for each in api["components"]["securitySchemes"].values()}

    assert schemes == {"bearer", "basic"}
    assert {} in api["security"]


# Part 2: coordinate reference systems


def listed_crs(gis, collection: str) -> list[str]:
    return gis.json(f"/collections/{collection}")["crs"]


def transformer(uri: str) -> pyproj.Transformer:
    """From a CRS as its authority orders the axes to CRS84."""
    code = "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rpartition('/')[2]}"
    return pyproj.Transformer.from_crs(code, "OGC:CRS84")


@conf("/conf/crs/crs-uri")
@EVERY
def test_crs_identifiers_are_addresses(gis, identifier, collection):
    (entry,) = (each for each in gis.json("/collections")["collections"] if each["id"] == collection)
    for document in (entry, gis.json(f"/collections/{collection}")):
        for uri in (*document["crs"], document["storageCrs"]):
            assert re.fullmatch(r"http://www\.opengis\.net/def/crs/(OGC/1\.3/CRS84|EPSG/0/\d+)", uri)
        assert CRS84 in document["crs"]  # /conf/crs/default-crs
        assert document["storageCrs"] in document["crs"]  # /conf/crs/storageCrs


@conf("/conf/crs/crs-parameter")
@EVERY
def test_crs_parameter(gis, identifier, collection):
    one = next(feature for feature in reversed(gis.everything(collection)) if feature["geometry"])
    plain = gis.json(f"/collections/{collection}/items", limit=SAMPLE)
    for uri in listed_crs(gis, collection):
        convert = transformer(uri).transform
        for path, query in ((f"items/{one['id']}", {}), ("items", {"limit": SAMPLE})):
            answer = gis.get(f"/collections/{collection}/{path}", accept=GEOJSON, crs=uri, **query)
            assert answer.status_code == HTTPStatus.OK
            assert answer.headers["Content-Crs"] == f"<{uri}>"
            # /conf/crs/crs-parameter-transform
            pairs = (
                zip(answer.json()["features"], plain["features"], strict=True)
                if query
                else [(answer.json(), one)]
            )
            for moved, still in pairs:
                assert moved["id"] == still["id"]
                if still["geometry"]:
                    back = shapely.transform(shape(moved["geometry"]), convert, interleaved=False)
                    assert back.hausdorff_distance(shape(still["geometry"])) < 1e-6


@conf("/conf/crs/crs-parameter-default")
@EVERY
def test_crs_default(gis, identifier, collection):
    one = gis.everything(collection)[0]["id"]
    for path in ("items", f"items/{one}"):
        answer = gis.get(f"/collections/{collection}/{path}")
        assert answer.headers["Content-Crs"] == f"<{CRS84}>"


@conf("/conf/crs/crs-parameter-invalid")
@pytest.mark.parametrize("name", ["crs", "bbox-crs"])  # /conf/crs/bbox-crs-parameter-invalid
@EVERY
def test_crs_invalid(gis, identifier, collection, name):
    one = gis.everything(collection)[0]["id"]
    query = {name: "http://www.opengis.net/def/crs/EPSG/0/2154"} | (
        {"bbox": "1,1,2,2"} if name != "crs" else {}
    )

    assert gis.get(f"/collections/{collection}/items", **query).status_code == HTTPStatus.BAD_REQUEST
    if name == "crs":
        assert (
            gis.get(f"/collections/{collection}/items/{one}", **query).status_code == HTTPStatus.BAD_REQUEST
        )


@conf("/conf/crs/bbox-crs-parameter")
@pytest.mark.parametrize("collection", ["sites", "signboards"])
def test_bbox_crs(gis, identifier, collection):
    west, south, east, north = 108.40, 11.92, 108.45, 11.97
    for uri in listed_crs(gis, collection):
        convert = transformer(uri)
        ends = [convert.transform(*pair, direction="INVERSE") for pair in ((west, south), (east, north))]
        bbox = ",".join(f"{number!r}" for pair in ends for number in pair)

        found = {each["id"] for each in gis.everything(collection, bbox=bbox, **{"bbox-crs": uri})}

        box = shapely.box(*ends[0], *ends[1])
        there = shapely.transform(
            shapely.segmentize(box, box.length / 400), convert.transform, interleaved=False
        )
        sure, never = there.buffer(-1e-5), there.buffer(1e-5)
        for feature in gis.everything(collection):
            where = shape(feature["geometry"])
            assert feature["id"] in found or not where.intersects(sure), (uri, feature["id"])
            assert feature["id"] not in found or where.intersects(never), (uri, feature["id"])
        assert found


@conf("/conf/crs/bbox-crs-parameter-default")
@EVERY
def test_bbox_crs_default(gis, identifier, collection):
    query = {"bbox": BOXES[0]}

    ids = [
        [feature["id"] for feature in gis.everything(collection, **query, **more)]
        for more in ({}, {"bbox-crs": CRS84})
    ]

    assert ids[0] == ids[1]


# Part 3: queryables and filters


@conf("/conf/queryables/get-conformance")
@pytest.mark.parametrize("name", ["queryables", "queryables-query-parameters", "filter", "features-filter"])
def test_part_3_is_claimed(gis, identifier, name):
    assert f"{SPEC}ogcapi-features-3/1.0/conf/{name}" in gis.json("/conformance")["conformsTo"]


@conf("/conf/queryables/get-queryables-uris")
@EVERY
def test_queryables_are_linked(gis, identifier, collection):
    answer = gis.http.head(f"{gis.root}/collections/{collection}/items", headers={"Accept": JSON})

    assert answer.status_code == HTTPStatus.OK
    assert re.search(rf'<[^>]+/{collection}/queryables>; *rel="{REL}queryables"', answer.headers["Link"])
    found = linked(
        gis.json(f"/collections/{collection}"), f"{REL}queryables"
    )  # /conf/features-filter/get-collection
    assert [link["href"] for link in found] == [f"{gis.root}/collections/{collection}/queryables"]


@conf("/conf/queryables/get-queryables")
@EVERY
def test_queryables(gis, identifier, collection):
    address = f"{gis.root}/collections/{collection}/queryables"
    answer = gis.get(address, accept=SCHEMA)
    document = answer.json()

    assert (answer.status_code, answer.headers["Content-Type"]) == (HTTPStatus.OK, SCHEMA)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (document["$id"], document["type"]) == (address, "object")
    assert document["additionalProperties"] is False
    assert document["properties"]
    for each in document["properties"].values():
        assert "type" in each or each["format"].startswith("geometry-")
    jsonschema_rs.meta.validate(document)


@conf("/conf/queryables-query-parameters/query-param")
@EVERY
def test_every_queryable_is_a_parameter(gis, api, identifier, collection):
    properties = gis.json(f"/collections/{collection}/queryables", accept=SCHEMA)["properties"]
    described = parameters(api, collection)
    features = gis.everything(collection)
    for name in properties:
        values = {feature["properties"].get(name) for feature in features} - {None}
        if name == "geometry":
            continue
        assert name in described
        for value in sorted(values, key=str)[:2]:
            asked = str(value).lower() if isinstance(value, bool) else value
            found = gis.everything(collection, **{name: asked})
            assert [each["id"] for each in found] == [
                each["id"] for each in features if each["properties"].get(name) == value
            ], (name, value)
        if properties[name]["type"] != "string" or "format" in properties[name]:
            wrong = gis.get(f"/collections/{collection}/items", **{name: "this is no value"})
            assert wrong.status_code == HTTPStatus.BAD_REQUEST, name


@conf("/conf/filter/filter-param")
@pytest.mark.parametrize("lang", [{"filter-lang": "cql2-text"}, {}])  # /conf/filter/filter-lang-default
@EVERY
def test_filter(gis, identifier, collection, lang):
    path = f"/collections/{collection}/items"
    names = gis.json(f"/collections/{collection}/queryables", accept=SCHEMA)["properties"]
    for name in names:
        found = {feature["id"] for feature in gis.everything(collection, filter=f"{name} IS NULL", **lang)}
        kept = [
            each for each in gis.everything(collection)
            if (each["geometry"] if name == "geometry" else each["properties"].get(name)) is None
        ]  # fmt: skip
        assert found == {each["id"] for each in kept}, name
    # /conf/filter/filter-param, second half; /conf/filter/expression-construction
    for wrong in ("THIS IS NOT A FILTER", "this_is_not_a_queryable IS NULL"):
        assert gis.get(path, filter=wrong, **lang).status_code == HTTPStatus.BAD_REQUEST


@conf("/conf/filter/filter-crs-wgs84")
@EVERY
def test_filters_are_in_degrees(gis, identifier, collection):
    (box,) = gis.json(f"/collections/{collection}")["extent"]["spatial"]["bbox"]
    numbers = ",".join(map(str, box))

    found = gis.everything(collection, filter=f"S_INTERSECTS(geometry,BBOX({numbers}))")

    spatial = [each["id"] for each in gis.everything(collection) if each["geometry"]]
    assert [each["id"] for each in found] == spatial
    outside = gis.get(
        f"/collections/{collection}/items",
        filter="S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))",
    )
    assert outside.status_code == HTTPStatus.BAD_REQUEST


@conf("/conf/filter/filter-crs-param")
@pytest.mark.parametrize("collection", ["sites", "signboards"])
def test_filter_crs(gis, identifier, collection):
    ((west, south, east, north),) = gis.json(f"/collections/{collection}")["extent"]["spatial"]["bbox"]
    everything = [each["id"] for each in gis.everything(collection)]
    ring = shapely.box(west, south, east, north).buffer(0.01, join_style="mitre")
    for uri in listed_crs(gis, collection):
        there = partial(transformer(uri).transform, direction="INVERSE")
        moved = shapely.transform(ring, there, interleaved=False)
        query = {"filter": f"S_INTERSECTS(geometry,{moved.wkt})", "filter-crs": uri, "limit": 10_000}
        found = gis.json(f"/collections/{collection}/items", **query)
        assert [each["id"] for each in found["features"]] == everything, uri
    unknown = {**query, "filter-crs": "http://www.opengis.net/def/crs/OGC/0/does_not_exist"}
    assert gis.get(f"/collections/{collection}/items", **unknown).status_code == HTTPStatus.BAD_REQUEST


@conf("/conf/features-filter/mixing-expression")
@EVERY
def test_a_filter_and_a_box_are_both_held(gis, identifier, collection):
    (box,) = gis.json(f"/collections/{collection}")["extent"]["spatial"]["bbox"]
    numbers = ",".join(map(str, box))
    spatial = f"S_INTERSECTS(geometry,BBOX({numbers}))"

    both = gis.everything(collection, filter=spatial, bbox=numbers)
    neither = gis.everything(collection, filter=spatial, bbox="-10,-10,-9,-9")

    assert [each["id"] for each in both] == [
        each["id"] for each in gis.everything(collection) if each["geometry"]
    ]
    assert neither == []


# Part 5: schemas


def check_schema(gis, path: str) -> dict[str, Any]:
    """/conf/schemas/*: what holds for every schema."""
    address = f"{gis.root}{path}"
    answer = gis.get(address, accept=SCHEMA)
    found = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (HTTPStatus.OK, SCHEMA)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (found["$id"], found["type"]) == (address, "object")
    jsonschema_rs.meta.validate(found)
    for name, each in found["properties"].items():
        assert "type" in each or each["format"].startswith("geometry-"), name
        assert isinstance(each.get("x-ogc-role", ""), str)  # /conf/schemas/role
        assert isinstance(each.get("x-ogc-propertySeq", 0), int)  # /conf/schemas/property-seq
    return found


@conf("/conf/schemas/basic-schema-inspection")
@EVERY
def test_schema(gis, identifier, collection):
    properties = check_schema(gis, f"/collections/{collection}/schema")["properties"]

    (own,) = (each for each in properties.values() if each.get("x-ogc-role") == "id")  # /conf/schemas/role-id
    assert own["type"] in {"string", "integer"}
    for name, each in properties.items():
        assert "$ref" not in each, name
    roles = [each["x-ogc-role"] for each in properties.values() if "x-ogc-role" in each]
    assert len(roles) == len(set(roles))
    # /conf/advanced-property-roles/role-primary-geometry
    (geometry,) = (each for each in properties.values() if each.get("x-ogc-role") == "primary-geometry")
    assert "type" not in geometry
    # /conf/advanced-property-roles/role-primary-temporal
    temporal = [each for each in properties.values() if each.get("x-ogc-role", "").startswith("primary-i")]
    assert all(each["type"] == "string" and each["format"] in {"date", "date-time"} for each in temporal)
    starts = {role for role in roles if role.startswith("primary-i")}
    assert starts in (set(), {"primary-instant"}, {"primary-interval-start", "primary-interval-end"})


@conf("/conf/returnables-and-receivables/link")
@pytest.mark.parametrize("kind", ["schema", "queryables", "sortables"])
@EVERY
def test_schemas_are_linked(gis, identifier, collection, kind):
    found = linked(gis.json(f"/collections/{collection}"), f"{REL}{kind}")

    assert [link["href"] for link in found] == [f"{gis.root}/collections/{collection}/{kind}"]


@conf("/conf/sortables/op-and-response")
@EVERY
def test_sortables(gis, identifier, collection):
    properties = check_schema(gis, f"/collections/{collection}/sortables")["properties"]

    assert all(each["type"] not in {"array", "object"} for each in properties.values())
    for name in properties:
        for sign in ("", "-"):
            found = gis.json(f"/collections/{collection}/items", sortby=f"{sign}{name}", limit=50)["features"]
            values = [each["properties"][name] for each in found if each["properties"][name] is not None]
            assert all(in_order(a, b, down=bool(sign)) for a, b in pairwise(values)), (name, sign)


def in_order(first: Any, second: Any, *, down: bool) -> bool:
    """Whether two values follow each other; texts only if plain, since databases order letters their own ways."""
    if isinstance(first, str) and not (first + second).replace("-", "").isalnum():
        return True
    if isinstance(first, str) and not re.fullmatch(r"[\d\-]+", first + second):
        return True
    return first >= second if down else first <= second


@conf("/conf/returnables-and-receivables/response-1")
@EVERY
def test_features_are_valid_against_their_schema(gis, identifier, collection):
    schema = check_schema(gis, f"/collections/{collection}/schema")
    checks = {
        name: jsonschema_rs.validator_for({**each, "$schema": schema["$schema"]}, validate_formats=True)
        for name, each in schema["properties"].items()
        if "type" in each
    }
    for feature in gis.everything(collection):
        assert set(feature["properties"]) <= set(schema["properties"])
        for name, value in feature["properties"].items():
            if value is not None:
                checks[name].validate(value)
