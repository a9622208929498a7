"""A phone's inspections in one batch: each is kept and answered by itself, so that one refused holds up no other."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from app.db import Database
from app.errors import Conflict, OutOfSpace, Problem, Unavailable
from app.i18n import language_of
from app.inspections import photo_queries, rules, visits
from app.inspections.schemas import InspectionIn, Synced, SyncIn
from app.outputs import dump
from app.people.access import Now, Officer
from app.people.rules import Caller
from app.problems import body_of, validation_body
from app.receipts import Sign, Signing

router = APIRouter(prefix="/api", tags=["inspections"])


@router.post("/sync", response_model=Synced)
def sync(body: SyncIn, request: Request, officer: Officer, now: Now, sign: Signing) -> Response:
    """Record what a phone saw while it had no signal, in the order sent; what was received before is kept once.

    `stored` and `known` carry the receipt and name the photos still lacking; `conflict` and `refused` say why, and
    stay so when sent again; `later` was not looked at by a fault of the server, and is worth another try.
    """
    database: Database = request.app.state.database
    language = language_of(request)
    contents = [sent["inspection"] for sent in request.state.json["inspections"]]

    def one(number: int) -> dict[str, Any]:
        record = body.inspections[number]
        try:
            visit = InspectionIn.model_validate(contents[number])
            sha = rules.content_sha256(contents[number])
            return {
                "id": record.id,
                **_kept(database, record.id, visit, sha, record.photos, officer, now, sign),
            }
        except ValidationError as error:
            rows = [{**row, "loc": ("body", *row["loc"])} for row in error.errors()]
            return {"id": record.id, "status": "refused", "problem": validation_body(rows, language)}
        except Problem as problem:
            return {"id": record.id, "status": _status(problem), "problem": body_of(problem, language)}

    results = [one(number) for number in range(len(body.inspections))]
    return Response(dump({"results": results}), media_type="application/json")


def _kept(
    database: Database,
    inspection_id: UUID,
    visit: InspectionIn,
    sha: str,
    photos: list[str],
    by: Caller,
    now: Now,
    sign: Sign,
) -> dict[str, Any]:
    """One inspection in a transaction of its own, kept before it is answered."""
    with database.write() as db:
        receipt, fresh = visits.receive(db, inspection_id, visit, sha, by=by, at=now, sign=sign)
        lacking = photo_queries.lacking(db, inspection_id, photos)
    return {"status": "stored" if fresh else "known", "receipt": receipt, "lacking": lacking}


def _status(problem: Problem) -> str:
    if isinstance(problem, Conflict):
        return "conflict"
    return "later" if isinstance(problem, (Unavailable, OutOfSpace)) else "refused"
