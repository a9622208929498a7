"""Signing in and out, and phones that stay signed in for a season."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app import journal
from app.db import Db, ReadDb
from app.errors import Unauthorized
from app.i18n import N_
from app.people import queries
from app.people import token_queries as tokens
from app.people.access import (
    Anybody,
    Now,
    SigningIn,
    check_private_way,
    end_cookie,
    own_person,
    session_token,
    start_session,
    way_of,
)
from app.people.desk import Desk
from app.people.schemas import Device, DeviceIn, DeviceOut, Devices, Me, SignIn
from app.units import queries as units

router = APIRouter(prefix="/api", tags=["session"])

NO_CONTENT: dict[int | str, dict[str, Any]] = {204: {"description": "Done"}}
TokenId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("/session", status_code=204, responses=NO_CONTENT)
async def open_session(
    body: SignIn, request: Request, response: Response, now: Now, _caller: SigningIn
) -> None:
    """Sign in: answers 204 and the session cookie. With a second factor its `code` is needed as well."""
    check_private_way(request)
    desk: Desk = request.app.state.desk
    opened = await desk.sign_in(body.name, body.password, body.code, way_of(request, now))
    if opened.awaiting_code:
        raise Unauthorized(N_("The code of your second factor is needed as well."), code="code-needed")
    start_session(request, response, opened.token)


@router.get("/session")
def who_am_i(db: ReadDb, caller: Anybody, response: Response) -> Me:
    """Who is signed in; role null for nobody."""
    response.headers["Cache-Control"] = "no-store"
    return Me(name=caller.name, role=caller.role, units=units.names(db, caller.unit_ids))


@router.delete("/session", status_code=204, responses=NO_CONTENT)
def end_session(request: Request, response: Response, db: Db, _caller: SigningIn) -> None:
    """Sign out: the session ends on the server, the cookie goes."""
    if token := session_token(request):
        queries.close_session(db, token)
    end_cookie(request, response)


@router.post("/devices", status_code=201, response_model=DeviceOut)
async def add_device(
    body: DeviceIn, request: Request, response: Response, now: Now, _caller: SigningIn
) -> dict[str, Any]:
    """Sign one person in on a phone for a season. The token is shown in this answer only; others keep theirs."""
    check_private_way(request)
    response.headers["Cache-Control"] = "no-store"
    desk: Desk = request.app.state.desk
    return await desk.add_device(body.name, body.password, body.code, body.device, way_of(request, now))


@router.get("/devices", response_model=Devices)
def devices(db: ReadDb, caller: SigningIn, now: Now, response: Response) -> dict[str, Any]:
    """The caller's phones that are signed in."""
    response.headers["Cache-Control"] = "no-store"
    found = tokens.of_person(db, own_person(caller), at=now)
    return {"devices": [Device.model_validate(token) for token in found if token.kind == "device"]}


@router.delete("/devices/{token_id}", status_code=204, responses=NO_CONTENT)
def end_device(token_id: TokenId, db: Db, caller: SigningIn, now: Now) -> None:
    """Sign one of the caller's own phones out, at once."""
    person_id = own_person(caller)
    tokens.revoke(db, token_id, of=person_id, at=now, by=person_id)
    journal.note("device_revoked", person=person_id, device=token_id)
