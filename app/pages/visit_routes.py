"""The inspection form, what the rules suggest while it is filled in, and the receipt."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import ValidationError

from app import clock
from app.db import Db, ReadDb
from app.errors import Problem, Unprocessable
from app.i18n import N_, language_of, translate
from app.inspections import queries, readings, visits
from app.inspections import routes as inspections
from app.inspections.schemas import InspectionIn
from app.pages import views, visit_form, words
from app.pages.render import page
from app.pages.typed import Sent, reasons
from app.people.access import Now, Officer
from app.people.rules import Caller, check_covers
from app.receipts import Signing
from app.sites.routes import CodePath

router = APIRouter()

MARKS = {
    "proposed": N_("proposed, not confirmed by an expert"),
    "practice": N_("practice elsewhere"),
    "official": N_("official"),
}
LOOKED_BACK = 20

TEXTS = {
    "draft": N_("Draft {time}"),
    "sending": N_("Sending…"),
    "offline": N_("No network. The record stays on this phone. Tap “Send” again when there is a signal."),
    "silent": N_(
        "The ward's server does not answer; it is not your phone. The record stays here. Try again soon."
    ),
    "refused": N_("Refused: {reason}"),
    "signed_out": N_(
        "The session has ended. Nothing is lost: sign in in another tab, then tap “Send” again."
    ),
    "other_content": N_(
        "The ward already has an earlier version of this inspection. Tap “Send” again to send yours as a correction."
    ),
    "choose": N_("Choose a condition first: no change, worse, danger, or could not be seen."),
    "received": N_("Saved. The ward has received it."),
    "received_text": N_("Saved. The ward has received the text."),
    "photos_left": N_("{n} photos still to send, {kb} kB. Keep this page open; they go by themselves."),
    "photos_waiting": N_("{n} photos wait for the network. They stay on this phone; this page tries again."),
    "photos_none": N_("none"),
    "photo_kept": N_("on this phone"),
    "photo_sending": N_("sending {kb} kB"),
    "photo_done": N_("received"),
    "photo_refused": N_("refused"),
    "photo_bad": N_("This file is not a photo that the browser can read."),
    "photo_most": N_("At most 10 photos for one inspection."),
    "photo_alt": N_("Photo {n}"),
    "photo_count": N_("{n}/10, shrunk to 1,600 px"),
    "chips_chosen": N_("{n} chosen"),
    "chips_none": N_("tap to choose"),
    "answered": N_("{n} of {all} answered"),
    "gps_none": N_("not taken yet"),
    "gps_waiting": N_("waiting for GPS…"),
    "gps_have": N_("GPS ±{m} m, {age}"),
    "gps_poor": N_("GPS ±{m} m, {age}: poor accuracy, still saved"),
    "gps_refused": N_("GPS is switched off for this page. Sending works without it."),
    "gps_failed": N_("No GPS here. Go to an open spot and try again, or send without it."),
    "pin_placed": N_("Pin placed by hand, accuracy not known"),
    "with_gps": N_("with GPS ±{m} m, {age}"),
    "with_pin": N_("with a pin placed by hand"),
    "without": N_("without a position"),
    "seconds": N_("{n} seconds ago"),
    "minutes": N_("{n} minutes ago"),
    "change_none": N_("no change since last time"),
    "change": N_("{sign}{n} {unit} since last time"),
    "change_rate": N_("{sign}{n} {unit} since last time, {rate} {unit}/day"),
    "no_change": N_("No change"),
    "worse": N_("Worse"),
    "danger": N_("Danger"),
    "not_seen": N_("Could not be seen"),
    "send": N_("Send the inspection"),
    "again": N_("Send again"),
    "correct": N_("Send as a correction"),
}
"""What the page's script says."""


def _form(request: Request, db: ReadDb, code: str, caller: Caller, form: Mapping[str, Any]) -> dict[str, Any]:
    language = language_of(request)
    place = queries.place(db, code, lock=False)
    check_covers(caller, place.unit_ids)
    record = views.find(db, code, caller)
    earlier = queries.latest(db, place.record, limit=LOOKED_BACK)
    p = {**record.properties}
    p["name"] = p["name"] or translate(words.MEASURES[p["measure"]], language)
    return {
        "p": p,
        "kind": place.kind,
        "rated": record.sort == "site",
        "geometry": record.geometry,
        "questions": visit_form.questions(place),
        "last": visit_form.last_of(earlier, language),
        "last_visit": earlier[0] if earlier else None,
        "last_line": visit_form.last_line(earlier[0] if earlier else None, language),
        "form": form,
        "next": views.due_next(db, caller, besides=code),
        "texts": {name: translate(text, language) for name, text in TEXTS.items()},
    }


def _fresh() -> dict[str, Any]:
    now = clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M")
    return {"typed": {"id": str(uuid4()), "seen_at": now}, "errors": {}}


@router.get("/s/{code}/inspect")
def inspect_form(
    request: Request, db: ReadDb, officer: Officer, code: CodePath, corrects: UUID | None = None
) -> HTMLResponse:
    """The form to log a visit, or to correct one: the old one stays, the new one names it."""
    form = _fresh()
    if corrects is not None:
        form["typed"] |= _to_correct(db, officer, corrects, language_of(request))
    return page(request, "inspect.html", _form(request, db, code.upper(), officer, form), caller=officer)


def _to_correct(db: ReadDb, officer: Caller, inspection_id: UUID, language: str) -> dict[str, Any]:
    row = queries.one(db, inspection_id)
    check_covers(officer, queries.unit_ids(db, [row.Inspection])[inspection_id])
    (visit,) = visits.members(db, [row], officer)
    return visit_form.typed_again(visit, language)


@router.post("/s/{code}/inspect")
def inspect_now(
    request: Request, db: Db, officer: Officer, now: Now, sign: Signing, code: CodePath, sent: Sent
) -> Response:
    """Record a visit from an ordinary form; the page's script uses the API instead and adds photos."""
    code = code.upper()
    values = visit_form.values_of(sent)
    body = visit_form.body_of(sent, code)
    try:
        inspection_id = _uuid(values.get("id", ""))
        if not body["condition"]:
            raise Unprocessable(TEXTS["choose"], pointer="/condition")
        if not body["seen_at"]:
            raise Unprocessable(N_("Say when you saw it."), pointer="/seen_at")
        parsed = InspectionIn.model_validate(body)
        request.state.json = body
        with db.begin_nested():
            inspections.record(inspection_id, parsed, request, db, officer, now, sign)
    except (Problem, ValidationError) as error:
        form = {"typed": values, "errors": reasons(error, language_of(request), visit_form.field_of)}
        status = error.status if isinstance(error, Problem) else 422
        return page(
            request, "inspect.html", _form(request, db, code, officer, form), caller=officer, status=status
        )
    return RedirectResponse(f"/s/{code}/visits/{inspection_id}", status_code=303)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Unprocessable(N_("The form lost its number. Load the page again.")) from None


@router.post("/s/{code}/suggest")
def suggest(
    request: Request, db: ReadDb, officer: Officer, now: Now, code: CodePath, body: InspectionIn
) -> Response:
    """What the rules suggest for a visit that is being filled in; nothing is kept."""
    place = queries.place(db, code.upper(), lock=False)
    check_covers(officer, place.unit_ids)
    suggested = visits.suggestion(db, body, place, min(body.seen_at, now))
    language = language_of(request)
    answer = {
        "condition": suggested.condition,
        "reasons": [
            {"text": _rule(place.kind, each.rule, language), "mark": translate(MARKS[each.mark], language)}
            for each in suggested.reasons
            if each.effect != "none"
        ],
        "notices": [_rule(place.kind, each.rule, language) for each in suggested.notices],
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _rule(kind: str, rule: str, language: str) -> str:
    known = readings.describe(kind, rule)
    if known is None:
        return rule
    return known.vi if language == "vi" else known.en


@router.get("/s/{code}/visits/{inspection_id}")
def receipt(
    request: Request, db: ReadDb, officer: Officer, code: CodePath, inspection_id: UUID
) -> HTMLResponse:
    """The receipt of a visit: what the server stored, when, and at which place of its log."""
    row = queries.one(db, inspection_id)
    check_covers(officer, queries.unit_ids(db, [row.Inspection])[inspection_id])
    (visit,) = visits.members(db, [row], officer)
    record = views.find(db, row.place, officer)
    context = {
        "p": record.properties,
        "visit": visit,
        "receipt": {
            **visit["receipt"],
            "received_at": datetime.fromisoformat(visit["receipt"]["received_at"]),
        },
        "next": views.due_next(db, officer, besides=row.place),
    }
    del code
    return page(request, "receipt.html", context, caller=officer)
