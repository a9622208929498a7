"""The page of one's own account: password, phones, tokens for tools, other browsers."""

from datetime import datetime, timedelta
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.db import Database, Db, ReadDb
from app.errors import Problem
from app.i18n import N_, language_of
from app.pages.account_routes import Line, check_twice
from app.pages.render import page
from app.pages.typed import Sent, field_at, one_each, reasons
from app.people import account_queries, own_account, queries, rules, second_factor
from app.people import routes as people
from app.people import token_queries as tokens
from app.people.access import Now, Owner, OwnerAtTheDesk, own_person, way_of
from app.people.cookies import check_private_way, session_token
from app.people.desk import Desk
from app.people.rules import Caller
from app.people.schemas import TokenIn
from app.units import queries as units

router = APIRouter()

Done = Literal["password", "phone", "token", "browsers", "factor_on", "factor_off"]
REACHES = {
    "public": N_("What everybody sees"),
    "internal": N_("What your unit sees as well"),
    "write": N_("All you may read, and change places"),
}
LASTING = {"7": N_("7 days"), "30": N_("30 days"), "90": N_("90 days"), "365": N_("a year")}


@router.get("/account")
def account(request: Request, db: ReadDb, caller: Owner, now: Now, done: Done | None = None) -> HTMLResponse:
    """Who one is here, how one proves it, and every place where one is signed in."""
    return _account(request, db, caller, now, done=done)


def _account(
    request: Request,
    db: Session,
    caller: Caller,
    now: datetime,
    *,
    done: Done | None = None,
    typed: dict[str, str] | None = None,
    error: Problem | ValidationError | None = None,
) -> HTMLResponse:
    person = account_queries.get(db, own_person(caller))
    settings = request.app.state.settings
    own = tokens.of_person(db, person.id, at=now)
    idle = timedelta(hours=settings.session_idle_hours)
    errors = reasons(error, language_of(request)) if error else {}
    context = {
        "done": done,
        "unit_names": units.names(db, queries.unit_ids(db, person.id)),
        "factor_on": person.totp_sealed is not None,
        "factor_needed": rules.needs_second_factor(settings.second_factor, person.role),
        "codes_left": second_factor.recovery_codes_left(db, person.id),
        "phones": [token for token in own if token.kind == "device"],
        "tools": [token for token in own if token.kind == "tool"],
        "browsers": queries.sessions(db, person.id, but=session_token(request), at=now, idle=idle),
        "reach_of": lambda token: REACHES[rules.reach_of(token.scope, person.role)],
        "scopes": {scope: REACHES[scope] for scope in rules.reaches_of(person.role)},
        "lasting": LASTING,
        "form": {"typed": typed or {"scope": "public", "days": "90"}, "errors": errors},
    }
    status = (error.status if isinstance(error, Problem) else 422) if error else 200
    headers = error.headers if isinstance(error, Problem) else None
    return page(request, "account.html", context, caller=caller, status=status, headers=headers)


@router.get("/account/password")
def password_form(request: Request, caller: Owner) -> HTMLResponse:
    """The form for a new password, and what ends with it."""
    return page(request, "account-password.html", {"form": {"typed": {}, "errors": {}}}, caller=caller)


@router.post("/account/password")
async def change_password(
    request: Request,
    caller: OwnerAtTheDesk,
    now: Now,
    old: Line = "",
    password: Line = "",
    password_again: Line = "",
) -> Response:
    """Change the password. Other browsers, phones and tokens end."""
    desk: Desk = request.app.state.desk
    try:
        check_private_way(request)
        check_twice(password, password_again)
        way = way_of(request, now)
        await desk.change_password(own_person(caller), old, password, way.replaces or "", way)
    except Problem as problem:
        # Of the two passwords in this form the desk speaks of the old one as "the password".
        wrong_old = problem.code == "wrong-password"
        name_of = (lambda _pointer: "old") if wrong_old else field_at
        form = {"typed": {}, "errors": reasons(problem, language_of(request), name_of)}
        return page(
            request,
            "account-password.html",
            {"form": form},
            caller=caller,
            status=problem.status,
            headers=problem.headers,
        )
    return _back("password")


@router.post("/account/tokens")
async def add_token(request: Request, caller: OwnerAtTheDesk, now: Now, sent: Sent) -> Response:
    """Make a token for a tool, after the password once more, and show it this once, with what to do with it."""
    desk: Desk = request.app.state.desk
    typed = one_each(sent)
    typed.pop("password", None)
    days, code = typed.get("days", ""), typed.pop("code", "")
    said: dict[str, Any] = {
        "name": typed.get("name", ""),
        "scope": typed.get("scope"),
        "days": int(days) if days in LASTING else days,
        "password": sent.get("password", [""])[-1],  # as it was typed, spaces too
        "code": code or None,
    }
    try:
        check_private_way(request)
        asked = TokenIn.model_validate(said)
        made = await own_account.add_token(desk, caller, own_person(caller), asked, way_of(request, now))
    except (Problem, ValidationError) as error:
        return await run_in_threadpool(_no_token, request, caller, now, typed, error)
    context = {"made": made, "reach": REACHES[made["scope"]], "origin": desk.settings.origin}
    return page(request, "account-token.html", context, caller=caller)


def _no_token(
    request: Request,
    caller: Caller,
    now: datetime,
    typed: dict[str, str],
    error: Problem | ValidationError,
) -> HTMLResponse:
    database: Database = request.app.state.database
    with database.read() as db:
        return _account(request, db, caller, now, typed=typed, error=error)


@router.post("/account/tokens/{token_id}/revoke")
def revoke(db: Db, caller: Owner, now: Now, token_id: people.TokenId) -> Response:
    """Sign a phone out or revoke a token, at once."""
    kind = people.end_own(db, caller, token_id, now)
    return _back("phone" if kind == "device" else "token")


@router.post("/account/browsers")
def end_browsers(request: Request, db: Db, caller: Owner) -> Response:
    """Sign every other browser out."""
    queries.close_sessions(db, own_person(caller), but=session_token(request))
    return _back("browsers")


def _back(done: Done) -> Response:
    return RedirectResponse(f"/account?done={done}", status_code=303)
