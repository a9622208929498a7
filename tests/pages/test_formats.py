"""Times, numbers and coordinates as a ward office writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from shapely import LineString, Point

from app import clock
from app.errors import BadGeometry
from app.pages.formats import Formats
from app.pages.positions import geometry_of, typed_position
from app.pages.sketch import draw

VI, EN = Formats("vi"), Formats("en")
TEST_POINT = (108.4259036, 11.9586602)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 8, 5), "05/8/2026"),
        (date(2026, 2, 14), "14/02/2026"),
        (date(2026, 1, 1), "01/01/2026"),
        (date(2026, 12, 31), "31/12/2026"),
    ],
)
def test_a_zero_stands_before_small_days_and_the_first_two_months_only(day, written):
    assert VI.day(day) == written


def test_a_time_is_local_and_comes_before_its_day():
    assert VI.stamp(datetime(2026, 8, 13, 19, 3, tzinfo=UTC)) == "02:03, 14/8/2026"
    assert EN.stamp(datetime(2026, 8, 13, 19, 3, tzinfo=UTC)) == "02:03, 14 Aug 2026"


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "vừa xong"), (22, "22 phút trước"), (3 * 24 * 60, "3 ngày trước")]
)
def test_how_long_ago_is_said_in_words(minutes, words):
    assert VI.ago(clock.now() - timedelta(minutes=minutes)) == words


def test_a_time_element_carries_the_full_time():
    assert 'title="02:03, 14/8/2026"' in VI.when(datetime(2026, 8, 13, 19, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (1250, "1.250", "1,250"),
        (3.5, "3,5", "3.5"),
        (0.1, "0,1", "0.1"),
        (None, "–", "–"),
        (float("nan"), "–", "–"),
    ],
)
def test_numbers_have_a_decimal_comma_in_vietnamese(value, vi, en):
    assert (VI.number(value), EN.number(value)) == (vi, en)


def test_lengths_turn_to_kilometres_and_accuracy_has_its_sign():
    assert (VI.metres(240), VI.metres(1200), VI.within(1250)) == ("240 m", "1,2 km", "±1.250 m")


def test_vn_2000_agrees_with_the_official_shift_and_names_northing_first():
    assert VI.vn2000(TEST_POINT, 5899) == "Bắc (X) 1.322.582,41 m · Đông (Y) 573.418,07 m"
    assert VI.vn2000(TEST_POINT, 5899, 150) == "Bắc (X) 1.322.582 m · Đông (Y) 573.418 m"


def test_vn_2000_metres_as_typed_in_an_office_become_degrees():
    typed = {"system": "local", "first": "1.322.582,409", "second": "573 418,073"}

    point = geometry_of(typed, 5899)

    assert point["coordinates"] == pytest.approx(list(TEST_POINT), abs=1e-6)


@pytest.mark.parametrize(
    ("system", "first", "second"),
    [
        ("local", "573.418,07", "1.322.582,41"),
        ("wgs84", "108.4259", "11.9587"),
        ("wgs84", "", "108"),
        ("local", "x", "y"),
    ],
)
def test_swapped_or_missing_coordinates_are_refused_at_their_field(system, first, second):
    with pytest.raises(BadGeometry) as refused:
        geometry_of({"system": system, "first": first, "second": second}, 5899)

    assert refused.value.pointer == "/first"


def test_a_stored_line_comes_back_into_the_form_and_out_again():
    line = LineString([(108.42, 11.95), (108.43, 11.96)])

    assert geometry_of(typed_position(line), 5899).equals(line)


def feature(geometry, status="surveyed", accuracy=10.0):
    place = {"location_status": status, "location_accuracy_m": accuracy}
    return {"geometry": geometry, "properties": place}


def test_places_without_a_position_share_one_dashed_circle():
    unlocated = [feature(Point(108.427, 11.952), "unlocated", 1250.0) for _ in range(4)]

    sketch = draw([*unlocated, feature(Point(108.425, 11.958), "inferred", 150.0)], label="")

    assert [mark["count"] for mark in sketch.marks] == [1, 4]
    assert [circle["sure"] for circle in sketch.circles] == [False, False]


def test_the_scale_bar_is_true():
    sketch = draw([feature(Point(108.427, 11.952), "unlocated", 1000.0)], label="")

    radius = sketch.circles[0]["r"]

    assert radius / 1000 == pytest.approx(sketch.bar / sketch.bar_m, rel=0.01)


def test_nothing_to_draw_is_no_map():
    assert draw([], label="") is None
