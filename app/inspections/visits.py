"""Between the wire and the tables: a visit as a row to store, and rows as what a caller may see."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.hazards import FORM_VERSIONS
from app.inspections import queries, readings, rules
from app.inspections.last import PRIVATE_CODES
from app.inspections.model import Inspection
from app.inspections.photo_queries import member as photo_member
from app.inspections.schemas import InspectionIn
from app.people.rules import Caller, check_covers
from app.positions import queries as positions
from app.receipts import Sign
from app.records import visible
from app.sent.queries import keep_once
from app.sent.rules import check_seen_at, in_order, is_doubtful, receipt, receipt_again
from app.text import nfc

HISTORY = 60
"""How many earlier visits the rules look at."""


def check_correction(db: Session, body: InspectionIn, officer: Caller) -> None:
    """Raise where `body` corrects something it may not."""
    if body.corrects is not None:
        corrected = queries.correction_of(db, body.corrects)
        rules.check_correction(corrected, body.place, officer.person_id, board=officer.may("edit_places"))


def suggestion(
    db: Session, body: InspectionIn, place: queries.Place, happened_at: datetime
) -> readings.Suggestion:
    """What the rules suggest for this visit. Raises `BadReading` for answers that cannot be."""
    readings.check_readings(place.kind, body.context, body.answers, body.measurements)
    earlier = [
        readings.Reading(visit.happened_at, visit.answers, visit.measurements)
        for visit in queries.latest(db, place.record, limit=HISTORY)
        if visit.happened_at < happened_at and visit.id != body.corrects
    ]
    return readings.suggest(
        place.kind,
        body.context,
        body.answers,
        body.measurements,
        earlier,
        place.risk_level,
        seen_at=happened_at,
    )


def receive(
    db: Session, inspection_id: UUID, body: InspectionIn, sha: str, *, by: Caller, at: datetime, sign: Sign
) -> tuple[Mapping[str, Any], bool]:
    """Keep a visit that a phone sent, and give its signed receipt and whether it is new.

    Sent again by the same person with the same content (`sha`, over the bytes as received), it is kept once and has the
    same receipt. Raises `Conflict` for other content, `Forbidden` and `Unprocessable` for what cannot be kept.
    """
    if known := queries.find(db, inspection_id):
        return receipt_again(known, sha, by.person_id), False
    rules.check_form_version(body.form_version, FORM_VERSIONS)
    check_seen_at(body.seen_at, now=at)
    place = queries.place(db, body.place)
    if known := queries.find(db, inspection_id):  # a twin of this request may have held the place
        return receipt_again(known, sha, by.person_id), False
    check_covers(by, place.unit_ids)
    rules.check_free(taken=positions.find(db, inspection_id) is not None)
    check_correction(db, body, by)
    visit = as_inspection(db, inspection_id, body, place, sha, by=by, at=at, sign=sign)
    stored = keep_once(db, visit, inspection_id)
    if stored is not visit:
        return receipt_again(stored, sha, by.person_id), False
    queries.refresh(db, place.record)
    return in_order(stored.receipt), True


def as_inspection(
    db: Session,
    inspection_id: UUID,
    body: InspectionIn,
    place: queries.Place,
    sha: str,
    *,
    by: Caller,
    at: datetime,
    sign: Sign,
) -> Inspection:
    """The row to store. The server sets who, when received and the place in the log; `seen_at` is kept as a claim."""
    doubtful = is_doubtful(body.seen_at, now=at)
    happened_at = at if doubtful else body.seen_at
    suggested = suggestion(db, body, place, happened_at)
    readings.check_choice(body.condition, suggested, body.note)
    seq = queries.append_to_log(db, inspection_id, body.place, at=at, by=by.person_id, sha=sha)
    position = body.position
    return Inspection(
        id=inspection_id,
        **place.link,
        seen_at=body.seen_at,
        received_at=at,
        happened_at=happened_at,
        clock_doubtful=doubtful,
        condition=body.condition,
        suggested_condition=suggested.condition,
        suggestion=[reason.as_dict() for reason in suggested.reasons],
        rule_version=suggested.rule_version,
        form_version=body.form_version,
        context=body.context,
        answers=body.answers,
        measurements=body.measurements,
        note=nfc(body.note) if body.note else None,
        position_lon=position.lon if position else None,
        position_lat=position.lat if position else None,
        position_accuracy_m=position.accuracy_m if position else None,
        position_age_s=position.age_s if position else None,
        position_source=position.source if position else None,
        corrects_id=body.corrects,
        person_id=by.person_id,
        content_sha256=sha,
        receipt=sign(receipt(str(inspection_id), body.place, sha, received_at=at, log_seq=seq)),
    )


def members(db: Session, rows: Sequence[Row[Any]], caller: Caller) -> list[dict[str, Any]]:
    """Inspections as `caller` may see them: everybody when and what condition, the unit also what was seen."""
    visits = [row.Inspection for row in rows]
    of_place = queries.unit_ids(db, visits)
    photos = queries.photos_of(db, [visit.id for visit in visits])
    return [_member(row, caller.scope(of_place[row.Inspection.id]), photos) for row in rows]


def _member(row: Row[Any], scope: Any, photos: Any) -> dict[str, Any]:
    visit = row.Inspection
    inside = scope != "public"
    found = {name: getattr(visit, name) for name in visible(Inspection, scope) if name != "corrects_id"}
    if inside:
        found["observer"] = row.observer
    last = row.corrected_by is None and visit.happened_at == row.last_at
    if scope == "internal" and not last:
        found["measurements"] = {
            code: value for code, value in visit.measurements.items() if code not in PRIVATE_CODES
        }
    shown = [photo_member(photo) for photo in photos.get(visit.id, ()) if inside or photo.published]
    return {
        **found,
        "place": row.place,
        "corrects": visit.corrects_id,
        "corrected_by": row.corrected_by,
        "photos": shown,
    }
