# ruff: noqa: PLR2004 - every figure stands in its row of the table
"""What readings suggest together: one row for each rule of the checklists that a single answer cannot decide.

What an answer suggests by itself stands beside its choice in `app.hazards`. A fact that raises the condition must be
known to be so, and one that lowers it (water known to stand still or to be shallow) as well: `unknown` does neither.
Sources and marks: data/SOURCES.md#thresholds
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.hazards import HIGH_RISK, Effect, Status
from app.inspections import cracks
from app.inspections.seen import Visit


@dataclass(frozen=True)
class Rule:
    """`holds` says whether a visit suggests `effect`; `vi` and `en` are what the screen shows beside the mark."""

    item: str
    effect: Effect
    code: str
    holds: Callable[[Visit], bool]
    vi: str
    en: str
    status: Status = "proposed"
    source: str = ""


def _gauge(test: Callable[[cracks.Point, Sequence[cracks.Point]], bool]) -> Callable[[Visit], bool]:
    return lambda visit: any(test(now, earlier) for _, now, earlier in visit.gauges())


def _above_all_before(visit: Visit) -> bool:
    before = [seen.measurements.get("high_water_mark_cm") for seen in visit.earlier]
    known = [mark for mark in before if mark is not None]
    return bool(known) and visit.number("high_water_mark_cm") > max(known)


def _barrier_stood(visit: Visit) -> bool:
    return visit.said("barrier_stood", "yes") or any(
        seen.answers.get("barrier_state") in ("whole", "damaged") for seen in visit.earlier
    )


def _access_is_new(visit: Visit) -> bool:
    known = (seen.answers.get("access_open") for seen in visit.earlier)
    last = next((answer for answer in known if answer in ("yes", "no")), None)
    return visit.said("access_new", "yes") or last == "no"


# fmt: off
SLIDE: Final = (
    Rule("fallen_material", "danger", "volume-1-m3", lambda v: v.number("fallen_volume_m3") >= 1,
         "Khối lượng từ 1 m³", "1 m³ or more fell"),
    Rule("structure_bulge", "danger", "wall-2-cm", lambda v: abs(v.change("wall_offset_mm")) >= 20,
         "Tường lệch thêm từ 2 cm so với lần trước", "The wall moved 2 cm or more against the mark"),
    Rule("tilted_objects", "danger", "leaning-with-crack-or-seepage",
         lambda v: v.said("tilted_objects", "newly_leaning") and v.there("crack_change", "water_change"),
         "Mới nghiêng, lại có vết nứt hoặc nước rỉ", "Newly leaning, and a crack or seepage there"),
    Rule("building_distress", "danger", "house-cracks-people-inside",
         lambda v: v.said("building_distress", "new") and (v.said("people_inside", "yes") or v.people_there),
         "Nhà mới nứt, còn người ở", "New cracks in a house with people inside"),
    Rule("drain_state", "danger", "overflow-while-raining",
         lambda v: v.said("drain_state", "overflows_onto_slope") and v.raining,
         "Nước tràn lên mái taluy khi đang mưa", "Water overflows onto the slope while it rains"),
    Rule("cover_state", "danger", "cover-gone-with-signs",
         lambda v: v.said("cover_state", "gone") and v.grave("crack_change", "water_change"),
         "Mất lớp phủ, vết nứt hoặc nước rỉ xấu hơn", "Cover gone, and crack or seepage worse"),
    Rule("toe_cut", "danger", "toe-cut-going-on",
         lambda v: v.said("toe_cut", "yes") and v.said("toe_cut_going_on", "yes"),
         "Vẫn đang đào chân taluy", "Digging at the toe goes on"),
    Rule("toe_cut", "danger", "toe-cut-in-rainy-season", lambda v: v.said("toe_cut", "yes") and v.rainy_season,
         "Chân taluy bị cắt trong mùa mưa", "Toe cut in the rainy season"),
    Rule("crack_gauge_mm", "worse", "gauge-3-mm", _gauge(cracks.grew_3_mm),
         "Vết nứt rộng thêm từ 3 mm so với lần đo trước", "3 mm or more since the last reading"),
    Rule("crack_gauge_mm", "worse", "gauge-1-mm-a-day", _gauge(cracks.mean_1_mm_a_day),
         "Trung bình từ 1 mm/ngày trong ít nhất 10 ngày", "Mean of 1 mm/day or more over 10 days or more"),
    Rule("crack_gauge_mm", "danger", "gauge-10-mm-in-24-h", _gauge(cracks.grew_10_mm_in_24_h),
         "Rộng thêm từ 10 mm trong 24 giờ", "10 mm or more within 24 h"),
    Rule("crack_gauge_mm", "danger", "gauge-10-mm-a-day", _gauge(cracks.rate_10_mm_a_day),
         "Từ 10 mm/ngày giữa hai ngày đo", "10 mm/day or more between readings on two days"),
    Rule("crack_gauge_mm", "danger", "gauge-2-mm-an-hour", _gauge(cracks.rate_2_mm_an_hour),
         "Từ 2 mm/giờ, cần đo lại", "2 mm/h or more, measure again"),
)

FLOOD: Final = (
    Rule("water_now", "danger", "rising-and-deep", lambda v: v.said("water_now", "rising") and v.deep,
         "Nước đang lên và đã quá mức nguy hiểm", "Rising, and over the danger depth"),
    Rule("depth_cm", "worse", "depth-15-cm", lambda v: (v.depth_cm or 0) >= 15,
         "Sâu từ 15 cm", "15 cm or more", "practice", "NWS, FEMA"),
    Rule("depth_cm", "danger", "depth-30-cm-flowing",
         lambda v: (v.depth_cm or 0) >= 30 and not v.said("flow", "still"),
         "Sâu từ 30 cm, nước không đứng yên", "30 cm or more, not known to be still", "practice", "NWS, FEMA"),
    Rule("depth_cm", "danger", "depth-50-cm-still", lambda v: (v.depth_cm or 0) >= 50,
         "Sâu từ 50 cm", "50 cm or more"),
    Rule("road_passable", "danger", "closed-people-beyond",
         lambda v: v.said("road_passable", "closed") and v.said("people_beyond", "yes"),
         "Đường không qua được, có người ở phía bên kia", "Road closed with people beyond"),
    Rule("culvert_state", "danger", "culvert-blocked-rising",
         lambda v: v.said("culvert_state", "blocked") and v.said("water_now", "rising"),
         "Cống tắc và nước đang lên", "Culvert blocked and water rising"),
    Rule("high_water_mark_cm", "worse", "highest-mark-yet", _above_all_before,
         "Ngấn nước cao hơn mọi lần trước", "Above the previous highest mark"),
    Rule("duration_h", "worse", "duration-2-h", lambda v: v.number("duration_h") >= 2,
         "Ngập từ 2 giờ", "2 h or more"),
    Rule("houses_flooded", "worse", "house-flooded", lambda v: v.number("houses_flooded") >= 1,
         "Có nhà nước vào", "Water inside a house"),
    Rule("houses_flooded", "danger", "house-flooded-rising",
         lambda v: v.number("houses_flooded") >= 1 and v.said("water_now", "rising"),
         "Có nhà nước vào và nước đang lên", "Water inside a house and rising"),
)

DROWNING: Final = (
    Rule("people_at_water", "worse", "people-in-water",
         lambda v: v.said("people_at_water", "adults", "children_with_adult") and v.said("in_water", "yes"),
         "Có người dưới nước", "People in the water"),
    Rule("bank_state", "danger", "fresh-collapse-on-path",
         lambda v: v.said("bank_state", "fresh_collapse") and v.said("path_used", "yes"),
         "Bờ mới sạt ở lối người đi", "Fresh collapse on a used path"),
    Rule("barrier_state", "danger", "barrier-lost",
         lambda v: v.said("barrier_state", "missing") and _barrier_stood(v),
         "Mất rào chắn đã có trước đây", "Barrier missing where one stood"),
    Rule("access_open", "worse", "access-new", lambda v: v.said("access_open", "yes") and _access_is_new(v),
         "Lối xuống mới mở", "A new way down"),
    Rule("depth_cm", "worse", "stream-over-50-cm", lambda v: v.number("depth_cm") > 50,
         "Sâu trên 50 cm", "Deeper than 50 cm"),
    Rule("depth_cm", "worse", "stream-20-cm-more", lambda v: v.change("depth_cm") >= 20,
         "Cao hơn lần trước từ 20 cm", "20 cm or more above the last visit"),
    Rule("depth_cm", "danger", "stream-over-100-cm", lambda v: v.number("depth_cm") > 100,
         "Sâu trên 100 cm", "Deeper than 100 cm"),
    Rule("depth_cm", "danger", "stream-50-cm-more", lambda v: v.change("depth_cm") >= 50,
         "Cao hơn lần trước từ 50 cm", "50 cm or more above the last visit"),
    Rule("surface_speed_mps", "worse", "speed-0.5-mps", lambda v: v.number("surface_speed_mps") >= 0.5,
         "Nước chảy từ 0,5 m/s", "0.5 m/s or more"),
    Rule("surface_speed_mps", "danger", "speed-0.8-mps", lambda v: v.number("surface_speed_mps") >= 0.8,
         "Nước chảy từ 0,8 m/s", "0.8 m/s or more", "practice", "AU-EMA"),
)

TEMPORARY_MEASURE: Final = (
    Rule("in_place", "danger", "measure-gone-rain-high-risk",
         lambda v: v.said("in_place", "gone") and (v.rain_forecast or v.raining) and v.risk_level in HIGH_RISK,
         "Mất ở mái taluy nguy cơ cao khi mưa hoặc dự báo mưa",
         "Gone at a high-risk slope, rain falling or forecast"),
    Rule("torn", "danger", "torn-high-up-in-rain",
         lambda v: v.said("torn", "half_metre_or_more") and v.said("torn_upper_third", "yes") and v.raining,
         "Rách từ 0,5 m ở phía trên mái, đang mưa", "Torn 0.5 m or more in the upper third, raining"),
    Rule("water_under", "danger", "water-under-with-signs",
         lambda v: v.said("water_under", "yes") and v.said("slope_signs", "yes"),
         "Nước luồn dưới bạt, mái taluy có dấu hiệu", "Water under the sheet, and the slope shows signs"),
    Rule("bags_burst", "worse", "bags-10-percent", lambda v: v.share("bags_burst", "bags_total") >= 0.10,
         "Vỡ từ 10% số bao", "10 % of the bags or more"),
    Rule("bags_burst", "danger", "bags-30-percent", lambda v: v.share("bags_burst", "bags_total") >= 0.30,
         "Vỡ từ 30% số bao", "30 % of the bags or more"),
    Rule("stakes_tilted", "worse", "stake-tilted", lambda v: v.number("stakes_tilted") >= 1,
         "Có cọc nghiêng, gãy", "A stake tilted or broken"),
    Rule("stakes_tilted", "danger", "stakes-30-percent", lambda v: v.share("stakes_tilted", "stakes_total") >= 0.30,
         "Nghiêng, gãy từ 30% số cọc", "30 % of the stakes or more"),
)
# fmt: on

RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "slide": SLIDE,
    "flood": FLOOD,
    "drowning": DROWNING,
    "signboard": (),
    "temporary_measure": TEMPORARY_MEASURE,
}
"""A signboard never makes a place dangerous, and none of its items needs another."""

TWO_WORSE: Final = Rule(
    "",
    "danger",
    "two-worse-and-rain",
    lambda v: v.kind in ("slide", "drowning") and v.rained,
    "Hai dấu hiệu xấu hơn, có mưa trong 24 giờ",
    "Two signs worse, with rain in the last 24 h",
)
"""Holds for two different items of one visit; `readings.suggest` counts them."""
