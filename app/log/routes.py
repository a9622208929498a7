"""The log's door for everybody: its signed head."""

from fastapi import APIRouter, Request, Response

from app.db import ReadDb
from app.log import desk
from app.log.schemas import Checkpoint
from app.outputs import dump
from app.people.access import Everybody, Now

router = APIRouter(prefix="/api/log", tags=["log"])


@router.get("/checkpoint", response_model=Checkpoint)
def checkpoint(request: Request, db: ReadDb, now: Now, _caller: Everybody) -> Response:
    """The head of the log, signed. Whoever keeps it can prove later whether anything before it was rewritten."""
    signed = desk.signer(request.app.state.settings.data_dir).checkpoint(db, now=now)
    return Response(dump(signed), media_type="application/json", headers={"Cache-Control": "no-cache"})
