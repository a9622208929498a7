"""Taking what a phone wrote into a file: each record as its author would have sent it, with who carried it logged.

The file says who the author is, and only a phone on which they signed in can have made it (see `sealed`). They act with
the role and the units that they have today; a closed account still may, since nothing that was seen is to be lost, an
erased one is nobody any more. Each record is a transaction of its own and kept once, however often it comes and by
whichever way.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Conflict, OutOfSpace, Problem, Unauthorized, Unavailable, Unprocessable
from app.i18n import N_
from app.inspections import photo_intake, photo_queries
from app.keys import unlock_key
from app.log import queries as log
from app.people import queries as people
from app.people.model import Person
from app.people.rules import Caller
from app.phone.hand_in_file import KINDS, Opened, opened, read
from app.phone.hand_in_queries import hold
from app.phone.hand_in_schemas import FileIn, PhotoIn, RecordIn
from app.phone.sealed import Sealed, Unopened, Vault, vault
from app.receipts import Sign
from app.settings import Settings

Status = Literal["stored", "known", "conflict", "refused", "later"]
MOST_BYTES: Final = 12 * 1024 * 1024
NOT_OPENED: Final = N_(
    "The file cannot be opened here: it is from another installation, or was changed on the way."
)
CHANGED: Final = N_(
    "This record cannot be opened: it was changed on the way, or no phone of its author made it."
)


@dataclass
class Line:
    """What became of one record. `photos` are those of the file: stored now, there already, or why not."""

    number: int
    id: str = ""
    kind: str = ""
    place: str = ""
    status: Status = "refused"
    received_at: datetime | None = None
    problem: Problem | ValidationError | None = None
    stored: int = 0
    known: int = 0
    refused: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Handed:
    """What became of a file: whose it is, whether their account is closed, and a line for each record."""

    author: Person
    lines: list[Line]

    def counts(self) -> dict[str, int]:
        """How many records became what."""
        return dict(Counter(line.status for line in self.lines))

    def whole(self) -> bool:
        """Whether everything in the file is with the ward now."""
        return all(line.status in ("stored", "known") and not line.refused for line in self.lines)


@dataclass(frozen=True)
class Desk:
    """Where files are handed in; `carrier` is None for the command line."""

    database: Database
    settings: Settings
    sign: Sign
    carrier: int | None
    at: datetime

    def take(self, data: bytes) -> Handed:
        """Keep every record of a file that can be kept. Raises `Unprocessable` where the file cannot be opened."""
        file, author, key = self._opened(data)
        lines = [Line(number) for number in range(1, len(file.records) + 1)]
        for line, raw in zip(lines, file.records, strict=True):
            with telling(line):
                self._taken(line, key, raw, author.id)
        return Handed(author, lines)

    def preview(self, data: bytes) -> Handed:
        """What `take` would do: everything is undone at the end. Of photos it only says which are there already."""
        file, author, key = self._opened(data)
        lines = [Line(number) for number in range(1, len(file.records) + 1)]
        with suppress(_Undone), self.database.write() as db:
            for line, raw in zip(lines, file.records, strict=True):
                with telling(line):
                    record = _open(line, key, raw)
                    with db.begin_nested():
                        self._keep(db, line, record, author.id)
                    line.known = sum(_has(db, record, photo.sha) for photo in record.sent)
                    line.stored = len(record.sent) - line.known
            raise _Undone
        return Handed(author, lines)

    def _opened(self, data: bytes) -> tuple[FileIn, Person, Vault]:
        file = read(data)
        opens = unlock_key(self.settings.data_dir, file.person)
        try:
            key = vault(opens, file.person, file.public_key, file.wrapped.iv, file.wrapped.data)
        except Unopened:
            raise Unprocessable(NOT_OPENED, code="hand-in-not-opened") from None
        with self.database.read() as db:
            author = _known(db.get(Person, file.person))
        return file, author, key

    def _taken(self, line: Line, key: Vault, raw: Any, author_id: int) -> None:
        record = _open(line, key, raw)
        with self.database.write() as db:
            self._keep(db, line, record, author_id)
        for photo in record.sent:
            try:
                self._photo(line, key, record, photo, author_id)
            except Unopened:
                line.refused.append(Unprocessable(CHANGED, code="hand-in-changed"))
            except Problem as problem:
                line.refused.append(problem)

    def _keep(self, db: Session, line: Line, record: Opened, author_id: int) -> None:
        author = self._author(db, author_id)
        receipt, fresh = KINDS[record.kind].receive(
            db, record.id, record.body, record.sha, by=author, at=self.at, sign=self.sign
        )
        if fresh:
            self._log(db, line, {record.kind: str(record.id)})
        line.status = "stored" if fresh else "known"
        line.received_at = datetime.fromisoformat(receipt["received_at"])

    def _author(self, db: Session, author_id: int) -> Caller:
        """The author as they may act now; they and the carrier are held, before anything else is."""
        held = hold(db, (author_id, self.carrier))
        if self.carrier is not None and held[self.carrier].disabled_at is not None:
            raise Unauthorized(N_("Sign in first, then do this again."))
        caller = people.as_caller(db, _known(held.get(author_id)), "device")
        if not caller.may("inspect"):
            raise Unprocessable(
                N_(
                    "The author's account may not log inspections any more. The file stays good: ask the ward."
                ),
                code="hand-in-author",
            )
        return caller

    def _log(self, db: Session, line: Line, what: Mapping[str, Any]) -> None:
        log.append(db, "hand_in", line.place, at=self.at, by=self.carrier, after=what)

    def _photo(self, line: Line, key: Vault, record: Opened, photo: PhotoIn, author_id: int) -> None:
        """Keep one photo. It is decoded before the database is locked."""
        sealed = Sealed(photo.sealed.epk, photo.sealed.iv, photo.sealed.data)
        data = key.open(sealed, f"photo:{record.id}/{photo.sha}")
        if photo.sha not in record.photos or sha256(data).hexdigest() != photo.sha:
            raise Unopened
        per_day = self.settings.photos_per_day
        with self.database.read() as db:
            if _has(db, record, photo.sha):
                line.known += 1
                return
            author = people.as_caller(db, db.get_one(Person, author_id), "device")
            of = photo_queries.owner(db, record.id)
            photo_queries.check_room(db, of, author, now=self.at, per_day=per_day)
        taken = photo_intake.take_in(data)
        folder = self.settings.data_dir / "photos"
        stored = photo_intake.store(folder, taken.photo)
        thumbnail = photo_intake.store(folder, taken.thumbnail)
        with self.database.write() as db:
            author = self._author(db, author_id)
            _kept, fresh = photo_queries.add(
                db,
                photo.sha,
                of,
                taken,
                stored=stored,
                thumbnail=thumbnail,
                by=author,
                at=self.at,
                sent_bytes=len(data),
                per_day=per_day,
            )
            if fresh:
                self._log(db, line, {record.kind: str(record.id), "sha256": photo.sha})
        line.stored, line.known = line.stored + fresh, line.known + (not fresh)


class _Undone(Exception):
    """What was tried is taken back."""


@contextmanager
def telling(line: Line) -> Iterator[None]:
    """Write down in `line` why its record cannot be taken, and go on with the next."""
    try:
        yield
    except (Unopened, ValidationError, Problem) as error:
        line.status, line.received_at = "refused", None
        if isinstance(error, Conflict):
            line.status = "conflict"
        elif isinstance(error, (Unavailable, OutOfSpace)):
            line.status = "later"
        line.problem = (
            Unprocessable(CHANGED, code="hand-in-changed") if isinstance(error, Unopened) else error
        )


def _open(line: Line, key: Vault, raw: Any) -> Opened:
    """A record, and in `line` what it says of itself."""
    record = RecordIn.model_validate(raw)
    line.id, line.kind, line.place = str(record.id), record.kind, record.place
    return opened(record, key)


def _has(db: Session, record: Opened, sha: str) -> bool:
    return photo_queries.find(db, sha, record.id) is not None


def _known(author: Person | None) -> Person:
    """The author. Raises `Unprocessable` for nobody, and for somebody who was erased."""
    if author is None:
        raise Unprocessable(NOT_OPENED, code="hand-in-not-opened")
    if author.erased_at is not None:
        raise Unprocessable(
            N_("The author of this file was erased from the registry, so nothing can be taken as theirs."),
            code="hand-in-erased",
        )
    return author
