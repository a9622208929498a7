"""What must be true of whatever a phone made, and what is proved of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol

import rfc8785

from app.clock import rfc3339
from app.errors import Conflict, Unprocessable
from app.i18n import N_

AHEAD: Final = timedelta(minutes=15)
"""How far a phone's clock may run ahead before its time is refused."""
EARLIEST_YEAR: Final = 2000
STALE: Final = timedelta(days=60)
"""How old a record may arrive before its phone's clock is doubted (a season without signal is not a year)."""


class Sent(Protocol):
    """A record that a phone made, as it is kept."""

    content_sha256: Any
    person_id: Any
    receipt: Any


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
    """Whether the phone's clock cannot be believed; such a record is kept, flagged and ordered by its receipt."""
    return seen_at < now - STALE


def content_sha256(body: object) -> str:
    """SHA-256 over the RFC 8785 bytes of a JSON body as it was received. Raises `Unprocessable` where it has none."""
    try:
        return sha256(rfc8785.dumps(body)).hexdigest()  # type: ignore[arg-type] # strict_json let only JSON through
    except rfc8785.CanonicalizationError:
        raise Unprocessable(
            N_("The body holds a number that cannot be kept exactly."), code="bad-number"
        ) from None


def receipt(record_id: str, place: str, sha: str, *, received_at: datetime, log_seq: int) -> dict[str, Any]:
    """What the phone keeps as proof, to be signed; frozen at first storage."""
    return {
        "content_sha256": sha,
        "id": record_id,
        "log_seq": log_seq,
        "place": place,
        "received_at": rfc3339(received_at),
    }


def receipt_again(known: Sent, sha: str, by: int | None) -> dict[str, Any]:
    """The receipt of what is kept, for the same content by the same person. Raises `Conflict` for anything else."""
    if (known.content_sha256, known.person_id) != (sha, by):
        raise Conflict(
            N_("This inspection was already received with other content. Nothing was overwritten."),
            code="same-id-other-content",
        )
    return in_order(known.receipt)


def in_order(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt with its members in alphabetical order: the same bytes every time."""
    return dict(sorted(receipt.items()))
