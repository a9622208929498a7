"""Hostile bodies: each is answered 4xx problem+json, and the database stays as it was (how soon: `make bench`)."""

import json
import math

import pytest
from sqlalchemy import func, select, text

from app.models import Model
from tests.make import SITE


def raw(**changes: object) -> bytes:
    """A site body with some members changed."""
    return json.dumps(SITE | changes).encode()


def with_geometry(kind: str, coordinates: object) -> bytes:
    """A site body with another geometry."""
    return raw(geometry={"type": kind, "coordinates": coordinates})


def replaced(old: str, new: str) -> bytes:
    """A site body with literal text replaced, for what no JSON writer would write."""
    return raw().decode().replace(old, new).encode()


def star(points: int) -> list[list[list[float]]]:
    """A polygon that crosses itself about as often as it can."""
    ring = []
    for step in range(points):
        angle = step * (points // 2) * 2 * math.pi / points
        ring.append([108.4 + 0.1 * math.cos(angle), 11.9 + 0.1 * math.sin(angle)])
    return [[*ring, ring[0]]]


def nested(levels: int) -> bytes:
    """Geometry collections inside each other."""
    opening = b'{"type":"GeometryCollection","geometries":[' * levels
    return replaced('"geometry": {', '"geometry": X, "x": {').replace(b"X", opening + b"]}" * levels)


CORPUS: dict[str, bytes] = {
    "NaN": replaced("108.427", "NaN"),
    "Infinity": replaced("108.427", "-Infinity"),
    "1e999": replaced("108.427", "1e999"),
    "huge integer": replaced("108.427", "9" * 5000),
    "swapped": with_geometry("Point", [11.952, 108.427]),
    "outside Vietnam": with_geometry("Point", [2.35, 48.85]),
    "three numbers": with_geometry("Point", [108.4, 11.9, 3.0]),
    "one number": with_geometry("Point", [108.4]),
    "text for numbers": with_geometry("Point", ["108.4", "11.9"]),
    "booleans for numbers": with_geometry("Point", [True, False]),
    "null coordinates": with_geometry("Point", None),
    "empty line": with_geometry("LineString", []),
    "open ring": with_geometry("Polygon", [[[108.4, 11.9], [108.5, 11.9], [108.5, 12.0]]]),
    "bow tie": with_geometry(
        "Polygon", [[[108.4, 11.9], [108.5, 12.0], [108.5, 11.9], [108.4, 12.0], [108.4, 11.9]]]
    ),
    "star": with_geometry("Polygon", star(2001)),
    "too many vertices": with_geometry("LineString", [[108.4 + i * 1e-6, 11.9] for i in range(10_001)]),
    "too many parts": with_geometry("MultiPoint", [[108.4, 11.9]] * 101)[:0]
    or with_geometry("MultiLineString", [[[108.4, 11.9], [108.41, 11.91]]] * 101),
    "collection": raw(geometry={"type": "GeometryCollection", "geometries": []}),
    "circle": with_geometry("Circle", [108.4, 11.9]),
    "nested 50": nested(50),
    "nested 3000": nested(3000),
    "deep arrays": replaced("[108.427, 11.952]", "[" * 20_000 + "]" * 20_000),
    "duplicate key": replaced('"kind": "slide"', '"kind": "slide", "kind": "flood"'),
    "unknown field": raw(extra="x"),
    "lone surrogate": replaced(json.dumps(SITE["name"]), '"\\ud800"'),
    "surrogate in key": replaced('"name"', '"\\udfff"'),
    "control character": raw(name="a\u0000b"),
    "UTF-16": raw().decode().encode("utf-16"),
    "no JSON": b"{",
    "list": b"[]",
    "null": b"null",
    "empty name": raw(name="   "),
    "long name": raw(name="x" * 301),
    "bad code": raw(code="../../etc"),
    "lower code": raw(code="p6-st-1"),
    "unknown kind": raw(kind="volcano"),
    "negative accuracy": raw(location_accuracy_m=-1),
    "accuracy as text": raw(location_accuracy_m="5"),
    "negative households": raw(households_at_risk=-1),
    "half a household": raw(households_at_risk=1.5),
    "risk without reason": raw(risk_level="high"),
    "closed without reason": raw(state="closed"),
    "no such unit": raw(units=[{"code": "99999"}]),
    "too large": raw(name="x" * 300_000),
    "id and actor from outside": raw(id=1, created_at="2020-01-01T00:00:00Z"),
}


@pytest.fixture
def counted(database):
    """Counts of every table that a write could touch."""

    def count() -> list[int]:
        names = ("site", "site_unit", "signboard", "measure", "proposal", "inspection", "photo", "log_entry")
        tables = [Model.metadata.tables[name] for name in names]
        with database.read() as db:
            return [db.scalar(select(func.count()).select_from(table)) for table in tables]

    return count


@pytest.mark.parametrize("name", sorted(CORPUS))
def test_a_hostile_site_is_refused_and_nothing_changes(board, counted, name):
    before = counted()

    answer = board.post("/api/sites", content=CORPUS[name], headers={"content-type": "application/json"})

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert counted() == before
    assert board.get("/api/sites").status_code == 200


def test_swapped_coordinates_are_named(board):
    answer = board.post(
        "/api/sites",
        content=CORPUS["swapped"],
        headers={"content-type": "application/json", "accept-language": "en"},
    )

    assert "swapped" in answer.text.lower()


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "text/plain"}, b"{}", 415),
        ({"content-type": "application/xml"}, b"<a/>", 415),
        ({"content-type": "application/json", "sec-fetch-site": "cross-site"}, raw(), 403),
        ({"content-type": "application/json", "origin": "https://evil.example"}, raw(), 403),
        ({"content-type": "application/json", "host": "evil.example"}, raw(), 400),
        ({"content-type": "application/json", "host": "[::1"}, raw(), 400),
    ],
)
def test_what_comes_from_the_wrong_place_is_refused(board, counted, headers, body, status):
    before = counted()

    answer = board.post("/api/sites", content=body, headers=headers)

    assert answer.status_code == status
    assert counted() == before


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=10001",
        "limit=x",
        "bbox=1,2,3",
        "bbox=nan,1,2,3",
        "bbox=108,12,109,11",
        "overdue=maybe",
        "cursor=../../x",
        "unit=%27%20OR%201=1",
        "nonsense=1",
        "kind=slide&kind=flood",
        "kind=volcano",
        "q=%00",
    ],
)
def test_a_wrong_query_is_refused(client, query):
    answer = client.get(f"/api/sites?{query}")

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_names_that_look_like_code_are_kept_as_they_are(board, client):
    name = "${window.p=1} `x` </script><img src=x onerror=alert(1)> 'quote' \"double\""

    answer = board.post("/api/sites", json=SITE | {"name": name})

    assert answer.status_code == 201
    assert client.get("/api/sites/TH-ST-77").json()["properties"]["name"] == name


def test_a_refusal_never_echoes_what_was_sent(board):
    answer = board.post("/api/sites", json=SITE | {"kind": "SECRET-CANARY", "x-SECRET-CANARY": 1})

    assert answer.status_code == 422
    assert "SECRET-CANARY" not in answer.text


@pytest.mark.parametrize("identifier", ["not-a-uuid", "00000000", "00000000-0000-4000-8000-0000000000000"])
def test_a_wrong_uuid_is_refused(make, officer, identifier):
    answer = officer.put(f"/api/inspections/{identifier}", json=make.inspection_body(make.site()))

    assert answer.status_code == 422


def test_two_people_at_once_cannot_overwrite_each_other(make, board):
    code = make.site()
    tag = board.get(f"/api/sites/{code}").headers["etag"]

    first = board.patch(f"/api/sites/{code}", json={"name": "Người thứ nhất"}, headers={"if-match": tag})
    second = board.patch(f"/api/sites/{code}", json={"name": "Người thứ hai"}, headers={"if-match": tag})
    blind = board.patch(f"/api/sites/{code}", json={"name": "Không đọc"})

    assert (first.status_code, second.status_code, blind.status_code) == (200, 412, 428)
    assert board.get(f"/api/sites/{code}").json()["properties"]["name"] == "Người thứ nhất"


def test_a_failure_nobody_expected_still_carries_the_policy(client, database):
    with database.write() as db:
        db.execute(text("DROP TABLE unit_succession"))

    answer = client.get("/api/units")

    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unit_succession" not in answer.text
