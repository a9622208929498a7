"""Invented places in and around the ward, each named as invented."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, Literal

from pydantic.dataclasses import dataclass as checked
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from app.practice.shapes import CENTRE, HILLSIDES, STREAMS, LonLat, along, edge, moved, outline
from app.practice.words import LOCATION_NOTES, RATING_REASONS, SITE_NAMES
from app.seed_files import STRICT, LocationStatus, SiteRow, Text

Kind = Literal["slide", "flood", "drowning"]
Risk = Literal["low", "medium", "high", "very_high"]
Ending = Literal["regular", "worse", "danger", "not_seen", "overdue", "never"]

WARD, CAM_LY = "24787", "24787@2025-07-01"
WARD_7, LANG_BIANG = "24769", "24846@2025-07-01"
RISKS: Final[tuple[Risk | None, ...]] = (
    *("very_high",) * 4,
    *("high",) * 9,
    *("medium",) * 9,
    *("low",) * 5,
    *(None,) * 3,
)


@checked(frozen=True, config=STRICT)
class PracticeSite(SiteRow):
    """A site with what the reviewed files leave out."""

    state_reason: Text | None
    households_at_risk: int | None
    people_at_risk: int | None
    households_moved_out: int | None
    people_moved_out: int | None


@dataclass(frozen=True)
class Planned:
    """A site and how its two years of visits end."""

    site: PracticeSite
    ending: Ending


def _slide_shape(
    rng: Random, number: int, where: LonLat, heading: float
) -> tuple[LocationStatus, float, BaseGeometry]:
    """Location status, accuracy in metres and geometry; thirds are outlines, edges and points."""
    if number in (9, 18, 27):
        return "unlocated", 1250.0, Point(CENTRE)
    status: LocationStatus = (
        "inferred" if number in (5, 13, 21, 25, 29) else "approximate" if number % 3 == 1 else "surveyed"
    )
    accuracy = {
        "surveyed": rng.uniform(3, 12),
        "approximate": rng.uniform(20, 70),
        "inferred": rng.uniform(100, 250),
    }
    shape: BaseGeometry = Point(where)
    if status != "inferred" and number % 2 == 0:
        shape = outline(rng, where, heading, rng.uniform(45, 140), rng.uniform(16, 42))
    elif status != "inferred" and number % 4 == 1:
        shape = edge(rng, where, heading, rng.uniform(60, 170))
    return status, round(accuracy[status]), shape


def _slide(rng: Random, number: int, risk: Risk | None, *, until: date) -> PracticeSite:
    line, east = HILLSIDES[(number - 1) % len(HILLSIDES)]
    share = ((number - 1) // len(HILLSIDES) + rng.uniform(0.25, 0.75)) / 4
    where, heading = along(line, share)
    status, accuracy, shape = _slide_shape(
        rng, number, moved(where, rng.uniform(-30, 30), rng.uniform(-30, 30)), heading
    )
    inside = number % len(HILLSIDES) not in (7, 0)
    units = [WARD_7, LANG_BIANG] if east else [WARD, CAM_LY] if inside or status == "unlocated" else [CAM_LY]
    households = rng.randint(2, 14) if risk in ("high", "very_high") else rng.randint(0, 6) if risk else None
    out = rng.randint(0, households // 2) if households and risk == "very_high" else 0 if households else None
    closed = number == 30
    return PracticeSite(
        code=f"LT-ST-{number:02}",
        name=f"Luyện tập {number:02}: {SITE_NAMES['slide'][number - 1]} (bịa)",
        address=f"tổ Mẫu {rng.randint(1, 22)}",
        kind="slide",
        risk_level=risk,
        risk_rated_at=until - timedelta(days=rng.randint(60, 640)) if risk else None,
        risk_reason=rng.choice(RATING_REASONS[risk]) if risk else None,
        state="closed" if closed else "watch" if number in (2, 6, 11, 17) else "active",
        state_reason="Đã gia cố xong, nghiệm thu (bịa)." if closed else None,
        location_status=status,
        location_accuracy_m=accuracy,
        location_note=LOCATION_NOTES[status],
        units=units,
        geometry=shape,
        households_at_risk=households,
        people_at_risk=households * rng.randint(3, 4) if households is not None else None,
        households_moved_out=out,
        people_moved_out=out * 4 if out is not None else None,
    )


def _by_water(rng: Random, kind: Kind, number: int) -> PracticeSite:
    """A flood point or a drowning-risk reach beside one of the streams."""
    stream = STREAMS[(number - 1) % len(STREAMS)]
    share = rng.uniform(0.3, 0.7) if kind == "drowning" else (number * 0.37) % 0.8 + 0.1
    where, heading = along(stream, share)
    prefix = "LT-NL" if kind == "flood" else "LT-DN"
    status: LocationStatus = "inferred" if number == 3 else "approximate" if number % 2 else "surveyed"
    shape: BaseGeometry = Point(where)
    if kind == "drowning":
        shape = LineString([along(stream, share + step)[0] for step in (-0.15, -0.08, 0.0, 0.08, 0.15)])
    elif status == "surveyed":
        shape = outline(rng, where, heading, rng.uniform(50, 90), rng.uniform(30, 50))
    on_border = (number - 1) % len(STREAMS) < 2
    wet_homes = rng.randint(2, 15) if kind == "flood" else None
    return PracticeSite(
        code=f"{prefix}-{number:02}",
        name=f"Luyện tập {SITE_NAMES[kind][number - 1]} (bịa)",
        address=f"tổ Mẫu {rng.randint(1, 22)}",
        kind=kind,
        risk_level=None,
        risk_rated_at=None,
        risk_reason=None,
        state="active",
        state_reason=None,
        location_status=status,
        location_accuracy_m={"surveyed": 8, "approximate": 40, "inferred": 150}[status],
        location_note=LOCATION_NOTES[status],
        units=[WARD, WARD_7, CAM_LY, LANG_BIANG] if on_border else [WARD, CAM_LY],
        geometry=shape,
        households_at_risk=wet_homes,
        people_at_risk=wet_homes * 4 if wet_homes else None,
        households_moved_out=None,
        people_moved_out=None,
    )


ENDINGS: Final[dict[str, Ending]] = {
    "LT-ST-01": "danger",
    "LT-ST-07": "danger",
    "LT-ST-03": "worse",
    "LT-ST-06": "worse",
    "LT-ST-12": "worse",
    "LT-ST-16": "worse",
    "LT-NL-01": "worse",
    "LT-NL-04": "worse",
    "LT-DN-02": "worse",
    "LT-ST-10": "not_seen",
    "LT-ST-22": "not_seen",
    "LT-ST-04": "overdue",
    "LT-ST-08": "overdue",
    "LT-ST-14": "overdue",
    "LT-ST-19": "overdue",
    "LT-NL-05": "overdue",
    "LT-DN-04": "overdue",
    "LT-ST-20": "never",
    "LT-ST-27": "never",
    "LT-ST-29": "never",
}


def sites(rng: Random, *, until: date) -> list[Planned]:
    """30 slide sites, 6 flood points, 4 drowning-risk reaches."""
    risks = list(RISKS)
    rng.shuffle(risks)
    first: list[Risk] = ["very_high", "high", "high", "very_high", "medium", "high", "high", "very_high"]
    for risk in first:
        risks.remove(risk)
    slides = [_slide(rng, number, risk, until=until) for number, risk in enumerate([*first, *risks], start=1)]
    floods = [_by_water(rng, "flood", number) for number in range(1, 7)]
    reaches = [_by_water(rng, "drowning", number) for number in range(1, 5)]
    return [Planned(site, ENDINGS.get(site.code, "regular")) for site in [*slides, *floods, *reaches]]
