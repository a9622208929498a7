"""Rules on readings: what may be sent, which condition it suggests, and what the board must look at.

The rules suggest, the person decides: suggestion, choice and rule version are all kept.
Sources: data/SOURCES.md#thresholds
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal

from app.errors import BadReading
from app.hazards import (
    CONTEXT,
    HIGH_RISK,
    KINDS,
    RULE_VERSION,
    UNKNOWN,
    Choice,
    Effect,
    Item,
    Status,
    Words,
    context_choices,
)
from app.i18n import N_
from app.inspections import cracks
from app.inspections.seen import Reading, Visit
from app.inspections.signs import RULES, TWO_WORSE, Rule

__all__ = [
    "Notice",
    "Reading",
    "Reason",
    "Suggestion",
    "board_missing",
    "cannot_be_seen",
    "check_choice",
    "check_readings",
    "describe",
    "people_not_allowed",
    "suggest",
]

Condition = Literal["no_change", "not_seen", "worse", "danger"]
GRAVITY: Final[tuple[str, ...]] = ("no_change", "not_seen", "worse", "danger")
"""From the lightest to the gravest: who could see nothing cannot say that nothing changed."""

PARTS: Final = {"bags_burst": "bags_total", "stakes_tilted": "stakes_total"}
UNSEEN_VISITS: Final = 3

NOTICES: Final[Mapping[str, Words]] = {
    "people-in-danger": Words(
        "Còn người trong vùng nguy hiểm: gọi 112 và báo Chủ tịch phường",
        "People in danger: call 112 and the chairman",
    ),
    "people-not-allowed": Words(
        "Không được để người dân ở nơi có nguy cơ cao", "Nobody may live at a place of high risk"
    ),
    "gauge-shrunk": Words("Mốc hỏng?", "Pin broken?"),
    "measure-again": Words("Cần đo lại", "Measure again"),
}


@dataclass(frozen=True)
class Reason:
    """Why a condition is suggested: the item, the rule and who stands behind the rule. `item` is "" for the visit."""

    item: str
    effect: Effect
    rule: str
    mark: Status
    source: str = ""

    def as_dict(self) -> dict[str, str]:
        """For storing as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Notice:
    """Something to do or to look at that changes no condition."""

    item: str
    rule: str


@dataclass(frozen=True)
class Suggestion:
    """The suggested condition, why, and what else to do."""

    condition: Condition
    reasons: tuple[Reason, ...]
    notices: tuple[Notice, ...]
    nothing_seen: bool
    rule_version: str = RULE_VERSION


def check_readings(
    kind: str, context: Mapping[str, Any], answers: Mapping[str, Any], measurements: Mapping[str, Any]
) -> None:
    """Raise `BadReading`, pointing at the member, where `kind`'s checklist does not take it."""
    for code, value in context.items():
        _check_code(code, CONTEXT, "/context")
        _check_choice(value, context_choices(code), f"/context/{code}")
    for where, given in (("answers", answers), ("measurements", measurements)):
        fields = {item.code: item for item in KINDS[kind].fields() if item.where == where}
        for code, value in given.items():
            _check_code(code, fields, f"/{where}")
            _check_value(fields[code], value, f"/{where}/{code}")
    for part, whole in PARTS.items():
        if measurements.get(part, 0) > measurements.get(whole, float("inf")):
            raise BadReading(N_("The part is larger than the whole."), pointer=f"/measurements/{part}")


def _check_code(code: str, known: Iterable[str], pointer: str) -> None:
    if code not in known:
        raise BadReading(
            N_("This checklist does not ask that. It takes: {codes}."),
            pointer=pointer,
            codes=", ".join(known),
        )


def _check_value(item: Item, value: object, pointer: str) -> None:
    if item.choices:
        _check_choice(value, item.all_choices, pointer)
    elif item.type == "series":
        _check_series(item, value, pointer)
    else:
        _check_number(item, value, pointer)


def _check_choice(value: object, choices: Iterable[Choice], pointer: str) -> None:
    codes = [choice.code for choice in choices]
    if value not in codes:
        raise BadReading(N_("Allowed here: {choices}."), pointer=pointer, choices=", ".join(codes))


def _check_series(item: Item, value: object, pointer: str) -> None:
    if not isinstance(value, Mapping):
        raise BadReading(N_("Give the distance of each gauge by its name, such as V1."), pointer=pointer)
    for gauge, distance in value.items():
        if not cracks.GAUGE.fullmatch(str(gauge)):
            raise BadReading(
                N_("Gauges are named V1 to V9; after a pin was replaced a letter follows, such as V1a."),
                pointer=pointer,
            )
        _check_number(item, distance, f"{pointer}/{gauge}")


def _check_number(item: Item, value: object, pointer: str) -> None:
    """NaN and the infinities lie in no range."""
    low, high, step = item.min or 0, item.max or 0, item.step or 1
    if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
        steps = value / step
        if abs(steps - round(steps)) < 1e-6:  # noqa: PLR2004 - room for 0.1 in binary
            return
    raise BadReading(
        N_("A number from {low} to {high} is needed, in steps of {step}."),
        pointer=pointer,
        low=low,
        high=f"{high} {item.unit or ''}".strip(),
        step=step,
    )


def suggest(
    kind: str,
    context: Mapping[str, Any],
    answers: Mapping[str, Any],
    measurements: Mapping[str, Any],
    previous: Sequence[Reading],
    risk_level: str | None,
    *,
    seen_at: datetime,
    rain_forecast: bool = False,
) -> Suggestion:
    """The gravest condition that checked readings suggest. `previous` are earlier visits, newest first."""
    earlier = sorted(
        (seen for seen in previous if seen.seen_at < seen_at), key=lambda seen: seen.seen_at, reverse=True
    )
    visit = Visit(kind, seen_at, context, answers, measurements, earlier, risk_level, rain_forecast)
    reasons = [*_by_themselves(visit), *(_reason(rule) for rule in RULES[kind] if rule.holds(visit))]
    if len({reason.item for reason in reasons if reason.effect == "worse"}) > 1 and TWO_WORSE.holds(visit):
        reasons.append(_reason(TWO_WORSE))
    nothing_seen = not _anything_known(answers, measurements)
    condition = _gravest(reasons, nothing_seen=nothing_seen and UNKNOWN in answers.values())
    return Suggestion(condition, tuple(reasons), tuple(_notices(visit, condition)), nothing_seen)


def _by_themselves(visit: Visit) -> Iterable[Reason]:
    """What each answer suggests without looking at another; shallow water takes the current's part back."""
    for item in KINDS[visit.kind].items:
        for field in (item, *item.companions):
            choice = field.choice(visit.answers.get(field.code))
            if choice is None or choice.suggests == "none" or (field.code == "flow" and visit.shallow):
                continue
            marked = field if field.marks else item
            source = ", ".join(source for mark in marked.marks for source in mark.sources)
            yield Reason(item.code, choice.suggests, f"{field.code}={choice.code}", marked.mark, source)


def _reason(rule: Rule) -> Reason:
    return Reason(rule.item, rule.effect, rule.code, rule.status, rule.source)


def _gravest(reasons: Iterable[Reason], *, nothing_seen: bool) -> Condition:
    effects = {reason.effect for reason in reasons}
    if "danger" in effects:
        return "danger"
    if "worse" in effects:
        return "worse"
    return "not_seen" if nothing_seen else "no_change"


def _anything_known(answers: Mapping[str, Any], measurements: Mapping[str, Any]) -> bool:
    return any(value not in (UNKNOWN, {}) for value in (*answers.values(), *measurements.values()))


def _notices(visit: Visit, condition: Condition) -> Iterable[Notice]:
    if visit.people_there and condition == "danger":
        yield Notice("households_present", "people-in-danger")
    if people_not_allowed(visit.risk_level, visit.measurements):
        yield Notice("households_present", "people-not-allowed")
    for _, now, earlier in visit.gauges():
        if earlier and cracks.shrunk(earlier[0][1], now[1]):
            yield Notice("crack_gauge_mm", "gauge-shrunk")
        if cracks.rate_2_mm_an_hour(now, earlier):
            yield Notice("crack_gauge_mm", "measure-again")


def check_choice(chosen: str, suggestion: Suggestion, note: str | None) -> None:
    """The officer may raise the suggested condition freely; lowering it needs a note. Raises `BadReading`."""
    if chosen == "not_seen" and not suggestion.nothing_seen:
        raise BadReading(
            N_("Something was seen, so the condition cannot be “could not be seen”."),
            code="something-seen",
            pointer="/condition",
        )
    lowered = GRAVITY.index(chosen) < GRAVITY.index(suggestion.condition)
    if lowered and not (note or "").strip():
        raise BadReading(
            N_("The readings suggest a graver condition. Say in the note why you chose a lighter one."),
            code="note-needed",
            pointer="/note",
        )


def describe(kind: str, rule: str) -> Words | None:
    """What the screen calls a rule or a notice; None for one of an older rule version."""
    if rule in NOTICES:
        return NOTICES[rule]
    known = next((each for each in (*RULES[kind], TWO_WORSE) if each.code == rule), None)
    if known is not None:
        return Words(known.vi, known.en)
    code, _, answer = rule.partition("=")
    item = KINDS[kind].field(code)
    choice = item.choice(answer) if item else None
    if item is None or choice is None:
        return None
    return Words(f"{item.vi}: {choice.vi}", f"{item.en}: {choice.en}")


def cannot_be_seen(kind: str, readings: Sequence[Reading]) -> tuple[str, ...]:
    """Items answered `unknown` on the last three visits that asked them; `readings` is newest first."""
    return tuple(item.code for item in KINDS[kind].items if _unknown_lately(item, readings))


def _unknown_lately(item: Item, readings: Sequence[Reading]) -> bool:
    asked = [seen.answers[item.code] for seen in readings if item.code in seen.answers]
    return asked[:UNSEEN_VISITS] == [UNKNOWN] * UNSEEN_VISITS


def people_not_allowed(risk_level: str | None, measurements: Mapping[str, Any]) -> bool:
    """Whether people are still at a place rated high or very high, where the notice forbids living."""
    present = max(measurements.get("households_present", 0), measurements.get("people_present", 0))
    return risk_level in HIGH_RISK and present > 0


def board_missing(answers: Mapping[str, Any], risk_level: str | None) -> bool:
    """Whether a signboard is gone from a place rated high or very high: on the board's list the same day."""
    return risk_level in HIGH_RISK and answers.get("present") == "gone"
