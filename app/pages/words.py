"""What the stored words are called on screens, and what to do in heavy rain: data, read by templates and labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.i18n import N_
from app.text import search_key

KINDS: Final = {
    "slide": N_("Slide point"),
    "flood": N_("Flood point"),
    "drowning": N_("Drowning-risk stream"),
    "signboard": N_("Warning signboard"),
    "temporary_measure": N_("Temporary measure"),
    "proposal": N_("Works proposal"),
}
RISKS: Final = {
    "very_high": N_("very high"),
    "high": N_("high"),
    "medium": N_("medium"),
    "low": N_("low"),
    None: N_("not rated"),
}
RISK_NOTCHES: Final = {None: 0, "low": 1, "medium": 2, "high": 3, "very_high": 4}
STATES: Final = {"active": N_("Monitored"), "watch": N_("Needs attention"), "closed": N_("Closed")}
CONDITIONS: Final = {
    "danger": N_("Danger"),
    "worse": N_("Worse"),
    "no_change": N_("No change"),
    "not_seen": N_("Could not be seen"),
    None: N_("Never inspected"),
}
CONDITION_LOOK: Final = {
    "danger": ("danger", "octagon-alert"),
    "worse": ("worse", "chevrons-down"),
    "no_change": ("same", "check"),
    "not_seen": ("unseen", "eye-off"),
    None: ("never", "circle-help"),
}
LOCATION_STATUSES: Final = {
    "surveyed": N_("Surveyed"),
    "approximate": N_("Approximate"),
    "inferred": N_("Inferred"),
    "unlocated": N_("Not determined"),
}
LOCATION_MEANING: Final = {
    "surveyed": N_("measured on the spot"),
    "approximate": N_("read off a map"),
    "inferred": N_("derived, the reason is given"),
    "unlocated": N_("somewhere in the ward"),
}
CERTAINTY_LOOK: Final = {"certain": "", "inferred": "inf", "conflicting": "con"}
BOARD_STATES: Final = {
    "sound": N_("Sound"),
    "damaged": N_("Damaged"),
    "missing": N_("Missing"),
    "unknown": N_("Not known"),
}
STATUSES: Final = {
    "proposed": N_("Proposed"),
    "ordered": N_("Ordered"),
    "in_progress": N_("In progress"),
    "done": N_("Done"),
    "expired": N_("Expired"),
}
MEASURES: Final = {
    "warning_board": N_("Warning signboard put up"),
    "slope_tarpaulin": N_("Slope tarpaulin"),
    "reinforce": N_("Reinforcement"),
    "stakes": N_("Stakes"),
    "sandbags": N_("Sandbags"),
    "clear_brush": N_("Clearing brush"),
    "dredge_stream": N_("Dredging the stream"),
    "unblock_drains": N_("Unblocking drains"),
    "clear_rubbish": N_("Clearing rubbish"),
    "tree_work": N_("Trimming and felling trees"),
    "check_works": N_("Checking works under construction"),
    "remove_camps": N_("Taking down site camps"),
    "move_people": N_("Moving residents out"),
    "inform_people": N_("Informing residents"),
}
ROLES: Final = {
    "viewer": N_("Viewer"),
    "officer": N_("Field officer"),
    "board": N_("Steering board"),
    "administrator": N_("Administrator"),
}
FIELDS: Final = {
    "name": N_("Name"),
    "kind": N_("Kind"),
    "phenomenon": N_("Phenomenon"),
    "address": N_("Address"),
    "geometry": N_("Position"),
    "risk_level": N_("Risk level"),
    "risk_rated_at": N_("Rated on"),
    "risk_reason": N_("Reason of the rating"),
    "units": N_("Area"),
    "unit": N_("Area"),
    "state": N_("State"),
    "status": N_("Status"),
    "period_from": N_("From year"),
    "period_to": N_("To year"),
    "addressee": N_("Addressee"),
    "responsible": N_("Responsible body"),
    "site": N_("Place"),
    "reason": N_("Reason"),
    "source": N_("Source"),
    "date": N_("Date"),
    "board": N_("Steering board"),
    "valid_from": N_("Valid from"),
    "valid_to": N_("Valid to"),
    "predecessors": N_("Formed from"),
    "rule_no_dwelling": N_("Rule"),
    "rule_move_out": N_("Rule"),
    "rule_dredge": N_("Rule"),
    "rule_rubbish": N_("Rule"),
    "rule_farm_waste": N_("Rule"),
    "rule_report": N_("Rule"),
    "rule_motto": N_("Rule"),
}


@dataclass(frozen=True)
class Advice:
    """What somebody at such a place must know: on its page, and in large letters on its board."""

    danger: str
    danger_en: str
    rain: str
    first: tuple[str, str]
    second: tuple[str, str]


ADVICE: Final = {
    "slide": Advice(
        N_("The ground may slip or slide"),
        "Landslide risk: keep away in heavy rain",
        N_(
            "Do not stand or stop a vehicle below the slope. New cracks, muddy seepage, falling soil or stones, "
            "leaning trees: move far away at once."
        ),
        (N_("Heavy rain:"), N_("do not stand or stop a vehicle below the slope.")),
        (
            N_("If you see"),
            N_("new cracks, muddy seepage, falling soil or leaning trees, move away at once."),
        ),
    ),
    "flood": Advice(
        N_("Floods fast in heavy rain"),
        "Flooding in heavy rain: do not enter the water",
        N_(
            "Do not wade or drive through the water. Move vehicles and electrical goods to higher ground. "
            "Keep away from drains and manholes."
        ),
        (N_("Heavy rain:"), N_("do not wade or drive through the water.")),
        (
            N_("If you see"),
            N_("electricity in the water, a missing manhole cover or a strong current, turn back."),
        ),
    ),
    "drowning": Advice(
        N_("Deep water, strong current"),
        "Drowning risk: stay out of the water, watch children",
        N_(
            "Do not go down to the stream, and keep children away from the edge. If the water turns muddy or "
            "rises fast, climb the bank at once. To save somebody, reach out a pole or a rope; do not jump in."
        ),
        (N_("Do not bathe"), N_("here; keep children away from the edge.")),
        (N_("If you see"), N_("the water turn muddy or rise fast, climb the bank at once.")),
    ),
}

UNSAID: Final = {
    "slide": (("address", N_("Address")), ("size", N_("Size of the slope"))),
    "flood": (("address", N_("Address")), ("depth", N_("Depth, duration, houses"))),
    "drowning": (("stream", N_("Which stream")), ("depth", N_("Depth"))),
    "signboard": (("wording", N_("Wording of the board")), ("put_up_on", N_("Date put up"))),
}
"""What a reader would ask of such a record: shown as "nobody said" until a fact or a column says it."""
VALUES: Final[Mapping[str, Mapping[Any, str]]] = {
    "kind": KINDS | MEASURES,
    "risk_level": RISKS,
    "state": STATES | BOARD_STATES,
    "status": STATUSES,
}
"""Fields whose stored value is a word of ours."""
COUNTS: Final = {
    "households_at_risk": N_("Households at risk"),
    "people_at_risk": N_("People at risk"),
    "households_moved_out": N_("Households moved out"),
    "people_moved_out": N_("People moved out"),
}


def anchor(document: Mapping[str, Any]) -> str:
    """Where a document stands on the page of documents."""
    return search_key(document["number"] or document["title"]).replace(" ", "-").replace("/", "-")
