"""What must be true of a site, and how one reads as a GeoJSON feature."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.errors import Forbidden, PreconditionFailed, PreconditionRequired, Unprocessable
from app.i18n import N_
from app.people.rules import Caller, check_covers


def check_rating(changes: Mapping[str, Any]) -> None:
    """A risk level comes with its reason. Raises `Unprocessable`."""
    if changes.get("risk_level") and not changes.get("risk_reason"):
        raise Unprocessable(
            N_("Say why the place is rated so: a risk level needs a reason."),
            code="reason-needed",
            pointer="/risk_reason",
        )


def check_closing(changes: Mapping[str, Any]) -> None:
    """A place is closed for a reason. Raises `Unprocessable`."""
    if changes.get("state") == "closed" and not changes.get("state_reason"):
        raise Unprocessable(N_("Say why the place is closed."), code="reason-needed", pointer="/state_reason")


def check_position(changes: Mapping[str, Any]) -> None:
    """A new geometry says how surely it is known. Raises `Unprocessable`."""
    if "geometry" in changes and not {"location_status", "location_accuracy_m"} <= changes.keys():
        raise Unprocessable(
            N_("A position needs location_status and location_accuracy_m: how it is known and how surely."),
            code="accuracy-needed",
            pointer="/location_status",
        )


def check_units(caller: Caller, before: frozenset[int], after: frozenset[int], kept: frozenset[int]) -> None:
    """Whose a place may become: raise `Unprocessable` for nobody's, `Forbidden` for taking it from somebody else.

    Whoever adds a unit keeps one of their own; a unit is taken away by its own people or by an administrator. `kept`
    are the units `after` with all their predecessors: a ward that has become another one loses nothing.
    """
    if not after:
        raise Unprocessable(N_("A place belongs to one unit at least."), code="unit-needed", pointer="/units")
    if after - before:
        check_covers(caller, after)
    if caller.role != "administrator" and not before - kept <= caller.unit_ids:
        raise Forbidden(
            N_("A place is taken away from a unit by that unit's own people, or by an administrator."),
            code="other-unit",
            pointer="/units",
        )


def check_version(expected: str | None, version: int) -> None:
    """Compare an If-Match header with the record's version. Raises `PreconditionRequired` or `PreconditionFailed`."""
    if expected is None:
        raise PreconditionRequired(
            N_(
                'Send If-Match with the ETag of the version you read, such as "3", so that nobody\'s change is lost.'
            )
        )
    versions = {tag.strip().removeprefix("W/").strip('"') for tag in expected.split(",")}
    if not versions & {str(version), "*"}:
        raise PreconditionFailed(
            N_("Somebody changed this record after you read it. Read it again, then make your change.")
        )


def due(due_on: date | None, state: str | None, *, today: date) -> tuple[date | None, bool]:
    """The day shown as due (a place never inspected is due today; a closed one never), and whether it is past."""
    if state == "closed":
        return None, False
    return due_on or today, due_on is not None and due_on < today


def as_feature(
    row: Mapping[str, Any], fields: Iterable[str], *, units: list[dict[str, Any]], today: date, **more: object
) -> dict[str, Any]:
    """One record as a GeoJSON feature: `fields` are the columns that the reader may see."""
    properties = {name: row[name] for name in fields if name != "geometry"}
    if "due_on" in properties:
        properties["due_on"], properties["overdue"] = due(row["due_on"], properties.get("state"), today=today)
    return {
        "type": "Feature",
        "id": row["code"],
        "geometry": row["geometry"],
        "properties": {**properties, "units": units, **more},
    }
