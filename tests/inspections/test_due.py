"""The day of the next visit follows from the last visit and the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.inspections.due import INTERVALS, Interval, due, due_on, is_rainy, season_of
from app.measures.rules import TEMPORARY_DAYS

PLACES = [
    *(("slide", risk) for risk in ("very_high", "high", "medium", "low", None)),
    *((kind, None) for kind in INTERVALS if "/" not in kind),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_a_place_never_inspected_has_no_due_date_which_means_now():
    assert due_on("slide", "high", None, None) is None


@pytest.mark.parametrize(
    ("kind", "risk", "last_seen", "expected", "rule"),
    [
        # rainy season
        ("slide", "very_high", "2026-06-01", "2026-06-08", "slide/very_high.rainy"),
        ("slide", "high", "2026-06-01", "2026-06-15", "slide/high.rainy"),
        ("slide", "medium", "2026-06-01", "2026-07-01", "slide/medium.rainy"),
        ("slide", "low", "2026-06-01", "2026-08-30", "slide/low.rainy"),
        ("slide", None, "2026-06-01", "2026-08-30", "slide/low.rainy"),
        ("flood", "high", "2026-06-01", "2026-07-01", "flood.rainy"),
        ("drowning", None, "2026-09-10", "2026-10-10", "drowning.rainy"),
        ("drowning", None, "2026-06-01", "2026-06-15", "drowning.holidays"),
        ("signboard", None, "2026-06-01", "2026-11-28", "signboard.dry"),
        ("slope_tarpaulin", None, "2026-06-01", "2026-06-15", "slope_tarpaulin.rainy"),
        ("sandbags", None, "2026-06-01", "2026-07-01", "sandbags.rainy"),
        ("stakes", None, "2026-06-01", "2026-07-01", "stakes.rainy"),
        # dry season
        ("slide", "very_high", "2025-12-01", "2025-12-31", "slide/very_high.dry"),
        ("slide", "high", "2025-12-01", "2026-03-01", "slide/high.dry"),
        ("flood", None, "2025-11-02", "2026-04-15", "before-rains"),
        ("flood", None, "2025-10-05", "2026-04-03", "flood.dry"),
        ("drowning", None, "2025-12-01", "2026-03-01", "drowning.dry"),
        ("slope_tarpaulin", None, "2025-12-01", "2025-12-31", "slope_tarpaulin.dry"),
        ("sandbags", None, "2025-12-01", "2026-03-01", "sandbags.dry"),
        # a visit late in one season: the next season's interval once it has begun
        ("slide", "very_high", "2026-04-10", "2026-04-17", "slide/very_high.rainy"),
        ("slide", "very_high", "2026-04-01", "2026-04-15", "slide/very_high.rainy"),
        ("slide", "high", "2026-10-20", "2027-01-18", "slide/high.dry"),
        ("slide", "very_high", "2026-10-26", "2026-11-25", "slide/very_high.dry"),
        ("slide", "very_high", "2026-10-24", "2026-10-31", "slide/very_high.rainy"),
        ("drowning", None, "2026-05-10", "2026-05-25", "drowning.holidays"),
        ("drowning", None, "2026-08-20", "2026-09-19", "drowning.rainy"),
        ("drowning", None, "2026-08-17", "2026-08-31", "drowning.holidays"),
        ("drowning", None, "2026-08-18", "2026-09-17", "drowning.rainy"),
        # the round before the rains, opened 15 March
        ("slide", "low", "2026-03-14", "2026-04-15", "before-rains"),
        ("slide", "low", "2026-03-15", "2026-06-13", "slide/low.rainy"),
        ("slide", None, "2025-09-01", "2026-04-15", "before-rains"),
        ("slide", "medium", "2026-03-14", "2026-04-15", "before-rains"),
        ("slide", "medium", "2026-03-20", "2026-04-19", "slide/medium.rainy"),
    ],
)
def test_a_place_is_due_by_the_row_of_its_kind(kind, risk, last_seen, expected, rule):
    found = due(kind, risk, day(last_seen), "no_change")

    assert (found.on, found.rule) == (day(expected), rule)


def test_a_place_in_danger_is_due_the_next_day():
    assert due("slide", "low", day("2026-12-24"), "danger").on == day("2026-12-25")
    assert due("signboard", None, day("2026-12-24"), "worse").on > day("2026-12-25")


def test_a_temporary_measure_is_seen_before_it_expires():
    found = due("stakes", None, day("2026-12-01"), "no_change", expires_on=day("2026-12-20"))

    assert (found.on, found.rule) == (day("2026-12-20"), "before-expiry")


def test_one_that_expired_before_its_last_visit_keeps_its_interval():
    assert due_on("stakes", None, day("2026-12-01"), None, expires_on=day("2026-11-30")) == day("2027-03-01")


def test_a_place_with_long_intervals_is_seen_once_before_the_rains_and_at_least_yearly():
    lazy = {"flood": Interval(rainy=1000, dry=None), "signboard": Interval(rainy=1000, dry=1000)}

    assert due("flood", None, day("2026-03-20"), None, lazy).rule == "yearly"
    assert due("flood", None, day("2026-03-20"), None, lazy).on == day("2027-03-20")
    assert due("flood", None, day("2026-03-14"), None, lazy).on == day("2026-04-15")
    assert due("signboard", None, day("2026-03-14"), None, lazy).on == day("2027-03-14")


def test_a_drowning_place_is_seen_after_25_april_and_before_the_school_holidays():
    lazy = {"drowning": Interval(rainy=1000, dry=None, holidays=1000)}

    assert due("drowning", None, day("2026-04-24"), None, lazy).rule == "before-holidays"
    assert due("drowning", None, day("2026-04-24"), None, lazy).on == day("2026-05-25")
    assert due("drowning", None, day("2026-04-25"), None, lazy).on == day("2027-04-15")


def test_the_board_may_change_an_interval():
    monthly = {**INTERVALS, "flood": Interval(rainy=10, dry=20, mark="official", source="QD-1")}

    found = due("flood", None, day("2026-06-01"), None, monthly)

    assert (found.on, found.mark, found.source) == (day("2026-06-11"), "official", "QD-1")


@pytest.mark.parametrize(
    ("text", "season"),
    [
        ("2026-04-14", "dry"),
        ("2026-04-15", "rainy"),
        ("2026-05-24", "rainy"),
        ("2026-05-25", "holidays"),
        ("2026-08-31", "holidays"),
        ("2026-09-01", "rainy"),
        ("2026-10-31", "rainy"),
        ("2026-11-01", "dry"),
        ("2028-02-29", "dry"),
    ],
)
def test_seasons_change_on_their_days(text, season):
    assert season_of(day(text)) == season
    assert is_rainy(day(text)) == (season != "dry")


def test_every_measure_that_ages_has_its_interval():
    assert set(TEMPORARY_DAYS) <= set(INTERVALS)


def first_day_far_enough(interval: Interval, last_seen: date) -> date:
    """The plain definition: walk until the day is as far from the last visit as its own season asks."""
    on = last_seen
    while True:
        on += timedelta(days=1)
        days = interval.days(season_of(on))
        if days is not None and (on - last_seen).days >= days:
            return on


days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
spans = st.integers(1, 400)
intervals = st.builds(Interval, rainy=spans, dry=st.none() | spans, holidays=st.none() | spans)


@given(interval=intervals, last_seen=days)
@example(interval=Interval(rainy=366, dry=None), last_seen=date(2027, 10, 31))
def test_the_interval_rule_is_the_first_day_as_far_away_as_its_season_asks(interval, last_seen):
    found = due("signboard", None, last_seen, None, {"signboard": interval})

    expected = min(first_day_far_enough(interval, last_seen), last_seen + timedelta(days=365))
    assert found.on == expected


@given(
    place=st.sampled_from(PLACES),
    last_seen=days,
    condition=st.sampled_from(["no_change", "worse", "danger", "not_seen", None]),
    lasts=st.none() | st.integers(-400, 400),
)
def test_a_place_is_due_after_its_last_visit_and_within_a_year(place, last_seen, condition, lasts):
    expires_on = None if lasts is None else last_seen + timedelta(days=lasts)

    found = due_on(*place, last_seen, condition, expires_on=expires_on)

    assert last_seen < found <= last_seen + timedelta(days=365)


@given(last_seen=days, later=st.integers(0, 400))
def test_a_later_visit_never_makes_a_place_due_earlier(last_seen, later):
    for place in PLACES:
        assert due_on(*place, last_seen, None) <= due_on(*place, last_seen + timedelta(days=later), None)


@given(last_seen=days)
def test_more_risk_never_makes_a_slide_due_later(last_seen):
    by_risk = [
        due_on("slide", risk, last_seen, None) for risk in ("very_high", "high", "medium", "low", None)
    ]

    assert by_risk == sorted(by_risk)
