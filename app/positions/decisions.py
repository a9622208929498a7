"""The board's decision on a proposed position: made once, and never over a change that it has not seen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import PreconditionFailed
from app.i18n import N_
from app.log import queries as log
from app.people.rules import Caller, check_covers
from app.positions import queries, rules
from app.positions.model import PositionProposal
from app.positions.schemas import DecisionIn
from app.sites.rules import check_version
from app.text import nfc
from app.wire import changes_of

BECOMES = {"accept": "accepted", "amend": "amended", "refuse": "refused"}


def decide(
    db: Session, position_id: UUID, body: DecisionIn, *, by: Caller, at: datetime, if_match: str | None
) -> PositionProposal:
    """Accept, amend or refuse a proposed position; accepted and amended, the place moves there.

    Raises `Conflict` where somebody decided before, `PreconditionFailed` where the place changed after the caller
    read it, `PreconditionRequired`, `Unprocessable`, `Forbidden`, `NotFound`.
    """
    place = queries.place(
        db, queries.one(db, position_id).place
    )  # the code alone: read once before, it would be stale
    check_covers(by, place.unit_ids)
    proposal = queries.get(db, position_id, lock=True)
    rules.check_pending(proposal.status, queries.name_of(db, proposal.decided_by_id), proposal.decided_at)
    said = changes_of(body)
    rules.check_decision(body.decision, body.model_fields_set, body.reason)
    if body.decision != "refuse":
        expected = if_match if if_match or body.site_version is None else f'"{body.site_version}"'
        _check_read(db, place.record, expected, proposal)
        proposed = {name: getattr(proposal, name) for name in ("geometry", "accuracy_m", "method", "fixes")}
        becomes = rules.moved_to(proposed, said, proposal.seen_at)
        before = {**queries.standing(place.record), "version": place.record.version}
        queries.move(db, place.record, becomes, at=at, by=by.person_id)
        after = {**queries.standing(place.record), "version": place.record.version}
        proposal.decision = {"before": before, "after": after}
    proposal.status = BECOMES[body.decision]
    proposal.reason = nfc(body.reason) if body.reason else None
    proposal.decided_at, proposal.decided_by_id = at, by.person_id
    after_all: dict[str, Any] = {"position": str(position_id)}
    if proposal.reason:
        after_all["reason"] = proposal.reason
    log.append(db, f"{body.decision}_position", place.record.code, at=at, by=by.person_id, after=after_all)
    return proposal


def _check_read(
    db: Session, record: queries.Located, expected: str | None, proposal: PositionProposal
) -> None:
    """The caller names the version of the place that they looked at; any (*) will not do for a place that moved."""
    try:
        check_version(expected, record.version)
    except PreconditionFailed:
        last = queries.last_change(db, record.code)
        if last is None:
            raise
        raise PreconditionFailed(
            N_(
                "{who} changed this place at {when}, after you read it. Nothing was overwritten: look again, then "
                "decide."
            ),
            who=last.by,
            when=rules.local_time(last.at),
        ) from None
    if (expected or "").strip() == "*" and queries.changes_since(db, record, proposal.place_version):
        raise PreconditionFailed(
            N_(
                "The place was moved after the phone read it. Look at that change, then name the version of the place "
                "that you looked at."
            ),
            code="moved-meanwhile",
        )
