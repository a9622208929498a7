"""The contract that scripts rely on, against the real service and its command line."""

import hashlib
from collections.abc import Iterator
from uuid import uuid4

import httpx2
import pytest

from tests.make import PASSWORD, Make
from tests.running import Service, running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that was migrated, seeded and started by the command line, with one officer."""
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgis").create("contract")
    with running(tmp_path_factory.mktemp("contract"), **settings) as started:
        started.person("can-bo-thu", "officer")
        yield started


@pytest.fixture
def scripts(service: Service) -> Iterator[httpx2.Client]:
    """A script that signed in as the officer."""
    with httpx2.Client(base_url=service.url, timeout=60) as client:
        opened = client.post("/api/session", json={"name": "can-bo-thu", "password": PASSWORD})
        assert opened.status_code == 204
        yield client


def test_the_seeded_registry_is_what_the_ward_knows(scripts: httpx2.Client) -> None:
    sites = {feature["id"]: feature for feature in scripts.get("/api/sites").json()["features"]}

    assert set(sites) == {"P6-ST-01", "P6-ST-02", "P6-ST-03", "P6-ST-04", "P6-NL-01", "P6-DN-01"}
    for code in ("P6-ST-01", "P6-ST-02", "P6-ST-03", "P6-ST-04"):
        properties = sites[code]["properties"]
        assert properties["location_status"] == "unlocated"
        assert properties["location_accuracy_m"] == 1250
        assert properties["risk_level"] == "high"
        assert sites[code]["geometry"] == {"type": "Point", "coordinates": [108.4272, 11.9518]}
    flood = sites["P6-NL-01"]
    assert flood["geometry"]["coordinates"] == [108.425708, 11.958893]
    assert flood["properties"]["location_accuracy_m"] == 150
    assert flood["properties"]["risk_level"] is None
    assert {(unit["code"], unit["valid_from"]) for unit in flood["properties"]["units"]} == {
        ("24787", None),
        ("24769", None),
        ("24787", "2025-07-01"),
        ("24846", "2025-07-01"),
    }
    assert sites["P6-DN-01"]["geometry"]["type"] == "LineString"
    assert len(scripts.get("/signboards.geojson").json()["features"]) == 5


def test_an_old_ward_a_word_without_accents_and_a_box_find_their_places(scripts: httpx2.Client) -> None:
    def found(**query: str) -> set[str]:
        return {feature["id"] for feature in scripts.get("/api/sites", params=query).json()["features"]}

    assert found(q="hai ba trung") == {"P6-NL-01"} | found(q="Hai Bà Trưng")
    assert "P6-NL-01" in found(unit="24846")
    assert len(found(unit="24787")) == 6
    assert found(bbox="108.425,11.958,108.426,11.960", kind="flood") == {"P6-NL-01"}
    assert found(overdue="true") == set()


def test_documents_quote_the_notice_word_for_word(scripts: httpx2.Client) -> None:
    documents = scripts.get("/api/documents").json()["documents"]

    by_number = {document["number"]: document for document in documents}
    assert by_number["2381/QĐ-UBND"]["date_status"] == "conflicting"
    assert by_number["07-NQ/ThU"]["date_status"] == "conflicting"
    facts = [fact for document in documents for fact in document["facts"]]
    assert {fact["certainty"] for fact in facts} == {"certain", "conflicting", "inferred"}
    assert any("thường xuyên bị ngập lụt sau mỗi trận mưa lớn" in (fact["quote"] or "") for fact in facts)


def test_a_day_of_work(scripts: httpx2.Client) -> None:
    version = scripts.get("/api/forms").json()["form_version"]
    visit = uuid4()
    body = Make.inspection_body(
        "P6-NL-01",
        condition="worse",
        measurements={"depth_cm": 22},
        answers={"water_now": "flooded"},
        note="Cống tắc rác",
        position={"lon": 108.4257, "lat": 11.9589, "accuracy_m": None, "age_s": 3, "source": "map"},
        form_version=version,
    )

    stored = scripts.put(f"/api/inspections/{visit}", json=body)
    again = scripts.put(f"/api/inspections/{visit}", json=body)
    other = scripts.put(f"/api/inspections/{visit}", json=body | {"note": "khác"})
    sha, data = Make.photo()
    assert sha == hashlib.sha256(data).hexdigest()
    photo = scripts.put(f"/api/photos/{sha}", params={"inspection": str(visit)}, content=data)

    assert (stored.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert stored.content == again.content
    assert photo.status_code == 201
    listed = scripts.get("/api/inspections", params={"place": "P6-NL-01"}).json()["inspections"]
    assert [each["id"] for each in listed] == [str(visit)]
    site = scripts.get("/api/sites/P6-NL-01").json()["properties"]
    assert site["condition"] == "worse"
    assert site["overdue"] is False


@pytest.mark.parametrize(
    "page", ["/", "/map", "/s/P6-NL-01", "/s/P6-ST-01", "/s/P6-BB-05", "/s/P6-NL-01/label"]
)
def test_pages_open(scripts: httpx2.Client, page: str) -> None:
    answer = scripts.get(page, headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
