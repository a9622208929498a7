"""The one-time link of an invitation or a reset: its owner chooses a password and is signed in."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from app.db import Database
from app.errors import NotFound, Problem, TooMany
from app.i18n import language_of
from app.pages.account_routes import Line, check_twice, signed_in
from app.pages.render import page
from app.pages.typed import reasons
from app.people import account_queries
from app.people.access import Anybody, AtTheDesk, Now, way_of
from app.people.cookies import check_private_way
from app.people.desk import Desk
from app.people.rules import Caller

router = APIRouter()

NOT_KEPT = {"Cache-Control": "no-store"}


def _form(
    request: Request, caller: Caller, token: str, now: Now, error: Problem | None = None
) -> HTMLResponse:
    """The form with the name of whom the link is for; without one where the link cannot be used any more."""
    database: Database = request.app.state.database
    with database.read() as db:
        person = account_queries.invited(db, token, at=now)
    gone = person is None or isinstance(error, NotFound)
    context: dict[str, Any] = {
        "joining": None if gone else person,
        "form": {
            "typed": {"token": token},
            "errors": reasons(error, language_of(request)) if error else {},
        },
    }
    status = 404 if gone else error.status if error else 200
    return page(request, "join.html", context, caller=caller, status=status, headers=NOT_KEPT)


@router.get("/join")
def join_form(request: Request, caller: Anybody, now: Now, token: str = "") -> HTMLResponse:
    """Whom the link is for, and the form to choose a password."""
    return _form(request, caller, token[:200], now)


@router.post("/join")
async def join(
    request: Request,
    caller: AtTheDesk,
    now: Now,
    token: Line = "",
    password: Line = "",
    password_again: Line = "",
) -> Response:
    """Use the link up: keep the password, sign in, and lead on to the second factor where the role needs one."""
    desk: Desk = request.app.state.desk
    try:
        check_private_way(request)
        check_twice(password, password_again)
        opened = await desk.join(token, password, way_of(request, now))
    except TooMany:
        raise
    except Problem as problem:
        return await run_in_threadpool(_form, request, caller, token, now, problem)
    return signed_in(request, opened, "/")
