"""What an archive says about itself, so that it can be trusted before anything is put in place."""

import hashlib
from pathlib import Path
from typing import IO, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import Unprocessable
from app.i18n import N_

NAME: Final = "manifest.json"
FORMAT: Final = 1
MOST_BYTES: Final = 256 * 1024 * 1024
DUMPS: Final = {"sqlite": "database/taluy.sqlite", "postgresql": "database/taluy.pgdump"}
PHOTOS: Final = "photos"
CHUNK: Final = 1 << 20


class Member(BaseModel):
    """One file of an archive."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^(database/taluy\.(sqlite|pgdump)|photos/[0-9a-f]{2}/[0-9a-f]{62}\.jpg)$")
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """Format and origin of an archive, rows of each table, and the SHA-256 of every member."""

    model_config = ConfigDict(extra="forbid")

    format: int
    app_version: str
    database: Literal["sqlite", "postgresql"]
    revision: str
    created_at: str
    counts: dict[str, int]
    keys_apart: bool
    members: list[Member]


def read(data: bytes) -> Manifest:
    """The manifest in an archive. Raises `Unprocessable` for what is none, or of a format not known here."""
    try:
        found = Manifest.model_validate_json(data)
    except ValidationError:
        raise Unprocessable(
            N_("The file is no backup of this registry: its manifest cannot be read.")
        ) from None
    if found.format != FORMAT:
        raise Unprocessable(
            N_("The backup has format {found}; this version reads format {known}."),
            found=found.format,
            known=FORMAT,
        )
    if len({member.name for member in found.members}) != len(found.members):
        raise Unprocessable(N_("The file is no backup of this registry: its manifest cannot be read."))
    return found


def member_of(name: str, path: Path) -> Member:
    """A file on disk as a member."""
    with path.open("rb") as file:
        size, sha256 = digest(file)
    return Member(name=name, size=size, sha256=sha256)


def digest(file: IO[bytes]) -> tuple[int, str]:
    """Bytes and SHA-256 of what is left in a stream."""
    size, found = 0, hashlib.sha256()
    while chunk := file.read(CHUNK):
        size += len(chunk)
        found.update(chunk)
    return size, found.hexdigest()
