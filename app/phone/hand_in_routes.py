"""The page where somebody hands in the file of a phone that cannot send."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from app import journal
from app.errors import Problem
from app.i18n import language_of
from app.pages.render import page
from app.pages.typed import reasons
from app.people.access import Carrier, Now, SendingCarrier
from app.phone.hand_in import MOST_BYTES, Desk, Handed
from app.phone.hand_in_arrival import Arrived
from app.problems import validation_body
from app.receipts import Signing

router = APIRouter(include_in_schema=False)


@router.get("/phone/hand-in")
def hand_in_form(request: Request, carrier: Carrier) -> HTMLResponse:
    """Choose the file."""
    return _page(request, carrier)


@router.post("/phone/hand-in")
def hand_in(
    request: Request,
    carrier: SendingCarrier,  # before the file: nothing of it is read until it is known who brings it
    now: Now,
    sign: Signing,
    file: Arrived,
) -> HTMLResponse:
    """Take every record of the file that can be taken, and say of each what became of it."""
    state = request.app.state
    desk = Desk(state.database, state.settings, sign, carrier.person_id, now)
    try:
        handed = desk.take(file.file.read())
    except Problem as problem:
        return _page(request, carrier, errors=reasons(problem, language_of(request)), status=problem.status)
    journal.note("handed_in", person=carrier.person_id, author=handed.author.id, **handed.counts())
    return _page(request, carrier, handed=handed)


def _page(
    request: Request,
    carrier: Carrier,
    *,
    handed: Handed | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    language = language_of(request)

    def why(problem: Problem | ValidationError) -> str:
        return said(problem, language)

    context: dict[str, Any] = {
        "form": {"typed": {}, "errors": errors or {}},
        "handed": handed,
        "why": why,
        "megabytes": MOST_BYTES // 1024**2,
    }
    return page(request, "hand-in.html", context, caller=carrier, status=status)


def said(problem: Problem | ValidationError, language: str) -> str:
    """Why something was not taken, in one line of words of ours."""
    if isinstance(problem, Problem):
        return reasons(problem, language).popitem()[1]
    found = validation_body([{**row, "loc": ("body", *row["loc"])} for row in problem.errors()], language)
    return "; ".join(f"{row['pointer']}: {row['detail']}" for row in found["errors"][:3])
