"""Crack gauges: rates, and the alarm levels of the table, one test a line."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadReading
from app.inspections import cracks

NOW = datetime(2026, 10, 14, 5, 0, tzinfo=UTC)  # noon in Vietnam


def before(mm: float, **ago: float) -> cracks.Point:
    return NOW - timedelta(**ago), mm


def test_a_rate_is_millimetres_a_day_and_negative_where_the_crack_closed():
    assert cracks.crack_rate(200, 214, 7) == 2
    assert cracks.crack_rate(214, 200, 7) == -2


@pytest.mark.parametrize("days", [0, -1, float("nan")])
def test_a_rate_needs_time_to_pass(days):
    with pytest.raises(BadReading):
        cracks.crack_rate(200, 214, days)


@pytest.mark.parametrize(
    ("grew_mm", "hours", "shown"),
    [(3, 6, 12), (2.9, 6, None), (3, 5.9, None), (50, 5, None), (-9, 48, None), (3, 24, 3), (0, 240, None)],
)
def test_a_rate_is_shown_from_3_mm_and_6_hours_and_never_negative(grew_mm, hours, shown):
    assert cracks.shown_rate(200, 200 + grew_mm, hours) == shown


@pytest.mark.parametrize(("after", "broken"), [(197, False), (196, True), (230, False)])
def test_a_distance_that_shrank_by_more_than_3_mm_points_at_the_pin(after, broken):
    assert cracks.shrunk(200, after) is broken


@pytest.mark.parametrize("name", ["V1", "V9", "V1a", "V1b"])
def test_a_gauge_has_a_number_and_after_a_repair_a_letter(name):
    assert cracks.GAUGE.fullmatch(name)


@pytest.mark.parametrize("name", ["V0", "V10", "v1", "V1A", "V", "1", "V1ab", "V1\n", "V١", ""])
def test_other_names_are_no_gauges(name):
    assert not cracks.GAUGE.fullmatch(name)


@pytest.mark.parametrize(("mm", "worse"), [(202, False), (203, True)])
def test_3_mm_since_the_last_reading(mm, worse):
    earlier = [before(200, days=5), before(150, days=40)]

    assert cracks.grew_3_mm((NOW, mm), earlier) is worse


def test_the_first_reading_of_a_gauge_says_nothing_about_growth():
    levels = (
        cracks.grew_3_mm,
        cracks.mean_1_mm_a_day,
        cracks.grew_10_mm_in_24_h,
        cracks.rate_10_mm_a_day,
        cracks.rate_2_mm_an_hour,
    )

    assert not any(level((NOW, 2000), []) for level in levels)


@pytest.mark.parametrize(
    ("earlier", "worse"),
    [
        ([before(208, days=4), before(200, days=10)], True),
        ([before(208, days=4), before(201, days=10)], False),
        ([before(208, days=4), before(200, days=9)], False),  # under 10 days
        ([before(200, days=10)], False),  # two readings
        ([before(208, days=10), before(198, days=12)], True),  # two readings in 10 days, three in 12
        ([before(209, days=5), before(209, days=11), before(100, days=60)], False),  # quiet of late
    ],
)
def test_a_mean_of_1_mm_a_day_over_10_days_with_3_readings(earlier, worse):
    assert cracks.mean_1_mm_a_day((NOW, 210), earlier) is worse


@pytest.mark.parametrize(
    ("earlier", "danger"),
    [
        ([before(200, hours=24)], True),
        ([before(200, hours=25)], False),
        ([before(201, hours=2)], False),
        ([before(205, hours=2), before(200, hours=20)], True),
    ],
)
def test_10_mm_within_24_hours(earlier, danger):
    assert cracks.grew_10_mm_in_24_h((NOW, 210), earlier) is danger


@pytest.mark.parametrize(
    ("earlier", "danger"),
    [
        ([before(200, days=5)], True),
        ([before(201, days=5)], False),
        ([before(242, hours=18)], True),  # yesterday evening
        ([before(245, hours=7)], False),  # the same day
        ([before(248, hours=13)], False),  # under 3 mm: noise
    ],
)
def test_10_mm_a_day_between_readings_on_two_days(earlier, danger):
    assert cracks.rate_10_mm_a_day((NOW, 250), earlier) is danger


@pytest.mark.parametrize(
    ("earlier", "danger"),
    [
        ([before(208, hours=1)], True),
        ([before(209, hours=1)], False),
        ([before(200, minutes=59)], False),
        ([before(206, hours=2)], True),
        ([before(207, hours=2)], False),
        ([before(209, minutes=30), before(206, hours=2)], True),
    ],
)
def test_2_mm_an_hour_on_readings_an_hour_apart(earlier, danger):
    assert cracks.rate_2_mm_an_hour((NOW, 210), earlier) is danger


@given(
    mm=st.integers(20, 1999),
    earlier=st.lists(st.tuples(st.integers(1, 5000), st.integers(20, 2000)), max_size=6),
)
def test_a_wider_crack_never_lowers_an_alarm(mm, earlier):
    history = [before(was, hours=hours) for hours, was in sorted(earlier)]

    for level in (
        cracks.grew_3_mm,
        cracks.mean_1_mm_a_day,
        cracks.grew_10_mm_in_24_h,
        cracks.rate_10_mm_a_day,
        cracks.rate_2_mm_an_hour,
    ):
        assert level((NOW, mm), history) <= level((NOW, mm + 1), history)
