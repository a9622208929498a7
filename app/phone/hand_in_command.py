"""`taluy import` of a file that a phone wrote: what would be recorded, then with --apply for good."""

import re
from pathlib import Path
from typing import Final

from app import clock, journal
from app.db import Database
from app.errors import NotFound, TooLarge
from app.i18n import N_
from app.people import queries as people
from app.phone.hand_in import MOST_BYTES, Desk, Handed, Line
from app.phone.hand_in_routes import said
from app.receipts import signer
from app.settings import Settings
from app.transfer.importing import Result
from app.transfer.outcomes import LANGUAGE, Outcome, Verb, shown_code
from app.transfer.report import Report

BEGINNING: Final = re.compile(rb'\s*\{\s*"taluy"\s*:\s*"hand-in"')
PEEKED: Final = 256
VERBS: Final[dict[str, Verb]] = {"stored": "add", "known": "same"}


def is_hand_in(path: Path) -> bool:
    """Whether a file is one that a phone wrote, by its beginning."""
    with path.open("rb") as file:
        return BEGINNING.match(file.read(PEEKED)) is not None


def hand_in(database: Database, settings: Settings, path: Path, *, by: str | None, applying: bool) -> Handed:
    """Take a file, or only see what that would do. Raises `TooLarge`, `NotFound`, `Unprocessable`."""
    if path.stat().st_size > MOST_BYTES:
        raise TooLarge(N_("A file has at most {megabytes} MB."), megabytes=MOST_BYTES // 1024**2)
    carrier = _carrier(database, by) if by is not None else None
    desk = Desk(database, settings, signer(settings.data_dir), carrier, clock.now())
    data = path.read_bytes()
    if not applying:
        return desk.preview(data)
    handed = desk.take(data)
    journal.note("handed_in", person=carrier, author=handed.author.id, **handed.counts())
    return handed


def _carrier(database: Database, name: str) -> int:
    with database.read() as db:
        person = people.by_name(db, name)
    if person is None or person.disabled_at is not None:
        raise NotFound(N_("There is nobody with that name."))
    return person.id


def show(handed: Handed, report: Report) -> None:
    """Print a line for each record, and the totals."""
    result = Result()
    for line in handed.lines:
        outcome = _outcome(line)
        result.counts[outcome.verb] += 1
        report.take(outcome)
    report.show(result)


def _outcome(line: Line) -> Outcome:
    verb = VERBS.get(line.status, "refused")
    code = shown_code(line.place)
    if line.problem is not None:
        return Outcome(line.number, code, verb, reason=said(line.problem, LANGUAGE))
    if line.refused:
        return Outcome(line.number, code, "refused", reason=said(line.refused[0], LANGUAGE))
    photos = line.stored + line.known or None
    return Outcome(line.number, code, verb, values={line.kind: line.id, "photos": photos})
