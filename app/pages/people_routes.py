"""The list of accounts for administrators, and inviting somebody by a one-time link.

Secrets are made here, shown in the one answer that made them, and kept hashed only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app import clock, journal
from app.db import Db, ReadDb
from app.errors import Problem
from app.i18n import language_of
from app.pages import qr
from app.pages.proving import AdministratorAtTheDesk, Unproven, check_proven, without_secrets
from app.pages.render import page
from app.pages.typed import Sent, one_each, reasons
from app.people import account_queries, account_rules, listing_queries, queries, rules
from app.people.access import Administrator, Now, own_person
from app.people.cookies import check_private_way
from app.people.first_start import join_link
from app.people.model import Person
from app.people.rules import Caller
from app.text import nfc
from app.units import queries as units

router = APIRouter()

Typed = Mapping[str, Any]
PER_PAGE = 100
LONGEST_ID = len(str(2**31 - 1))


class Asked(BaseModel):
    """Which accounts."""

    model_config = ConfigDict(extra="ignore")

    q: str = Field("", max_length=80)
    page: int = Field(1, ge=1, le=1000)


def state_of(person: Person) -> account_rules.State:
    """Whether an account is open, waits for its owner, or is closed."""
    return account_rules.state_of(person.password_hash, closed=person.disabled_at is not None)


def status_of(error: Problem | None) -> int:
    """The status of a page with a form, refused or not."""
    return error.status if error else 200


@router.get("/people")
def people(
    request: Request, db: ReadDb, admin: Administrator, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Every account, open ones first."""
    found = listing_queries.found(account_queries.every(db), asked.q)
    shown = found[(asked.page - 1) * PER_PAGE : asked.page * PER_PAGE]
    brief, of_person = units.brief(db), account_queries.every_unit_ids(db)
    seen = listing_queries.last_seen(db, [each.id for each in shown])
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "role": each.role,
            "units": [brief[unit_id]["name"] for unit_id in sorted(of_person.get(each.id, ()))],
            "state": state_of(each),
            "second_factor": each.totp_sealed is not None,
            "seen": seen.get(each.id),
        }
        for each in shown
    ]
    context = {
        "people": rows,
        "total": len(found),
        "page": asked.page,
        "more": len(found) > asked.page * PER_PAGE,
        "needing": rules.BOARD,
        "form": {"typed": {"q": asked.q}, "errors": {}},
    }
    return page(request, "people.html", context, caller=admin)


@router.get("/people/new")
def invite_form(request: Request, db: ReadDb, admin: Administrator) -> HTMLResponse:
    """The form to invite somebody."""
    return _invite_form(request, db, admin, {"role": "officer"}, None)


def unit_choices(db: Session, own: frozenset[int] = frozenset()) -> dict[int, str]:
    """The units that somebody may work for: those of today, and such older ones as they have."""
    ids = own | frozenset(units.valid_ids(db, on=clock.today()))
    brief = units.brief(db)
    named = {unit_id: str(brief[unit_id]["name"]) for unit_id in ids}
    return dict(sorted(named.items(), key=lambda each: each[1]))


def _invite_form(
    request: Request, db: Session, admin: Caller, typed: Typed, error: Problem | None
) -> HTMLResponse:
    choices = unit_choices(db)
    chosen = typed.get("units", frozenset(choices) if len(choices) == 1 else frozenset())
    errors = reasons(error, language_of(request)) if error else {}
    context = {
        "form": {"typed": {**typed, "units": chosen}, "errors": errors},
        "choices": choices,
        "days": request.app.state.settings.invite_days,
        "own_factor": own_factor(db, admin),
    }
    return page(
        request,
        "people-new.html",
        context,
        caller=admin,
        status=status_of(error),
        headers=error.headers if error else None,
    )


def own_factor(db: Session, admin: Caller) -> bool:
    """Whether who manages accounts is asked for a code beside the password."""
    return account_queries.get(db, own_person(admin)).totp_sealed is not None


def units_in(sent: Mapping[str, list[str]]) -> frozenset[int]:
    """The units that were ticked; what is no number is no unit."""
    return frozenset(number_in(text) for text in sent.get("units", []))


def number_in(text: str) -> int:
    """The id that a form holds; 0, which is nobody's, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_ID else 0


@router.post("/people")
def invite(
    request: Request, db: Db, admin: AdministratorAtTheDesk, now: Now, sent: Sent, unproven: Unproven
) -> HTMLResponse:
    """Add an account without a password, and show the one-time link with which its owner chooses one."""
    typed: dict[str, Any] = {**without_secrets(one_each(sent)), "units": units_in(sent)}
    role, unit_ids = str(typed.get("role", "")), typed["units"]
    account_queries.check_manages(db, admin.person_id)
    try:
        check_private_way(request)
        name = nfc(str(typed.get("name", ""))).strip()
        rules.check_name(name)
        account_rules.check_role(role)
        account_rules.check_units(role, unit_ids, unit_choices(db))
        check_proven(unproven, role=role)
        with db.begin_nested():
            added = queries.add(
                db,
                name,
                role=role,
                password_hash=account_rules.NOT_JOINED,
                unit_ids=unit_ids,
                at=now,
                by=admin.person_id,
            )
    except Problem as error:
        return _invite_form(request, db, admin, typed, error)
    journal.note("person_added", person=added.id, role=role, by=admin.person_id)
    return new_link(request, db, admin, added, now)


def new_link(request: Request, db: Session, admin: Caller, person: Person, now: datetime) -> HTMLResponse:
    """Make a one-time link and show it: in this answer, and never again."""
    settings = request.app.state.settings
    again = person.password_hash != account_rules.NOT_JOINED
    secret = queries.new_token()
    account_queries.new_link(db, secret, person, at=now, days=settings.invite_days, by=admin.person_id)
    journal.note("invited", person=person.id, by=admin.person_id, again=again)
    link = join_link(settings, secret, at=now)
    context = {
        "person": person,
        "link": link.address,
        "until": link.until,
        "qr": qr.on_screen(link.address),
        "again": again,
    }
    return page(request, "people-link.html", context, caller=admin)
