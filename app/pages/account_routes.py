"""Signing in and out, and the first administrator, by ordinary forms."""

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.db import Db, ReadDb
from app.errors import Problem, Unprocessable
from app.i18n import N_, language_of
from app.pages.render import page
from app.pages.typed import reasons
from app.people import queries
from app.people.access import Anybody, AtTheDesk, Now, SigningIn, way_of
from app.people.cookies import check_private_way, end_cookie, session_token, start_session
from app.people.desk import CODE_MINUTES, Desk, Opened
from app.people.rules import Caller

router = APIRouter()

Line = Annotated[str, Form(max_length=300)]


def own_path(path: str) -> str:
    """`path` where it leads to a page of ours, else the start page."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"


def _refused(
    request: Request, template: str, values: dict[str, str], problem: Problem, caller: Caller
) -> HTMLResponse:
    form = {"typed": values, "errors": reasons(problem, language_of(request))}
    return page(
        request, template, {"form": form}, caller=caller, status=problem.status, headers=problem.headers
    )


def signed_in(request: Request, opened: Opened, path: str) -> Response:
    """Hand the browser its cookie and lead on: to `path`, or first to what the sign-in still lacks."""
    safe = own_path(path)
    onward = safe
    if opened.awaiting_code:
        onward = f"/sign-in/code?{urlencode({'next': safe})}"
    elif opened.unfinished:
        onward = f"/account/second-factor?{urlencode({'next': safe})}"
    answer = RedirectResponse(onward, status_code=303)
    start_session(request, answer, opened.token)
    return answer


@router.get("/sign-in")
def sign_in_form(request: Request, caller: Anybody, next: str = "/") -> HTMLResponse:  # noqa: A002 - the query's name
    """The form to sign in."""
    return page(
        request, "sign-in.html", {"form": {"typed": {"next": own_path(next)}, "errors": {}}}, caller=caller
    )


@router.post("/sign-in")
async def sign_in_now(
    request: Request,
    caller: AtTheDesk,
    now: Now,
    name: Line = "",
    password: Line = "",
    next: Line = "/",  # noqa: A002
) -> Response:
    """Sign in and go where the person wanted to be, or first to the form for the second factor's code."""
    desk: Desk = request.app.state.desk
    typed = {"name": name, "next": own_path(next)}
    try:
        check_private_way(request)
        opened = await desk.sign_in(name, password, None, way_of(request, now), waits=True)
    except Problem as problem:
        return _refused(request, "sign-in.html", typed, problem, caller)
    return signed_in(request, opened, next)


@router.get("/sign-in/code")
def code_form(
    request: Request,
    db: ReadDb,
    caller: SigningIn,
    now: Now,
    next: str = "/",  # noqa: A002
    recovery: Literal["1"] | None = None,
) -> Response:
    """The form for the code of the second factor, for a browser whose password was right a moment ago."""
    waits = timedelta(minutes=CODE_MINUTES)
    token = session_token(request)
    if not token or queries.session(db, token, at=now, idle=waits, awaiting_code=True) is None:
        return RedirectResponse(f"/sign-in?{urlencode({'next': own_path(next)})}", status_code=303)
    typed = {"next": own_path(next), "recovery": recovery or ""}
    return page(request, "code.html", {"form": {"typed": typed, "errors": {}}}, caller=caller)


@router.post("/sign-in/code")
async def add_code(
    request: Request,
    caller: AtTheDesk,
    now: Now,
    code: Line = "",
    recovery: Line = "",
    next: Line = "/",  # noqa: A002
) -> Response:
    """Finish a sign-in with the code of the second factor, or with a recovery code."""
    desk: Desk = request.app.state.desk
    try:
        opened = await desk.add_code(session_token(request) or "", code, way_of(request, now))
    except Problem as problem:
        typed = {"next": own_path(next), "recovery": recovery}
        return _refused(request, "code.html", typed, problem, caller)
    return signed_in(request, opened, next)


@router.post("/sign-out")
def sign_out(request: Request, db: Db, _caller: SigningIn) -> Response:
    """End the session here and on the server."""
    if token := session_token(request):
        queries.close_session(db, token)
    answer = RedirectResponse("/", status_code=303)
    end_cookie(request, answer)
    return answer


@router.get("/setup")
def setup_form(request: Request, caller: Anybody, token: str = "") -> HTMLResponse:
    """The form of the one-time link that makes the first administrator."""
    return page(
        request, "setup.html", {"form": {"typed": {"token": token[:200]}, "errors": {}}}, caller=caller
    )


@router.post("/setup")
async def set_up(
    request: Request,
    caller: AtTheDesk,
    now: Now,
    token: Line = "",
    name: Line = "",
    password: Line = "",
    password_again: Line = "",
) -> Response:
    """Make the first administrator and sign them in."""
    desk: Desk = request.app.state.desk
    try:
        check_private_way(request)
        check_twice(password, password_again)
        opened = await desk.set_up(token, name, password, way_of(request, now))
    except Problem as problem:
        return _refused(request, "setup.html", {"token": token, "name": name}, problem, caller)
    return signed_in(request, opened, "/")


def check_twice(password: str, again: str) -> None:
    """Raise `Unprocessable` where a new password was typed in two ways."""
    if password != again:
        raise Unprocessable(N_("The two passwords differ."), pointer="/password_again")
