"""What becomes of each row of a file, and the sentences that say so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, TypeGuard

from pydantic import BaseModel, ValidationError
from shapely import Point
from shapely.geometry.base import BaseGeometry

from app.errors import Problem
from app.i18n import N_, translate
from app.problems import OTHERWISE, SENTENCES, body_of
from app.text import CODE

LANGUAGE: Final = "vi"
Verb = Literal["add", "change", "same", "refused"]
TITLES: Final[Mapping[Verb, str]] = {
    "add": N_("New"),
    "change": N_("Changed"),
    "same": N_("Same"),
    "refused": N_("Refused"),
}
MOST_ERRORS: Final = 5
SHORT: Final = 60
OWN_SENTENCES: Final = {
    ("geometry", "missing"): N_("a position is needed: lon and lat, easting and northing, or wkt"),
    ("code", "string_pattern_mismatch"): N_(
        "A code has 2 to 4 parts of capital letters and digits with hyphens, such as P6-ST-05."
    ),
}


@dataclass(frozen=True)
class Outcome:
    """One row's. For a change `before` holds what differs, `values` what to set; `reason` says why one is refused."""

    number: int
    code: str
    verb: Verb
    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    unit_ids: frozenset[int] | None = None
    reason: str = ""
    record: Any = None


def refusal(number: int, code: object, problem: Problem | ValidationError) -> Outcome:
    """The outcome of a row that cannot be taken."""
    reason = (
        why(problem) if isinstance(problem, Problem) else "; ".join(map(_why, problem.errors()[:MOST_ERRORS]))
    )
    return Outcome(number, shown_code(code), "refused", reason=reason)


def is_code(value: object) -> TypeGuard[str]:
    """Whether a value of a file is a code that the database and a terminal may be shown."""
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def shown_code(code: object) -> str:
    """A code that is safe to print; a dash for anything else."""
    return code if is_code(code) else "—"


def why(problem: Problem) -> str:
    """What a problem says, in one sentence."""
    body = body_of(problem, LANGUAGE)
    return str(body.get("detail", body["title"]))


def _why(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    own = OWN_SENTENCES.get((where, error["type"]))
    sentence = translate(own or SENTENCES.get(error["type"], OTHERWISE), LANGUAGE)
    expected = error.get("ctx", {}).get("expected") if error["type"] == "literal_error" else None
    return f"{where}: {sentence}" + (f" ({expected})" if expected else "")


def shown(value: object) -> str:
    """A value in a table: short, on one line."""
    if value is None or value == "":
        return "∅"
    if isinstance(value, BaseGeometry):
        if isinstance(value, Point):
            return f"{value.x:.7f} {value.y:.7f}"
        return f"{value.geom_type} ({len(value.wkb)} B)"
    if isinstance(value, BaseModel):
        return value.model_dump_json()
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = " ".join(str(value).split())
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def details(outcome: Outcome) -> str:
    """What a row adds, changes (`field: old → new`), or why it is refused."""
    if outcome.verb == "refused":
        return outcome.reason
    if outcome.verb == "add":
        return "; ".join(
            f"{name}: {shown(value)}" for name, value in outcome.values.items() if value is not None
        )
    return "; ".join(
        f"{name}: {shown(before)} → {shown(outcome.values[name])}" for name, before in outcome.before.items()
    )
