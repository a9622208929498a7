"""Signing in and setting up, shared by the API and the pages."""

from datetime import datetime
from typing import Final

from starlette.concurrency import run_in_threadpool

from app.db import Database
from app.errors import NotFound, Unauthorized
from app.i18n import N_
from app.people import passwords, queries, rules
from app.people.access import new_token
from app.people.model import Person
from app.units import queries as units

USED_UP: Final = N_("This set-up link has been used or has ended. Restart the service for a new one.")


def _find(database: Database, name: str) -> Person | None:
    with database.read() as db:
        return queries.by_name(db, name)


def _open(database: Database, person: Person, *, at: datetime, days: int) -> str:
    token = new_token()
    with database.write() as db:
        queries.open_session(db, token, person.id, at=at, days=days)
    return token


async def sign_in(
    database: Database, gate: passwords.Gate, name: str, password: str, *, at: datetime, days: int
) -> str:
    """The token of a new session. Raises `Unauthorized`, alike and as late for a wrong name as for a wrong password."""
    person = await run_in_threadpool(_find, database, name)
    right = await gate.verify(password, person.password_hash if person else None)
    if person is None or not right or person.disabled_at is not None:
        raise Unauthorized(N_("The name or the password is not right."), code="wrong-sign-in")
    return await run_in_threadpool(_open, database, person, at=at, days=days)


async def set_up(
    database: Database, gate: passwords.Gate, token: str, name: str, password: str, *, at: datetime, days: int
) -> str:
    """Make the first administrator by the one-time link and sign them in. Raises `NotFound` for a used-up link."""

    def check() -> None:
        with database.read() as db:
            if not queries.setup_is_open(db, token, at=at):
                raise NotFound(USED_UP)

    def store(password_hash: str) -> Person:
        with database.write() as db:
            if not queries.use_setup(db, token, at=at):
                raise NotFound(USED_UP)
            everywhere = units.valid_ids(db, on=at.date())
            return queries.add(
                db, name, role="administrator", password_hash=password_hash, unit_ids=everywhere, at=at
            )

    await run_in_threadpool(check)
    rules.check_name(name)
    rules.check_password(password, common=await run_in_threadpool(passwords.is_common, password, name))
    person = await run_in_threadpool(store, await gate.hash(password))
    return await run_in_threadpool(_open, database, person, at=at, days=days)
