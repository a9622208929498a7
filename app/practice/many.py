"""Thousands of meaningless sites for benchmarks, spread over Lâm Đồng, as rows for one bulk insert."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from app.text import search_key

WEST, SOUTH, EAST, NORTH = 107.3, 11.2, 108.7, 12.3
"""About the extent of the province of Lâm Đồng before 2025, in degrees."""
POLYGON_VERTICES, LINE_VERTICES = 20, 30
RADIUS_DEGREES: Final = 0.0006
KINDS: Final = ("slide", "slide", "slide", "flood", "drowning")
RISKS: Final = ("low", "medium", "high", "very_high", None)
CONDITIONS: Final = ("no_change", "no_change", "no_change", "worse", "danger", None)
STATUSES: Final = ("surveyed", "approximate", "inferred")
MADE_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
SEEN_FROM: Final = datetime(2026, 6, 1, tzinfo=UTC)
DUE_FROM: Final = date(2026, 9, 1)


def generated_sites(n: int, seed: int) -> Iterator[dict[str, Any]]:
    """`n` rows with the columns of `Site`: 70 % points, 20 % polygons, 10 % lines; the same for the same seed."""
    rng = Random(f"many {seed}")  # nosec B311 # an invention, the same for the same seed
    for number in range(1, n + 1):
        yield _row(rng, number)


def _row(rng: Random, number: int) -> dict[str, Any]:
    code, name = f"BM-{number:06}", f"Vị trí thử tải {number} (bịa)"
    risk, condition = rng.choice(RISKS), rng.choice(CONDITIONS)
    seen_at = SEEN_FROM + timedelta(minutes=rng.randrange(150_000)) if condition else None
    shape = _shape(rng)
    west, south, east, north = shape.bounds
    return {
        "code": code,
        "name": name,
        "address": None,
        "search": search_key(f"{code} {name}"),
        "kind": rng.choice(KINDS),
        "risk_level": risk,
        "risk_rated_at": MADE_AT if risk else None,
        "risk_reason": "Dữ liệu thử tải" if risk else None,
        "state": "active",
        "location_status": rng.choice(STATUSES),
        "location_accuracy_m": float(rng.randint(3, 200)),
        "location_note": None,
        "condition": condition,
        "last_inspected_at": seen_at,
        "due_on": DUE_FROM + timedelta(days=rng.randrange(200)) if seen_at else None,
        "version": 1,
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
        "geometry": shape,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }


def _shape(rng: Random) -> BaseGeometry:
    lon, lat = rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH)
    draw = rng.random()
    if draw < 0.7:
        return Point(lon, lat)
    turns = [index * math.tau / POLYGON_VERTICES for index in range(POLYGON_VERTICES)]
    if draw < 0.9:
        reach = [RADIUS_DEGREES * rng.uniform(0.5, 1) for _ in turns]
        return Polygon(
            [(lon + r * math.cos(t), lat + r * math.sin(t)) for t, r in zip(turns, reach, strict=True)]
        )
    heading = rng.uniform(0, math.tau)
    path = [(lon, lat)]
    for _ in range(LINE_VERTICES - 1):
        heading += rng.uniform(-0.4, 0.4)
        lon, lat = path[-1]
        path.append((lon + 0.0001 * math.cos(heading), lat + 0.0001 * math.sin(heading)))
    return LineString(path)
