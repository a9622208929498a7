"""When a place must be seen again: it follows from the last visit and the calendar, never from today.

Intervals are data, since the board may change them; each carries its mark. Sources: data/SOURCES.md#intervals
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from app.hazards import Status

Season = Literal["rainy", "dry", "holidays"]
Day = tuple[int, int]
"""Month and day of any year."""


@dataclass(frozen=True)
class Interval:
    """Days between visits by season. `dry` None: only the visit before the rains; `holidays` None: as `rainy`."""

    rainy: int
    dry: int | None
    holidays: int | None = None
    mark: Status = "proposed"
    source: str = ""

    def days(self, season: Season) -> int | None:
        """Days between visits in `season`, None where it asks for none."""
        if season == "dry":
            return self.dry
        return self.holidays or self.rainy if season == "holidays" else self.rainy


@dataclass(frozen=True)
class Deadline:
    """A visit is due by `closes` each year unless it was made since `opens` of that year."""

    rule: str
    opens: Day
    closes: Day
    mark: Status = "proposed"
    source: str = ""


@dataclass(frozen=True)
class Due:
    """The day, and which rule chose it."""

    on: date
    rule: str
    mark: Status
    source: str = ""


INTERVALS: Final[Mapping[str, Interval]] = {
    "slide/very_high": Interval(rainy=7, dry=30),
    "slide/high": Interval(rainy=14, dry=90),
    "slide/medium": Interval(rainy=30, dry=180),
    "slide/low": Interval(rainy=90, dry=None),
    "flood": Interval(rainy=30, dry=180),
    "drowning": Interval(rainy=30, dry=90, holidays=14),
    "signboard": Interval(rainy=180, dry=180),
    "slope_tarpaulin": Interval(rainy=14, dry=30),
    "sandbags": Interval(rainy=30, dry=90),
    "stakes": Interval(rainy=30, dry=90),
}
"""By kind, for slides by kind and risk; a slide not rated counts as low."""

DANGER_DAYS: Final = 1
YEARLY_DAYS: Final = 365

RAINS_BEGIN: Final[Day] = (4, 15)
RAINS_END: Final[Day] = (10, 31)
HOLIDAYS_BEGIN: Final[Day] = (5, 25)
HOLIDAYS_END: Final[Day] = (8, 31)
STARTS: Final[tuple[Day, ...]] = (RAINS_BEGIN, HOLIDAYS_BEGIN, (9, 1), (11, 1))
"""The first days of every stretch of one season."""

BEFORE_RAINS: Final = Deadline("before-rains", opens=(3, 15), closes=RAINS_BEGIN)
BEFORE_HOLIDAYS: Final = Deadline("before-holidays", opens=(4, 25), closes=HOLIDAYS_BEGIN)
DEADLINES: Final[Mapping[str, tuple[Deadline, ...]]] = {
    "slide": (BEFORE_RAINS,),
    "flood": (BEFORE_RAINS,),
    "drowning": (BEFORE_RAINS, BEFORE_HOLIDAYS),
}


def is_rainy(day: date) -> bool:
    """Whether `day` (in Vietnam) lies in Đà Lạt's rainy season, 15 April to 31 October."""
    return RAINS_BEGIN <= (day.month, day.day) <= RAINS_END


def season_of(day: date) -> Season:
    """The season of `day`; the school holidays lie inside the rainy season."""
    if HOLIDAYS_BEGIN <= (day.month, day.day) <= HOLIDAYS_END:
        return "holidays"
    return "rainy" if is_rainy(day) else "dry"


def due_on(
    kind: str,
    risk_level: str | None,
    last_seen: date | None,
    condition: str | None,
    intervals: Mapping[str, Interval] = INTERVALS,
    *,
    expires_on: date | None = None,
) -> date | None:
    """The day the next inspection is due; None for a place never inspected, which is due now."""
    found = due(kind, risk_level, last_seen, condition, intervals, expires_on=expires_on)
    return found.on if found else None


def due(
    kind: str,
    risk_level: str | None,
    last_seen: date | None,
    condition: str | None,
    intervals: Mapping[str, Interval] = INTERVALS,
    *,
    expires_on: date | None = None,
) -> Due | None:
    """The earliest of all that apply, with the rule that chose it; None for a place never inspected.

    `kind` is a kind of site, `signboard`, or a kind of temporary measure; days are calendar days in Vietnam.
    """
    if last_seen is None:
        return None
    key = f"{kind}/{risk_level or 'low'}" if kind == "slide" else kind
    found = [*_by_deadline(kind, last_seen), *_by_interval(key, intervals[key], last_seen)]
    found.append(Due(last_seen + timedelta(days=YEARLY_DAYS), "yearly", "practice", "HK-BD"))
    if condition == "danger":
        found.append(Due(last_seen + timedelta(days=DANGER_DAYS), "danger-daily", "proposed"))
    if expires_on is not None and expires_on > last_seen:
        found.append(Due(expires_on, "before-expiry", "proposed"))
    return min(found, key=lambda each: each.on)


def _by_interval(key: str, interval: Interval, last_seen: date) -> Iterator[Due]:
    """For each season its earliest day that is far enough from the last visit."""
    for season in ("rainy", "dry", "holidays"):
        days = interval.days(season)
        if days is not None:
            on = _first_in(season, last_seen + timedelta(days=days))
            row = season if season != "holidays" or interval.holidays else "rainy"
            yield Due(on, f"{key}.{row}", interval.mark, interval.source)


def _first_in(season: Season, day: date) -> date:
    """The first day of `season` at or after `day`."""
    if season_of(day) == season:
        return day
    starts = (date(year, *start) for year in (day.year, day.year + 1) for start in STARTS)
    return min(start for start in starts if start > day and season_of(start) == season)


def _by_deadline(kind: str, last_seen: date) -> Iterator[Due]:
    for deadline in DEADLINES.get(kind, ()):
        year = last_seen.year if last_seen < date(last_seen.year, *deadline.opens) else last_seen.year + 1
        yield Due(date(year, *deadline.closes), deadline.rule, deadline.mark, deadline.source)
