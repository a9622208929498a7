"""What may be sent, what it suggests, and who decides: the checklists line by line."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadReading
from app.hazards import CONTEXT, KINDS, RULE_VERSION, context_choices
from app.inspections import readings
from app.inspections.readings import NOTICES, Reading
from app.inspections.signs import RULES, TWO_WORSE

RAINY = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
DRY = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
RAIN_NOW = {"rain_now": "light"}
RAIN_BEFORE = {"rain_now": "none", "rain_last_24h": "yes"}
GRAVITY = ["no_change", "not_seen", "worse", "danger"]


def suggest(kind, answers=(), measurements=(), context=(), previous=(), risk=None, seen_at=DRY, **more):
    context, answers, measurements = dict(context), dict(answers), dict(measurements)
    readings.check_readings(kind, context, answers, measurements)
    return readings.suggest(kind, context, answers, measurements, previous, risk, seen_at=seen_at, **more)


def earlier(*, answers=(), measurements=(), **ago):
    return Reading(DRY - timedelta(**(ago or {"days": 7})), dict(answers), dict(measurements))


# every answer by itself: item, answer, suggestion
BY_ITSELF = {
    "slide": """
        fallen_material: none no_change, few_stones worse, heap worse, blocks_way danger
        still_falling: no no_change, yes danger
        sounds_or_shaking: no no_change, yes danger
        crack_change: none no_change, as_before no_change, new_or_wider worse, with_step danger
        structure_bulge: none no_change, as_before no_change, more worse
        breaking_out: no no_change, yes danger
        water_change: none no_change, as_before no_change, new_or_more worse
        water_change: muddy danger, bursts_out danger, stopped_suddenly danger
        stream_sudden_change: no no_change, yes danger
        tilted_objects: none no_change, as_before no_change, newly_leaning worse
        building_distress: none no_change, as_before no_change, new worse
        people_inside: no no_change, yes no_change
        drain_state: clear no_change, partly_blocked worse, blocked worse, broken worse
        drain_state: overflows_onto_slope worse, no_drain no_change
        cover_state: whole no_change, damaged worse, gone worse, none_needed no_change
        toe_cut: no no_change, yes worse
        toe_cut_going_on: no no_change, yes no_change
    """,
    "flood": """
        water_now: dry no_change, draining no_change, flooded worse, rising worse
        over_30_cm: no no_change, yes danger
        flow: still no_change, slower_than_walking worse, faster_than_walking danger
        people_trapped: no no_change, yes danger
        electric_hazard: no no_change, yes danger
        road_passable: all no_change, no_motorbikes worse, closed worse
        people_beyond: no no_change, yes no_change
        open_hole: no no_change, yes danger
        culvert_state: clear no_change, partly_blocked worse, blocked worse, collapsed danger
        rubbish: none no_change, some no_change, heavy worse
    """,
    "drowning": """
        people_at_water: none no_change, adults no_change, children_with_adult no_change, children_alone danger
        in_water: no no_change, yes no_change
        water_level: low no_change, normal no_change, high worse, bank_full danger
        sudden_change: no no_change, yes danger
        bank_state: sound no_change, undercut worse, collapsed worse, fresh_collapse worse
        path_used: no no_change, yes no_change
        barrier_state: whole no_change, damaged worse, missing worse, none_planned no_change
        barrier_stood: no no_change, yes no_change
        sign_visible: yes no_change, no worse
        rescue_kit: complete no_change, incomplete worse, missing worse, none_planned no_change
        access_open: no no_change, yes no_change
        access_new: no no_change, yes no_change
        hidden_hazard: no no_change, yes worse
    """,
    "signboard": """
        present: yes no_change, fallen worse, gone worse
        legible: yes no_change, faded worse, unreadable worse, painted_over worse
        upright: yes no_change, leaning worse, loose worse
        hidden: no no_change, yes worse
        before_danger: yes no_change, no worse
        content_ok: complete no_change, phone_wrong worse, old_unit_name worse, other no_change
        qr_scans: yes no_change, no worse, no_code no_change
        night_visible: yes no_change, no worse
    """,
    "temporary_measure": """
        in_place: all no_change, part worse, gone worse
        torn: no no_change, under_half_metre worse, half_metre_or_more worse
        torn_upper_third: no no_change, yes no_change
        water_under: no no_change, yes worse
        slope_signs: no no_change, yes no_change
        edge_fixed: firm no_change, loose worse, flapping worse
        bags_burst_many: no no_change, yes worse
        wall_gap: no no_change, yes danger
        ponding: no no_change, yes worse
        soil_bulge: no no_change, yes danger
        blocks_drain: no no_change, yes worse
        uv_brittle: no no_change, yes worse
    """,
}


def table():
    for kind, rows in BY_ITSELF.items():
        for row in rows.strip().splitlines():
            code, _, answers = row.strip().partition(": ")
            for answer in answers.split(", "):
                value, _, condition = answer.partition(" ")
                yield kind, code, value, condition


@pytest.mark.parametrize(("kind", "code", "value", "condition"), [*table()])
def test_an_answer_suggests_by_itself_what_the_checklist_says(kind, code, value, condition):
    assert suggest(kind, {code: value}).condition == condition


def test_the_table_above_knows_every_choice_of_every_checklist():
    asked = {
        (kind.code, field.code, choice.code)
        for kind in KINDS.values()
        for field in kind.fields()
        if field.where == "answers"
        for choice in field.choices
    }

    assert {(kind, code, value) for kind, code, value, _ in table()} == asked


# combinations: what was seen, and the rule that must decide; None where it must not
NEWLY_LEANING = {"tilted_objects": "newly_leaning"}
COMBINED = [
    # slide
    ("slide", {}, {"fallen_volume_m3": 1}, {}, "danger", "volume-1-m3"),
    ("slide", {"fallen_material": "heap"}, {"fallen_volume_m3": 0.9}, {}, "worse", "fallen_material=heap"),
    (
        "slide",
        {"fallen_material": "few_stones", "still_falling": "yes"},
        {},
        {},
        "danger",
        "still_falling=yes",
    ),
    (
        "slide",
        NEWLY_LEANING | {"crack_change": "as_before"},
        {},
        {},
        "danger",
        "leaning-with-crack-or-seepage",
    ),
    (
        "slide",
        NEWLY_LEANING | {"water_change": "new_or_more"},
        {},
        {},
        "danger",
        "leaning-with-crack-or-seepage",
    ),
    ("slide", NEWLY_LEANING | {"crack_change": "none"}, {}, {}, "worse", None),
    ("slide", NEWLY_LEANING | {"crack_change": "unknown"}, {}, {}, "worse", None),
    (
        "slide",
        {"building_distress": "new", "people_inside": "yes"},
        {},
        {},
        "danger",
        "house-cracks-people-inside",
    ),
    (
        "slide",
        {"building_distress": "new"},
        {"people_present": 2},
        {},
        "danger",
        "house-cracks-people-inside",
    ),
    ("slide", {"building_distress": "new"}, {"people_present": 0}, {}, "worse", None),
    ("slide", {"building_distress": "as_before", "people_inside": "yes"}, {}, {}, "no_change", None),
    ("slide", {"drain_state": "overflows_onto_slope"}, {}, RAIN_NOW, "danger", "overflow-while-raining"),
    ("slide", {"drain_state": "overflows_onto_slope"}, {}, RAIN_BEFORE, "worse", None),
    (
        "slide",
        {"cover_state": "gone", "crack_change": "new_or_wider"},
        {},
        {},
        "danger",
        "cover-gone-with-signs",
    ),
    ("slide", {"cover_state": "gone", "water_change": "as_before"}, {}, {}, "worse", None),
    ("slide", {"cover_state": "damaged", "crack_change": "new_or_wider"}, {}, {}, "worse", None),
    ("slide", {"toe_cut": "yes", "toe_cut_going_on": "yes"}, {}, {}, "danger", "toe-cut-going-on"),
    ("slide", {"toe_cut": "yes", "toe_cut_going_on": "no"}, {}, {}, "worse", None),
    ("slide", {"toe_cut": "no", "toe_cut_going_on": "yes"}, {}, {}, "no_change", None),
    # flood
    ("flood", {"water_now": "rising"}, {"depth_cm": 30}, {}, "danger", "rising-and-deep"),
    ("flood", {"water_now": "rising", "flow": "still"}, {"depth_cm": 49}, {}, "worse", None),
    ("flood", {"water_now": "rising", "flow": "still"}, {"depth_cm": 50}, {}, "danger", "rising-and-deep"),
    ("flood", {}, {"depth_cm": 14}, {}, "no_change", None),
    ("flood", {}, {"depth_cm": 15}, {}, "worse", "depth-15-cm"),
    ("flood", {"flow": "slower_than_walking"}, {"depth_cm": 29}, {}, "worse", "depth-15-cm"),
    ("flood", {"flow": "slower_than_walking"}, {"depth_cm": 30}, {}, "danger", "depth-30-cm-flowing"),
    ("flood", {"flow": "unknown"}, {"depth_cm": 30}, {}, "danger", "depth-30-cm-flowing"),
    ("flood", {"flow": "still"}, {"depth_cm": 30}, {}, "worse", "depth-15-cm"),
    ("flood", {"flow": "still"}, {"depth_cm": 50}, {}, "danger", "depth-50-cm-still"),
    ("flood", {"flow": "still"}, {"depth_estimated": "knee"}, {}, "worse", "depth-15-cm"),
    ("flood", {"flow": "still"}, {"depth_estimated": "thigh"}, {}, "danger", "depth-50-cm-still"),
    ("flood", {}, {"depth_estimated": "ankle"}, {}, "no_change", None),
    ("flood", {}, {"depth_estimated": "hip", "depth_cm": 20}, {}, "worse", "depth-15-cm"),
    ("flood", {"over_30_cm": "yes", "flow": "still"}, {}, {}, "worse", "depth-15-cm"),
    ("flood", {"flow": "faster_than_walking"}, {"depth_cm": 15}, {}, "danger", "flow=faster_than_walking"),
    ("flood", {"flow": "faster_than_walking"}, {"depth_cm": 14}, {}, "no_change", None),
    ("flood", {"flow": "slower_than_walking"}, {"depth_cm": 14}, {}, "no_change", None),
    ("flood", {"road_passable": "closed", "people_beyond": "yes"}, {}, {}, "danger", "closed-people-beyond"),
    ("flood", {"road_passable": "no_motorbikes", "people_beyond": "yes"}, {}, {}, "worse", None),
    (
        "flood",
        {"culvert_state": "blocked", "water_now": "rising"},
        {},
        {},
        "danger",
        "culvert-blocked-rising",
    ),
    ("flood", {"culvert_state": "partly_blocked", "water_now": "rising"}, {}, {}, "worse", None),
    ("flood", {}, {"duration_h": 2, "duration_source": "told"}, {}, "worse", "duration-2-h"),
    ("flood", {}, {"duration_h": 1.5}, {}, "no_change", None),
    ("flood", {"water_now": "draining"}, {"houses_flooded": 1}, {}, "worse", "house-flooded"),
    ("flood", {"water_now": "rising"}, {"houses_flooded": 1}, {}, "danger", "house-flooded-rising"),
    ("flood", {}, {"houses_flooded": 0}, {}, "no_change", None),
    # two worse and rain do not add up for a flood point
    ("flood", {"rubbish": "heavy", "culvert_state": "blocked"}, {}, RAIN_NOW, "worse", None),
    # drowning
    ("drowning", {"people_at_water": "adults", "in_water": "yes"}, {}, {}, "worse", "people-in-water"),
    (
        "drowning",
        {"people_at_water": "children_with_adult", "in_water": "yes"},
        {},
        {},
        "worse",
        "people-in-water",
    ),
    ("drowning", {"people_at_water": "adults", "in_water": "unknown"}, {}, {}, "no_change", None),
    (
        "drowning",
        {"bank_state": "fresh_collapse", "path_used": "yes"},
        {},
        {},
        "danger",
        "fresh-collapse-on-path",
    ),
    ("drowning", {"bank_state": "collapsed", "path_used": "yes"}, {}, {}, "worse", None),
    ("drowning", {"barrier_state": "missing", "barrier_stood": "yes"}, {}, {}, "danger", "barrier-lost"),
    ("drowning", {"access_open": "yes", "access_new": "yes"}, {}, {}, "worse", "access-new"),
    ("drowning", {}, {"depth_cm": 50}, {}, "no_change", None),
    ("drowning", {}, {"depth_cm": 51}, {}, "worse", "stream-over-50-cm"),
    ("drowning", {}, {"depth_cm": 100}, {}, "worse", "stream-over-50-cm"),
    ("drowning", {}, {"depth_cm": 101}, {}, "danger", "stream-over-100-cm"),
    ("drowning", {}, {"surface_speed_mps": 0.4}, {}, "no_change", None),
    ("drowning", {}, {"surface_speed_mps": 0.5}, {}, "worse", "speed-0.5-mps"),
    ("drowning", {}, {"surface_speed_mps": 0.8}, {}, "danger", "speed-0.8-mps"),
    # temporary measures
    ("temporary_measure", {"in_place": "gone"}, {}, RAIN_NOW, "worse", None),
    ("temporary_measure", {"torn": "half_metre_or_more", "torn_upper_third": "yes"}, {}, {}, "worse", None),
    (
        "temporary_measure",
        {"torn": "half_metre_or_more", "torn_upper_third": "yes"},
        {},
        RAIN_NOW,
        "danger",
        "torn-high-up-in-rain",
    ),
    ("temporary_measure", {"torn": "half_metre_or_more"}, {}, RAIN_NOW, "worse", None),
    (
        "temporary_measure",
        {"water_under": "yes", "slope_signs": "yes"},
        {},
        {},
        "danger",
        "water-under-with-signs",
    ),
    ("temporary_measure", {}, {"bags_burst": 9, "bags_total": 100}, {}, "no_change", None),
    ("temporary_measure", {}, {"bags_burst": 10, "bags_total": 100}, {}, "worse", "bags-10-percent"),
    ("temporary_measure", {}, {"bags_burst": 30, "bags_total": 100}, {}, "danger", "bags-30-percent"),
    ("temporary_measure", {}, {"bags_burst": 50}, {}, "no_change", None),
    ("temporary_measure", {}, {"bags_burst": 0, "bags_total": 0}, {}, "no_change", None),
    ("temporary_measure", {}, {"stakes_tilted": 1}, {}, "worse", "stake-tilted"),
    ("temporary_measure", {}, {"stakes_tilted": 3, "stakes_total": 10}, {}, "danger", "stakes-30-percent"),
    # two different worse answers and rain
    (
        "slide",
        {"cover_state": "damaged", "drain_state": "blocked"},
        {},
        RAIN_BEFORE,
        "danger",
        "two-worse-and-rain",
    ),
    (
        "slide",
        {"cover_state": "damaged", "drain_state": "blocked"},
        {},
        RAIN_NOW,
        "danger",
        "two-worse-and-rain",
    ),
    (
        "slide",
        {"cover_state": "damaged", "drain_state": "blocked"},
        {},
        {"rain_last_24h": "no"},
        "worse",
        None,
    ),
    (
        "slide",
        {"cover_state": "damaged", "drain_state": "blocked"},
        {},
        {"rain_last_24h": "unknown"},
        "worse",
        None,
    ),
    ("slide", {"cover_state": "damaged"}, {}, RAIN_BEFORE, "worse", None),
    (
        "drowning",
        {"water_level": "high", "rescue_kit": "missing"},
        {},
        RAIN_BEFORE,
        "danger",
        "two-worse-and-rain",
    ),
    ("drowning", {}, {"depth_cm": 60}, RAIN_BEFORE, "worse", None),
    ("temporary_measure", {"blocks_drain": "yes", "ponding": "yes"}, {}, RAIN_NOW, "worse", None),
    ("signboard", {"legible": "faded", "hidden": "yes"}, {}, RAIN_NOW, "worse", None),
]


@pytest.mark.parametrize(("kind", "answers", "measurements", "context", "condition", "rule"), COMBINED)
def test_readings_together_suggest_what_the_checklist_says(
    kind, answers, measurements, context, condition, rule
):
    suggestion = suggest(kind, answers, measurements, context)

    assert suggestion.condition == condition
    decisive = {reason.rule for reason in suggestion.reasons if reason.effect == condition}
    assert rule is None or rule in decisive


def test_a_cut_toe_is_worse_in_the_dry_season_and_danger_in_the_rainy_one():
    cut = {"toe_cut": "yes", "toe_cut_going_on": "no"}

    assert suggest("slide", cut, seen_at=DRY).condition == "worse"
    assert suggest("slide", cut, seen_at=RAINY).condition == "danger"


def test_the_rainy_season_begins_at_midnight_in_vietnam():
    last_minute = datetime(2026, 4, 14, 16, 59, tzinfo=UTC)

    assert suggest("slide", {"toe_cut": "yes"}, seen_at=last_minute).condition == "worse"
    assert (
        suggest("slide", {"toe_cut": "yes"}, seen_at=last_minute + timedelta(minutes=1)).condition == "danger"
    )


@pytest.mark.parametrize(
    ("risk", "condition"), [("very_high", "danger"), ("high", "danger"), ("medium", "worse")]
)
def test_a_lost_sheet_is_danger_on_a_high_risk_slope_when_rain_falls_or_is_forecast(risk, condition):
    gone = {"in_place": "gone"}

    assert suggest("temporary_measure", gone, risk=risk, rain_forecast=True).condition == condition
    assert suggest("temporary_measure", gone, context=RAIN_NOW, risk=risk).condition == condition
    assert suggest("temporary_measure", gone, risk=risk).condition == "worse"


# measured against the last visit
@pytest.mark.parametrize(("offset", "condition"), [(19, "no_change"), (20, "danger"), (-20, "danger")])
def test_a_wall_that_moved_2_cm_is_danger(offset, condition):
    before = [earlier(measurements={"wall_offset_mm": 0})]

    assert suggest("slide", {}, {"wall_offset_mm": offset}, previous=before).condition == condition
    assert suggest("slide", {}, {"wall_offset_mm": offset}).condition == "no_change"


@pytest.mark.parametrize(
    ("depth", "condition"), [(29, "no_change"), (30, "worse"), (59, "worse"), (60, "danger")]
)
def test_a_stream_is_compared_with_the_last_visit_that_read_the_staff(depth, condition):
    before = [
        earlier(days=1),
        earlier(measurements={"depth_cm": 10}),
        earlier(measurements={"depth_cm": 0}, days=9),
    ]

    assert suggest("drowning", {}, {"depth_cm": depth}, previous=before).condition == condition


@pytest.mark.parametrize(("mark", "condition"), [(40, "no_change"), (41, "worse")])
def test_a_water_mark_counts_when_it_is_the_highest_yet(mark, condition):
    before = [
        earlier(measurements={"high_water_mark_cm": each}, days=days) for each, days in ((20, 3), (40, 30))
    ]

    assert suggest("flood", {}, {"high_water_mark_cm": mark}, previous=before).condition == condition
    assert suggest("flood", {}, {"high_water_mark_cm": mark}).condition == "no_change"


def test_a_missing_barrier_is_danger_where_an_earlier_visit_saw_one():
    stood = [
        earlier(answers={"barrier_state": "unknown"}, days=1),
        earlier(answers={"barrier_state": "damaged"}),
    ]

    assert suggest("drowning", {"barrier_state": "missing"}, previous=stood).condition == "danger"
    assert suggest("drowning", {"barrier_state": "missing"}).condition == "worse"


@pytest.mark.parametrize(
    ("last", "condition"), [("no", "worse"), ("yes", "no_change"), ("unknown", "no_change")]
)
def test_an_open_way_down_is_worse_where_the_last_visit_saw_none(last, condition):
    before = [earlier(answers={"access_open": last})]

    assert suggest("drowning", {"access_open": "yes"}, previous=before).condition == condition


@pytest.mark.parametrize(
    ("mm", "ago", "rules"),
    [
        (202, {"days": 7}, set()),
        (203, {"days": 7}, {"gauge-3-mm"}),
        (210, {"hours": 24}, {"gauge-3-mm", "gauge-10-mm-in-24-h", "gauge-10-mm-a-day"}),
        (250, {"days": 5}, {"gauge-3-mm", "gauge-10-mm-a-day"}),
        (202, {"hours": 1}, {"gauge-2-mm-an-hour"}),
        (190, {"days": 7}, set()),
    ],
)
def test_a_gauge_is_compared_with_its_own_earlier_readings(mm, ago, rules):
    before = [earlier(measurements={"crack_gauge_mm": {"V1": 200, "V2": 20}}, **ago)]

    suggestion = suggest("slide", {}, {"crack_gauge_mm": {"V1": mm}}, previous=before)

    assert {reason.rule for reason in suggestion.reasons} == rules


def test_a_replaced_pin_starts_a_new_series():
    before = [earlier(measurements={"crack_gauge_mm": {"V1": 200}})]

    assert suggest("slide", {}, {"crack_gauge_mm": {"V1a": 300}}, previous=before).condition == "no_change"


def test_a_shrunken_gauge_is_flagged_and_a_fast_one_measured_again():
    before = [earlier(measurements={"crack_gauge_mm": {"V1": 200, "V2": 200}}, hours=1)]

    suggestion = suggest("slide", {}, {"crack_gauge_mm": {"V1": 190, "V2": 202}}, previous=before)

    assert [notice.rule for notice in suggestion.notices] == ["gauge-shrunk", "measure-again"]


def test_earlier_visits_count_in_the_order_they_happened_and_later_ones_not_at_all():
    late = Reading(DRY + timedelta(days=1), {}, {"depth_cm": 0})
    shuffled = [
        earlier(measurements={"depth_cm": 0}, days=9),
        late,
        earlier(measurements={"depth_cm": 40}, days=1),
    ]

    assert suggest("drowning", {}, {"depth_cm": 45}, previous=shuffled).condition == "no_change"


# people
def test_people_at_a_place_of_high_risk_change_no_condition_but_the_board_must_know():
    suggestion = suggest("slide", {}, {"households_present": 1}, risk="high")

    assert suggestion.condition == "no_change"
    assert [notice.rule for notice in suggestion.notices] == ["people-not-allowed"]


def test_people_in_danger_means_calling_112():
    suggestion = suggest("slide", {"sounds_or_shaking": "yes"}, {"people_present": 4}, risk="low")

    assert [notice.rule for notice in suggestion.notices] == ["people-in-danger"]


@pytest.mark.parametrize(
    ("risk", "measurements", "listed"),
    [
        ("high", {"people_present": 1}, True),
        ("very_high", {"households_present": 1}, True),
        ("medium", {"people_present": 1}, False),
        (None, {"people_present": 1}, False),
        ("high", {"people_present": 0, "households_present": 0}, False),
        ("high", {}, False),
    ],
)
def test_nobody_may_live_at_a_place_of_high_risk(risk, measurements, listed):
    assert readings.people_not_allowed(risk, measurements) is listed


@pytest.mark.parametrize(
    ("present", "risk", "listed"),
    [
        ("gone", "high", True),
        ("gone", "very_high", True),
        ("fallen", "high", False),
        ("gone", "medium", False),
    ],
)
def test_a_board_gone_from_a_place_of_high_risk_is_listed(present, risk, listed):
    assert readings.board_missing({"present": present}, risk) is listed


# unknown
def test_nothing_answered_suggests_no_change_and_everything_unknown_suggests_not_seen():
    assert suggest("slide").condition == "no_change"
    assert suggest("slide", {"crack_change": "unknown", "toe_cut": "unknown"}).condition == "not_seen"
    assert suggest("slide", {"crack_change": "unknown", "toe_cut": "no"}).condition == "no_change"
    assert (
        suggest("slide", {"crack_change": "unknown"}, {"crack_gauge_mm": {"V1": 200}}).condition
        == "no_change"
    )


def test_three_unknowns_in_a_row_put_an_item_on_the_list():
    unseen, seen, skipped = {"crack_change": "unknown"}, {"crack_change": "none"}, {"toe_cut": "unknown"}

    def listed(*visits):
        return readings.cannot_be_seen("slide", [earlier(answers=answers) for answers in visits])

    assert listed(unseen, unseen, unseen, seen) == ("crack_change",)
    assert listed(unseen, skipped, unseen, unseen) == ("crack_change",)
    assert listed(unseen, unseen, seen, unseen) == ()
    assert listed(unseen, unseen) == ()


# the person decides
@pytest.mark.parametrize("chosen", ["no_change", "worse"])
def test_choosing_a_lighter_condition_needs_a_note(chosen):
    danger = suggest("slide", {"sounds_or_shaking": "yes"})

    for note in (None, "", "  "):
        with pytest.raises(BadReading) as refused:
            readings.check_choice(chosen, danger, note)
        assert (refused.value.code, refused.value.pointer) == ("note-needed", "/note")
    readings.check_choice(chosen, danger, "Tiếng máy xúc ở công trường bên cạnh")


@pytest.mark.parametrize("chosen", ["no_change", "worse", "danger"])
def test_choosing_the_same_or_a_graver_condition_is_free(chosen):
    readings.check_choice(chosen, suggest("slide", {"toe_cut": "no"}), None)


def test_not_seen_is_taken_where_nothing_was_seen_and_only_there():
    readings.check_choice("not_seen", suggest("slide"), None)
    readings.check_choice("not_seen", suggest("slide", {"toe_cut": "unknown"}), None)

    with pytest.raises(BadReading) as refused:
        readings.check_choice("not_seen", suggest("slide", {"toe_cut": "no"}), "mưa to")

    assert refused.value.pointer == "/condition"


def test_saying_no_change_where_nothing_could_be_seen_needs_a_note():
    with pytest.raises(BadReading):
        readings.check_choice("no_change", suggest("slide", {"toe_cut": "unknown"}), None)


# refusals
@pytest.mark.parametrize(
    ("kind", "context", "answers", "measurements", "pointer"),
    [
        ("slide", {}, {"colour": "red"}, {}, "/answers"),
        ("slide", {}, {"depth_cm": 3}, {}, "/answers"),
        ("slide", {}, {}, {"depth_cm": 3}, "/measurements"),
        ("flood", {}, {"depth_cm": 3}, {}, "/answers"),
        ("slide", {"mood": "bad"}, {}, {}, "/context"),
        ("slide", {"rain_now": "hard"}, {}, {}, "/context/rain_now"),
        ("slide", {"light": "unknown"}, {}, {}, "/context/light"),
        ("slide", {}, {"crack_change": "wide"}, {}, "/answers/crack_change"),
        ("slide", {}, {"crack_change": None}, {}, "/answers/crack_change"),
        ("slide", {}, {"crack_change": ["none"]}, {}, "/answers/crack_change"),
        ("slide", {}, {"toe_cut": True}, {}, "/answers/toe_cut"),
        ("flood", {}, {}, {"depth_cm": True}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": "30"}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": None}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": "unknown"}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": -1}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": 301}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": 30.5}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": math.nan}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": math.inf}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_cm": 10**400}, "/measurements/depth_cm"),
        ("flood", {}, {}, {"depth_estimated": "nose"}, "/measurements/depth_estimated"),
        ("flood", {}, {}, {"duration_h": 1.25}, "/measurements/duration_h"),
        ("flood", {}, {}, {"houses_flooded": 1.5}, "/measurements/houses_flooded"),
        ("drowning", {}, {}, {"surface_speed_mps": 0.55}, "/measurements/surface_speed_mps"),
        ("slide", {}, {}, {"crack_gauge_mm": 214}, "/measurements/crack_gauge_mm"),
        ("slide", {}, {}, {"crack_gauge_mm": {"A1": 214}}, "/measurements/crack_gauge_mm"),
        ("slide", {}, {}, {"crack_gauge_mm": {"V1": 19}}, "/measurements/crack_gauge_mm/V1"),
        ("slide", {}, {}, {"crack_gauge_mm": {"V1": None}}, "/measurements/crack_gauge_mm/V1"),
        ("temporary_measure", {}, {}, {"bags_burst": 5, "bags_total": 4}, "/measurements/bags_burst"),
    ],
)
def test_what_the_checklist_does_not_take_is_refused_where_it_stands(
    kind, context, answers, measurements, pointer
):
    with pytest.raises(BadReading) as refused:
        readings.check_readings(kind, context, answers, measurements)

    assert refused.value.pointer == pointer
    assert refused.value.sentence()


def test_a_refusal_says_what_is_allowed_and_repeats_nothing_that_was_sent():
    with pytest.raises(BadReading) as number:
        readings.check_readings("flood", {}, {}, {"depth_cm": 987654})
    with pytest.raises(BadReading) as choice:
        readings.check_readings("slide", {}, {"toe_cut": "<script>"}, {})
    with pytest.raises(BadReading) as code:
        readings.check_readings("signboard", {}, {"<script>": "yes"}, {})

    assert str(number.value) == "A number from 0 to 300 cm is needed, in steps of 1."
    assert str(choice.value) == "Allowed here: yes, no, unknown."
    assert "<script>" not in f"{code.value} {code.value.pointer}"


@pytest.mark.parametrize("speed", [0.1, 0.3, 0.7, 1.1, 2.3, 5.9, 6])
def test_a_tenth_is_a_step_although_binary_numbers_have_none(speed):
    readings.check_readings("drowning", {}, {}, {"surface_speed_mps": speed})


# words
def test_every_reason_and_every_notice_has_words_in_both_languages():
    for kind, rules in RULES.items():
        for code in [*NOTICES, TWO_WORSE.code, *(rule.code for rule in rules)]:
            words = readings.describe(kind, code)
            assert words is not None
            assert words.vi
            assert words.en


def test_a_reason_from_an_answer_is_called_by_its_question_and_its_choice():
    suggestion = suggest("slide", {"crack_change": "with_step"})

    (reason,) = suggestion.reasons
    words = readings.describe("slide", reason.rule)
    assert (words.vi, words.en) == (
        "Vết nứt mới / rộng thêm: Có bậc (đất hạ xuống)",
        "Cracks in ground, road or wall: With a step",
    )
    assert reason.as_dict() == {
        "item": "crack_change",
        "effect": "danger",
        "rule": "crack_change=with_step",
        "mark": "proposed",
        "source": "HK-SIGN, VN-SIGN, JP-URG",
    }
    assert suggestion.rule_version == RULE_VERSION


@pytest.mark.parametrize("rule", ["gone-with-an-old-version", "toe_cut=perhaps", "nothing=yes", ""])
def test_a_rule_that_is_no_more_has_no_words(rule):
    assert readings.describe("slide", rule) is None


def test_rules_are_named_once_and_belong_to_an_item_of_their_checklist():
    for kind, rules in RULES.items():
        codes = [rule.code for rule in rules]
        assert len(codes) == len(set(codes))
        assert {rule.item for rule in rules} <= {item.code for item in KINDS[kind].items}


# properties
def value_of(field):
    if field.choices:
        return st.sampled_from([choice.code for choice in field.all_choices])
    if field.type == "series":
        return st.dictionaries(st.sampled_from(["V1", "V2"]), st.integers(int(field.min), int(field.max)))
    steps = round((field.max - field.min) / field.step)
    return st.integers(0, steps).map(lambda n: round(field.min + n * field.step, 3))


def given_by(kind, where):
    fields = [field for field in KINDS[kind].fields() if field.where == where]
    return st.fixed_dictionaries({}, optional={field.code: value_of(field) for field in fields})


@st.composite
def visits(draw):
    kind = draw(st.sampled_from(list(KINDS)))
    previous = [
        Reading(
            DRY - timedelta(hours=hours),
            draw(given_by(kind, "answers")),
            draw(given_by(kind, "measurements")),
        )
        for hours in draw(st.lists(st.integers(-10, 500), max_size=3))
    ]
    context = st.fixed_dictionaries(
        {}, optional={code: st.sampled_from([c.code for c in context_choices(code)]) for code in CONTEXT}
    )
    return {
        "kind": kind,
        "context": draw(context),
        "answers": draw(given_by(kind, "answers")),
        "measurements": draw(given_by(kind, "measurements")),
        "previous": previous,
        "risk_level": draw(st.sampled_from([None, "low", "high"])),
        "seen_at": draw(st.sampled_from([DRY, RAINY])),
    }


def gravity(visit):
    return GRAVITY.index(readings.suggest(**visit).condition)


EFFECTS = ["none", "worse", "danger"]


@given(visit=visits(), data=st.data())
def test_a_graver_answer_never_lowers_the_suggestion(visit, data):
    fields = [field for field in KINDS[visit["kind"]].fields() if field.where == "answers"]
    field = data.draw(st.sampled_from(fields))
    choices = sorted(field.all_choices, key=lambda choice: EFFECTS.index(choice.suggests))
    lighter = data.draw(st.sampled_from(choices))
    graver = data.draw(st.sampled_from(choices))
    if EFFECTS.index(lighter.suggests) >= EFFECTS.index(graver.suggests):
        return

    light = visit | {"answers": visit["answers"] | {field.code: lighter.code}}
    grave = visit | {"answers": visit["answers"] | {field.code: graver.code}}

    assert gravity(light) <= gravity(grave)


GROWING = [
    "fallen_volume_m3",
    "depth_cm",
    "high_water_mark_cm",
    "duration_h",
    "houses_flooded",
    "surface_speed_mps",
]


@given(visit=visits(), data=st.data())
def test_a_larger_measurement_never_lowers_the_suggestion(visit, data):
    growing = [field for field in KINDS[visit["kind"]].fields() if field.code in GROWING]
    if not growing:
        return
    field = data.draw(st.sampled_from(growing))
    less, more = sorted((data.draw(value_of(field)), data.draw(value_of(field))))

    light = visit | {"measurements": visit["measurements"] | {field.code: less}}
    grave = visit | {"measurements": visit["measurements"] | {field.code: more}}

    assert gravity(light) <= gravity(grave)


@given(visit=visits())
def test_whatever_was_read_the_suggestion_is_the_gravest_of_its_reasons(visit):
    suggestion = readings.suggest(**visit)

    effects = {reason.effect for reason in suggestion.reasons}
    gravest = "danger" if "danger" in effects else "worse" if "worse" in effects else None
    assert suggestion.condition == gravest or (
        not effects and suggestion.condition in ("no_change", "not_seen")
    )
    assert all(readings.describe(visit["kind"], reason.rule) for reason in suggestion.reasons)


@given(visit=visits())
def test_a_signboard_never_suggests_danger(visit):
    if visit["kind"] == "signboard":
        assert readings.suggest(**visit).condition != "danger"


@given(visit=visits())
def test_rain_never_lowers_the_suggestion(visit):
    dry = visit | {"context": {"rain_now": "none", "rain_last_24h": "no"}}
    wet = visit | {"context": {"rain_now": "heavy", "rain_last_24h": "yes"}}

    assert gravity(dry) <= gravity(wet)
