"""Every kind of place that is inspected: its names, its symbol and its checklist. A new kind is one entry in `KINDS`.

Data only; what readings mean together is decided in `app.inspections.readings`, when a visit is due in
`app.inspections.due`. Each item carries the mark of its source: `official` (ordered or defined by an authority),
`practice` (read in the guidance named), `proposed` (ours, to be confirmed by an engineer or by the board).
Sources: data/SOURCES.md#checklists
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

FORM_VERSION: Final = "2026.1"
FORM_VERSIONS: Final = (FORM_VERSION,)
"""The versions whose inspections are taken: the current one and, once there is one, the last."""
RULE_VERSION: Final = "2026.1"

Effect = Literal["none", "worse", "danger"]
Status = Literal["official", "practice", "proposed"]
Type = Literal["choice", "yn", "number", "count", "series"]
Where = Literal["answers", "measurements"]
Answer = str | int | float

UNKNOWN: Final = "unknown"
HIGH_RISK: Final = frozenset({"high", "very_high"})


@dataclass(frozen=True)
class Words:
    """The same in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True)
class Mark:
    """Who stands behind `about`: an authority, foreign or national practice, or only we; keys of data/SOURCES.md."""

    status: Status
    about: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One answer and the condition it suggests by itself; `value` is what it counts for, in the item's unit."""

    code: str
    vi: str
    en: str
    suggests: Effect = "none"
    value: float | None = None


@dataclass(frozen=True)
class Chip:
    """One tap instead of the item: its short name and the value that it writes."""

    vi: str
    en: str
    value: Answer


@dataclass(frozen=True)
class Item:
    """One question. Every `choice` and `yn` also takes `unknown`, which never counts as "no".

    `companions` are asked with the item and not counted among the checklist's items. `hidden_when` names answers
    that make the question needless. `measures` limits it to those kinds of temporary measure. A `series` has one
    number for each crack gauge.
    """

    code: str
    vi: str
    en: str
    type: Type
    choices: tuple[Choice, ...] = ()
    where: Where = "answers"
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    step: float | None = None
    see: Literal["internal", "private"] = "internal"
    chip: Chip | None = None
    marks: tuple[Mark, ...] = ()
    companions: tuple["Item", ...] = ()
    hidden_when: Mapping[str, tuple[str, ...]] | None = None
    measures: tuple[str, ...] = ()
    optional: bool = False
    asks_note: bool = False
    asked_every_days: int | None = None
    stream_mouth_only: bool = False

    def choice(self, code: object) -> Choice | None:
        """The choice with `code`, `unknown` included."""
        return next((choice for choice in self.all_choices if choice.code == code), None)

    @property
    def all_choices(self) -> tuple[Choice, ...]:
        """The choices with `unknown` at the end; empty for numbers."""
        return (*self.choices, COULD_NOT_BE_SEEN) if self.choices else ()

    @property
    def mark(self) -> Status:
        """The weakest mark of all that it rests on."""
        found = {mark.status for mark in self.marks}
        order: tuple[Status, ...] = ("proposed", "practice", "official")
        return next((status for status in order if status in found), "proposed")


@dataclass(frozen=True)
class Kind:
    """A kind of place: what the map draws and what the form asks. `chips` are codes in the order shown."""

    code: str
    vi: str
    en: str
    outline: str | None
    items: tuple[Item, ...]
    chips: tuple[str, ...]

    def fields(self) -> Iterator[Item]:
        """Every item and every companion."""
        for item in self.items:
            yield item
            yield from item.companions

    def field(self, code: str) -> Item | None:
        """The item or companion with `code`."""
        return next((field for field in self.fields() if field.code == code), None)


COULD_NOT_BE_SEEN: Final = Choice(UNKNOWN, "Không rõ", "Could not be seen")


def _official(about: str, *sources: str) -> Mark:
    return Mark("official", about, sources)


def _practice(about: str, *sources: str) -> Mark:
    return Mark("practice", about, sources)


def _proposed(about: str, *sources: str) -> Mark:
    return Mark("proposed", about, sources)


def _yn(code: str, vi: str, en: str, *, yes: Effect = "none", no: Effect = "none", **more: Any) -> Item:
    return Item(
        code, vi, en, "yn", (Choice("yes", "Có", "Yes", yes), Choice("no", "Không", "No", no)), **more
    )


def _choice(code: str, vi: str, en: str, *choices: Choice, **more: Any) -> Item:
    return Item(code, vi, en, "choice", choices, **more)


def _number(
    code: str,
    vi: str,
    en: str,
    unit: str,
    low: float,
    high: float,
    step: float,
    **more: Any,
) -> Item:
    return Item(code, vi, en, "number", where="measurements", unit=unit, min=low, max=high, step=step, **more)


def _count(code: str, vi: str, en: str, high: int, **more: Any) -> Item:
    return Item(code, vi, en, "count", where="measurements", min=0, max=high, step=1, **more)


SLIDE: Final = Kind(
    "slide",
    "Vị trí nguy cơ sạt lở",
    "Landslide site",
    "triangle",
    (
        _choice(
            "fallen_material",
            "Đất đá rơi",
            "Fallen soil or rock",
            Choice("none", "Không có", "None"),
            Choice("few_stones", "Vài hòn đá, ít đất", "A few stones", "worse"),
            Choice("heap", "Thành đống", "Heap", "worse"),
            Choice("blocks_way", "Lấp đường đi", "Blocks the way", "danger"),
            chip=Chip("Đất đá rơi", "Fallen soil or rock", "heap"),
            marks=(_practice("sign", "HK-SIGN", "JP-PRE"), _proposed("1 m³")),
            companions=(
                _number(
                    "fallen_volume_m3",
                    "Khối lượng ước tính",
                    "Estimated volume",
                    "m³",
                    0,
                    5000,
                    0.1,
                    optional=True,
                ),
                _yn(
                    "still_falling",
                    "Đất đá vẫn đang rơi",
                    "Still coming down",
                    yes="danger",
                    marks=(_practice("sign", "JP-PRE"),),
                    optional=True,
                ),
            ),
        ),
        _yn(
            "sounds_or_shaking",
            "Tiếng nứt, rung, ầm",
            "Cracking or rumbling, ground shakes",
            yes="danger",
            chip=Chip("Tiếng nứt, rung", "Cracking, shaking", "yes"),
            marks=(_practice("sign", "JP-URG", "HK-SIGN", "VN-SIGN", "USGS"),),
        ),
        _choice(
            "crack_change",
            "Vết nứt mới / rộng thêm",
            "Cracks in ground, road or wall",
            Choice("none", "Không có", "None"),
            Choice("as_before", "Như lần trước", "As before"),
            Choice("new_or_wider", "Mới hoặc rộng thêm", "New or wider", "worse"),
            Choice("with_step", "Có bậc (đất hạ xuống)", "With a step", "danger"),
            chip=Chip("Vết nứt mới", "New crack", "new_or_wider"),
            marks=(_practice("sign", "HK-SIGN", "VN-SIGN", "JP-URG"), _proposed("split")),
        ),
        _choice(
            "structure_bulge",
            "Tường, kè phình / nghiêng",
            "Wall or revetment bulging or leaning",
            Choice("none", "Không có", "None"),
            Choice("as_before", "Như lần trước", "As before"),
            Choice("more", "Phình, nghiêng thêm", "More than before", "worse"),
            chip=Chip("Tường phình, nghiêng", "Wall bulging, leaning", "more"),
            marks=(_practice("sign", "HK-SIGN", "JP-URG"), _proposed("2 cm")),
            companions=(
                _number(
                    "wall_offset_mm",
                    "Độ lệch so với dây dọi, 1 m dưới dấu sơn",
                    "Offset from the plumb line 1 m below the mark",
                    "mm",
                    -500,
                    500,
                    1,
                    optional=True,
                ),
                _yn(
                    "breaking_out",
                    "Gạch, bê tông vỡ bung ra",
                    "Bricks or concrete breaking out",
                    yes="danger",
                    marks=(_practice("sign", "HK-SIGN", "JP-URG"),),
                    optional=True,
                ),
            ),
        ),
        _choice(
            "water_change",
            "Nước rỉ / nước đục",
            "Seepage changed",
            Choice("none", "Không có", "None"),
            Choice("as_before", "Như lần trước", "As before"),
            Choice("new_or_more", "Rỉ mới hoặc nhiều hơn", "New or more", "worse"),
            Choice("muddy", "Nước đục", "Muddy", "danger"),
            Choice("bursts_out", "Phun thành dòng", "Bursts out", "danger"),
            Choice("stopped_suddenly", "Đột ngột ngừng chảy", "Stopped suddenly", "danger"),
            chip=Chip("Nước đục, rỉ mới", "Muddy or new seepage", "muddy"),
            marks=(_practice("sign", "HK-SIGN", "JP-PRE", "USGS-L"), _proposed("ranking")),
            companions=(
                _yn(
                    "stream_sudden_change",
                    "Nước suối đột ngột đục hoặc cạn khi trời vẫn mưa",
                    "Stream suddenly muddy or dry while it still rains",
                    yes="danger",
                    chip=Chip("Suối đột ngột đục, cạn", "Stream suddenly muddy, dry", "yes"),
                    marks=(_practice("debris-flow sign", "JP-PRE", "USGS"),),
                    stream_mouth_only=True,
                    optional=True,
                ),
            ),
        ),
        _choice(
            "tilted_objects",
            "Cây, cột, hàng rào nghiêng",
            "Leaning trees, poles, fences",
            Choice("none", "Không có", "None"),
            Choice("as_before", "Như lần trước", "As before"),
            Choice("newly_leaning", "Mới nghiêng", "Newly leaning", "worse"),
            marks=(_practice("sign", "VN-SIGN", "USGS-L", "JP-URG"), _proposed("combination")),
        ),
        _choice(
            "building_distress",
            "Nhà nứt, cửa kẹt",
            "House cracks, doors jam",
            Choice("none", "Không có", "None"),
            Choice("as_before", "Như lần trước", "As before"),
            Choice("new", "Mới xuất hiện", "New", "worse"),
            marks=(_practice("sign", "USGS-L"), _proposed("rule")),
            companions=(_yn("people_inside", "Đang có người trong nhà", "People inside", optional=True),),
        ),
        _choice(
            "drain_state",
            "Mương, rãnh thoát nước",
            "Drains and weepholes",
            Choice("clear", "Thông", "Clear"),
            Choice("partly_blocked", "Tắc một phần", "Partly blocked", "worse"),
            Choice("blocked", "Tắc", "Blocked", "worse"),
            Choice("broken", "Vỡ, hỏng", "Broken", "worse"),
            Choice("overflows_onto_slope", "Tràn lên mái taluy", "Overflows onto the slope", "worse"),
            Choice("no_drain", "Không có mương", "No drain"),
            marks=(_practice("list", "HK-1823", "HK-SIGN"), _proposed("rule")),
        ),
        _choice(
            "cover_state",
            "Bạt, lớp phủ mái",
            "Slope cover (tarpaulin, concrete, grass)",
            Choice("whole", "Còn nguyên", "Whole"),
            Choice("damaged", "Hư hỏng", "Damaged", "worse"),
            Choice("gone", "Mất", "Gone", "worse"),
            Choice("none_needed", "Không cần phủ", "None was needed"),
            marks=(_practice("list", "HK-1823"), _proposed("rule")),
        ),
        _yn(
            "toe_cut",
            "Đào, cắt chân taluy",
            "Digging at the toe, load on top",
            yes="worse",
            asks_note=True,
            marks=(
                _proposed("sign", "G"),
                _official("works suspended in Lâm Đồng", "LD-8-2025"),
                _proposed("rule"),
            ),
            companions=(_yn("toe_cut_going_on", "Vẫn đang đào", "Still going on", optional=True),),
        ),
        Item(
            "crack_gauge_mm",
            "Khoảng cách hai mốc (mm)",
            "Distance between the gauge pins",
            "series",
            where="measurements",
            unit="mm",
            min=20,
            max=2000,
            step=1,
            marks=(_practice("method", "IIT"), _proposed("rates")),
        ),
        _count(
            "households_present",
            "Hộ còn ở vùng nguy hiểm",
            "Households still in the zone",
            200,
            see="private",
            marks=(_official("nobody may live there", "N"), _proposed("escalation")),
            companions=(
                _count(
                    "people_present",
                    "Người còn ở vùng nguy hiểm",
                    "People still in the zone",
                    1000,
                    see="private",
                    marks=(_official("nobody may live there", "N"), _proposed("escalation")),
                ),
            ),
        ),
    ),
    (
        "fallen_material",
        "sounds_or_shaking",
        "crack_change",
        "structure_bulge",
        "water_change",
        "stream_sudden_change",
    ),
)

WHEN_DRY: Final = {"water_now": ("dry",)}

FLOOD: Final = Kind(
    "flood",
    "Điểm ngập",
    "Flood point",
    "circle",
    (
        _choice(
            "water_now",
            "Tình trạng nước",
            "Water now",
            Choice("dry", "Khô", "Dry"),
            Choice("draining", "Ướt, nước đang rút", "Wet, draining"),
            Choice("flooded", "Đang ngập", "Flooded", "worse"),
            Choice("rising", "Nước đang lên", "Rising", "worse"),
            marks=(_proposed("rule"),),
        ),
        _number(
            "depth_cm",
            "Mực nước tại thước (cm)",
            "Depth at the staff",
            "cm",
            0,
            300,
            1,
            hidden_when=WHEN_DRY,
            marks=(
                _practice("15 cm moving water fells a person, 30 cm floats a car", "NWS", "FEMA"),
                _proposed("50 cm still, body scale"),
            ),
            companions=(
                _choice(
                    "depth_estimated",
                    "Không có thước: nước tới đâu",
                    "No staff: how high on the body",
                    Choice("ankle", "Mắt cá chân (10 cm)", "Ankle (10 cm)", value=10),
                    Choice("shin", "Cẳng chân (25 cm)", "Shin (25 cm)", value=25),
                    Choice("knee", "Đầu gối (45 cm)", "Knee (45 cm)", value=45),
                    Choice("thigh", "Đùi (70 cm)", "Thigh (70 cm)", value=70),
                    Choice("hip", "Hông (95 cm)", "Hip (95 cm)", value=95),
                    where="measurements",
                    hidden_when=WHEN_DRY,
                    optional=True,
                ),
                _yn(
                    "over_30_cm",
                    "Ngập trên 30 cm",
                    "Deeper than 30 cm",
                    chip=Chip("Ngập trên 30 cm", "Deeper than 30 cm", "yes"),
                    marks=(_practice("30 cm floats a car", "NWS", "FEMA"),),
                    hidden_when=WHEN_DRY,
                    optional=True,
                ),
            ),
        ),
        _choice(
            "flow",
            "Nước chảy xiết",
            "Flow",
            Choice("still", "Đứng yên", "Still"),
            Choice("slower_than_walking", "Chậm hơn người đi bộ", "Slower than walking", "worse"),
            Choice("faster_than_walking", "Nhanh hơn người đi bộ", "Faster than walking", "danger"),
            chip=Chip("Nước chảy xiết", "Strong current", "faster_than_walking"),
            hidden_when=WHEN_DRY,
            marks=(_practice("depth × speed", "AU-UTS", "AU-EMA"), _proposed("rule")),
        ),
        _yn(
            "people_trapped",
            "Có người mắc kẹt",
            "People trapped",
            yes="danger",
            chip=Chip("Có người mắc kẹt", "People trapped", "yes"),
            hidden_when=WHEN_DRY,
            marks=(_proposed("rule", "G"),),
            companions=(
                _count(
                    "people_trapped_count",
                    "Số người mắc kẹt",
                    "How many people",
                    1000,
                    optional=True,
                ),
            ),
        ),
        _yn(
            "electric_hazard",
            "Điện, tủ điện ngập",
            "Electrics in water",
            yes="danger",
            chip=Chip("Điện ngập nước", "Electrics in water", "yes"),
            hidden_when=WHEN_DRY,
            marks=(_proposed("rule", "G"),),
        ),
        _choice(
            "road_passable",
            "Đường đi được",
            "Road passable",
            Choice("all", "Mọi loại xe", "All"),
            Choice("no_motorbikes", "Xe máy không qua được", "No motorbikes", "worse"),
            Choice("closed", "Không qua được", "Closed", "worse"),
            hidden_when=WHEN_DRY,
            marks=(_practice("25–30 cm", "VNX"), _proposed("rule")),
            companions=(
                _yn(
                    "people_beyond",
                    "Có người ở phía bên kia",
                    "People beyond",
                    hidden_when=WHEN_DRY,
                    optional=True,
                ),
            ),
        ),
        _yn(
            "open_hole",
            "Mất nắp cống, sụt đường",
            "Open manhole, road or bank sunk",
            yes="danger",
            chip=Chip("Mất nắp cống", "Open manhole", "yes"),
            marks=(_proposed("rule", "G"),),
        ),
        _choice(
            "culvert_state",
            "Cống, họng thu nước",
            "Culvert and inlets",
            Choice("clear", "Thông", "Clear"),
            Choice("partly_blocked", "Tắc một phần", "Partly blocked", "worse"),
            Choice("blocked", "Tắc", "Blocked", "worse"),
            Choice("collapsed", "Sập", "Collapsed", "danger"),
            marks=(_practice("blocked flow points", "KTTV-0925"), _proposed("rule")),
        ),
        _choice(
            "rubbish",
            "Rác, bao nông nghiệp",
            "Rubbish, farm waste",
            Choice("none", "Không có", "None"),
            Choice("some", "Ít", "Some"),
            Choice("heavy", "Nhiều", "Heavy", "worse"),
            marks=(_official("no rubbish at the stream head", "N"),),
        ),
        _number(
            "high_water_mark_cm",
            "Ngấn nước cao nhất (cm)",
            "Highest water mark",
            "cm",
            0,
            300,
            1,
            marks=(_proposed("rule"),),
        ),
        _number(
            "duration_h",
            "Ngập bao lâu (giờ)",
            "Duration",
            "h",
            0,
            72,
            0.5,
            marks=(_official("content of the quick report", "TT43"), _proposed("2 h")),
            companions=(
                _choice(
                    "duration_source",
                    "Biết thời gian ngập do",
                    "How the duration is known",
                    Choice("seen", "Nhìn thấy", "Seen"),
                    Choice("told", "Người dân nói", "Told by residents"),
                    where="measurements",
                    optional=True,
                ),
            ),
        ),
        _count(
            "houses_flooded",
            "Số nhà nước vào",
            "Houses with water inside",
            500,
            marks=(_official("content of the quick report", "TT43"), _proposed("rule")),
        ),
    ),
    ("flow", "over_30_cm", "people_trapped", "electric_hazard", "open_hole"),
)

DROWNING: Final = Kind(
    "drowning",
    "Đoạn suối nguy cơ đuối nước",
    "Drowning-risk stream reach",
    "diamond",
    (
        _choice(
            "people_at_water",
            "Trẻ em ở mép nước",
            "People at the water",
            Choice("none", "Không có ai", "None"),
            Choice("adults", "Người lớn", "Adults"),
            Choice("children_with_adult", "Trẻ em có người lớn đi cùng", "Children with an adult"),
            Choice("children_alone", "Trẻ em không có người lớn", "Children alone", "danger"),
            chip=Chip("Trẻ em ở mép nước", "Children at the water", "children_alone"),
            marks=(_practice("missing supervision", "WHO", "LD-DN"), _proposed("rule")),
            companions=(_yn("in_water", "Đang ở dưới nước", "In the water", optional=True),),
        ),
        _choice(
            "water_level",
            "Nước lên cao",
            "Level against normal",
            Choice("low", "Thấp", "Low"),
            Choice("normal", "Như thường ngày", "Normal"),
            Choice("high", "Cao", "High", "worse"),
            Choice("bank_full", "Ngang bờ", "Bank-full", "danger"),
            chip=Chip("Nước lên cao", "High water", "high"),
            marks=(_proposed("rule"),),
        ),
        _yn(
            "sudden_change",
            "Nước đục, lên nhanh, cạn bất thường",
            "Sudden change, mud, branches",
            yes="danger",
            chip=Chip("Nước đục, lên nhanh", "Muddy or rising fast", "yes"),
            marks=(_practice("sign", "VN-SIGN", "JP-PRE"),),
        ),
        _choice(
            "bank_state",
            "Bờ sạt, hàm ếch",
            "Bank",
            Choice("sound", "Còn tốt", "Sound"),
            Choice("undercut", "Hàm ếch", "Undercut", "worse"),
            Choice("collapsed", "Đã sạt", "Collapsed", "worse"),
            Choice("fresh_collapse", "Mới sạt", "Fresh collapse", "worse"),
            chip=Chip("Bờ sạt", "Bank collapsed", "fresh_collapse"),
            marks=(_proposed("sign", "G"), _proposed("rule")),
            companions=(_yn("path_used", "Có lối người đi trên bờ", "On a used path", optional=True),),
        ),
        _choice(
            "barrier_state",
            "Rào chắn",
            "Barrier",
            Choice("whole", "Còn nguyên", "Whole"),
            Choice("damaged", "Hư hỏng", "Damaged", "worse"),
            Choice("missing", "Không thấy rào", "Missing", "worse"),
            Choice("none_planned", "Không dự kiến làm rào", "None planned"),
            marks=(_practice("barriers", "WHO", "LD-DN"), _proposed("rule")),
            companions=(_yn("barrier_stood", "Trước đây có rào", "One stood there before", optional=True),),
        ),
        _yn(
            "sign_visible",
            "Thấy biển trước khi xuống",
            "Board seen before the water",
            no="worse",
            marks=(_practice("boards", "LD-DN"),),
        ),
        _choice(
            "rescue_kit",
            "Phao, dây, sào cứu",
            "Rescue kit",
            Choice("complete", "Đủ", "Complete"),
            Choice("incomplete", "Thiếu", "Incomplete", "worse"),
            Choice("missing", "Mất", "Missing", "worse"),
            Choice("none_planned", "Không dự kiến đặt", "None planned"),
            marks=(_practice("rings, ropes, poles", "LD-DN"),),
        ),
        _yn(
            "access_open",
            "Lối xuống không chắn",
            "Open way down",
            marks=(_proposed("rule"),),
            companions=(_yn("access_new", "Lối mới mở", "A new one", optional=True),),
        ),
        _number(
            "depth_cm",
            "Mực nước tại thước (cm)",
            "Depth at the staff, read from the bank only",
            "cm",
            0,
            500,
            1,
            marks=(_proposed("rule"),),
        ),
        _number(
            "surface_speed_mps",
            "Tốc độ mặt nước (m/s)",
            "Surface speed: stick over a paced 10 m, three times, middle value",
            "m/s",
            0,
            6,
            0.1,
            optional=True,
            marks=(_practice("0.8 m/s", "AU-EMA"), _proposed("method and 0.5 m/s")),
        ),
        _yn(
            "hidden_hazard",
            "Hố sâu, xoáy, cọc, sắt",
            "Hidden hazard",
            yes="worse",
            asks_note=True,
            marks=(_proposed("sign", "G"),),
        ),
    ),
    ("people_at_water", "water_level", "sudden_change", "bank_state"),
)

SIGNBOARD: Final = Kind(
    "signboard",
    "Biển cảnh báo",
    "Warning signboard",
    "square_on_post",
    (
        _choice(
            "present",
            "Mất biển",
            "Board there",
            Choice("yes", "Còn", "Yes"),
            Choice("fallen", "Đổ", "Fallen", "worse"),
            Choice("gone", "Mất", "Gone", "worse"),
            chip=Chip("Mất / đổ", "Gone or fallen", "gone"),
            marks=(_official("boards ordered at the places", "N"),),
        ),
        _choice(
            "legible",
            "Mờ, không đọc được",
            "Legible at 10 m",
            Choice("yes", "Đọc rõ từ 10 m", "Yes"),
            Choice("faded", "Mờ", "Faded", "worse"),
            Choice("unreadable", "Không đọc được", "Unreadable", "worse"),
            Choice("painted_over", "Bị sơn đè", "Painted over", "worse"),
            chip=Chip("Mờ", "Faded", "faded"),
            marks=(_proposed("10 m"),),
        ),
        _choice(
            "upright",
            "Nghiêng, lung lay",
            "Upright and firm",
            Choice("yes", "Thẳng, chắc", "Yes"),
            Choice("leaning", "Nghiêng", "Leaning", "worse"),
            Choice("loose", "Lung lay", "Loose", "worse"),
            chip=Chip("Nghiêng", "Leaning", "leaning"),
            marks=(_proposed("rule"),),
        ),
        _yn(
            "hidden",
            "Bị che khuất",
            "Hidden by plants, cars, stalls",
            yes="worse",
            chip=Chip("Bị che", "Hidden", "yes"),
            marks=(_proposed("rule"),),
        ),
        _yn(
            "before_danger",
            "Đứng trước vùng nguy hiểm",
            "Met before entering",
            no="worse",
            marks=(_proposed("rule"),),
        ),
        _choice(
            "content_ok",
            "Nội dung đúng",
            "Danger, what to do, phone",
            Choice("complete", "Đủ và đúng", "Complete"),
            Choice("phone_wrong", "Sai số điện thoại", "Phone wrong", "worse"),
            Choice("old_unit_name", "Tên phường cũ", "Old unit name", "worse"),
            Choice("other", "Khác", "Other"),
            marks=(_official("names of units", "NQ1671"), _official("112", "ND200"), _proposed("list")),
        ),
        _choice(
            "qr_scans",
            "Quét được mã QR",
            "QR works",
            Choice("yes", "Quét được", "Yes"),
            Choice("no", "Không quét được", "No", "worse"),
            Choice("no_code", "Biển không có mã", "No code"),
            marks=(_proposed("rule"),),
        ),
        _yn(
            "night_visible",
            "Thấy ban đêm",
            "Visible at night",
            no="worse",
            asked_every_days=365,
            marks=(_practice("slides come at night", "TN-0825"), _proposed("rule")),
        ),
    ),
    ("present", "legible", "upright", "hidden"),
)

SHEET: Final = ("slope_tarpaulin",)

TEMPORARY_MEASURE: Final = Kind(
    "temporary_measure",
    "Biện pháp tạm thời",
    "Temporary measure",
    None,
    (
        _choice(
            "in_place",
            "Còn tại chỗ",
            "Still there",
            Choice("all", "Còn đủ", "All"),
            Choice("part", "Còn một phần", "Part", "worse"),
            Choice("gone", "Mất, trôi", "Gone", "worse"),
            chip=Chip("Mất, trôi", "Gone", "gone"),
            marks=(_proposed("rule"),),
        ),
        _choice(
            "torn",
            "Bạt rách, hở",
            "Torn or open seams",
            Choice("no", "Không", "No"),
            Choice("under_half_metre", "Dưới 0,5 m", "Under 0.5 m", "worse"),
            Choice("half_metre_or_more", "Từ 0,5 m trở lên", "0.5 m and more", "worse"),
            chip=Chip("Bạt rách", "Torn", "half_metre_or_more"),
            measures=SHEET,
            marks=(_practice("check and repair", "TARP"), _proposed("sizes")),
            companions=(
                _yn(
                    "torn_upper_third",
                    "Rách ở một phần ba phía trên mái",
                    "In the upper third of the slope",
                    measures=SHEET,
                    optional=True,
                ),
            ),
        ),
        _yn(
            "water_under",
            "Nước luồn dưới bạt",
            "Water runs under the sheet",
            yes="worse",
            chip=Chip("Nước luồn dưới bạt", "Water under the sheet", "yes"),
            measures=SHEET,
            marks=(_practice("upper edge", "TARP"), _proposed("rule")),
            companions=(
                _yn(
                    "slope_signs",
                    "Mái taluy có vết nứt mới hoặc nước rỉ mới",
                    "The slope has new cracks or new seepage",
                    measures=SHEET,
                    optional=True,
                ),
            ),
        ),
        _choice(
            "edge_fixed",
            "Mép, neo, dây chắc",
            "Edges and anchors",
            Choice("firm", "Chắc", "Firm"),
            Choice("loose", "Lỏng", "Loose", "worse"),
            Choice("flapping", "Bị gió hất", "Flapping", "worse"),
            measures=SHEET,
            marks=(_practice("edges", "TARP"),),
        ),
        _count(
            "bags_burst",
            "Bao vỡ, xẹp (bao)",
            "Burst bags",
            2000,
            measures=("sandbags",),
            marks=(_proposed("rule"),),
            companions=(
                _count("bags_total", "Tổng số bao", "Bags in all", 2000, measures=("sandbags",)),
                _yn(
                    "bags_burst_many",
                    "Bao vỡ trên 10%",
                    "More than 10 % of the bags burst",
                    yes="worse",
                    chip=Chip("Bao vỡ", "Bags burst", "yes"),
                    measures=("sandbags",),
                    optional=True,
                ),
                _yn(
                    "wall_gap",
                    "Tường bao hở thông qua",
                    "A gap through the wall",
                    yes="danger",
                    measures=("sandbags",),
                    optional=True,
                ),
            ),
        ),
        _count(
            "stakes_tilted",
            "Cọc nghiêng, gãy",
            "Tilted or broken stakes",
            500,
            measures=("stakes",),
            marks=(_proposed("rule"),),
            companions=(_count("stakes_total", "Tổng số cọc", "Stakes in all", 500, measures=("stakes",)),),
        ),
        _yn(
            "ponding",
            "Đọng nước, bạt phình",
            "Ponding or bulge under the sheet",
            yes="worse",
            measures=SHEET,
            marks=(_proposed("rule"),),
            companions=(
                _yn(
                    "soil_bulge",
                    "Đất phình dưới bạt",
                    "Bulge of soil under the sheet",
                    yes="danger",
                    measures=SHEET,
                    optional=True,
                ),
            ),
        ),
        _yn(
            "blocks_drain",
            "Chắn mương thoát nước",
            "Blocks the drain",
            yes="worse",
            marks=(_proposed("rule"),),
        ),
        _yn(
            "uv_brittle",
            "Giòn, bạc màu",
            "Brittle from the sun",
            yes="worse",
            measures=("slope_tarpaulin", "sandbags"),
            marks=(_practice("take off and replace", "TARP"),),
        ),
    ),
    ("torn", "water_under", "bags_burst_many", "in_place"),
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.code: kind for kind in (SLIDE, FLOOD, DROWNING, SIGNBOARD, TEMPORARY_MEASURE)
}

CONTEXT: Final[Mapping[str, Item]] = {
    item.code: item
    for item in (
        _choice(
            "seen_from",
            "Nhìn từ đâu",
            "Seen from",
            Choice("close", "Tại chỗ", "Close"),
            Choice("distance", "Từ xa", "From a distance"),
        ),
        _choice(
            "rain_now",
            "Mưa lúc này",
            "Rain now",
            Choice("none", "Không mưa", "None"),
            Choice("light", "Mưa nhỏ", "Light"),
            Choice("heavy", "Mưa to", "Heavy"),
        ),
        _choice(
            "rain_last_24h",
            "Mưa trong 24 giờ qua",
            "Rain in the last 24 h",
            Choice("no", "Không", "No"),
            Choice("yes", "Có", "Yes"),
        ),
        _choice(
            "light",
            "Ánh sáng",
            "Light",
            Choice("day", "Ban ngày", "Day"),
            Choice("night", "Ban đêm", "Night"),
        ),
    )
}
"""Asked once a visit. Only `rain_last_24h` may be unknown; the observer knows the others."""

CONDITIONS: Final[Mapping[str, Words]] = {
    "no_change": Words("Không thay đổi", "No change"),
    "worse": Words("Xấu hơn", "Worse"),
    "danger": Words("Nguy hiểm", "Danger"),
    "not_seen": Words("Không quan sát được", "Could not be seen"),
}


def context_choices(code: str) -> tuple[Choice, ...]:
    """The choices that the context question `code` takes."""
    item = CONTEXT[code]
    return item.all_choices if code == "rain_last_24h" else item.choices


def forms() -> dict[str, Any]:
    """The checklists as `GET /api/forms` gives them; a new dict each time."""
    return {
        "form_version": FORM_VERSION,
        "rule_version": RULE_VERSION,
        "kinds": {code: _kind_form(kind) for code, kind in KINDS.items()},
        "context": {
            code: {"label": _label(item), "choices": [_choice_form(each) for each in context_choices(code)]}
            for code, item in CONTEXT.items()
        },
        "conditions": {code: _label(words) for code, words in CONDITIONS.items()},
    }


def _kind_form(kind: Kind) -> dict[str, Any]:
    chips = [field for code in kind.chips if (field := kind.field(code))]
    return {
        "name": _label(kind),
        "outline": kind.outline,
        "chips": [_chip_form(field, field.chip) for field in chips if field.chip],
        "items": [_item_form(item) for item in kind.items],
    }


def _item_form(item: Item) -> dict[str, Any]:
    return {
        "code": item.code,
        "label": _label(item),
        "type": item.type,
        "where": item.where,
        "unit": item.unit,
        "min": item.min,
        "max": item.max,
        "step": item.step,
        "see": item.see,
        "choices": [_choice_form(each) for each in item.all_choices],
        "chip": {"label": _label(item.chip), "value": item.chip.value} if item.chip else None,
        "optional": item.optional,
        "asks_note": item.asks_note,
        "asked_every_days": item.asked_every_days,
        "hidden_when": {code: list(values) for code, values in (item.hidden_when or {}).items()},
        "measures": list(item.measures),
        "stream_mouth_only": item.stream_mouth_only,
        "mark": item.mark,
        "source": ", ".join(dict.fromkeys(source for mark in item.marks for source in mark.sources)) or None,
        "marks": [{"about": m.about, "mark": m.status, "sources": list(m.sources)} for m in item.marks],
        "companions": [_item_form(each) for each in item.companions],
    }


def _chip_form(item: Item, chip: Chip) -> dict[str, Any]:
    return {
        "code": item.code,
        "label": _label(chip),
        "where": item.where,
        "value": chip.value,
        "stream_mouth_only": item.stream_mouth_only,
    }


def _choice_form(choice: Choice) -> dict[str, Any]:
    known = {"code": choice.code, "label": _label(choice), "suggests": choice.suggests}
    return known if choice.value is None else {**known, "value": choice.value}


def _label(named: Words | Kind | Item | Choice | Chip) -> dict[str, str]:
    return {"vi": named.vi, "en": named.en}
