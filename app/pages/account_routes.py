"""Signing in and out, and the first administrator, by ordinary forms."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.db import Db
from app.errors import Problem, Unprocessable
from app.i18n import N_, language_of
from app.pages.render import page
from app.people import queries, sign_in
from app.people.access import Anybody, Now, SigningIn, cookie_name, start_session
from app.people.rules import Caller
from app.problems import body_of

router = APIRouter()

Line = Annotated[str, Form(max_length=300)]


def own_path(path: str) -> str:
    """`path` where it leads to a page of ours, else the start page."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"


def _refused(
    request: Request, template: str, values: dict[str, str], problem: Problem, caller: Caller
) -> HTMLResponse:
    field = (problem.pointer or "").lstrip("/")
    form = {
        "typed": values,
        "errors": {field: body_of(problem, language_of(request)).get("detail", problem.title)},
    }
    return page(request, template, {"form": form}, caller=caller, status=problem.status)


def _signed_in(request: Request, token: str, path: str) -> Response:
    answer = RedirectResponse(own_path(path), status_code=303)
    start_session(request, answer, token)
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
    caller: SigningIn,
    now: Now,
    name: Line = "",
    password: Line = "",
    next: Line = "/",  # noqa: A002
) -> Response:
    """Sign in and go where the person wanted to be."""
    state = request.app.state
    try:
        token = await sign_in.sign_in(
            state.database, state.gate, name, password, at=now, days=state.settings.session_days
        )
        return _signed_in(request, token, next)
    except Problem as problem:
        return _refused(request, "sign-in.html", {"name": name, "next": own_path(next)}, problem, caller)


@router.post("/sign-out")
def sign_out(request: Request, db: Db, _caller: SigningIn) -> Response:
    """End the session here and on the server."""
    cookie = cookie_name(request.app.state.settings)
    if token := request.cookies.get(cookie):
        queries.close_session(db, token)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(cookie, path="/", secure=cookie.startswith("__Host-"), httponly=True, samesite="lax")
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
    caller: SigningIn,
    now: Now,
    token: Line = "",
    name: Line = "",
    password: Line = "",
    password_again: Line = "",
) -> Response:
    """Make the first administrator and sign them in."""
    state = request.app.state
    try:
        if password != password_again:
            raise Unprocessable(N_("The two passwords differ."), pointer="/password_again")
        session = await sign_in.set_up(
            state.database, state.gate, token, name, password, at=now, days=state.settings.session_days
        )
        return _signed_in(request, session, "/")
    except Problem as problem:
        return _refused(request, "setup.html", {"token": token, "name": name}, problem, caller)
