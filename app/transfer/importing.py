"""Reading a file twice: first to see what it would do, then, in one transaction, to do it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.errors import Conflict, NotFound
from app.i18n import N_
from app.log import queries as log
from app.people import queries as people
from app.people.rules import Caller, check_may
from app.transfer import columns, files, plan
from app.transfer.grids import Grid
from app.transfer.kinds import KINDS
from app.transfer.outcomes import Outcome, Verb

BATCH: Final = 500

Opened = Callable[[str], AbstractContextManager[IO[bytes]]]
"""Opens the file for one pass, which it is told the name of."""


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line."""

    kind: str
    crs: int | None = None
    unit: str | None = None
    by: str | None = None
    skip_refused: bool = False


@dataclass
class Result:
    """How many rows become what; `unused` are columns that nobody reads."""

    counts: dict[Verb, int] = field(default_factory=lambda: {"add": 0, "change": 0, "same": 0, "refused": 0})
    unused: list[str] = field(default_factory=list)


def preview(database: Database, opened: Opened, order: Order, tell: Callable[[Outcome], None]) -> Result:
    """See what the file would do; every outcome is told as it is found."""
    result = Result()
    with database.read() as db, opened("read") as file:
        wanted = _wanted(db, order)
        for batch in _planned(db, file, wanted, lock=False):
            for outcome in batch:
                result.counts[outcome.verb] += 1
                tell(outcome)
            db.expunge_all()
    result.unused = columns.unused(wanted.fields, order.kind)
    return result


def apply(database: Database, opened: Opened, order: Order) -> None:
    """Do what the file says, all of it or nothing. Raises `Conflict` where rows are refused and not to be skipped.

    Everything is planned again inside the transaction, so that it rests on what is there at that moment.
    """
    try:
        with database.write() as db, log.collected(db), opened("write") as file:
            wanted = _wanted(db, order)
            by, at = wanted.by.person_id if wanted.by else None, clock.now()
            for batch in _planned(db, file, wanted, lock=True):
                for outcome in batch:
                    _check_wanted(outcome, skip=order.skip_refused)
                    if outcome.verb == "change":
                        wanted.kind.change(db, outcome, at=at, by=by)
                if fresh := [outcome for outcome in batch if outcome.verb == "add"]:
                    wanted.kind.add(db, fresh, at=at, by=by)
                db.flush()
                db.expunge_all()
    except IntegrityError:
        raise Conflict(
            N_("Somebody changed the same records at this moment. Nothing was written; run it again.")
        ) from None


def _check_wanted(outcome: Outcome, *, skip: bool) -> None:
    if outcome.verb == "refused" and not skip:
        raise Conflict(N_("Rows were refused, so nothing was written. Correct them, or add --skip-refused."))


def _wanted(db: Session, order: Order) -> plan.Wanted:
    return plan.Wanted(
        kind=KINDS[order.kind],
        grid=Grid(order.crs) if order.crs is not None else None,
        unit=order.unit,
        by=_caller(db, order.by) if order.by is not None else None,
        today=clock.today(),
    )


def _caller(db: Session, name: str) -> Caller:
    """Who answers for the import. Raises `NotFound`, or `Forbidden` for somebody who may not change places."""
    person = people.by_name(db, name)
    if person is None or person.disabled_at is not None:
        raise NotFound(N_("There is nobody with that name."))
    caller = people.as_caller(db, person)
    check_may(caller, "edit_places")
    return caller


def _planned(db: Session, file: IO[bytes], wanted: plan.Wanted, *, lock: bool) -> Iterator[list[Outcome]]:
    known = plan.Units(db, wanted.today)
    if wanted.unit is not None:
        known.find(wanted.unit)
    for rows in _batches(files.rows(file)):
        yield plan.outcomes(db, rows, wanted, known, lock=lock)


def _batches(rows: Iterable[files.Row]) -> Iterator[list[files.Row]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        yield batch
