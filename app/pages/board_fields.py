"""What the board can change of each sort of record, section by section: data, read by one template and one route."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel

from app.i18n import N_
from app.measures.schemas import MeasureChange, MeasureIn, ProposalChange, ProposalIn
from app.pages import words
from app.signboards.schemas import SignboardChange, SignboardIn
from app.sites.schemas import SiteChange, SiteIn

Look = Literal["text", "area", "choice", "select", "number", "date", "hidden"]


@dataclass(frozen=True)
class Field:
    """One field of a form. An empty one means "nothing is known", unless `needed`."""

    name: str
    label: str
    look: Look = "text"
    hint: str = ""
    options: Mapping[Any, str] | None = None
    needed: bool = False


@dataclass(frozen=True)
class Section:
    """Fields that are saved together."""

    name: str
    title: str
    fields: tuple[Field, ...]
    says: str = ""


@dataclass(frozen=True)
class Sort:
    """One sort of record: what makes a new one, what changes one, and its sections."""

    title: str
    new: type[BaseModel]
    change: type[BaseModel]
    first: tuple[Field, ...]
    sections: tuple[Section, ...]


CODE: Final = Field(
    "code", N_("Code"), hint=N_("Capital letters and digits with hyphens, such as P6-ST-05"), needed=True
)
NAME: Final = Field("name", N_("Name"), needed=True)
SITE: Final = Field(
    "site", N_("Code of the place"), hint=N_("The place it belongs to, such as P6-ST-01"), needed=True
)
STATUS: Final = Field("status", N_("Status"), "choice", options=words.STATUSES, needed=True)
SITE_KINDS: Final = {kind: words.KINDS[kind] for kind in ("slide", "flood", "drowning")}

POSITION: Final = Section(
    "position",
    N_("Position"),
    (
        Field(
            "location_status", N_("How it is known"), "choice", options=words.LOCATION_STATUSES, needed=True
        ),
        Field(
            "location_accuracy_m",
            N_("Accuracy, metres"),
            "number",
            N_("The place lies within this distance"),
            needed=True,
        ),
        Field("location_note", N_("How it was found"), "area"),
    ),
    N_("A position never stands alone: say how it is known and how surely."),
)
RISK: Final = Section(
    "risk",
    N_("Risk level"),
    (
        Field(
            "risk_level",
            N_("Level"),
            "choice",
            options={risk or "": word for risk, word in words.RISKS.items()},
        ),
        Field(
            "risk_reason",
            N_("Reason"),
            "area",
            N_("What was seen, by whom and when; it is shown to everybody"),
        ),
    ),
    N_("A rating of this place by a person, not the official disaster level."),
)
STATE: Final = Section(
    "state",
    N_("State"),
    (
        Field("state", N_("State"), "choice", options=words.STATES, needed=True),
        Field("state_reason", N_("Reason"), "area", N_("Needed to close a place; nothing is ever deleted")),
    ),
)
COUNTS: Final = Section(
    "counts",
    N_("Households, people"),
    tuple(Field(name, label, "number") for name, label in words.COUNTS.items()),
    N_("Numbers only, never names. Seen by the board only."),
)
MEASURE: Final = (
    STATUS,
    Field("starts_on", N_("Starts on"), "date"),
    Field(
        "expires_on",
        N_("Ends on"),
        "date",
        N_("Left empty: tarpaulin 90, sandbags 180, stakes 365 days (proposed)"),
    ),
    Field("quantity", N_("Quantity"), "number"),
    Field("quantity_unit", N_("Unit")),
    Field("responsible", N_("Responsible body"), hint=N_("A body, not a person")),
    Field("note", N_("Note"), "area"),
)
PROPOSAL: Final = (
    NAME,
    Field("period_from", N_("From year"), "number"),
    Field("period_to", N_("To year"), "number"),
    Field("addressee", N_("Addressee")),
    STATUS,
    Field("reason", N_("Reason"), "area"),
)
SIGNBOARD: Final = (
    NAME,
    Field("state", N_("State"), "choice", options=words.BOARD_STATES, needed=True),
    Field("wording", N_("Wording of the board"), "area"),
)
PLACE: Final = (NAME, Field("address", N_("Address"), hint=N_("Without the names of residents")))

SORTS: Final[Mapping[str, Sort]] = {
    "site": Sort(
        N_("Place"),
        SiteIn,
        SiteChange,
        (CODE, Field("kind", N_("Kind"), "choice", options=SITE_KINDS, needed=True), *PLACE),
        (RISK, POSITION, Section("details", N_("Name, address"), PLACE), STATE, COUNTS),
    ),
    "signboard": Sort(
        N_("Warning signboard"),
        SignboardIn,
        SignboardChange,
        (CODE, SITE, *SIGNBOARD),
        (Section("details", N_("The board"), SIGNBOARD), POSITION),
    ),
    "measure": Sort(
        N_("Measure"),
        MeasureIn,
        MeasureChange,
        (CODE, SITE, Field("kind", N_("Kind"), "select", options=words.MEASURES, needed=True), *MEASURE),
        (Section("details", N_("Measure"), MEASURE),),
    ),
    "proposal": Sort(
        N_("Works proposal"),
        ProposalIn,
        ProposalChange,
        (CODE, *PROPOSAL),
        (Section("details", N_("Proposal"), PROPOSAL), POSITION),
    ),
}
LOCATED: Final = frozenset({"site", "signboard", "proposal"})
"""Sorts whose new records need a position."""
