"""What must be true of measures and works proposals, and how a measure reads on the wire."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from app.errors import Unprocessable
from app.i18n import N_
from app.sites.rules import due

TEMPORARY_DAYS: Final[Mapping[str, int]] = {"slope_tarpaulin": 90, "sandbags": 180, "stakes": 365}
"""Days that a temporary measure lasts unless it says otherwise. Source: data/SOURCES.md#temporary-measures"""


def is_temporary(kind: str) -> bool:
    """Whether a measure of `kind` ages and is inspected."""
    return kind in TEMPORARY_DAYS


def expiry(kind: str, starts_on: date | None) -> date | None:
    """The day on which a temporary measure ends unless it says otherwise."""
    days = TEMPORARY_DAYS.get(kind)
    return starts_on + timedelta(days=days) if days and starts_on else None


def check_dates(values: Mapping[str, Any]) -> None:
    """A measure ends after it began. Raises `Unprocessable`."""
    starts, ends = values.get("starts_on"), values.get("expires_on")
    if starts and ends and ends < starts:
        raise Unprocessable(N_("A measure cannot end before it begins."), pointer="/expires_on")


def check_period(values: Mapping[str, Any]) -> None:
    """A period runs forward. Raises `Unprocessable`."""
    begins, ends = values.get("period_from"), values.get("period_to")
    if begins and ends and ends < begins:
        raise Unprocessable(N_("A period cannot end before it begins."), pointer="/period_to")


def as_member(
    values: Mapping[str, Any], *, site: str | None, unit: str | None, today: date
) -> dict[str, Any]:
    """A measure on the wire: only temporary ones are inspected and due; past its day one has expired."""
    temporary = is_temporary(values["kind"]) and site is not None
    ended = values["status"] in ("proposed", "expired")
    due_on, overdue = due(values["due_on"], "closed" if ended or not temporary else None, today=today)
    expires_on = values["expires_on"]
    expired = values["status"] == "done" and expires_on is not None and expires_on < today
    return {
        **values,
        "status": "expired" if expired else values["status"],
        "due_on": due_on,
        "overdue": overdue,
        "site": site,
        "unit": unit,
        "temporary": is_temporary(values["kind"]),
    }
