"""What was read when it was last read at a place."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from app.hazards import CONTEXT, KINDS, Item


def _items() -> dict[str, Item]:
    return {item.code: item for kind in KINDS.values() for item in kind.fields()} | dict(CONTEXT)


ITEMS: Final = _items()
"""Every question by its code; codes mean the same in every kind."""
PRIVATE_CODES: Final = frozenset(
    item.code for kind in KINDS.values() for item in kind.fields() if item.see == "private"
)


class Visit(Protocol):
    """What an inspection says of what was read, and when."""

    @property
    def happened_at(self) -> datetime:
        """When it was seen."""

    @property
    def answers(self) -> dict[str, Any]:
        """By code."""

    @property
    def measurements(self) -> dict[str, Any]:
        """By code; of a series by gauge."""


def last_readings(visits: Iterable[Visit]) -> dict[str, Any]:
    """`{value, at}` by code, gauges by name; codes that no checklist knows any more are left out.

    `visits` is newest first.
    """
    found: dict[str, Any] = {}
    for visit in visits:
        for code, value in (*visit.answers.items(), *visit.measurements.items()):
            if code not in ITEMS:
                continue
            if isinstance(value, Mapping):
                gauges = found.setdefault(code, {})
                for name, number in value.items():
                    gauges.setdefault(name, {"value": number, "at": visit.happened_at})
            elif code not in found:
                found[code] = {"value": value, "at": visit.happened_at}
    return found
