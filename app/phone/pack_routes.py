"""GET /api/phone/pack: what a phone takes along, to work without a network."""

import gzip
from typing import Final

from fastapi import APIRouter, Request, Response

from app.clock import local_date
from app.db import ReadDb
from app.memory.freshness import matches
from app.outputs import dump
from app.people.access import Now, Officer
from app.phone.pack import pack, tag

router = APIRouter(tags=["phone"])

LEVEL: Final = 5
"""A thousand places become a tenth in a few hundredths of a second."""


@router.get("/api/phone/pack")
def read_pack(request: Request, db: ReadDb, officer: Officer, now: Now) -> Response:
    """Places of one's own units with what was read there last, checklists, outlines, and one's proposed positions."""
    headers = {
        "ETag": f'"{tag(db, officer, today=local_date(now))}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
    }
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    body = dump(pack(db, officer, now=now, practice=bool(request.app.state.practice)))
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"], body = "gzip", gzip.compress(body, LEVEL)
    return Response(body, headers=headers, media_type="application/json")
