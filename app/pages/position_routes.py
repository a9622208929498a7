"""The board looks at the positions that officers measured, old and new side by side, and decides."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from app.db import Db, ReadDb
from app.errors import Problem
from app.i18n import N_, language_of
from app.pages import position_views, words
from app.pages.board_fields import Field
from app.pages.board_routes import said_of
from app.pages.positions import SYSTEMS, geometry_of, typed_position
from app.pages.render import page
from app.pages.typed import Sent, one_each, reasons
from app.people.access import Board, Now
from app.people.rules import check_covers
from app.positions import decisions, queries, rules
from app.positions.schemas import DecisionIn

router = APIRouter()

SHOWN: Final = 50
DECIDED: Final = ("accepted", "amended", "refused")
AMENDED: Final = (
    Field(
        "location_status",
        N_("How it is known"),
        "choice",
        options={status: word for status, word in words.LOCATION_STATUSES.items() if status != "unlocated"},
        needed=True,
    ),
    Field(
        "location_accuracy_m",
        N_("Accuracy, metres"),
        "number",
        N_("The place lies within this distance"),
        needed=True,
    ),
    Field("location_note", N_("How it was found"), "area", N_("Shown to everybody")),
)
REASON: Final = {"amend": "amend_reason", "refuse": "reason"}
"""The field of each form that holds the reason."""


@router.get("/positions")
def proposed(request: Request, db: ReadDb, board: Board) -> HTMLResponse:
    """Positions that wait for the board, the longest waiting first; below, what was decided last."""
    waiting = queries.page(db, board.unit_ids, statuses={"pending"}, oldest_first=True, limit=SHOWN)
    done = queries.page(db, board.unit_ids, statuses=DECIDED, limit=SHOWN)
    context = {
        "waiting": [position_views.row_of(db, row, board) for row in waiting[:SHOWN]],
        "done": [position_views.row_of(db, row, board) for row in done[:SHOWN]],
        **_words(),
    }
    return page(request, "positions.html", context, caller=board)


def _words() -> dict[str, Any]:
    return {
        "methods": position_views.METHODS,
        "statuses": position_views.STATUSES,
        "status_look": position_views.STATUS_LOOK,
    }


@router.get("/positions/{position_id}")
def position(request: Request, db: ReadDb, board: Board, position_id: UUID) -> HTMLResponse:
    """One proposed position beside the old one, and what can be done with it."""
    return _page(request, db, board, position_id, {}, None)


def _page(
    request: Request,
    db: ReadDb,
    board: Board,
    position_id: UUID,
    typed: Mapping[str, str],
    error: Problem | ValidationError | None,
) -> HTMLResponse:
    language = language_of(request)
    row = queries.one(db, position_id)
    check_covers(board, queries.unit_ids(db, row.PositionProposal))
    status = 200
    if error is not None:
        status = error.status if isinstance(error, Problem) else 422
    tried = typed.get("decision", "")
    errors = reasons(error, language, lambda pointer: _name_of(pointer, tried)) if error else {}
    shown = position_views.one(db, row, board, language)
    context = {
        **shown,
        **_words(),
        "tried": tried,
        "form": {"typed": {**_first(row.PositionProposal), **typed}, "errors": errors},
        "fields_of_amending": AMENDED,
        "systems": SYSTEMS,
        "version": shown["row"]["place_now"]["version"],
    }
    return page(request, "position.html", context, caller=board, status=status)


def _name_of(pointer: str, tried: str) -> str:
    """The field that a JSON pointer means: each form has its own field for the reason."""
    name = pointer.strip("/").partition("/")[0]
    if name in ("geometry", "coordinates"):
        return "first"
    return REASON.get(tried, name) if name == "reason" else name


def _first(proposal: Any) -> dict[str, str]:
    """What the form of an amendment holds before anybody types: the position as it was measured."""
    accuracy = proposal.accuracy_m
    return {
        **typed_position(proposal.geometry),
        "location_status": "approximate" if proposal.method == "tapped" else "surveyed",
        "location_accuracy_m": "" if accuracy is None else f"{accuracy:g}".replace(".", ","),
        "location_note": rules.found_how(proposal.method, proposal.fixes, proposal.seen_at, "vi"),
    }


@router.post("/positions/{position_id}")
def decide(request: Request, db: Db, board: Board, now: Now, position_id: UUID, sent: Sent) -> Response:
    """Accept, amend or refuse. What somebody else did meanwhile is shown, with everything typed kept."""
    typed = one_each(sent)
    decision = typed.get("decision", "")
    said: dict[str, Any] = {"decision": decision}
    if reason := typed.get(REASON.get(decision, "")):
        said["reason"] = reason
    try:
        if decision == "amend":
            said |= said_of(typed, AMENDED)
            said["geometry"] = geometry_of(typed, request.app.state.settings.local_crs)
        body = DecisionIn.model_validate(said)
        tag = f'"{typed.get("version", "")}"'
        with db.begin_nested():
            decisions.decide(db, position_id, body, by=board, at=now, if_match=tag)
    except (Problem, ValidationError) as error:
        return _page(request, db, board, position_id, typed, error)
    return RedirectResponse(f"/positions/{position_id}?saved=1", status_code=303)
