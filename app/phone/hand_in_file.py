"""Reading and opening the file in which a phone hands over what it could not send; the database is not asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ValidationError

from app import strict_json
from app.errors import Problem, Unprocessable
from app.i18n import N_
from app.inspections import visits
from app.inspections.schemas import InspectionIn
from app.phone.hand_in_schemas import MOST_RECORDS, ContentIn, FileIn, PhotoIn, RecordIn
from app.phone.sealed import Sealed, Unopened, Vault
from app.positions import arrivals
from app.positions.schemas import PositionIn
from app.sent.rules import content_sha256

MOST_COMMAS: Final = 100_000
"""A file of the most records with the most photos has 60,000; parsing turns each into a hundred bytes of memory."""
NO_FILE: Final = N_("This is no file of Taluy's phone app, or it was changed on the way.")


@dataclass(frozen=True)
class Kind:
    """A kind of record: the body that is sent for it, who keeps it, and what the log calls its id."""

    body: type[BaseModel]
    receive: Callable[..., tuple[Mapping[str, Any], bool]]


KINDS: Final[Mapping[str, Kind]] = {
    "inspection": Kind(InspectionIn, visits.receive),
    "position": Kind(PositionIn, arrivals.receive),
}


@dataclass(frozen=True)
class Opened:
    """One record, opened."""

    id: UUID
    kind: str
    body: Any
    sha: str
    photos: frozenset[str]
    sent: list[PhotoIn]


def read(data: bytes) -> FileIn:
    """The file, not opened yet. Raises `Unprocessable` for anything else."""
    if data.count(b",") > MOST_COMMAS:
        raise Unprocessable(NO_FILE, code="no-hand-in")
    try:
        content = strict_json.loads(data)
    except Problem:
        raise Unprocessable(NO_FILE, code="no-hand-in") from None
    if isinstance(content, dict) and content.get("taluy") == "hand-in":
        if content.get("v") != 1:
            raise Unprocessable(
                N_("The file is of a newer app. Bring this service up to date first."), code="hand-in-version"
            )
        if isinstance(records := content.get("records"), list) and len(records) > MOST_RECORDS:
            raise Unprocessable(
                N_("The file holds more than {most} records. Write it again in several."),
                code="hand-in-too-many",
                most=MOST_RECORDS,
            )
    try:
        return FileIn.model_validate(content)
    except ValidationError:
        raise Unprocessable(NO_FILE, code="no-hand-in") from None


def opened(record: RecordIn, key: Vault) -> Opened:
    """What is sealed in a record. Raises `Unopened`, `Problem`, `ValidationError`."""
    sealed, about = Sealed(record.sealed.epk, record.sealed.iv, record.sealed.data), f"record:{record.id}"
    if not key.vouches(sealed, about, record.mac):
        raise Unopened
    content = ContentIn.model_validate(strict_json.loads(key.open(sealed, about)))
    body: Any = KINDS[content.kind].body.model_validate(content.body)
    if content.kind != record.kind or body.place != record.place:
        raise Unopened
    sha = content_sha256(content.body)
    return Opened(record.id, content.kind, body, sha, frozenset(content.photos), record.photos)
