"""Logging inspections and reading them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.db import Db, ReadDb
from app.hazards import forms
from app.inspections import queries, visits
from app.inspections.schemas import InspectionIn, InspectionOut, Inspections, Receipt
from app.outputs import dump
from app.people.access import Anybody, Now, Officer
from app.receipts import Signing
from app.sent.listing import NewestFirst, page
from app.sent.rules import content_sha256

router = APIRouter(prefix="/api", tags=["inspections"])

Uuid = Annotated[UUID, Path(description="Made by the phone, so that sending twice records once")]


@router.get("/forms")
def read_forms(_caller: Anybody) -> dict[str, Any]:
    """The checklist of every kind: items with codes, labels, types, units, ranges and danger chips."""
    return forms()


@router.put(
    "/inspections/{inspection_id}",
    status_code=201,
    response_model=Receipt,
    responses={200: {"description": "Received before: the same receipt", "model": Receipt}},
)
def record(
    inspection_id: Uuid,
    body: InspectionIn,
    request: Request,
    db: Db,
    officer: Officer,
    now: Now,
    sign: Signing,
) -> Response:
    """Record what was seen. The phone picks the id, so sending twice records once and answers the same receipt."""
    sha = content_sha256(request.state.json)
    receipt, fresh = visits.receive(db, inspection_id, body, sha, by=officer, at=now, sign=sign)
    return Response(dump(receipt), status_code=201 if fresh else 200, media_type="application/json")


@router.get("/inspections", response_model=Inspections)
def inspections(
    request: Request, db: ReadDb, caller: Anybody, wanted: Annotated[NewestFirst, Query()]
) -> Response:
    """Inspections, newest first; everybody sees when and what condition, the place's own unit sees the rest."""
    rows = queries.page(db, code=wanted.place, before=wanted.before(), limit=wanted.limit)
    return page(
        request,
        "inspections",
        rows,
        wanted.limit,
        lambda row: (row.Inspection.happened_at, row.Inspection.id),
        lambda shown: visits.members(db, shown, caller),
    )


@router.get("/inspections/{inspection_id}", response_model=InspectionOut)
def inspection(db: ReadDb, caller: Anybody, inspection_id: Uuid) -> Response:
    """One inspection."""
    (member,) = visits.members(db, [queries.one(db, inspection_id)], caller)
    return Response(dump(member), media_type="application/json")
