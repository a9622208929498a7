"""What must be true of a proposed position and of the decision on it, and how far it lies from the old one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from math import hypot
from typing import Any, Final

from shapely import get_num_coordinates
from shapely.geometry.base import BaseGeometry

from app.clock import LOCAL, local_date
from app.errors import BadGeometry, Conflict, Unprocessable
from app.geometry import metres_per_degree
from app.i18n import N_, translate

KINDS: Final = ("Point", "LineString", "Polygon")
MAX_VERTICES: Final = 500
"""More than anybody taps or walks; a board member must be able to look at it."""
POSITION: Final = ("geometry", "location_status", "location_accuracy_m", "location_note")
"""What of a place a decision changes."""
FOUND: Final = {
    "gps": N_("Measured on the spot with GPS, {n} fixes, {day}"),
    "corners": N_("Corners measured on the spot with GPS, {n} fixes, {day}"),
    "tapped": N_("Placed on the map by hand on the spot, {day}"),
}
FOUND_ONCE: Final = {
    "gps": N_("Measured on the spot with GPS, {day}"),
    "corners": N_("Corners measured on the spot with GPS, {day}"),
    "tapped": FOUND["tapped"],
}


def check_shape(geometry: BaseGeometry) -> None:
    """A place is one point, one line or one outline. Raises `BadGeometry`."""
    if geometry.geom_type not in KINDS:
        raise BadGeometry(
            N_("A proposed position is a point, a line or one outline: {types}."),
            pointer="/geometry",
            types=", ".join(KINDS),
        )
    if get_num_coordinates(geometry) > MAX_VERTICES:
        raise BadGeometry(
            N_("A proposed position has at most {most} vertices."), pointer="/geometry", most=MAX_VERTICES
        )


def check_measured(method: str, accuracy_m: float | None) -> None:
    """GPS says how surely it knows. Raises `Unprocessable`."""
    if method == "gps" and accuracy_m is None:
        raise Unprocessable(
            N_("A position measured with GPS needs its accuracy in metres."),
            code="accuracy-needed",
            pointer="/accuracy_m",
        )


def check_free(*, taken: bool) -> None:
    """A phone gives each of its records an id of its own. Raises `Conflict`."""
    if taken:
        raise Conflict(
            N_("This number belongs to an inspection that was already received. Nothing was overwritten."),
            code="same-id-other-content",
        )


def check_decision(decision: str, said: Collection[str], reason: str | None) -> None:
    """Only an amendment takes another position or accuracy, and a refusal says why. Raises `Unprocessable`."""
    if decision == "refuse" and not reason:
        raise Unprocessable(
            N_("Say why the position is refused: the officer reads it on the phone."),
            code="reason-needed",
            pointer="/reason",
        )
    if decision != "amend" and {"geometry", "location_accuracy_m"} & set(said):
        raise Unprocessable(
            N_("Another position or accuracy is an amendment: send the decision amend."),
            code="amend-needed",
            pointer="/decision",
        )
    if decision == "amend" and not set(POSITION) & set(said):
        raise Unprocessable(
            N_("Say what is amended: the position, its accuracy, how it is known or how it was found."),
            code="nothing-amended",
            pointer="/decision",
        )


def check_pending(status: str, who: str | None, at: datetime | None) -> None:
    """A position is decided on once. Raises `Conflict` saying who did and when."""
    if status != "pending":
        raise Conflict(
            N_("{who} decided on this position at {when}. Nothing was overwritten."),
            code="already-decided",
            who=who,
            when=at and local_time(at),
        )


def local_time(moment: datetime) -> str:
    """A time in Vietnam, as both languages read it."""
    return moment.astimezone(LOCAL).strftime("%H:%M, %d/%m/%Y")


def moved_to(proposed: Mapping[str, Any], said: Mapping[str, Any], seen_at: datetime) -> dict[str, Any]:
    """What the place becomes: as `proposed`, but for what the board said. Raises `Unprocessable` without an accuracy.

    A position placed by hand counts as read off a map. The note is public, so the officer's own words are not taken.
    """
    method, fixes = proposed["method"], proposed["fixes"]
    note = found_how(method, fixes, seen_at, "vi")
    standing = {
        "geometry": proposed["geometry"],
        "location_status": "approximate" if method == "tapped" else "surveyed",
        "location_accuracy_m": proposed["accuracy_m"],
        "location_note": note,
    }
    becomes = standing | {name: said[name] for name in POSITION if name in said}
    if becomes["location_accuracy_m"] is None:
        raise Unprocessable(
            N_("Placed by hand, the position has no accuracy. Amend it: say within how many metres it lies."),
            code="accuracy-needed",
            pointer="/location_accuracy_m",
        )
    return becomes


def found_how(method: str, fixes: int | None, seen_at: datetime, language: str) -> str:
    """How a position was found, as a sentence for the place's record."""
    day = local_date(seen_at).strftime("%d/%m/%Y")
    words = FOUND if fixes and fixes > 1 else FOUND_ONCE
    return translate(words[method], language).format(n=fixes, day=day)


def distance_m(before: BaseGeometry, after: BaseGeometry) -> float:
    """Metres between the middles of two shapes, to about 0.1 %."""
    old, new = before.centroid, after.centroid
    east_m, north_m = metres_per_degree((old.y + new.y) / 2)
    return hypot((old.x - new.x) * east_m, (old.y - new.y) * north_m)
