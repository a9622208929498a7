"""What the ward has after the torture, read from its database and its folder of photos."""

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.db import Database
from app.inspections.model import Inspection, Photo
from app.inspections.photo_intake import path_of

if TYPE_CHECKING:
    from tests.phone.torture import Ward


def received(ward: "Ward") -> dict[str, dict[str, Any]]:
    """By id: note, hash of the content, and the hashes of its photos, each of which lies whole in the folder."""
    with Database(ward.settings.database) as database, database.read() as db:
        found: dict[str, dict[str, Any]] = {
            str(visit.id): {"note": visit.note, "sha": visit.content_sha256, "photos": set()}
            for visit in db.scalars(select(Inspection))
        }
        for photo in db.scalars(select(Photo)):
            bytes_ = path_of(ward.folder / "photos", photo.stored_sha256).read_bytes()
            assert hashlib.sha256(bytes_).hexdigest() == photo.stored_sha256
            found[str(photo.inspection_id)]["photos"].add(photo.sha256)
    return found
