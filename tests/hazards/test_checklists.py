"""The checklists ask what the reviewed table asks, each thing once, in the words of the house."""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from app.hazards import CONTEXT, FORM_VERSION, FORM_VERSIONS, KINDS, UNKNOWN, forms

CODES = {
    "slide": [
        "fallen_material",
        "sounds_or_shaking",
        "crack_change",
        "structure_bulge",
        "water_change",
        "tilted_objects",
        "building_distress",
        "drain_state",
        "cover_state",
        "toe_cut",
        "crack_gauge_mm",
        "households_present",
    ],
    "flood": [
        "water_now",
        "depth_cm",
        "flow",
        "people_trapped",
        "electric_hazard",
        "road_passable",
        "open_hole",
        "culvert_state",
        "rubbish",
        "high_water_mark_cm",
        "duration_h",
        "houses_flooded",
    ],
    "drowning": [
        "people_at_water",
        "water_level",
        "sudden_change",
        "bank_state",
        "barrier_state",
        "sign_visible",
        "rescue_kit",
        "access_open",
        "depth_cm",
        "surface_speed_mps",
        "hidden_hazard",
    ],
    "signboard": [
        "present",
        "legible",
        "upright",
        "hidden",
        "before_danger",
        "content_ok",
        "qr_scans",
        "night_visible",
    ],
    "temporary_measure": [
        "in_place",
        "torn",
        "water_under",
        "edge_fixed",
        "bags_burst",
        "stakes_tilted",
        "ponding",
        "blocks_drain",
        "uv_brittle",
    ],
}

CHIPS = {
    "slide": ["Đất đá rơi", "Tiếng nứt, rung", "Vết nứt mới", "Tường phình, nghiêng", "Nước đục, rỉ mới"],
    "flood": ["Nước chảy xiết", "Ngập trên 30 cm", "Có người mắc kẹt", "Điện ngập nước", "Mất nắp cống"],
    "drowning": ["Trẻ em ở mép nước", "Nước lên cao", "Nước đục, lên nhanh", "Bờ sạt"],
    "signboard": ["Mất / đổ", "Mờ", "Nghiêng", "Bị che"],
    "temporary_measure": ["Bạt rách", "Nước luồn dưới bạt", "Bao vỡ", "Mất, trôi"],
}

TEXT = (Path(__file__).parents[2] / "data" / "SOURCES.md").read_text("utf-8")
SOURCES = {
    key.strip()
    for row in re.findall(r"^\| ([A-Z0-9][^|]*) \|", TEXT[TEXT.index("## Sources by key") :], re.MULTILINE)
    for key in row.split(",")
}
"""The keys that data/SOURCES.md explains."""

RANGES = {  # lowest, highest, step
    ("slide", "fallen_volume_m3"): (0, 5000, 0.1),
    ("slide", "wall_offset_mm"): (-500, 500, 1),
    ("slide", "crack_gauge_mm"): (20, 2000, 1),
    ("slide", "households_present"): (0, 200, 1),
    ("slide", "people_present"): (0, 1000, 1),
    ("flood", "depth_cm"): (0, 300, 1),
    ("flood", "people_trapped_count"): (0, 1000, 1),
    ("flood", "high_water_mark_cm"): (0, 300, 1),
    ("flood", "duration_h"): (0, 72, 0.5),
    ("flood", "houses_flooded"): (0, 500, 1),
    ("drowning", "depth_cm"): (0, 500, 1),
    ("drowning", "surface_speed_mps"): (0, 6, 0.1),
    ("temporary_measure", "bags_burst"): (0, 2000, 1),
    ("temporary_measure", "bags_total"): (0, 2000, 1),
    ("temporary_measure", "stakes_tilted"): (0, 500, 1),
    ("temporary_measure", "stakes_total"): (0, 500, 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_checklist_asks_exactly_the_items_of_the_table_in_its_order(kind):
    assert [item.code for item in KINDS[kind].items] == CODES[kind]


def test_the_checklists_have_12_12_11_8_and_9_items():
    assert [len(kind.items) for kind in KINDS.values()] == [12, 12, 11, 8, 9]


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_no_code_is_asked_twice_by_one_checklist_companions_included(kind):
    codes = [field.code for field in kind.fields()]

    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("kind", KINDS)
def test_the_chips_are_the_ones_shown_on_the_form_in_their_order(kind):
    chips = [chip["label"]["vi"] for chip in forms()["kinds"][kind]["chips"] if not chip["stream_mouth_only"]]

    assert chips == CHIPS[kind]


def test_a_sixth_chip_is_offered_for_slides_at_a_stream_mouth_only():
    sixth = [chip for chip in forms()["kinds"]["slide"]["chips"] if chip["stream_mouth_only"]]

    assert [(chip["code"], chip["value"]) for chip in sixth] == [("stream_sudden_change", "yes")]


def test_a_chip_writes_a_value_that_its_question_takes():
    for kind in KINDS.values():
        fields = {field.code: field for field in kind.fields()}
        for code in kind.chips:
            chip = fields[code].chip
            assert chip is not None
            assert fields[code].choice(chip.value) is not None


def test_every_range_is_the_one_of_the_table():
    found = {
        (kind.code, field.code): (field.min, field.max, field.step)
        for kind in KINDS.values()
        for field in kind.fields()
        if not field.choices
    }

    assert found == RANGES


def test_only_counts_of_households_and_people_in_the_zone_are_private():
    private = [field.code for kind in KINDS.values() for field in kind.fields() if field.see == "private"]

    assert private == ["households_present", "people_present"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_every_choice_and_every_yes_or_no_also_takes_unknown_and_unknown_suggests_nothing(kind):
    for field in kind.fields():
        if field.choices:
            unknown = field.choice(UNKNOWN)
            assert unknown is not None
            assert unknown.suggests == "none"


def test_no_answer_about_a_signboard_suggests_danger():
    effects = {choice.suggests for item in KINDS["signboard"].items for choice in item.choices}

    assert effects == {"none", "worse"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_every_item_says_who_stands_behind_it_and_named_sources_are_explained(kind):
    for item in kind.items:
        assert item.marks, item.code
        for mark in item.marks:
            assert mark.status == "proposed" or mark.sources, (item.code, mark)
            assert set(mark.sources) <= SOURCES, (item.code, mark)


def test_the_weakest_mark_speaks_for_an_item():
    slide = {item.code: item.mark for item in KINDS["slide"].items}

    assert (slide["sounds_or_shaking"], slide["structure_bulge"]) == ("practice", "proposed")


def test_dry_hides_the_second_to_the_sixth_question_of_a_flood_point():
    hidden = [item.code for item in KINDS["flood"].items if item.hidden_when == {"water_now": ("dry",)}]

    assert hidden == ["depth_cm", "flow", "people_trapped", "electric_hazard", "road_passable"]


def test_forms_can_be_sent_as_json_and_are_complete():
    sent = json.loads(json.dumps(forms()))

    assert sent["form_version"] == FORM_VERSION
    assert {kind: [item["code"] for item in form["items"]] for kind, form in sent["kinds"].items()} == CODES
    assert {
        code: [choice["code"] for choice in asked["choices"]] for code, asked in sent["context"].items()
    } == {
        "seen_from": ["close", "distance"],
        "rain_now": ["none", "light", "heavy"],
        "rain_last_24h": ["no", "yes", "unknown"],
        "light": ["day", "night"],
    }


def test_the_form_of_an_item_says_all_that_a_screen_needs():
    toe = next(item for item in forms()["kinds"]["slide"]["items"] if item["code"] == "toe_cut")

    assert toe["label"] == {"vi": "Đào, cắt chân taluy", "en": "Digging at the toe, load on top"}
    assert (toe["type"], toe["where"], toe["mark"], toe["source"]) == (
        "yn",
        "answers",
        "proposed",
        "G, LD-8-2025",
    )
    assert [(choice["code"], choice["suggests"]) for choice in toe["choices"]] == [
        ("yes", "worse"),
        ("no", "none"),
        ("unknown", "none"),
    ]


def test_the_current_form_is_taken():
    assert FORM_VERSION in FORM_VERSIONS


def words(value: object) -> list[str]:
    """Every Vietnamese text in a form."""
    if isinstance(value, dict):
        own = [value["vi"]] if set(value) == {"vi", "en"} else []
        return own + [text for each in value.values() for text in words(each)]
    return [text for each in value for text in words(each)] if isinstance(value, list) else []


def test_vietnamese_is_composed_calm_and_never_calls_a_place_safe():
    texts = words(forms())

    assert len(texts) > 200
    for text in texts:
        assert unicodedata.is_normalized("NFC", text)
        assert not any(
            bad in text.casefold() for bad in ("!", "vui lòng", "an toàn", "bình thường", "toạ", "vết nút")
        )


def test_the_context_is_asked_once_and_is_no_item():
    assert not set(CONTEXT) & {field.code for kind in KINDS.values() for field in kind.fields()}
