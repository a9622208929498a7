"""Proposing where a place really is, and the board's decision on it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.db import Db, ReadDb
from app.inspections.schemas import Receipt
from app.outputs import dump
from app.people.access import Board, Insider, Now, Officer
from app.people.rules import Caller, check_covers
from app.positions import arrivals, decisions, queries
from app.positions.schemas import DecisionIn, PositionDetail, PositionIn, Positions, Status
from app.receipts import Signing
from app.sent.listing import NewestFirst, page
from app.sent.rules import content_sha256
from app.sites.routes import IfMatch

router = APIRouter(prefix="/api", tags=["positions"])

Uuid = Annotated[UUID, Path(description="Made by the phone, so that sending twice records once")]


@router.put(
    "/positions/{position_id}",
    status_code=201,
    response_model=Receipt,
    responses={200: {"description": "Received before: the same receipt", "model": Receipt}},
)
def propose(
    position_id: Uuid, body: PositionIn, request: Request, db: Db, officer: Officer, now: Now, sign: Signing
) -> Response:
    """Propose where a place is, from the spot. The board decides; nothing moves before."""
    sha = content_sha256(request.state.json)
    receipt, fresh = arrivals.receive(db, position_id, body, sha, by=officer, at=now, sign=sign)
    return Response(dump(receipt), status_code=201 if fresh else 200, media_type="application/json")


class PositionFilter(NewestFirst):
    """Which proposed positions."""

    status: Status | None = None


@router.get("/positions", response_model=Positions)
def positions(
    request: Request, db: ReadDb, insider: Insider, wanted: Annotated[PositionFilter, Query()]
) -> Response:
    """Proposed positions of the caller's own places, newest first."""
    statuses = {wanted.status} if wanted.status else set()
    rows = queries.page(
        db,
        insider.unit_ids,
        code=wanted.place,
        statuses=statuses,
        before=wanted.before(),
        limit=wanted.limit,
    )
    return page(
        request,
        "positions",
        rows,
        wanted.limit,
        lambda row: (row.PositionProposal.received_at, row.PositionProposal.id),
        lambda shown: arrivals.members(db, shown),
    )


@router.get("/positions/{position_id}", response_model=PositionDetail)
def position(db: ReadDb, insider: Insider, position_id: Uuid) -> Response:
    """One proposed position beside the place as it is now; the ETag is the version of the place."""
    return _one(db, insider, position_id)


def _one(db: ReadDb, caller: Caller, position_id: UUID) -> Response:
    row = queries.one(db, position_id)
    place = queries.place_of(db, row.PositionProposal)
    check_covers(caller, place.unit_ids)
    headers = {"ETag": f'"{place.record.version}"'}
    return Response(dump(arrivals.detail(db, row, place)), media_type="application/json", headers=headers)


@router.post("/positions/{position_id}/decision", response_model=PositionDetail)
def decide(
    position_id: Uuid, body: DecisionIn, db: Db, board: Board, now: Now, if_match: IfMatch = None
) -> Response:
    """Accept, amend or refuse a proposed position; accepted and amended, the place moves and its log keeps the old one.

    Accepting and amending name the version of the place that was looked at, by If-Match or `site_version`.
    """
    decisions.decide(db, position_id, body, by=board, at=now, if_match=if_match)
    return _one(db, board, position_id)
