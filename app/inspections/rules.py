"""What must be true of an inspection, and what is proved of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import rfc8785

from app.clock import rfc3339
from app.errors import Conflict, Forbidden, Unprocessable
from app.i18n import N_

AHEAD: Final = timedelta(minutes=15)
"""How far a phone's clock may run ahead before its time is refused."""
EARLIEST_YEAR: Final = 2000
STALE: Final = timedelta(days=60)
"""How old a visit may arrive before its phone's clock is doubted (a season without signal is not a year)."""


def check_seen_at(seen_at: datetime, *, now: datetime) -> None:
    """Raise `Unprocessable` for a time in the future, or before anybody could have logged it."""
    if seen_at.year < EARLIEST_YEAR:
        raise Unprocessable(
            N_("The time lies too far back. Set the phone's clock, then send again; nothing is lost."),
            code="seen-too-early",
            pointer="/seen_at",
        )
    if seen_at > now + AHEAD:
        raise Unprocessable(
            N_("The time lies in the future. Set the phone's clock, then send again; nothing is lost."),
            code="seen-in-future",
            pointer="/seen_at",
        )


def is_doubtful(seen_at: datetime, *, now: datetime) -> bool:
    """Whether the phone's clock cannot be believed; such a visit is kept, flagged and ordered by its receipt."""
    return seen_at < now - STALE


def check_form_version(version: str, accepted: tuple[str, ...]) -> None:
    """Raise `Unprocessable` for a form older than the last one."""
    if version not in accepted:
        raise Unprocessable(
            N_("This form is too old. Load the page again; what you typed stays."),
            code="form-too-old",
            pointer="/form_version",
        )


def content_sha256(body: object) -> str:
    """SHA-256 over the RFC 8785 bytes of a JSON body as it was received. Raises `Unprocessable` where it has none."""
    try:
        return sha256(rfc8785.dumps(body)).hexdigest()  # type: ignore[arg-type] # strict_json let only JSON through
    except rfc8785.CanonicalizationError:
        raise Unprocessable(
            N_("The body holds a number that cannot be kept exactly."), code="bad-number"
        ) from None


def check_same(known_sha256: str, known_by: int, sha: str, by: int | None) -> None:
    """The same id means the same content by the same person. Raises `Conflict`."""
    if (known_sha256, known_by) != (sha, by):
        raise Conflict(
            N_("This inspection was already received with other content. Nothing was overwritten."),
            code="same-id-other-content",
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


def receipt(
    inspection_id: str, place: str, sha: str, *, received_at: datetime, log_seq: int
) -> dict[str, Any]:
    """What the phone keeps as proof, to be signed; frozen at first storage."""
    return {
        "content_sha256": sha,
        "id": inspection_id,
        "log_seq": log_seq,
        "place": place,
        "received_at": rfc3339(received_at),
    }
