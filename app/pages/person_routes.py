"""One account for administrators: role and units, a new link, closing, second factor, sessions and phones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from app import journal
from app.db import Db, ReadDb
from app.errors import Problem
from app.i18n import language_of
from app.pages.people_routes import (
    new_link,
    number_in,
    own_factor,
    state_of,
    status_of,
    unit_choices,
    units_in,
)
from app.pages.proving import AdministratorAtTheDesk, Unproven, check_proven, without_secrets
from app.pages.render import page
from app.pages.typed import Sent, one_each, reasons
from app.people import account_queries, account_rules, listing_queries, queries, rules
from app.people import token_queries as tokens
from app.people.access import Administrator, Now
from app.people.cookies import check_private_way
from app.people.model import Person
from app.people.rules import Caller

router = APIRouter()

PersonId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Done = Literal["changed", "closed", "opened", "factor", "revoked"]
ACTS = ("change", "close", "reset", "factor")


@dataclass(frozen=True)
class Shown:
    """An account as its page shows it."""

    person: Person
    unit_ids: frozenset[int]

    @property
    def mark(self) -> str:
        """What its forms remember of it."""
        return account_rules.mark_of(self.person.role, self.unit_ids, state_of(self.person))


def _open(db: Session, person_id: int) -> Shown:
    person = account_queries.get(db, person_id)
    return Shown(person, frozenset(queries.unit_ids(db, person_id)))


@router.get("/people/{person_id}")
def person(
    request: Request,
    db: ReadDb,
    admin: Administrator,
    now: Now,
    person_id: PersonId,
    done: Done | None = None,
) -> HTMLResponse:
    """One account: what it may do, how it is secured, and where it is signed in."""
    return _person(request, db, admin, now, _open(db, person_id), done=done)


def _person(
    request: Request,
    db: Session,
    admin: Caller,
    now: datetime,
    shown: Shown,
    *,
    act: str = "",
    typed: Mapping[str, Any] | None = None,
    error: Problem | None = None,
    done: Done | None = None,
) -> HTMLResponse:
    settings = request.app.state.settings
    person = shown.person
    kept = {"role": person.role, "units": shown.unit_ids}
    errors = reasons(error, language_of(request)) if error else {}
    idle = timedelta(hours=settings.session_idle_hours)
    context = {
        "person": person,
        "state": state_of(person),
        "mine": person.id == admin.person_id,
        "pending": account_queries.pending(db, person.id),
        "choices": unit_choices(db, shown.unit_ids),
        "mark": shown.mark,
        "needs_factor": person.role in rules.BOARD,
        "sessions": listing_queries.sessions(db, person.id, at=now, idle=idle),
        "tokens": tokens.of_person(db, person.id, at=now),
        "seen": listing_queries.last_seen(db, [person.id]).get(person.id),
        "forms": {
            name: {
                "typed": {**kept, **(typed or {})} if name == act else kept,
                "errors": errors if name == act else {},
            }
            for name in ACTS
        },
        "done": done,
        "days": settings.invite_days,
        "own_factor": own_factor(db, admin),
    }
    headers = error.headers if error else None
    return page(request, "people-one.html", context, caller=admin, status=status_of(error), headers=headers)


def _back(person_id: int, done: Done) -> Response:
    return RedirectResponse(f"/people/{person_id}?done={done}", status_code=303)


@router.post("/people/{person_id}")
def change(
    request: Request,
    db: Db,
    admin: AdministratorAtTheDesk,
    now: Now,
    person_id: PersonId,
    sent: Sent,
    unproven: Unproven,
) -> Response:
    """Give a role and units; both count from the person's next request on."""
    held = account_queries.to_change(db, person_id, by=admin.person_id)
    shown = _open(db, person_id)
    typed: dict[str, Any] = {**without_secrets(one_each(sent)), "units": units_in(sent)}
    role = str(typed.get("role", ""))
    before = held.role
    try:
        account_rules.check_unchanged(str(typed.get("mark", "")), shown.mark)
        account_rules.check_role(role)
        account_rules.check_units(role, typed["units"], unit_choices(db, shown.unit_ids))
        check_proven(unproven, role=role, before=before)
        if person_id == admin.person_id and role != before:
            account_rules.check_sure(sure=typed.get("sure") == "yes")
        with db.begin_nested():
            account_queries.change(db, held, role=role, units=typed["units"], at=now, by=admin.person_id)
    except Problem as error:
        return _person(request, db, admin, now, shown, act="change", typed=typed, error=error)
    if role != before:
        journal.note("role_changed", person=person_id, by=admin.person_id, before=before, after=role)
    if person_id == admin.person_id and role != before:
        return RedirectResponse("/", status_code=303)
    return _back(person_id, "changed")


@router.post("/people/{person_id}/close")
def close(
    request: Request, db: Db, admin: Administrator, now: Now, person_id: PersonId, sent: Sent
) -> Response:
    """Close an account: its sessions, phones, tokens and links end at once."""
    held = account_queries.to_change(db, person_id, by=admin.person_id)
    try:
        account_rules.check_sure(sure=one_each(sent).get("sure") == "yes")
        with db.begin_nested():
            account_queries.disable(db, held, at=now, by=admin.person_id)
    except Problem as error:
        return _person(request, db, admin, now, _open(db, person_id), act="close", error=error)
    journal.note("person_disabled", person=person_id, by=admin.person_id)
    return (
        RedirectResponse("/", status_code=303) if person_id == admin.person_id else _back(person_id, "closed")
    )


@router.post("/people/{person_id}/open")
def open_again(db: Db, admin: Administrator, now: Now, person_id: PersonId) -> Response:
    """Open a closed account again, with the password it had; phones and tokens stay revoked."""
    account_queries.enable(
        db, account_queries.to_change(db, person_id, by=admin.person_id), at=now, by=admin.person_id
    )
    journal.note("person_enabled", person=person_id, by=admin.person_id)
    return _back(person_id, "opened")


@router.post("/people/{person_id}/reset")
def reset(
    request: Request, db: Db, admin: Administrator, now: Now, person_id: PersonId, sent: Sent
) -> Response:
    """Show a new one-time link; the old password, sessions, phones and tokens end at once."""
    held = account_queries.to_change(db, person_id, by=admin.person_id)
    try:
        check_private_way(request)
        account_rules.check_not_own(admin, person_id)
        if state_of(held) == "open":
            account_rules.check_sure(sure=one_each(sent).get("sure") == "yes")
        return new_link(request, db, admin, held, now)
    except Problem as error:
        return _person(request, db, admin, now, _open(db, person_id), act="reset", error=error)


@router.post("/people/{person_id}/second-factor")
def clear_second_factor(
    request: Request, db: Db, admin: Administrator, now: Now, person_id: PersonId, sent: Sent
) -> Response:
    """Take the second factor of somebody who lost their phone away; they set up a new one."""
    held = account_queries.to_change(db, person_id, by=admin.person_id)
    try:
        account_rules.check_not_own(admin, person_id)
        account_rules.check_sure(sure=one_each(sent).get("sure") == "yes")
    except Problem as error:
        return _person(request, db, admin, now, _open(db, person_id), act="factor", error=error)
    if held.totp_sealed is not None:
        account_queries.clear_second_factor(db, held, at=now, by=admin.person_id)
        journal.note("second_factor_cleared", person=person_id, by=admin.person_id)
    return _back(person_id, "factor")


@router.post("/people/{person_id}/revoke")
def revoke(db: Db, admin: Administrator, now: Now, person_id: PersonId, sent: Sent) -> Response:
    """End one browser session, phone or tool's token."""
    account_queries.get(db, person_id)
    typed = one_each(sent)
    if "token" in typed:
        ended = tokens.revoke(db, number_in(typed["token"]), of=person_id, at=now, by=admin.person_id)
        event = "device_revoked" if ended.kind == "device" else "token_revoked"
        journal.note(event, person=person_id, token_id=ended.id, by=admin.person_id)
    else:
        listing_queries.close_one(db, person_id, typed.get("session", ""))
        journal.note("session_ended", person=person_id, by=admin.person_id)
    return _back(person_id, "revoked")
