"""Invented rain with Đà Lạt's rhythm: a wet season from April to October, heaviest in September."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Final

from app.clock import LOCAL

WET_DAY_SHARE: Final = (0.03, 0.05, 0.12, 0.38, 0.58, 0.6, 0.62, 0.66, 0.68, 0.55, 0.22, 0.07)
"""Share of days with rain, January to December."""
MEAN_MM: Final = (4, 5, 8, 13, 15, 14, 15, 16, 18, 16, 9, 5)
CLOUDBURST_SHARE: Final = 0.022
HEAVY_MM: Final = 50
"""The official edge of heavy rain (in 12 h), which opens a round. Source: data/SOURCES.md#rain-triggers"""
WET_SPELL_DAYS: Final = 14
MEMORY: Final = 0.84
"""What is left in the soil of yesterday's rain."""


@dataclass(frozen=True)
class RainEvent:
    """Heavy rain at one gauge."""

    began_at: datetime
    hours: float
    amount_mm: float


@dataclass(frozen=True)
class Weather:
    """Millimetres of rain on each day."""

    mm: Mapping[date, float]

    def wetness(self, day: date) -> float:
        """How wet the soil is: the rain of the days before, in mm, fading."""
        return sum(
            self.mm.get(day - timedelta(days=back), 0.0) * MEMORY**back for back in range(WET_SPELL_DAYS)
        )

    @cached_property
    def heavy_days(self) -> tuple[date, ...]:
        """Days of heavy rain, in order."""
        return tuple(day for day, amount in sorted(self.mm.items()) if amount >= HEAVY_MM)

    def events(self, rng: Random) -> list[RainEvent]:
        """One event for each heavy day: in the afternoon or evening, a few hours long."""
        return [
            RainEvent(
                datetime.combine(day, time(rng.randint(13, 19), rng.choice((0, 10, 20, 40))), tzinfo=LOCAL),
                round(rng.uniform(1.5, 9), 1),
                self.mm[day],
            )
            for day in self.heavy_days
        ]


def weather(rng: Random, begin: date, end: date) -> Weather:
    """Rain for every day from `begin` to `end`; wet days follow wet days more often than not."""
    mm: dict[date, float] = {}
    wet = False
    for number in range((end - begin).days + 1):
        day = begin + timedelta(days=number)
        month = day.month - 1
        share = WET_DAY_SHARE[month]
        wet = rng.random() < share + (0.15 if wet else -0.1) * share
        amount = rng.expovariate(1 / MEAN_MM[month]) if wet else 0.0
        if wet and share > 0.3 and rng.random() < CLOUDBURST_SHARE:
            amount += rng.uniform(45, 110)
        mm[day] = round(min(amount, 190.0), 1)
    return Weather(mm)
