"""Accounts from the command line, and the link that makes the first administrator."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.errors import NotFound
from app.i18n import N_
from app.people import account_queries, account_rules, passwords, queries, rules
from app.people.model import Person
from app.settings import Settings
from app.text import nfc
from app.units import queries as units

SETUP_HOURS: Final = 24


def offer_setup(database: Database, settings: Settings) -> str | None:
    """A fresh one-time link for the first administrator; None where there is an account already."""
    token = queries.new_token()
    with database.write() as db:
        if queries.anybody(db):
            return None
        queries.offer_setup(db, token, at=clock.now(), hours=SETUP_HOURS)
    return f"{settings.origin}/setup?token={token}"


@dataclass(frozen=True)
class Link:
    """A one-time link, and when it ends."""

    address: str
    until: datetime


def join_link(settings: Settings, token: str, *, at: datetime) -> Link:
    """The link that a one-time `token` made at `at` stands in."""
    return Link(f"{settings.origin}/join?token={token}", at + timedelta(days=settings.invite_days))


def add_person(settings: Settings, name: str, *, role: str, unit_codes: Sequence[str], password: str) -> None:
    """Add an account. Raises `Unprocessable` for a bad name, password or unit, `Conflict` for a used name."""
    name = nfc(name).strip()
    rules.check_name(name)
    rules.check_password(password, common=passwords.is_common(password, name))
    kept = passwords.HASHER.hash(password)
    with Database(settings.database, settings.data_dir) as database, database.write() as db:
        _add(db, name, role=role, unit_codes=unit_codes, password_hash=kept, at=clock.now())


def invite_person(settings: Settings, name: str, *, role: str, unit_codes: Sequence[str]) -> Link:
    """Add an account whose owner chooses the password. Raises as `add_person` does."""
    name = nfc(name).strip()
    rules.check_name(name)
    now, token = clock.now(), queries.new_token()
    with Database(settings.database, settings.data_dir) as database, database.write() as db:
        added = _add(db, name, role=role, unit_codes=unit_codes, password_hash="", at=now)
        account_queries.new_link(db, token, added, at=now, days=settings.invite_days, by=None)
    return join_link(settings, token, at=now)


def _add(
    db: Session, name: str, *, role: str, unit_codes: Sequence[str], password_hash: str, at: datetime
) -> Person:
    unit_ids = [units.find(db, code, on=clock.local_date(at)).id for code in unit_codes]
    return queries.add(db, name, role=role, password_hash=password_hash, unit_ids=unit_ids, at=at)


def reset_person(settings: Settings, name: str) -> Link:
    """Take a password away, for the last administrator too. Raises `NotFound`, `Conflict` for a closed account."""
    now, token = clock.now(), queries.new_token()
    with _somebody(settings, name) as (db, found):
        account_queries.new_link(db, token, found, at=now, days=settings.invite_days, by=None)
    return join_link(settings, token, at=now)


def disable_person(settings: Settings, name: str) -> None:
    """Close an account. Raises `NotFound`, `Conflict` for the last administrator."""
    with _somebody(settings, name) as (db, found):
        account_queries.disable(db, found, at=clock.now(), by=None)


def enable_person(settings: Settings, name: str) -> None:
    """Open a closed account again. Raises `NotFound`."""
    with _somebody(settings, name) as (db, found):
        account_queries.enable(db, found, at=clock.now(), by=None)


def list_people(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Name, role, state and codes of units of every account."""
    with Database(settings.database, settings.data_dir) as database, database.read() as db:
        brief, of_person = units.brief(db), account_queries.every_unit_ids(db)
        return [
            (
                each.name,
                each.role,
                account_rules.state_of(each.password_hash, closed=each.disabled_at is not None),
                ",".join(sorted(str(brief[unit_id]["code"]) for unit_id in of_person.get(each.id, ()))),
            )
            for each in account_queries.every(db)
        ]


@contextmanager
def _somebody(settings: Settings, name: str) -> Iterator[tuple[Session, Person]]:
    with Database(settings.database, settings.data_dir) as database, database.write() as db:
        found = queries.by_name(db, name)
        if found is None:
            raise NotFound(N_("There is nobody with that name."))
        yield db, account_queries.to_change(db, found.id)
