"""What must be true of an inspection."""

from collections.abc import Mapping
from typing import Any

from app.errors import Conflict, Forbidden, Unprocessable
from app.i18n import N_


def check_form_version(version: str, accepted: tuple[str, ...]) -> None:
    """Raise `Unprocessable` for a form older than the last one."""
    if version not in accepted:
        raise Unprocessable(
            N_("This form is too old. Load the page again; what you typed stays."),
            code="form-too-old",
            pointer="/form_version",
        )


def check_free(*, taken: bool) -> None:
    """A phone gives each of its records an id of its own. Raises `Conflict`."""
    if taken:
        raise Conflict(
            N_(
                "This number belongs to a proposed position that was already received. Nothing was overwritten."
            ),
            code="same-id-other-content",
        )


def check_correction(corrected: Mapping[str, Any] | None, place: str, by: int | None, *, board: bool) -> None:
    """A correction names an inspection of the same place, one's own unless one is on the board."""
    if corrected is None or corrected["place"] != place:
        raise Unprocessable(
            N_("The inspection to correct is not one of this place."),
            code="bad-correction",
            pointer="/corrects",
        )
    if corrected["corrected"]:
        raise Conflict(
            N_("That inspection was already corrected; correct its correction."), code="already-corrected"
        )
    if corrected["person_id"] != by and not board:
        raise Forbidden(N_("Only the observer or the board may correct an inspection."))
