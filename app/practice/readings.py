"""What an invented place shows on a day: answers and measurements that follow the rain and the place's own story."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Final, Literal

from app.hazards import KINDS, UNKNOWN

Story = Literal["by_rain", "worse", "danger", "not_seen"]
Taken = tuple[dict[str, Any], dict[str, Any]]
"""Answers and measurements."""

RESTLESSNESS: Final = {"very_high": 1.3, "high": 0.8, "medium": 0.4, "low": 0.15, None: 0.25}
SOAKED_MM: Final = 62.0
"""The wetness at which invented slopes begin to move."""


@dataclass
class Ground:
    """What stays from visit to visit: gauges, old signs, staffs."""

    rng: Random
    kind: str
    risk_level: str | None
    measure: str | None = None
    board: str = "sound"
    gauges_mm: dict[str, float] = field(default_factory=dict)
    read_mm: dict[str, int] = field(default_factory=dict)
    """What was read last."""
    staff_cm: int = 0

    def __post_init__(self) -> None:
        """Place gauges at the worse slopes, a staff at the water."""
        rng = self.rng
        self.restless = RESTLESSNESS[self.risk_level]
        if self.risk_level in ("high", "very_high"):
            self.gauges_mm = {f"V{n}": rng.uniform(180, 420) for n in range(1, rng.choice((2, 2, 3)))}
        self.drained = rng.random() < 0.7
        self.covered = rng.random() < 0.6
        self.old_crack = bool(self.gauges_mm) or rng.random() < 0.3
        self.staff_cm = rng.randint(14, 32)
        self.total = rng.randint(6, 30) * 10

    def rest(self, wetness: float) -> None:
        """Let one day pass: soaked slopes open their cracks."""
        if wetness > SOAKED_MM:
            push = self.restless * (wetness - SOAKED_MM) / SOAKED_MM
            for gauge in self.gauges_mm:
                self.gauges_mm[gauge] += push * self.rng.uniform(0.05, 0.6)

    def read(self) -> dict[str, int]:
        """The gauges by steel tape, good to a millimetre."""
        self.before_mm = self.read_mm or {name: round(mm) for name, mm in self.gauges_mm.items()}
        self.read_mm = {name: round(mm + self.rng.uniform(-0.8, 0.8)) for name, mm in self.gauges_mm.items()}
        return self.read_mm

    def widened(self, by_mm: int) -> dict[str, int]:
        """The gauges as they stood the time before, each wider by as much."""
        return {name: mm + by_mm for name, mm in self.before_mm.items()}


def take(ground: Ground, *, wetness: float, rain_mm: float, day: date, story: Story) -> Taken:
    """What the officer notes at `ground` on `day`."""
    kind = "temporary_measure" if ground.measure else ground.kind
    answers, measurements = LOOK[kind](ground, wetness, rain_mm)
    if story == "not_seen":
        return {item.code: UNKNOWN for item in KINDS[kind].items if item.where == "answers"}, {}
    if story != "by_rain":
        return _told(ground, kind, story, answers, measurements)
    if kind == "signboard" and day.month != 11:
        answers.pop("night_visible")
    return answers, measurements


def _told(
    ground: Ground, kind: str, story: Story, answers: dict[str, Any], measurements: dict[str, Any]
) -> Taken:
    """A visit whose result is part of the story, whatever the rain."""
    if kind == "slide" and story == "danger":
        answers |= {"crack_change": "with_step", "water_change": "muddy", "fallen_material": "heap"}
        measurements["fallen_volume_m3"] = round(ground.rng.uniform(1.5, 6), 1)
        measurements |= {"households_present": 0, "people_present": 0}
    elif kind == "slide":
        answers |= {"drain_state": "clear", "water_change": "as_before", "fallen_material": "none"}
        answers["cover_state"] = "none_needed" if ground.gauges_mm else "damaged"
        measurements.pop("fallen_volume_m3", None)
        if ground.gauges_mm:
            measurements["crack_gauge_mm"] = ground.widened(4)
    elif kind == "flood":
        answers |= {"water_now": "draining", "culvert_state": "blocked", "rubbish": "heavy"}
        measurements["depth_cm"] = ground.rng.randint(4, 12)
    elif kind == "drowning":
        answers |= {"people_at_water": "none", "water_level": "normal", "bank_state": "undercut"}
        answers |= {"barrier_state": "whole", "rescue_kit": "complete"}
        measurements = {"depth_cm": ground.staff_cm + 4}
    elif kind == "signboard" and ground.board == "missing":
        answers = {"present": "gone"}
    elif kind == "signboard":
        answers |= {"legible": "faded", "upright": "leaning"}
    return answers, measurements


def _chance(ground: Ground, share: float) -> bool:
    return ground.rng.random() < share


def _slide(ground: Ground, wetness: float, rain_mm: float) -> Taken:
    rng = ground.rng
    trouble = min(1.0, ground.restless * wetness / 150)
    gauges = ground.read()
    answers = {
        "fallen_material": "few_stones" if _chance(ground, 0.16 * trouble) else "none",
        "sounds_or_shaking": "no",
        "crack_change": "as_before" if ground.old_crack else "none",
        "structure_bulge": "none" if ground.covered else "as_before",
        "water_change": "new_or_more"
        if _chance(ground, 0.14 * trouble)
        else "as_before"
        if wetness > 40
        else "none",
        "tilted_objects": "none",
        "building_distress": "as_before" if ground.restless > 1 else "none",
        "drain_state": "no_drain"
        if not ground.drained
        else "partly_blocked"
        if _chance(ground, 0.07)
        else "clear",
        "cover_state": "none_needed"
        if not ground.covered
        else "damaged"
        if _chance(ground, 0.05)
        else "whole",
        "toe_cut": "no",
    }
    measurements: dict[str, Any] = {}
    if answers["fallen_material"] == "few_stones" and _chance(ground, 0.4):
        answers |= {"fallen_material": "heap"}
        measurements["fallen_volume_m3"] = round(rng.uniform(0.2, 0.8), 1)
    if rain_mm > 40 and _chance(ground, 0.1 * ground.restless):
        answers |= {"water_change": "muddy"}
    if gauges:
        measurements["crack_gauge_mm"] = gauges
    if ground.risk_level == "very_high":
        home = rng.choice((0, 0, 0, 1, 2))
        measurements |= {"households_present": home, "people_present": home * 3}
    return answers, measurements


def _flood(ground: Ground, wetness: float, rain_mm: float) -> Taken:
    rng = ground.rng
    depth = max(0, round((rain_mm - 28) * rng.uniform(0.15, 0.5))) if rain_mm > 30 else 0
    answers = {
        "water_now": "flooded" if depth > 14 else "draining" if depth or rain_mm > 12 else "dry",
        "open_hole": "no",
        "culvert_state": "partly_blocked" if _chance(ground, 0.08 + wetness / 1200) else "clear",
        "rubbish": "some" if _chance(ground, 0.4) else "none",
    }
    measurements: dict[str, Any] = {}
    if answers["water_now"] != "dry":
        measurements["depth_cm"] = depth
        answers |= {
            "flow": "still" if depth < 15 else "slower_than_walking",
            "people_trapped": "no",
            "electric_hazard": "no",
            "road_passable": "no_motorbikes" if depth > 22 else "all",
        }
    if depth > 10:
        measurements |= {
            "high_water_mark_cm": depth + rng.randint(2, 8),
            "duration_h": rng.randint(1, 7) / 2,
            "duration_source": "told",
            "houses_flooded": rng.randint(0, depth // 14),
        }
    return answers, measurements


def _drowning(ground: Ground, wetness: float, rain_mm: float) -> Taken:
    rng = ground.rng
    depth = round(ground.staff_cm + wetness * rng.uniform(0.04, 0.09) + rain_mm * 0.08)
    answers = {
        "people_at_water": rng.choices(
            ("none", "adults", "children_with_adult", "children_alone"), (80, 10, 8, 1)
        )[0],
        "water_level": "high" if rain_mm > 45 else "normal" if wetness > 15 else "low",
        "sudden_change": "no",
        "bank_state": "undercut" if _chance(ground, 0.06) else "sound",
        "barrier_state": "whole",
        "sign_visible": "yes",
        "rescue_kit": "incomplete" if _chance(ground, 0.06) else "complete",
        "access_open": "no",
        "hidden_hazard": "no",
    }
    return answers, {"depth_cm": depth, "surface_speed_mps": round(min(0.4, 0.1 + wetness / 500), 1)}


def _signboard(ground: Ground, _wetness: float, _rain_mm: float) -> Taken:
    answers = {
        "present": "yes",
        "legible": "faded" if _chance(ground, 0.06) else "yes",
        "upright": "leaning" if _chance(ground, 0.05) else "yes",
        "hidden": "yes" if _chance(ground, 0.08) else "no",
        "before_danger": "yes",
        "content_ok": "old_unit_name" if _chance(ground, 0.08) else "complete",
        "qr_scans": "no_code" if _chance(ground, 0.3) else "yes",
        "night_visible": "yes",
    }
    return answers, {}


def _temporary(ground: Ground, wetness: float, _rain_mm: float) -> Taken:
    answers: dict[str, Any] = {"in_place": "all", "blocks_drain": "no"}
    measurements: dict[str, Any] = {}
    if ground.measure == "slope_tarpaulin":
        answers |= {
            "torn": "under_half_metre" if _chance(ground, 0.15) else "no",
            "water_under": "yes" if _chance(ground, 0.04 + wetness / 2500) else "no",
            "edge_fixed": "loose" if _chance(ground, 0.1) else "firm",
            "ponding": "no",
            "uv_brittle": "no",
        }
    elif ground.measure == "sandbags":
        measurements = {"bags_burst": ground.rng.randint(0, ground.total // 9), "bags_total": ground.total}
        answers["uv_brittle"] = "no"
    else:
        tilted = ground.rng.randint(1, 3) if _chance(ground, 0.15) else 0
        measurements = {"stakes_tilted": tilted, "stakes_total": ground.total // 5}
    return answers, measurements


LOOK: Final[dict[str, Callable[[Ground, float, float], Taken]]] = {
    "slide": _slide,
    "flood": _flood,
    "drowning": _drowning,
    "signboard": _signboard,
    "temporary_measure": _temporary,
}
