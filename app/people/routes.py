"""Signing in and out, phones that stay signed in for a season, and tokens for tools."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app import journal
from app.db import Db, ReadDb
from app.people import own_account, queries
from app.people import token_queries as tokens
from app.people.access import Anybody, AtTheDesk, Now, Owner, OwnerAtTheDesk, SigningIn, own_person, way_of
from app.people.cookies import check_private_way, end_cookie, remember_device, session_token, start_session
from app.people.desk import Desk
from app.people.rules import Caller
from app.people.schemas import (
    DeviceIn,
    DeviceOut,
    Devices,
    Me,
    SignIn,
    TokenIn,
    TokenOut,
    ToolTokens,
)
from app.units import queries as units

router = APIRouter(prefix="/api", tags=["session"])

NO_CONTENT: dict[int | str, dict[str, Any]] = {204: {"description": "Done"}}
TokenId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("/session", status_code=204, responses=NO_CONTENT)
async def open_session(
    body: SignIn, request: Request, response: Response, now: Now, _caller: AtTheDesk
) -> None:
    """Sign in: answers 204 and the session cookie. With a second factor its `code` is needed as well."""
    check_private_way(request)
    desk: Desk = request.app.state.desk
    opened = await desk.sign_in(body.name, body.password, body.code, way_of(request, now))
    start_session(request, response, opened.token)


@router.get("/session")
def who_am_i(db: ReadDb, caller: Anybody, response: Response) -> Me:
    """Who is signed in; role null for nobody."""
    response.headers["Cache-Control"] = "no-store"
    return Me(name=caller.name, role=caller.role, units=units.names(db, caller.unit_ids))


@router.delete("/session", status_code=204, responses=NO_CONTENT)
def end_session(request: Request, response: Response, db: Db, caller: SigningIn, now: Now) -> None:
    """Sign out: the session ends on the server, the cookie goes. A phone's own token ends as well."""
    if caller.token_id is not None:
        end_own(db, caller, caller.token_id, now)
        return
    if token := session_token(request):
        queries.close_session(db, token)
    end_cookie(request, response)


@router.post("/devices", status_code=201, response_model=DeviceOut)
async def add_device(
    body: DeviceIn, request: Request, response: Response, now: Now, _caller: AtTheDesk
) -> dict[str, Any]:
    """Sign one person in on a phone for a season. The token is shown in this answer only; others keep theirs."""
    check_private_way(request)
    response.headers["Cache-Control"] = "no-store"
    desk: Desk = request.app.state.desk
    added = await desk.add_device(body.name, body.password, body.code, body.device, way_of(request, now))
    remember_device(request, response)
    return added


@router.get("/devices", response_model=Devices)
def devices(db: ReadDb, caller: SigningIn, now: Now, response: Response) -> dict[str, Any]:
    """The caller's phones that are signed in."""
    response.headers["Cache-Control"] = "no-store"
    return {"devices": tokens.of_person(db, own_person(caller), kind="device", at=now)}


@router.delete("/devices/{token_id}", status_code=204, responses=NO_CONTENT)
def end_device(token_id: TokenId, db: Db, caller: SigningIn, now: Now) -> None:
    """Sign one of the caller's own phones out, at once."""
    end_own(db, caller, token_id, now, kind="device")


@router.post("/tokens", status_code=201, response_model=TokenOut)
async def add_token(
    body: TokenIn, request: Request, response: Response, caller: OwnerAtTheDesk, now: Now
) -> dict[str, Any]:
    """Make a token for a tool, after the password (and code) once more: a cookie alone makes none.

    It is shown in this answer only; it never reaches further than its owner's role.
    """
    check_private_way(request)
    response.headers["Cache-Control"] = "no-store"
    desk: Desk = request.app.state.desk
    return await own_account.add_token(desk, caller, own_person(caller), body, way_of(request, now))


@router.get("/tokens", response_model=ToolTokens)
def tool_tokens(db: ReadDb, caller: Owner, now: Now, response: Response) -> dict[str, Any]:
    """The caller's tokens for tools that work now; what they are is never shown again."""
    response.headers["Cache-Control"] = "no-store"
    return {"tokens": tokens.of_person(db, own_person(caller), kind="tool", at=now)}


@router.delete("/tokens/{token_id}", status_code=204, responses=NO_CONTENT)
def end_token(token_id: TokenId, db: Db, caller: Owner, now: Now) -> None:
    """Revoke one of the caller's own tokens, at once."""
    end_own(db, caller, token_id, now, kind="tool")


def end_own(db: Db, caller: Caller, token_id: int, now: Now, *, kind: str | None = None) -> str:
    """End a phone or a token of the caller's own; gives which of both it was. Raises `NotFound`."""
    person_id = own_person(caller)
    ended = tokens.revoke(db, token_id, of=person_id, kind=kind, at=now, by=person_id)
    event = "device_revoked" if ended.kind == "device" else "token_revoked"
    journal.note(event, person=person_id, token_id=token_id)
    return ended.kind
