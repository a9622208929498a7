"""What one visit knows: its own readings, and those of the earlier visits to the same place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from app.hazards import KINDS, UNKNOWN
from app.inspections import cracks
from app.inspections.due import is_rainy


@dataclass(frozen=True)
class Reading:
    """What an earlier visit to the same place noted."""

    seen_at: datetime
    answers: Mapping[str, Any]
    measurements: Mapping[str, Any]


@dataclass(frozen=True)
class Visit:
    """One visit with what was known before it; `earlier` is newest first."""

    kind: str
    seen_at: datetime
    context: Mapping[str, Any]
    answers: Mapping[str, Any]
    measurements: Mapping[str, Any]
    earlier: Sequence[Reading]
    risk_level: str | None
    rain_forecast: bool

    def said(self, code: str, *values: str) -> bool:
        """Whether the answer to `code` is one of `values`."""
        return self.answers.get(code) in values

    def there(self, *codes: str) -> bool:
        """Whether one of the things asked about is there at all, old or new."""
        return any(self.answers.get(code, "none") not in ("none", UNKNOWN) for code in codes)

    def grave(self, *codes: str) -> bool:
        """Whether one of the answers suggests worse or danger by itself."""
        fields = [field for field in KINDS[self.kind].fields() if field.code in codes]
        choices = (field.choice(self.answers.get(field.code)) for field in fields)
        return any(choice is not None and choice.suggests != "none" for choice in choices)

    def number(self, code: str) -> float:
        """The measurement `code`, 0 where it was not taken."""
        value = self.measurements.get(code, 0)
        return value if isinstance(value, (int, float)) else 0

    def change(self, code: str) -> float:
        """How much the measurement `code` grew since it was last taken, 0 where there is no pair."""
        last = next((seen.measurements[code] for seen in self.earlier if code in seen.measurements), None)
        return 0 if last is None or code not in self.measurements else self.number(code) - last

    def share(self, part: str, whole: str) -> float:
        """`part` of `whole`, from 0 to 1; 0 where either is not known."""
        return self.number(part) / self.number(whole) if self.number(whole) else 0

    @cached_property
    def rainy_season(self) -> bool:
        """Whether the visit fell into Đà Lạt's rainy season."""
        return is_rainy(self.seen_at.astimezone(cracks.VIETNAM).date())

    @cached_property
    def raining(self) -> bool:
        """Rain while the place was seen."""
        return self.context.get("rain_now") in ("light", "heavy")

    @cached_property
    def rained(self) -> bool:
        """Rain in the 24 h before, rain at this moment included."""
        return self.raining or self.context.get("rain_last_24h") == "yes"

    @cached_property
    def depth_cm(self) -> float | None:
        """Depth of the flood: at the staff, else on the body; None where nobody looked."""
        known = self.measurements.get("depth_cm")
        if known is None:
            body = KINDS["flood"].field("depth_estimated")
            reached = body.choice(self.measurements.get("depth_estimated")) if body else None
            known = reached.value if reached else None
        return max(known or 0, 30) if self.said("over_30_cm", "yes") else known

    @cached_property
    def deep(self) -> bool:
        """The danger value of a flood: 50 cm, and 30 cm unless the water is known to stand still."""
        return (self.depth_cm or 0) >= (50 if self.said("flow", "still") else 30)

    @cached_property
    def shallow(self) -> bool:
        """Known to be under 15 cm."""
        return self.depth_cm is not None and self.depth_cm < 15  # noqa: PLR2004 - as in the table

    @cached_property
    def people_there(self) -> bool:
        """People still in the zone."""
        return self.number("households_present") > 0 or self.number("people_present") > 0

    def gauges(self) -> list[tuple[str, cracks.Point, list[cracks.Point]]]:
        """Each gauge read on this visit: its name, the reading, and the earlier ones, newest first."""
        read = self.measurements.get("crack_gauge_mm", {})
        return [(name, (self.seen_at, mm), self._history(name)) for name, mm in read.items()]

    def _history(self, gauge: str) -> list[cracks.Point]:
        known = (
            (seen.seen_at, seen.measurements.get("crack_gauge_mm", {}).get(gauge)) for seen in self.earlier
        )
        return [(moment, mm) for moment, mm in known if mm is not None]
