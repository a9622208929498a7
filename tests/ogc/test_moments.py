"""The datetime parameter: every form that clients send, and what is none of them."""

from datetime import UTC, datetime

import pytest

from app.errors import BadRequest
from app.ogc.moments import moment_in, period_in


def utc(*parts: int, ms: int = 0) -> datetime:
    return datetime(*parts, microsecond=ms * 1000, tzinfo=UTC)


NINE = utc(2026, 1, 31, 9)
DAY = (utc(2025, 12, 31, 17), utc(2026, 1, 1, 16, 59, 59, ms=999))
"""The first day of 2026 in Vietnam."""


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01-31T09:00:00Z", NINE, NINE),
        ("2026-01-31t09:00:00z", NINE, NINE),
        ("2026-01-31 09:00:00Z", NINE, NINE),
        ("2026-01-31T16:00:00+07:00", NINE, NINE),
        ("2026-01-31T16:00:00 07:00", NINE, NINE),  # a plus that became a space
        ("2026-01-31T09:00:00", NINE, NINE),
        ("2026-01-31T09:00", NINE, NINE),
        ("2026-01-31T09:00:00.5Z", utc(2026, 1, 31, 9, ms=500), utc(2026, 1, 31, 9, ms=500)),
        ("2026-01-31T09:00:00.123456789Z", utc(2026, 1, 31, 9, ms=123), utc(2026, 1, 31, 9, ms=123)),
        (
            "2025-12-31T23:59:60Z",
            utc(2025, 12, 31, 23, 59, 59, ms=999),
            utc(2025, 12, 31, 23, 59, 59, ms=999),
        ),
        ("2026-01-01", *DAY),
        ("2026-01-01T", *DAY),
        ("2026-01-01/2026-01-01", *DAY),
        ("2026-01-01T/..", DAY[0], None),  # GDAL
        ("../2026-01-01T", None, DAY[1]),
        ("2026-01-31T09:00:00Z/..", NINE, None),
        ("2026-01-31T09:00:00Z/", NINE, None),
        ("/2026-01-31T09:00:00Z", None, NINE),
        ("../2026-01-31T09:00:00Z", None, NINE),
        ("../..", None, None),
        ("/", None, None),
        ("0000-01-01T00:00:00Z/2026-01-31T09:00:00Z", None, NINE),  # QGIS
        ("2026-01-31T09:00:00Z/9999-12-31T23:59:59Z", NINE, None),
        ("2026-01-31T09:00:00Z/9999-12-31T23:59:59-07:00", NINE, None),
        ("2026-01-31T09:00:00Z/9999-12-31", NINE, None),
        ("0001-01-01T00:00:00+07:00/..", None, None),
    ],
)
def test_a_span_of_time_is_read(text, start, end):
    found = period_in(text)

    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        *("", "..", "now", "2026", "2026-01", "20260131", "2026-1-1", "26-01-01", "2026-01-01Z"),
        *("2026-02-30", "2026-13-01", "2026-02-29", "2025-02-29T00:00:00Z", "0000-02-30", "10000-01-01"),
        *("2026-01-01T24:00:00Z", "2026-01-01T12:60:00Z", "2026-01-01T12:00:61Z", "2026-01-01T12Z"),
        *("2026-01-01T12:00:00+24:00", "2026-01-01T12:00:00+7", "2026-01-01T12:00:00.Z"),
        *("2026-01-01/2026-02-01/2026-03-01", "2026-01-01/now", "2026-02-01/2026-01-01", "a/b", "P1D"),
        *("２０２６-01-01", "2026-01-01\0", "2026-01-01T00:00:00Z" * 500),
    ],
)
def test_what_is_no_time_is_refused_with_what_is_allowed(text):
    with pytest.raises(BadRequest) as refused:
        period_in(text)

    assert refused.value.pointer == "?datetime"
    assert str(refused.value).startswith("Parameter datetime:")


def test_a_moment_alone_is_read_to_the_millisecond():
    assert moment_in("2026-01-31T09:00:00.9999Z") == utc(2026, 1, 31, 9, ms=999)
    assert moment_in("2026-01-01") == DAY[0]
    assert moment_in("yesterday") is None
