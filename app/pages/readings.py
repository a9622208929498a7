"""A visit's answers and measurements in words, in the order of its checklist."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.hazards import Choice, Item
from app.inspections.last import ITEMS
from app.pages.formats import Formats


def readings_of(visit: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Label and value of everything that `visit` says to this reader; empty where the reader may not see it."""
    found: list[tuple[str, str]] = []
    for part in ("answers", "measurements", "context"):
        for code, value in (visit.get(part) or {}).items():
            item = ITEMS.get(code)
            if item is not None:
                found += _said(item, value, language)
    return found


def _said(item: Item, value: Any, language: str) -> Iterator[tuple[str, str]]:
    label = item.vi if language == "vi" else item.en
    if isinstance(value, Mapping):
        for name, number in value.items():
            yield f"{label}, {name}", amount(number, item, language)
    else:
        yield label, amount(value, item, language)


def amount(value: Any, item: Item, language: str) -> str:
    """A choice by its name, a number with its unit."""
    choice: Choice | None = item.choice(value)
    if choice is not None:
        return choice.vi if language == "vi" else choice.en
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{Formats(language).number(value)} {item.unit or ''}".strip()
    return str(value)
