"""Signing in and out."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.db import Db, ReadDb
from app.people import queries, sign_in
from app.people.access import Anybody, Now, SigningIn, cookie_name, start_session
from app.people.schemas import Me, SignIn
from app.units import queries as units

router = APIRouter(prefix="/api/session", tags=["session"])

NO_CONTENT: dict[int | str, dict[str, Any]] = {204: {"description": "Done"}}


@router.post("", status_code=204, responses=NO_CONTENT)
async def open_session(
    body: SignIn, request: Request, response: Response, now: Now, _caller: SigningIn
) -> None:
    """Sign in: answers 204 and the session cookie."""
    state = request.app.state
    token = await sign_in.sign_in(
        state.database, state.gate, body.name, body.password, at=now, days=state.settings.session_days
    )
    start_session(request, response, token)


@router.get("")
def who_am_i(db: ReadDb, caller: Anybody) -> Me:
    """Who is signed in; role null for nobody."""
    return Me(name=caller.name, role=caller.role, units=units.names(db, caller.unit_ids))


@router.delete("", status_code=204, responses=NO_CONTENT)
def end_session(request: Request, response: Response, db: Db, _caller: SigningIn) -> None:
    """Sign out: the session ends on the server, the cookie goes."""
    name = cookie_name(request.app.state.settings)
    if token := request.cookies.get(name):
        queries.close_session(db, token)
    response.delete_cookie(name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")
