"""From the bytes of a photo that is there whole to its files and its row: the same path however it came."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from fastapi import Request

from app.db import Database
from app.errors import BadRequest
from app.i18n import N_
from app.inspections import photo_intake, photo_queries
from app.inspections.model import Photo
from app.inspections.photo_queries import Kind, Owner
from app.people.rules import Caller


@dataclass(frozen=True)
class Keeper:
    """Keeps photos of one installation, at most `per_day` of a person in a day."""

    database: Database
    folder: Path
    per_day: int

    @classmethod
    def of(cls, request: Request) -> Self:
        """The one of the service that was asked."""
        state = request.app.state
        return cls(state.database, state.settings.data_dir / "photos", state.settings.photos_per_day)

    def wanted(
        self, digest: str, record_id: UUID, by: Caller, at: datetime, kind: Kind | None = None
    ) -> tuple[Owner, Photo | None]:
        """What the photo belongs to, and the photo where it is kept already.

        Raises `NotFound` and `Forbidden` for a record that `by` may add no photos to, `Unprocessable` and `TooMany`
        where there is no room for this one.
        """
        with self.database.read() as db:
            of = photo_queries.sendable(db, record_id, by, kind)
            known = photo_queries.find(db, digest, record_id)
            if known is None:
                photo_queries.check_room(db, of, by, now=at, per_day=self.per_day)
            return of, known

    def has(self, digest: str, of: Owner) -> bool:
        """Whether the photo is kept."""
        with self.database.read() as db:
            return photo_queries.find(db, digest, of.id) is not None

    def keep(
        self, data: bytes, digest: str, of: Owner, by: Caller, at: datetime
    ) -> tuple[dict[str, Any], bool]:
        """Keep a photo, made new from its pixels, and give it and whether it is new. Blocks: call it in a thread.

        Decoding happens before the database is locked. Raises what `photo_intake.take_in` and `store` raise.
        """
        taken = photo_intake.take_in(data)
        stored = photo_intake.store(self.folder, taken.photo)
        thumbnail = photo_intake.store(self.folder, taken.thumbnail)
        with self.database.write() as db:
            kept, fresh = photo_queries.add(
                db,
                digest,
                of,
                taken,
                stored=stored,
                thumbnail=thumbnail,
                by=by,
                at=at,
                sent_bytes=len(data),
                per_day=self.per_day,
            )
            return photo_queries.member(kept), fresh


def check_hash(data: bytes, digest: str) -> None:
    """Raise `BadRequest` where `data` is not what its address says."""
    if sha256(data).hexdigest() != digest:
        raise wrong_hash()


def wrong_hash() -> BadRequest:
    """For bytes that are not what their address says."""
    return BadRequest(
        N_("The bytes do not have the SHA-256 of the address. Send them again."), code="wrong-hash"
    )
