"""Logging inspections and reading them."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.db import Db, ReadDb
from app.hazards import forms
from app.inspections import queries, rules, visits
from app.inspections.schemas import InspectionIn, InspectionOut, Inspections, Receipt
from app.outputs import dump
from app.people.access import Anybody, Now, Officer
from app.receipts import Signing
from app.wire import next_link

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
    sha = rules.content_sha256(request.state.json)
    receipt, fresh = visits.receive(db, inspection_id, body, sha, by=officer, at=now, sign=sign)
    return Response(dump(receipt), status_code=201 if fresh else 200, media_type="application/json")


class InspectionFilter(BaseModel):
    """Which inspections."""

    model_config = ConfigDict(extra="forbid")

    place: str | None = Field(None, description="Code of the place", pattern=r"^[A-Z0-9-]{1,40}$")
    limit: int = Field(100, ge=1, le=1000)
    cursor: str | None = Field(
        None,
        description="From the `next` link",
        pattern=r"^[0-9]{1,13}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    )

    def before(self) -> tuple[datetime, UUID] | None:
        """Where the last page ended."""
        if self.cursor is None:
            return None
        milliseconds, _, last = self.cursor.partition("_")
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), UUID(last)


@router.get("/inspections", response_model=Inspections)
def inspections(
    request: Request, db: ReadDb, caller: Anybody, wanted: Annotated[InspectionFilter, Query()]
) -> Response:
    """Inspections, newest first; everybody sees when and what condition, the place's own unit sees the rest."""
    rows = queries.page(db, code=wanted.place, before=wanted.before(), limit=wanted.limit)
    shown = rows[: wanted.limit]
    more = None
    if len(rows) > wanted.limit:
        last = shown[-1].Inspection
        more = f"{round(last.happened_at.timestamp() * 1000)}_{last.id}"
    links, headers = next_link(request, more, "application/json")
    body = {"inspections": visits.members(db, shown, caller), "links": links}
    return Response(dump(body), media_type="application/json", headers=headers)


@router.get("/inspections/{inspection_id}", response_model=InspectionOut)
def inspection(db: ReadDb, caller: Anybody, inspection_id: Uuid) -> Response:
    """One inspection."""
    (member,) = visits.members(db, [queries.one(db, inspection_id)], caller)
    return Response(dump(member), media_type="application/json")
