"""The hand-made description is valid OpenAPI 3.0.3, and says what the service does."""

import re

import pytest
from schemathesis.specs.openapi import definitions

from app.ogc import parameters
from app.ogc.collections import COLLECTIONS
from app.ogc.negotiation import ITEMS

API = "application/vnd.oai.openapi+json;version=3.0"


@pytest.fixture(scope="module")
def described(door):
    """The description that everybody gets."""
    return door.get("/ogc/api", headers={"Accept": API}).json()


def resolved(described, part):
    """What a part refers to, or itself."""
    if "$ref" not in part:
        return part
    for name in part["$ref"].removeprefix("#/").split("/"):
        described = described[name]
    return described


def parameters_of(described, path):
    found = [resolved(described, each) for each in described["paths"][path]["get"]["parameters"]]
    return {each["name"]: each for each in found}


def test_it_is_valid_openapi_3_0(door, described):
    assert described["openapi"] == "3.0.3"
    assert list(definitions.OPENAPI_30_VALIDATOR.iter_errors(described)) == []
    assert described["servers"] == [{"url": f"{door.base_url}/ogc"}]
    names = [path["get"]["operationId"] for path in described["paths"].values()]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(door, described):
    references = set(re.findall(r'"\$ref":\s*"([^"]+)"', door.get("/ogc/api").text))

    assert references
    assert all(resolved(described, {"$ref": each}) for each in references)


def test_every_path_is_answered_and_every_route_described(door, described):
    for path in described["paths"]:
        if "{" not in path:
            assert door.get(f"/ogc{path}").status_code == 200, path
    for name in COLLECTIONS:
        ends = ("", "/queryables", "/sortables", "/schema", "/feature-schema", "/items", "/items/{featureId}")
        assert {f"/collections/{name}{end}" for end in ends} <= set(described["paths"])


def test_the_page_size_stands_where_clients_look_for_it(described):
    limit = described["components"]["parameters"]["limit"]

    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100}
    assert (limit["in"], limit["style"], limit["explode"], limit["required"]) == (
        "query",
        "form",
        False,
        False,
    )
    for name in COLLECTIONS:
        here = described["paths"][f"/collections/{name}/items"]["get"]["parameters"]
        assert {"$ref": "#/components/parameters/limit"} in here


def test_boxes_hits_and_formats_are_described_as_the_official_tests_read_them(described):
    here = parameters_of(described, "/collections/sites/items")

    box = here["bbox"]["schema"]
    assert (box["type"], box["items"], box["minItems"], box["maxItems"]) == (
        "array",
        {"type": "number"},
        4,
        6,
    )
    assert here["bbox"]["explode"] is False
    assert here["datetime"]["schema"] == {"type": "string"}
    assert here["resultType"]["schema"]["enum"] == ["hits", "results"]
    assert {form.name for form in ITEMS} <= set(here["f"]["schema"]["enum"])


@pytest.mark.parametrize("name", list(COLLECTIONS))
def test_exactly_what_items_take_is_described(door, described, name):
    here = parameters_of(described, f"/collections/{name}/items")
    queryables = set(door.get(f"/ogc/collections/{name}/queryables").json()["properties"]) - {"geometry"}

    assert set(here) == {*parameters.NAMES, *queryables}
    refused = door.get(f"/ogc/collections/{name}/items", params={"nobody": "1", "lang": "en"})
    assert refused.status_code == 400
    for parameter in set(here) - queryables:
        assert parameter in refused.json()["detail"]


def test_every_format_of_an_answer_is_described(described):
    fine = described["paths"]["/collections/sites/items"]["get"]["responses"]

    assert {media_type for form in ITEMS for media_type in form.media_types} == set(fine["200"]["content"])
    for status in ("400", "401", "404", "406", "503"):
        assert "application/problem+json" in resolved(described, fine[status])["content"]


def test_its_page_is_drawn_from_our_own_server(door):
    page = door.get("/ogc/api.html")

    assert page.headers["Content-Type"].startswith("text/html")
    assert 'url: "/ogc/api?f=json"' in page.text
    assert set(re.findall(r'(?:src|href)="(/[a-z]+)/', page.text)) == {"/assets"}
