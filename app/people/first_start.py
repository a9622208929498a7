"""Accounts from the command line, and the link that makes the first administrator."""

from collections.abc import Sequence
from typing import Final

from app import clock
from app.db import Database
from app.errors import NotFound
from app.i18n import N_
from app.people import passwords, queries, rules
from app.people.access import new_token
from app.settings import Settings
from app.text import nfc
from app.units import queries as units

SETUP_HOURS: Final = 24


def offer_setup(database: Database, settings: Settings) -> str | None:
    """A fresh one-time link for the first administrator; None where there is an account already."""
    token = new_token()
    with database.write() as db:
        if queries.anybody(db):
            return None
        queries.offer_setup(db, token, at=clock.now(), hours=SETUP_HOURS)
    return f"{settings.origin}/setup?token={token}"


def add_person(settings: Settings, name: str, *, role: str, unit_codes: Sequence[str], password: str) -> None:
    """Add an account. Raises `Unprocessable` for a bad name, password or unit, `Conflict` for a used name."""
    name = nfc(name).strip()
    rules.check_name(name)
    rules.check_password(password, common=passwords.is_common(password, name))
    kept = passwords.HASHER.hash(password)
    now = clock.now()
    with Database(settings.database) as database, database.write() as db:
        unit_ids = [units.find(db, code, on=clock.local_date(now)).id for code in unit_codes]
        queries.add(db, name, role=role, password_hash=kept, unit_ids=unit_ids, at=now)


def disable_person(settings: Settings, name: str) -> None:
    """Close an account. Raises `NotFound`."""
    with Database(settings.database) as database, database.write() as db:
        found = queries.by_name(db, name)
        if found is None:
            raise NotFound(N_("There is nobody with that name."))
        queries.disable(db, found, at=clock.now())
