"""A position that a phone sent, and proposals as people of the unit may see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.inspections.photo_queries import member as photo_member
from app.people.rules import Caller, check_covers
from app.positions import queries, rules
from app.positions.model import PositionProposal
from app.positions.schemas import PositionIn
from app.receipts import Sign
from app.records import visible
from app.sent.queries import keep_once
from app.sent.rules import check_seen_at, in_order, receipt, receipt_again
from app.text import nfc


def receive(
    db: Session, position_id: UUID, body: PositionIn, sha: str, *, by: Caller, at: datetime, sign: Sign
) -> tuple[Mapping[str, Any], bool]:
    """Keep a position that a phone sent, and give its receipt and whether it is new.

    Sent again by the same person with the same content (`sha`, over the bytes as received), it is kept once and has the
    same receipt. Raises `Conflict` for other content, `Forbidden` and `Unprocessable` for what cannot be kept.
    """
    if known := queries.find(db, position_id):
        return receipt_again(known, sha, by.person_id), False
    check_seen_at(body.seen_at, now=at)
    rules.check_shape(body.geometry)
    rules.check_measured(body.method, body.accuracy_m)
    place = queries.place(db, body.place)
    if known := queries.find(db, position_id):  # a twin of this request may have held the place
        return receipt_again(known, sha, by.person_id), False
    check_covers(by, place.unit_ids)
    rules.check_free(taken=queries.is_inspection(db, position_id))
    seq = queries.append_to_log(db, position_id, body.place, at=at, by=by.person_id, sha=sha)
    proof = sign(receipt(str(position_id), body.place, sha, received_at=at, log_seq=seq))
    proposal = _as_proposal(position_id, body, place, sha, by=by, at=at, proof=proof)
    stored = keep_once(db, proposal, position_id)
    if stored is not proposal:
        return receipt_again(stored, sha, by.person_id), False
    return in_order(stored.receipt), True


def _as_proposal(
    position_id: UUID,
    body: PositionIn,
    place: queries.Place,
    sha: str,
    *,
    by: Caller,
    at: datetime,
    proof: Mapping[str, Any],
) -> PositionProposal:
    return PositionProposal(
        id=position_id,
        **place.link,
        seen_at=body.seen_at,
        received_at=at,
        geometry=body.geometry,
        accuracy_m=body.accuracy_m,
        method=body.method,
        fixes=body.fixes,
        note=nfc(body.note) if body.note else None,
        place_version=body.place_version,
        status="pending",
        person_id=by.person_id,
        content_sha256=sha,
        receipt=dict(proof),
    )


def members(db: Session, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Proposals as people of their place's units see them."""
    photos = queries.photos_of(db, [row.PositionProposal.id for row in rows])
    return [_member(row, photos) for row in rows]


def _member(row: Row[Any], photos: Mapping[UUID | None, Sequence[Any]]) -> dict[str, Any]:
    proposal: PositionProposal = row.PositionProposal
    shown = [photo_member(photo) for photo in photos.get(proposal.id, ())]
    return {
        **{name: getattr(proposal, name) for name in visible(PositionProposal, "internal")},
        "place": row.place,
        "proposed_by": row.proposed_by,
        "decided_by": row.decided_by,
        "photos": shown,
    }


def detail(db: Session, row: Row[Any], place: queries.Place) -> dict[str, Any]:
    """One proposal beside its place as it is now, and what changed of the place's position since the phone knew it."""
    (member,) = members(db, [row])
    record = place.record
    return {
        **member,
        "place_now": {"code": record.code, "version": record.version, **queries.standing(record)},
        "distance_m": round(rules.distance_m(record.geometry, row.PositionProposal.geometry), 1),
        "changes_since": queries.changes_since(db, record, row.PositionProposal.place_version),
    }
