"""Two years of invented visits: when somebody came, what they noted, and what they chose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID, uuid5

from app.clock import LOCAL, rfc3339
from app.hazards import FORM_VERSION
from app.inspections import due, readings
from app.practice.places import Ending
from app.practice.readings import Ground, Story, take
from app.practice.shapes import LonLat, moved
from app.practice.weather import Weather
from app.practice.words import ITEM_NOTES, LOWERED_NOTE, QUIET_NOTES, RAISED_NOTE, UNSEEN_NOTES

NAMESPACE: Final = UUID("5f0c2a6e-6b1d-4d0b-9a55-1d1c0a0d6e01")
HISTORY: Final = 60
OFFICERS: Final = tuple(f"Cán bộ luyện tập {number:02}" for number in range(1, 6))
CALM_DAYS: Final = 25
"""So long before the last day only the places with a story of their own are in trouble: the map stays readable."""
DELAYS: Final = (0, 0, 0, 0, 1, 1, 2, 3, 6)
AFTER_RAIN: Final = frozenset({"slide", "flood", "drowning", "slope_tarpaulin", "sandbags", "stakes"})


@dataclass(frozen=True)
class PracticeVisit:
    """One inspection as a phone would send it: `body` is the wire body of `PUT /api/inspections/{id}`."""

    id: UUID
    body: Mapping[str, Any]
    officer: str
    received_at: datetime

    @property
    def seen_at(self) -> datetime:
        """When it was seen."""
        return datetime.fromisoformat(self.body["seen_at"])


@dataclass
class Place:
    """Something that is visited, and what its story is."""

    code: str
    kind: str
    due_kind: str
    risk_level: str | None
    where: LonLat
    ground: Ground
    ending: Ending
    begins: date
    ends: date
    expires_on: date | None = None
    earlier: list[readings.Reading] = field(default_factory=list)

    def due_after(self, day: date, condition: str) -> date:
        """When the next visit is due."""
        risk = self.risk_level if self.kind == "slide" else None
        on = due.due_on(self.due_kind, risk, day, condition, expires_on=self.expires_on)
        return on or self.ends + timedelta(days=1)


def visits(rng: Random, place: Place, weather: Weather) -> list[PracticeVisit]:
    """Every visit to a place, oldest first."""
    if place.ending == "never":
        return []
    told = place.ending in ("worse", "danger", "not_seen")
    late = rng.randint(0, 2) if place.ending in ("worse", "not_seen") else 0
    last_day = place.ends - timedelta(days=late)
    found: list[PracticeVisit] = []
    day = place.begins + timedelta(days=rng.randint(0, 20))
    rested = place.begins
    while day < last_day or (day == last_day and not told):
        rested = _rest(place, weather, rested, day)
        found.append(visit(rng, place, weather, day, "by_rain"))
        day = _next_day(rng, place, weather, day, found[-1].body["condition"])
    if told:
        _rest(place, weather, rested, last_day)
        found.append(visit(rng, place, weather, last_day, _story(place.ending)))
    return _ended(rng, place, weather, found)


def _story(ending: Ending) -> Story:
    return ending if ending in ("worse", "danger", "not_seen") else "by_rain"


def _rest(place: Place, weather: Weather, since: date, until: date) -> date:
    for number in range((until - since).days):
        place.ground.rest(weather.wetness(since + timedelta(days=number)))
    return until


def _next_day(rng: Random, place: Place, weather: Weather, day: date, condition: str) -> date:
    """Due day and a little delay, or the day after heavy rain."""
    planned = place.due_after(day, condition) + timedelta(
        days=rng.choice(DELAYS) if condition != "danger" else 0
    )
    if place.due_kind in AFTER_RAIN and place.risk_level != "low":
        rained = next((wet for wet in weather.heavy_days if wet >= day), None)
        if rained is not None and rained < planned and rng.random() < 0.8:
            planned = rained + timedelta(days=0 if place.kind == "flood" else 1)
    return max(planned, day + timedelta(days=1))


def _ended(rng: Random, place: Place, weather: Weather, found: list[PracticeVisit]) -> list[PracticeVisit]:
    """Cut an overdue place's visits short; see the others once more where they would be overdue by accident."""
    if place.ending == "overdue":
        in_time = place.ends - timedelta(days=1)
        while len(found) > 1 and (
            _due(place, found[-1]) >= in_time or found[-1].body["condition"] == "danger"
        ):
            found.pop()
    elif found and place.ending == "regular" and _due(place, found[-1]) <= place.ends + timedelta(days=1):
        found.append(visit(rng, place, weather, place.ends - timedelta(days=rng.randint(0, 1)), "by_rain"))
    return found


def _due(place: Place, last: PracticeVisit) -> date:
    return place.due_after(last.seen_at.astimezone(LOCAL).date(), last.body["condition"])


def visit(rng: Random, place: Place, weather: Weather, day: date, story: Story) -> PracticeVisit:
    """One visit with a condition that the rules allow."""
    mm = weather.mm.get(day, 0.0)
    rain_mm = max(mm, weather.mm.get(day - timedelta(days=1), 0.0))
    wetness = weather.wetness(day)
    if place.ending == "regular" and day > place.ends - timedelta(days=CALM_DAYS):
        wetness, rain_mm = min(wetness, 10.0), min(rain_mm, 8.0)
    answers, measurements = take(place.ground, wetness=wetness, rain_mm=rain_mm, day=day, story=story)
    evening = place.kind == "flood" and mm > 30
    minutes = rng.randint(17 * 60, 19 * 60) if evening else rng.randint(6 * 60 + 40, 16 * 60 + 50)
    seen_at = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=LOCAL)
    context = _context(rng, mm, rain_mm, story, night=minutes >= 18 * 60)
    readings.check_readings(place.kind, context, answers, measurements)
    suggested = readings.suggest(
        place.kind,
        context,
        answers,
        measurements,
        place.earlier[:HISTORY],
        place.risk_level,
        seen_at=seen_at,
    )
    condition, note = _chosen(rng, suggested, story)
    readings.check_choice(condition, suggested, note)
    place.earlier.insert(0, readings.Reading(seen_at, answers, measurements))
    body = {
        "place": place.code,
        "seen_at": seen_at.isoformat(),
        "condition": condition,
        "context": context,
        "answers": answers,
        "measurements": measurements,
        "note": note,
        "position": _position(rng, place.where),
        "corrects": None,
        "form_version": FORM_VERSION,
    }
    return PracticeVisit(
        uuid5(NAMESPACE, f"{place.code} {rfc3339(seen_at)}"),
        body,
        rng.choice(OFFICERS),
        _received(rng, seen_at),
    )


def _context(rng: Random, mm: float, rain_mm: float, story: Story, *, night: bool) -> dict[str, str]:
    raining = (
        "heavy" if mm > 40 and rng.random() < 0.3 else "light" if mm > 8 and rng.random() < 0.4 else "none"
    )
    far = story in ("danger", "not_seen") or raining == "heavy" or rng.random() < 0.08
    return {
        "seen_from": "distance" if far else "close",
        "rain_now": raining,
        "rain_last_24h": "yes" if rain_mm > 2 or raining != "none" else "no",
        "light": "night" if night else "day",
    }


def _chosen(rng: Random, suggested: readings.Suggestion, story: Story) -> tuple[str, str | None]:
    """Mostly what the rules suggest; now and then raised, rarely lowered with a reason."""
    condition: str = suggested.condition
    if story == "not_seen":
        return "not_seen", rng.choice(UNSEEN_NOTES)
    if story != "by_rain":
        return condition, _note(rng, suggested)
    if condition == "worse" and rng.random() < 0.04:
        return "no_change", LOWERED_NOTE
    if condition == "no_change" and rng.random() < 0.01:
        return "worse", RAISED_NOTE
    if condition == "no_change":
        return condition, rng.choice(QUIET_NOTES) if rng.random() < 0.3 else None
    return condition, _note(rng, suggested)


def _note(rng: Random, suggested: readings.Suggestion) -> str | None:
    gravest = [
        reason.item for reason in suggested.reasons if reason.effect == suggested.condition and reason.item
    ]
    known = [item for item in gravest or [reason.item for reason in suggested.reasons] if item in ITEM_NOTES]
    return rng.choice(ITEM_NOTES[rng.choice(known)]) if known else None


def _position(rng: Random, where: LonLat) -> dict[str, Any] | None:
    """Where the phone thought it was: mostly by GPS, sometimes a pin set by hand, sometimes nothing."""
    source = rng.choices(("gps", "map", None), (86, 5, 9))[0]
    if source is None:
        return None
    lon, lat = moved(where, rng.gauss(0, 14), rng.gauss(0, 14))
    accuracy = rng.choice((4, 5, 6, 8, 9, 12, 16, 24, 60)) if source == "gps" else None
    return {
        "lon": lon,
        "lat": lat,
        "accuracy_m": accuracy,
        "age_s": rng.randint(0, 40) if accuracy else None,
        "source": source,
    }


def _received(rng: Random, seen_at: datetime) -> datetime:
    """A minute later, or when the phone found a signal; the same day."""
    hours_later = rng.choices((0.03, 0.2, 1.5, 4), (70, 18, 8, 4))[0]
    return seen_at + timedelta(hours=hours_later * rng.uniform(0.6, 1.2))


def in_order(found: Mapping[str, list[PracticeVisit]]) -> Iterator[PracticeVisit]:
    """All visits as they reached the server."""
    everything = [each for visits_of in found.values() for each in visits_of]
    yield from sorted(everything, key=lambda each: (each.received_at, each.id))
