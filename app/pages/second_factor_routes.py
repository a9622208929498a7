"""Setting one's own second factor up, moving it to another phone, turning it off; recovery codes, shown once."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.db import Database, ReadDb
from app.errors import Problem
from app.i18n import language_of
from app.pages.account_routes import Line, own_path
from app.pages.qr import on_screen
from app.pages.render import page
from app.pages.typed import reasons
from app.people import account_queries, own_account, rules, second_factor
from app.people.access import Now, Owner, OwnerAtTheDesk, own_person, way_of
from app.people.cookies import check_private_way
from app.people.desk import Desk
from app.people.rules import Caller
from app.people.second_factor import Pending

router = APIRouter()

HERE = "/account/second-factor"


@router.get(HERE)
def second_factor_page(
    request: Request,
    db: ReadDb,
    caller: Owner,
    now: Now,
    next: str = "",  # noqa: A002 - the query's name
) -> HTMLResponse:
    """The QR code to begin with, or what can be done where there is a second factor already."""
    settings = request.app.state.settings
    person = account_queries.get(db, own_person(caller))
    if person.totp_sealed is not None:
        return _on(request, caller, codes_left=second_factor.recovery_codes_left(db, person.id))
    pending = Pending(second_factor.new_secret())
    sealed = second_factor.seal(pending, person.id, data_dir=settings.data_dir, at=now)
    return _begin(request, caller, pending, sealed, onward=next)


def _begin(
    request: Request,
    caller: Caller,
    pending: Pending,
    sealed: str,
    *,
    onward: str = "",
    problem: Problem | None = None,
) -> HTMLResponse:
    """The QR code, the same secret as text, and the field for the first code."""
    secret = pending.secret
    otpauth = second_factor.address(secret, caller.name)
    context = {
        "otpauth": otpauth,
        "qr": on_screen(otpauth),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "replaces": pending.replaces,
        "onward": onward,
        "form": {"typed": {"sealed": sealed, "next": onward}, "errors": _errors(request, problem)},
    }
    return _page(request, "account-factor-begin.html", context, caller, problem)


def _on(
    request: Request,
    caller: Caller,
    *,
    codes_left: int,
    act: str = "",
    problem: Problem | None = None,
) -> HTMLResponse:
    errors = _errors(request, problem)
    context = {
        "codes_left": codes_left,
        "needed": rules.needs_second_factor(request.app.state.settings.second_factor, caller.role),
        "forms": {
            name: {"typed": {}, "errors": errors if name == act else {}} for name in ("move", "codes", "off")
        },
        "act": act,
    }
    return _page(request, "account-factor.html", context, caller, problem)


def _errors(request: Request, problem: Problem | None) -> dict[str, str]:
    if problem is None:
        return {}
    return reasons(problem, language_of(request))


def _page(
    request: Request, template: str, context: Mapping[str, Any], caller: Caller, problem: Problem | None
) -> HTMLResponse:
    status, headers = (problem.status, problem.headers) if problem else (200, {})
    return page(request, template, context, caller=caller, status=status, headers=headers)


@router.post(HERE)
async def turn_on(
    request: Request,
    caller: OwnerAtTheDesk,
    now: Now,
    sealed: Line = "",
    password: Line = "",
    code: Line = "",
    next: Line = "",  # noqa: A002
) -> Response:
    """Begin to ask for codes once the first one is right, and show the recovery codes."""
    desk: Desk = request.app.state.desk
    person_id = own_person(caller)
    try:
        check_private_way(request)
        codes = await own_account.turn_on(desk, person_id, sealed, password, code, way_of(request, now))
    except Problem as problem:
        data_dir = desk.settings.data_dir
        pending = second_factor.unseal(sealed, person_id, data_dir=data_dir, at=now)
        if pending is None:
            pending = Pending(second_factor.new_secret())
            sealed = second_factor.seal(pending, person_id, data_dir=data_dir, at=now)
        return _begin(request, caller, pending, sealed, onward=next, problem=problem)
    return _codes(request, caller, codes, onward=next)


def _codes(request: Request, caller: Caller, codes: list[str], *, onward: str = "") -> HTMLResponse:
    return _page(request, "account-codes.html", {"codes": codes, "onward": onward}, caller, None)


@router.post(f"{HERE}/kept")
def kept(_caller: Owner, next: Line = "") -> Response:  # noqa: A002
    """Go on after the recovery codes."""
    return RedirectResponse(own_path(next) if next else "/account?done=factor_on", status_code=303)


@router.post(f"{HERE}/move")
async def move(
    request: Request, caller: OwnerAtTheDesk, now: Now, password: Line = "", code: Line = ""
) -> HTMLResponse:
    """A QR code for another phone; the one before stays until the new one has shown its first code."""
    desk: Desk = request.app.state.desk
    person_id = own_person(caller)
    try:
        sealed = await own_account.begin_anew(desk, person_id, password, code, way_of(request, now))
    except Problem as problem:
        return await run_in_threadpool(_refused, request, caller, "move", problem)
    pending = second_factor.unseal(sealed, person_id, data_dir=desk.settings.data_dir, at=now)
    assert pending is not None  # noqa: S101 - sealed a line above
    return _begin(request, caller, pending, sealed)


@router.post(f"{HERE}/codes")
async def renew_codes(
    request: Request, caller: OwnerAtTheDesk, now: Now, password: Line = "", code: Line = ""
) -> HTMLResponse:
    """Ten new recovery codes; those of before end."""
    desk: Desk = request.app.state.desk
    try:
        codes = await own_account.renew_codes(desk, own_person(caller), password, code, way_of(request, now))
    except Problem as problem:
        return await run_in_threadpool(_refused, request, caller, "codes", problem)
    return _codes(request, caller, codes)


@router.post(f"{HERE}/off")
async def turn_off(
    request: Request, caller: OwnerAtTheDesk, now: Now, password: Line = "", code: Line = ""
) -> Response:
    """Ask for no codes any more, where the role does not need one."""
    desk: Desk = request.app.state.desk
    try:
        await own_account.turn_off(desk, caller, own_person(caller), password, code, way_of(request, now))
    except Problem as problem:
        return await run_in_threadpool(_refused, request, caller, "off", problem)
    return RedirectResponse("/account?done=factor_off", status_code=303)


def _refused(request: Request, caller: Caller, act: str, problem: Problem) -> HTMLResponse:
    database: Database = request.app.state.database
    with database.read() as db:
        left = second_factor.recovery_codes_left(db, own_person(caller))
    return _on(request, caller, codes_left=left, act=act, problem=problem)
