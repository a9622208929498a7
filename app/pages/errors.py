"""What went wrong, as a page in words for those who opened a page."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from app.db import Database
from app.door.public import is_open
from app.errors import Problem
from app.i18n import N_, language_of, translate
from app.ogc import negotiation
from app.pages.render import page, with_query
from app.people.access import caller_of
from app.people.rules import ANONYMOUS, Caller
from app.problems import body_of

WHAT_NOW = {
    401: N_("Sign in, then you come back to this page. Nothing you typed elsewhere is lost."),
    403: N_("Ask the ward's administrator if this should be yours to do."),
    404: N_("Check the code on the signboard, or look for the place in the list."),
    409: N_("Open the record again to see what it holds now."),
    412: N_("Open the record again to see what it holds now."),
    429: N_("Wait a little, then try again."),
    503: N_("It is not your device. Try again in a minute."),
    507: N_("It is not your device. Tell the administrator; nothing was changed."),
}
OTHERWISE = N_("It is not your device. Try again; if it stays, tell the administrator the code above.")
TRY_AGAIN = N_("Go back, correct it and send it again.")


def _caller(request: Request) -> Caller:
    """Who is asking, for the page's head; nobody where that is not known."""
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    database: Database = request.app.state.database
    try:
        with database.read() as db:
            return caller_of(request, db)
    except Problem:
        return ANONYMOUS


def wants_page(request: Request) -> bool:
    """Whether the answer is for a person in a browser, not for a program."""
    if is_open(request.url.path):
        return negotiation.wants_page(request)
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _way_back(request: Request) -> str:
    """The page to come back to after signing in, where its address holds nothing but codes; else the start."""
    codes = (str(value) for value in request.path_params.values())
    return request.url.path if all(code.isascii() and code.isupper() for code in codes) else "/"


def page_for(request: Request, problem: Problem) -> Response | None:
    """`problem` as a page; None for programs.

    Who opened a page that needs an account is led to signing in, and who lacks a second factor to setting it up.
    """
    if not wants_page(request):
        return None
    onward = f"?next={quote(request.url.path)}" if request.method == "GET" else ""
    if problem.code == "second-factor-needed":
        return RedirectResponse(f"/account/second-factor{onward}", status_code=303)
    if onward and problem.status == HTTPStatus.UNAUTHORIZED and problem.code != "wrong-token":
        return RedirectResponse(f"/sign-in{onward}", status_code=303)
    language = language_of(request)
    body = body_of(problem, language)
    what_now = WHAT_NOW.get(problem.status, OTHERWISE if problem.status >= 500 else TRY_AGAIN)  # noqa: PLR2004 - HTTP
    context = {
        "status": problem.status,
        "heading": body["title"],
        "detail": body.get("detail", ""),
        "what_now": translate(what_now, language),
        "path": _way_back(request) if problem.status == HTTPStatus.UNAUTHORIZED else "/",
        "here": lambda **changes: with_query("/", changes),
    }
    return page(
        request,
        "error.html",
        context,
        caller=_caller(request),
        status=problem.status,
        headers=problem.headers,
    )
