"""Proving once more who one is before somebody becomes an administrator: a stolen session makes none."""

from typing import Annotated

from fastapi import Depends, Request

from app.errors import Problem, Unprocessable
from app.i18n import N_
from app.pages.typed import Sent, one_each
from app.people import own_account
from app.people.access import Briefly, Now, own_person, way_of
from app.people.cookies import check_private_way
from app.people.desk import Desk
from app.people.rules import Caller

AdministratorAtTheDesk = Annotated[Caller, Depends(Briefly("manage_people"))]


async def unproven(request: Request, admin: AdministratorAtTheDesk, now: Now, sent: Sent) -> Problem | None:
    """Why this form may make nobody an administrator; None where it may, or does not want to."""
    typed = one_each(sent)
    if typed.get("role") != "administrator":
        return None
    password = sent.get("password", [""])[-1]
    if not password:
        return Unprocessable(N_("This value is needed."), code="password-needed", pointer="/password")
    desk: Desk = request.app.state.desk
    try:
        check_private_way(request)
        await own_account.prove(desk, own_person(admin), password, typed.get("code"), way_of(request, now))
    except Problem as problem:
        return problem
    return None


Unproven = Annotated[Problem | None, Depends(unproven)]


def check_proven(problem: Problem | None, *, role: str, before: str = "") -> None:
    """Raise `problem`, as `unproven` found it, where somebody would become an administrator."""
    if problem is not None and role == "administrator" != before:
        raise problem


def without_secrets(typed: dict[str, str]) -> dict[str, str]:
    """A form as it may be shown again."""
    return {name: value for name, value in typed.items() if name not in ("password", "code")}
