"""QGIS 3.44 and 4 as their sources send requests (src/providers/wfs/oapif), and what they take out of each answer.

QGIS itself, in the version of Debian, reads the registry in tests/clients.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest

from app.ogc.collections import COLLECTIONS
from tests.ogc.world import FULL_SITE, SEEN, parameters

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
API = "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json"
ITEMS = "application/geo+json, application/json"
SCHEMA = "application/schema+json"
SPEC = "http://www.opengis.net/spec"
SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"
ALIASES = {"vi": "Mức nguy cơ", "en": "Risk level"}
BEGUN, ENDED = "0000-01-01T00:00:00Z", "9999-12-31T00:00:00Z"
"""What it sends for an open start and an open end."""


def find_link(document: dict[str, Any], rel: str, *preferred: str) -> str:
    """QgsOAPIFJson::findLink: the first link of the relation, of the best of the preferred types; else any of it."""
    found = [link for link in document["links"] if link["rel"] == rel]
    ranked = sorted(
        found, key=lambda link: preferred.index(link["type"]) if link["type"] in preferred else 99
    )
    return ranked[0]["href"] if ranked else ""


class Provider:
    """QgsOapifProvider::init, step by step, in its order."""

    def __init__(self, gis, collection: str) -> None:
        self.gis = gis
        landing = gis.json("", accept="application/json")
        api = gis.json(find_link(landing, "service-desc", API.partition(",")[0]), accept=API)
        limit = api["components"]["parameters"]["limit"]["schema"]
        self.page = min(max(1000, limit["default"]), limit["maximum"])
        self.simple = self.simple_queryables(api, collection)
        self.address = f"{find_link(landing, 'data', 'application/json').partition('?')[0]}/{collection}"
        self.collection = gis.json(self.address, accept="application/json")
        classes = gis.json(find_link(landing, "conformance"), accept="application/json")["conformsTo"]
        self.classes = set(classes)
        self.queryables = gis.json(f"{self.address}/queryables", accept=SCHEMA)["properties"]
        self.items = f"{self.address}/items"
        self.sample = gis.json(f"{self.items}?limit=10", accept=ITEMS)
        schema = next(
            link["href"]
            for link in self.collection["links"]
            if link["rel"] == SCHEMA_REL and link["type"] == SCHEMA
        )
        self.schema = gis.json(schema, accept=SCHEMA)["properties"]

    @staticmethod
    def simple_queryables(api: dict[str, Any], collection: str) -> dict[str, str]:
        """QgsOapifApiRequest: parameters in the query, style form, not exploded, of one simple type."""
        found = {}
        for at in parameters(api, collection).values():
            if {"name", "in", "style", "explode", "schema"} <= set(at) and isinstance(
                at["schema"].get("type"), str
            ):
                found[at["name"]] = at["schema"]["type"]
        return found

    def read(self, query: str = "") -> list[str]:
        """All pages of a download, one after another; ids of the features."""
        ids: list[str] = []
        address = f"{self.items}?limit={self.page}{query}"
        while address:
            page = self.gis.json(address, accept=ITEMS)
            assert all(feature["id"] for feature in page["features"])
            ids += [feature["id"] for feature in page["features"]]
            address = find_link(page, "next", "application/geo+json")
        return ids


@pytest.fixture(scope="module")
def sites(gis):
    return Provider(gis, "sites")


def ids(features: Any) -> list[str]:
    return [feature["id"] for feature in features]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_layer_is_opened(gis, collection):
    layer = Provider(gis, collection)

    # computeCapabilities: editing is off, and the server says so without a 4xx
    assert "POST" not in options(gis, layer.items)
    assert "PUT" not in options(gis, f"{layer.items}/{layer.sample['features'][0]['id']}")
    assert isinstance(layer.sample["numberMatched"], int)
    assert layer.collection["itemCount"] == layer.sample["numberMatched"]
    assert layer.collection["title"]
    assert layer.collection["description"]
    assert layer.collection["storageCrs"] == layer.collection["crs"][0] == CRS84
    assert len(layer.collection["extent"]["spatial"]["bbox"][0]) == 4
    assert find_link(layer.collection, "license")
    assert layer.read() == ids(gis.everything(collection))


def options(gis, address: str) -> set[str]:
    answer = gis.http.request("OPTIONS", address)
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}
    return {part.strip() for part in answer.headers["Allow"].split(",")}


def test_the_page_is_the_thousand_that_it_aims_for(sites):
    assert sites.page == 1000


def test_filters_are_pushed_down_because_of_these_classes(sites):
    needed = {
        f"{SPEC}/ogcapi-features-2/1.0/conf/crs",
        f"{SPEC}/ogcapi-features-3/1.0/conf/filter",
        f"{SPEC}/ogcapi-features-3/1.0/conf/features-filter",
        f"{SPEC}/cql2/1.0/conf/cql2-text",
        f"{SPEC}/cql2/1.0/conf/basic-cql2",
        f"{SPEC}/cql2/1.0/conf/advanced-comparison-operators",
        f"{SPEC}/cql2/1.0/conf/case-insensitive-comparison",
        f"{SPEC}/cql2/1.0/conf/basic-spatial-functions",
        f"{SPEC}/cql2/1.0/conf/basic-spatial-operators",  # 3.44 compares with the name of a draft
        f"{SPEC}/ogcapi-features-5/1.0/conf/schemas",
    }

    assert needed <= sites.classes


def test_queryables_have_the_types_it_reads(sites):
    kinds = {name: (each.get("type"), each.get("format")) for name, each in sites.queryables.items()}

    assert sites.queryables["geometry"]["$ref"].startswith("https://geojson.org/schema/")
    assert "type" not in sites.queryables["geometry"]
    assert kinds["due_on"] == ("string", "date")
    assert kinds["last_inspected_at"] == ("string", "date-time")
    assert kinds["overdue"] == ("boolean", None)
    assert kinds["version"] == ("integer", None)
    assert kinds["location_accuracy_m"] == ("number", None)


def test_equalities_of_older_versions_are_parameters(sites):
    fields = {name for name in sites.queryables if name != "geometry"}

    assert fields <= set(sites.simple)
    assert all(sites.simple[name] == sites.queryables[name]["type"] for name in fields)


@pytest.mark.parametrize("language", ALIASES)
def test_the_schema_gives_fields_their_names_types_and_order(gis, sites, language):
    answer = gis.http.get(f"{sites.address}/schema", headers={"Accept": SCHEMA, "Accept-Language": language})
    fields = {name: each for name, each in answer.json()["properties"].items() if "type" in each}

    assert list(fields) == list(sites.sample["features"][0]["properties"])
    numbers = [each["x-ogc-propertySeq"] for each in fields.values()]
    assert numbers == sorted(set(numbers))
    assert fields["risk_level"]["title"] == ALIASES[language]
    assert all(isinstance(each["type"], str) for each in fields.values())
    geometry = next(each for each in sites.schema.values() if each.get("x-ogc-role") == "primary-geometry")
    assert geometry["format"] == "geometry-any"


# What QgsOapifCql2TextExpressionCompiler makes of expressions, and which of our features they mean.
FILTERS = {
    "(kind = 'flood')": lambda p: p["kind"] == "flood",
    "((kind = 'slide') AND (\"risk_level\" <> 'low'))": lambda p: (
        p["kind"] == "slide" and p["risk_level"] not in {None, "low"}
    ),
    "(NOT ((kind = 'slide')))": lambda p: p["kind"] != "slide",
    "(\"due_on\" >= DATE('2026-12-01'))": lambda p: p["due_on"] is not None and p["due_on"] >= "2026-12-01",
    "(\"last_inspected_at\" = TIMESTAMP('2026-11-20T03:04:05.000Z'))": lambda p: (
        p["last_inspected_at"] is not None and datetime.fromisoformat(p["last_inspected_at"]) == SEEN
    ),
    '("risk_level" IS NULL)': lambda p: p["risk_level"] is None,
    '("risk_level" IS NOT NULL)': lambda p: p["risk_level"] is not None,
    "(CASEI(name) LIKE CASEI('VỊ TRÍ THỬ đủ%'))": lambda p: p["name"].lower().startswith("vị trí thử đủ"),
    "(CASEI(name) NOT LIKE CASEI('vị trí thử tải%'))": lambda p: not p["name"].startswith("Vị trí thử tải"),
    "kind IN ('flood','drowning')": lambda p: p["kind"] in {"flood", "drowning"},
    "kind NOT IN ('flood','drowning')": lambda p: p["kind"] not in {"flood", "drowning"},
    '"location_accuracy_m" BETWEEN 4 AND 10.5': lambda p: 4 <= p["location_accuracy_m"] <= 10.5,
    '"location_accuracy_m" NOT BETWEEN 4 AND 190': lambda p: not 4 <= p["location_accuracy_m"] <= 190,
    "(overdue = TRUE)": lambda p: p["overdue"] is True,
    "((version * 2) > 5)": lambda p: p["version"] * 2 > 5,
    '("location_accuracy_m" < ( - (-5)))': lambda p: p["location_accuracy_m"] < 5,
    "(address = 'không có')": lambda p: p["address"] == "không có",
}  # fmt: skip


@pytest.mark.parametrize("text", FILTERS)
def test_its_filters_mean_the_same_here(gis, sites, text):
    query = f"&filter={quote(text)}&filter-lang=cql2-text"

    assert sites.read(query) == ids(
        each for each in gis.everything("sites") if FILTERS[text](each["properties"])
    )


def test_two_filters_repeat_the_language(gis, sites):
    query = "&filter=(" + quote("(kind = 'flood')") + ") AND (" + quote("(version > 2)") + ")"

    found = sites.read(query.replace(" ", "%20") + "&filter-lang=cql2-text&filter-lang=cql2-text")

    assert found == [FULL_SITE]


def test_a_rectangle_within_a_filter_and_beside_one(gis, sites):
    box = "108.40999999999999659,11.92999999999999972,108.43999999999999773,11.96000000000000085"
    spatial = quote(f"S_INTERSECTS(geometry,BBOX({box}))")

    within = sites.read(f"&filter={spatial}&filter-lang=cql2-text")
    beside = sites.read(f"&filter={quote('(version > 0)')}&filter-lang=cql2-text&bbox={box}")
    point = sites.read(
        f"&filter={quote('S_INTERSECTS(geometry,POINT(108.421 11.941))')}&filter-lang=cql2-text"
    )

    assert within == beside == ids(gis.everything("sites", bbox="108.41,11.93,108.44,11.96"))
    assert point == [FULL_SITE]


@pytest.mark.parametrize(
    ("code", "box"),
    [
        ("EPSG/0/4326", "11.93,108.41,11.96,108.44"),
        ("EPSG/0/3857", "12068146.1,1339106.2,12071485.7,1342521.5"),
    ],
)
def test_a_layer_in_another_system_sends_it_three_times(gis, sites, code, box):
    uri = f"http://www.opengis.net/def/crs/{code}"
    corners = [float(part) for part in box.split(",")]
    spatial = quote(f"S_INTERSECTS(geometry,BBOX({','.join(map(str, corners))}))")

    found = sites.read(
        f"&filter={spatial}&filter-lang=cql2-text&filter-crs={uri}&bbox={box}&bbox-crs={uri}&crs={uri}"
    )

    assert set(found) == set(ids(gis.everything("sites", bbox="108.41,11.93,108.44,11.96")))


@pytest.mark.parametrize("collection", ["inspections", "sites"])
@pytest.mark.parametrize(
    ("begins", "ends"),
    [("2026-11-01T00:00:00Z", ENDED), (BEGUN, "2026-11-01T00:00:00Z"), ("2026-11-20T03:04:05Z", "")],
)
def test_open_spans_are_years_that_no_calendar_has(gis, collection, begins, ends):
    layer = Provider(gis, collection)

    found = layer.read(f"&datetime={begins}" + (f"%2F{ends}" if ends else ""))

    name = (COLLECTIONS[collection].times or ("",))[0]
    first = datetime.min.replace(tzinfo=UTC) if begins == BEGUN else datetime.fromisoformat(begins)
    last = datetime.fromisoformat(ends or begins)
    expected = []
    for feature in gis.everything(collection):
        at = feature["properties"][name]
        if at is None or first <= datetime.fromisoformat(at) <= last:
            expected.append(feature["id"])
    assert found == expected


def test_extra_parameters_of_the_address_are_on_every_request(gis):
    """`?lang=en` at the end of the landing page's address is put behind every address, and may come twice."""
    for path in (
        "",
        "/api",
        "/collections/sites",
        "/collections/sites/items?limit=10",
        "/collections/sites/items",
    ):
        sign = "&" if "?" in path else "?"
        assert (
            gis.get(f"{gis.root}{path}{sign}lang=en", accept="application/json").status_code == HTTPStatus.OK
        )


@pytest.mark.parametrize("form", ["text/csv", "application/geo+json-seq"])
def test_qgis_4_pages_other_formats_by_headers(gis, sites, form):
    formats = {link["type"]: link["href"] for link in sites.collection["links"] if link["rel"] == "items"}

    first = gis.get(formats[form] + f"&limit={sites.page}", accept=form)

    assert first.headers["Content-Type"].partition(";")[0] == form
    assert int(first.headers["OGC-NumberMatched"]) == sites.sample["numberMatched"]
    following = [part for part in first.headers["Link"].split(", <") if 'rel="next"' in part]
    assert len(following) == 1
    assert f'type="{form}"' in following[0]
    address = following[0].lstrip("<").partition(">")[0]
    second = gis.get(address, accept=form)
    assert 'rel="next"' not in second.headers.get("Link", "")
    assert int(second.headers["OGC-NumberReturned"]) == sites.sample["numberMatched"] - sites.page


def test_wrong_credentials_are_asked_for_again(gis):
    for path in ("", "/api", "/collections/sites", "/collections/sites/items?limit=10"):
        answer = gis.http.get(f"{gis.root}{path}", auth=("taluy", "tly_wrong"))
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert "Basic" in answer.headers["WWW-Authenticate"]


def test_the_same_on_postgis(gis_on_postgis):
    layer = Provider(gis_on_postgis, "sites")

    assert layer.read() == ids(gis_on_postgis.everything("sites"))
    for text, meant in FILTERS.items():
        query = f"&filter={quote(text)}&filter-lang=cql2-text"
        expected = ids(each for each in gis_on_postgis.everything("sites") if meant(each["properties"]))
        assert layer.read(query) == expected, text
