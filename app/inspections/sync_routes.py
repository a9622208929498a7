"""A phone's records in one batch: each is kept and answered by itself, so that one refused holds up no other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Conflict, OutOfSpace, Problem, Unavailable
from app.i18n import language_of
from app.inspections import photo_queries, visits
from app.inspections.schemas import InspectionIn, Synced, SyncIn
from app.outputs import dump
from app.people.access import Now, SendingOfficer
from app.positions import arrivals
from app.positions.schemas import PositionIn
from app.problems import body_of, validation_body
from app.receipts import Signing
from app.sent.rules import content_sha256

router = APIRouter(prefix="/api", tags=["inspections"])

Receive = Callable[[Session, UUID, Any, str], tuple[Any, bool]]
"""Keeps one record: its id, its body and the hash of that; gives the receipt and whether it is new."""


@dataclass(frozen=True)
class Sent:
    """One record of a batch: its id, its body as received, the photos it has, and how such a body is read."""

    id: UUID
    content: Any
    photos: list[str]
    kind: type[InspectionIn | PositionIn]


@router.post("/sync", response_model=Synced)
def sync(body: SyncIn, request: Request, officer: SendingOfficer, now: Now, sign: Signing) -> Response:
    """Record what a phone saw while it had no signal, in the order sent; what was received before is kept once.

    `stored` and `known` carry the receipt, name the photos still `lacking` and those `held`; `conflict` and `refused`
    say why, and stay so when sent again; `later` was not looked at by a fault of the server, and is worth another try.
    """
    database: Database = request.app.state.database
    language = language_of(request)

    def receive(db: Session, record_id: UUID, record: Any, sha: str) -> tuple[Any, bool]:
        keep = visits.receive if isinstance(record, InspectionIn) else arrivals.receive
        return keep(db, record_id, record, sha, by=officer, at=now, sign=sign)

    def one(sent: Sent) -> dict[str, Any]:
        try:
            return {"id": sent.id, **_kept(database, sent, receive)}
        except ValidationError as error:
            rows = [{**row, "loc": ("body", *row["loc"])} for row in error.errors()]
            return {"id": sent.id, "status": "refused", "problem": validation_body(rows, language)}
        except Problem as problem:
            return {"id": sent.id, "status": _status(problem), "problem": body_of(problem, language)}

    results = [one(sent) for sent in _all(body, request.state.json)]
    return Response(dump({"results": results}), media_type="application/json")


def _all(body: SyncIn, received: Any) -> Iterator[Sent]:
    """Every record, its content as the bytes said it: that is what is hashed."""
    for visit, raw in zip(body.inspections, received.get("inspections", ()), strict=True):
        yield Sent(visit.id, raw["inspection"], visit.photos, InspectionIn)
    for place, raw in zip(body.positions, received.get("positions", ()), strict=True):
        yield Sent(place.id, raw["position"], place.photos, PositionIn)


def _kept(database: Database, sent: Sent, receive: Receive) -> dict[str, Any]:
    """One record in a transaction of its own, kept before it is answered."""
    record = sent.kind.model_validate(sent.content)
    sha = content_sha256(sent.content)
    with database.write() as db:
        receipt, fresh = receive(db, sent.id, record, sha)
        held = photo_queries.held(db, sent.id, sent.photos)
    return {
        "status": "stored" if fresh else "known",
        "receipt": receipt,
        "lacking": [photo for photo in sent.photos if photo not in held],
        "held": held,
    }


def _status(problem: Problem) -> str:
    if isinstance(problem, Conflict):
        return "conflict"
    return "later" if isinstance(problem, (Unavailable, OutOfSpace)) else "refused"
