"""The inspection form: what it asks at one place, what was read there before, and what a sent form says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.clock import LOCAL
from app.hazards import FORM_VERSION, Item, forms
from app.inspections.last import ITEMS, last_readings
from app.inspections.model import Inspection
from app.inspections.queries import Place
from app.measures.model import Measure
from app.pages.formats import Formats
from app.pages.readings import amount
from app.transfer.columns import number as read_number

Typed = Mapping[str, Sequence[str]]
"""A form as it was sent: every name with its values in order."""

NUMBERS = ("number", "count", "series")


def questions(place: Place) -> dict[str, Any]:
    """The checklist of the place's kind; of a temporary measure only what fits that measure."""
    measure = place.record.kind if isinstance(place.record, Measure) else None
    form = forms()
    asked: dict[str, Any] = form["kinds"][place.kind]
    items = [_fitting(item, measure) for item in asked["items"] if _fits(item, measure)]
    codes = {
        code for item in items for code in (item["code"], *(each["code"] for each in item["companions"]))
    }
    chips = [chip for chip in asked["chips"] if chip["code"] in codes and not chip["stream_mouth_only"]]
    return {"items": items, "chips": chips, "context": form["context"], "form_version": FORM_VERSION}


def _fits(item: Mapping[str, Any], measure: str | None) -> bool:
    return not item["stream_mouth_only"] and (not item["measures"] or measure in item["measures"])


def _fitting(item: dict[str, Any], measure: str | None) -> dict[str, Any]:
    return {**item, "companions": [each for each in item["companions"] if _fits(each, measure)]}


def last_of(visits: Iterable[Inspection], language: str) -> dict[str, Any]:
    """What was read when it was last read, by code; gauges by name. `visits` is newest first."""
    return {
        code: _in_words(said, ITEMS[code], language)
        if isinstance(said.get("at"), datetime)
        else {name: _in_words(each, ITEMS[code], language) for name, each in said.items()}
        for code, said in last_readings(visits).items()
    }


def _in_words(reading: Mapping[str, Any], item: Item, language: str) -> dict[str, Any]:
    return {**reading, "text": amount(reading["value"], item, language)}


def last_line(visit: Inspection | None, language: str) -> str:
    """One line on the visit before: its day and its figures."""
    if visit is None:
        return ""
    parts = [Formats(language).local_day(visit.happened_at)]
    for code, value in visit.measurements.items():
        item = ITEMS.get(code)
        if item is None or item.see == "private" or item.choices:
            continue
        values = value.items() if isinstance(value, Mapping) else [("", value)]
        parts += [f"{name} {amount(number, item, language)}".strip() for name, number in values]
    return ", ".join(parts[:4])


def body_of(typed: Typed, code: str) -> dict[str, Any]:
    """The inspection that an ordinary form post says, as the API takes it; wrong numbers stay as typed."""
    one = {name: values[-1].strip() for name, values in typed.items() if values and values[-1].strip()}
    body: dict[str, Any] = {
        "place": code,
        "seen_at": _local_time(one.get("seen_at", "")),
        "condition": one.get("condition", ""),
        "context": _part(one, "context"),
        "answers": _part(one, "answers"),
        "measurements": _part(one, "measurements"),
        "note": one.get("note"),
        "position": None,
        "corrects": one.get("corrects"),
        "form_version": one.get("form_version", FORM_VERSION),
    }
    for chip in typed.get("chip", ()):
        item = ITEMS.get(chip)
        if item is not None and item.chip is not None:
            body[item.where].setdefault(chip, item.chip.value)
    return body


def _part(one: Mapping[str, str], part: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in one.items():
        head, _, rest = name.partition(".")
        if head != part or not rest:
            continue
        code, _, gauge = rest.partition(".")
        item = ITEMS.get(code)
        said = read_number(value) if item is not None and item.type in NUMBERS else value
        if gauge:
            found.setdefault(code, {})[gauge] = said
        else:
            found[code] = said
    return found


def _local_time(text: str) -> str:
    """The time of a datetime field, which has no zone of its own, in Vietnam."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=LOCAL).isoformat()
    except ValueError:
        return text


def typed_again(visit: Mapping[str, Any], language: str) -> dict[str, Any]:
    """An earlier visit as form fields, to be corrected."""
    found: dict[str, Any] = {
        "corrects": str(visit["id"]),
        "condition": visit["condition"],
        "note": visit["note"] or "",
        "seen_at": visit["seen_at"].astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M"),
    }
    for part in ("context", "answers", "measurements"):
        for code, value in visit.get(part, {}).items():
            gauges = value.items() if isinstance(value, Mapping) else [("", value)]
            for gauge, said in gauges:
                name = f"{part}.{code}.{gauge}".rstrip(".")
                found[name] = said if isinstance(said, str) else _plain(said, language)
    return found


def _plain(value: float, language: str) -> str:
    text = f"{value:.10g}"
    return text if language == "en" else text.replace(".", ",")


def values_of(typed: Typed) -> dict[str, Any]:
    """What was typed, to be shown again."""
    return {name: list(values) if name == "chip" else values[-1] for name, values in typed.items() if values}


def field_of(pointer: str) -> str:
    """The field that a JSON pointer into an inspection means."""
    return ".".join(part for part in pointer.split("/") if part)
