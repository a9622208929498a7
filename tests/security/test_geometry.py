"""Geometries over the HTTP door, beside the corpus of tests/api/test_hostile.py: counts, depth, pages, time (13-17)."""

import json
import time

import pytest
from sqlalchemy import func, select, text

from app.db import Database
from app.errors import Unavailable
from app.sites.model import Site

SITE = {
    "code": "TH-ST-77",
    "name": "Vị trí thử",
    "kind": "slide",
    "location_status": "surveyed",
    "location_accuracy_m": 5,
}


def square(west: float, south: float, side: float = 0.0001) -> list[list[list[float]]]:
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def deep(levels: int) -> str:
    return "[" * levels + "108.4,11.9" + "]" * levels


def collections(levels: int) -> str:
    return '{"type":"GeometryCollection","geometries":[' * levels + "]}" * levels


HOSTILE: dict[str, object] = {
    "101 polygons": {"type": "MultiPolygon", "coordinates": [square(108 + i / 1000, 11) for i in range(101)]},
    "101 rings": {
        "type": "Polygon",
        "coordinates": [ring for i in range(101) for ring in square(108, 11, 0.01 + i)],
    },
    "10,001 vertices": {"type": "MultiPoint", "coordinates": [[108 + i / 1e5, 11] for i in range(10_001)]},
    "10,001 in a polygon": {
        "type": "Polygon",
        "coordinates": [[[108 + i / 1e5, 11] for i in range(10_000)] + [[108, 11]]],
    },
    "eight deep": json.loads(f'{{"type":"Point","coordinates":{deep(8)}}}'),
    "deeper than its type": json.loads(f'{{"type":"LineString","coordinates":{deep(3)}}}'),
    "across the antimeridian": {"type": "LineString", "coordinates": [[179.9, 11], [-179.9, 11]]},
    "mixed dimensions": {"type": "LineString", "coordinates": [[108.4, 11.9], [108.5, 11.9, 3]]},
    "touching itself": {
        "type": "Polygon",
        "coordinates": [
            [[108, 11], [108.2, 11], [108.1, 11.1], [108.2, 11.2], [108, 11.2], [108.1, 11.1], [108, 11]]
        ],
    },
    "one point again and again": {"type": "Polygon", "coordinates": [[[108.4, 11.9]] * 5]},
    "a line of one point": {"type": "LineString", "coordinates": [[108.4, 11.9]] * 4},
    "empty polygon": {"type": "Polygon", "coordinates": []},
    "empty ring": {"type": "Polygon", "coordinates": [[]]},
    "empty multipolygon": {"type": "MultiPolygon", "coordinates": [[[]]]},
    "empty multipoint": {"type": "MultiPoint", "coordinates": []},
    "same ring twice": {"type": "Polygon", "coordinates": square(108, 11) * 2},
    "hole outside": {"type": "Polygon", "coordinates": [*square(108, 11, 0.01), *square(108.5, 11)]},
    "overlapping polygons": {
        "type": "MultiPolygon",
        "coordinates": [square(108, 11, 0.1), square(108.05, 11, 0.1)],
    },
    "feature": {"type": "Feature", "geometry": {"type": "Point", "coordinates": [108.4, 11.9]}},
    "topology": {"type": "Topology", "arcs": []},
    "curve": {"type": "CircularString", "coordinates": [[108.4, 11.9], [108.5, 11.9]]},
    "WKT": "POINT (108.4 11.9)",
    "WKB": "0101000000000000000000F03F000000000000F03F",
    "list": [108.4, 11.9],
}
RAW: dict[str, str] = {
    "50,000 collections": collections(50_000),
    "1e999": '{"type":"Point","coordinates":[1e999,11.9]}',
    "minus infinity": '{"type":"Point","coordinates":[108.4,-1e999]}',
    "NaN": '{"type":"Point","coordinates":[NaN,11.9]}',
    "100,000 brackets": f'{{"type":"Point","coordinates":{deep(100_000)}}}',
    "type twice": '{"type":"Point","type":"Point","coordinates":[108.4,11.9]}',
}


def bodies() -> dict[str, bytes]:
    """Every body with its name."""
    found = {name: json.dumps(SITE | {"geometry": geometry}).encode() for name, geometry in HOSTILE.items()}
    head = json.dumps(SITE)[:-1]
    return found | {name: f'{head},"geometry":{geometry}}}'.encode() for name, geometry in RAW.items()}


def test_every_hostile_geometry_is_refused_and_nothing_is_kept(board, make, database):
    make.site()
    with database.read() as db:
        before = db.scalar(select(func.count()).select_from(Site))
    slow = {}
    for name, body in bodies().items():
        begun = time.perf_counter()
        answer = board.post("/api/sites", content=body, headers={"Content-Type": "application/json"})
        slow[name] = (time.perf_counter() - begun) * 1000
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json", name
    worst = max(slow, key=lambda name: slow[name])
    print(f"{len(slow)} geometries, slowest {worst}: {slow[worst]:.0f} ms")  # noqa: T201 - a figure, shown by -s

    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Site)) == before


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "MultiPolygon", "coordinates": [square(108 + i / 1000, 11) for i in range(100)]},
        {"type": "LineString", "coordinates": [[108 + i / 1e5, 11] for i in range(10_000)]},
    ],
    ids=["100 polygons", "10,000 vertices"],
)
def test_what_is_just_within_the_limits_is_kept(board, geometry):
    answer = board.post("/api/sites", json=SITE | {"geometry": geometry})

    assert answer.status_code in (201, 413), answer.text
    if answer.status_code == 413:  # the body's own limit comes first
        assert len(json.dumps(geometry)) > 250_000


def test_a_page_holds_10_000_and_no_more(client):
    for address in ("/api/sites", "/api/signboards", "/api/proposals"):
        assert client.get(address, params={"limit": 10_000}).status_code == 200
        assert client.get(address, params={"limit": 10_001}).status_code == 422


def test_a_statement_that_takes_too_long_is_ended(database_url, monkeypatch):
    monkeypatch.setattr("app.db.STATEMENT_MS", 1_000)
    endless = {
        "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
        "postgresql": "SELECT pg_sleep(60)",
    }

    with Database(database_url) as database:
        begun = time.monotonic()
        with pytest.raises(Unavailable), database.read() as db:
            db.execute(text(endless[database.dialect])).all()

    assert 0.9 < time.monotonic() - begun < 50
