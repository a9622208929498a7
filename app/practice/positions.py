"""Two invented positions that wait for the board: one measured with GPS, one outlined by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from app import clock
from app.geojson import geometry_out
from app.practice.places import PracticeSite
from app.practice.shapes import CENTRE, moved, outline

UNSURE: Final = ("unlocated", "inferred")
HOW_MANY: Final = 2
NOTES: Final = ("Đứng ở chân mái, cạnh cột điện", "Đi vòng quanh, chấm lại trên bản đồ")


@dataclass(frozen=True)
class PracticePosition:
    """A body of PUT /api/positions/{id}, its id, and when it came."""

    id: UUID
    body: dict[str, Any]
    received_at: datetime


def positions(sites: Iterable[PracticeSite], until: date) -> list[PracticePosition]:
    """For the first places whose position nobody has measured; the same for the same places and day."""
    unsure = sorted((site for site in sites if site.location_status in UNSURE), key=lambda site: site.code)
    return [_position(site, number, until) for number, site in enumerate(unsure[:HOW_MANY])]


def _position(site: PracticeSite, number: int, until: date) -> PracticePosition:
    rng = Random(f"practice position {site.code}")  # nosec B311 # an invention, the same for the same place
    where = moved(CENTRE, rng.uniform(-700, 700), rng.uniform(-700, 700))
    by_hand = number % 2 == 1
    shape = outline(rng, where, rng.uniform(0, 3), 60, 25) if by_hand else None
    seen_at = datetime.combine(until, time(9, 20 + number), clock.LOCAL)
    body = {
        "place": site.code,
        "seen_at": clock.rfc3339(seen_at),
        "geometry": geometry_out(shape) if shape else {"type": "Point", "coordinates": list(where)},
        "accuracy_m": None if by_hand else 6.0,
        "method": "tapped" if by_hand else "gps",
        "fixes": None if by_hand else 14,
        "note": NOTES[number],
        "place_version": 1,
    }
    return PracticePosition(UUID(int=rng.getrandbits(128), version=4), body, seen_at + timedelta(minutes=3))
