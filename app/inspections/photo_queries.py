"""Photos in the database: who may add and see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound, TooMany, Unprocessable
from app.i18n import N_
from app.inspections import queries
from app.inspections.model import Inspection, Photo
from app.inspections.photo_intake import MAX_PER_INSPECTION, Renditions
from app.log import queries as log
from app.people.rules import Caller

MANY = 10**9
"""No daily allowance: for photos that the installation itself puts in."""


def find(db: Session, sha256: str, inspection_id: UUID) -> Photo | None:
    """The photo of an inspection by the hash of the bytes sent."""
    return db.scalar(select(Photo).where(Photo.sha256 == sha256, Photo.inspection_id == inspection_id))


def visit(db: Session, inspection_id: UUID) -> tuple[Inspection, frozenset[int]]:
    """The inspection and the ids of its place's units. Raises `NotFound`."""
    found = queries.find(db, inspection_id)
    if found is None:
        raise NotFound(N_("Send the inspection first, then its photos."), code="no-such-inspection")
    return found, queries.unit_ids(db, [found])[found.id]


def lacking(db: Session, inspection_id: UUID, photos: Sequence[str]) -> list[str]:
    """Those of `photos` (hashes of the bytes sent) that the inspection does not have yet, in the same order."""
    there = set(db.scalars(select(Photo.sha256).where(Photo.inspection_id == inspection_id)))
    return [sha256 for sha256 in photos if sha256 not in there]


def check_owner(person_id: int, caller: Caller) -> None:
    """Photos are added by the observer or the board. Raises `NotFound`, as for an inspection that is not there."""
    if caller.person_id != person_id and not caller.may("edit_places"):
        raise NotFound(N_("Send the inspection first, then its photos."), code="no-such-inspection")


def check_room(db: Session, inspection_id: UUID, caller: Caller, *, now: datetime, per_day: int) -> None:
    """Raise `Unprocessable` past ten photos of an inspection, `TooMany` past the day's allowance."""
    here = db.scalar(select(func.count()).where(Photo.inspection_id == inspection_id)) or 0
    if here >= MAX_PER_INSPECTION:
        raise Unprocessable(
            N_("An inspection has at most {most} photos."), code="too-many-photos", most=MAX_PER_INSPECTION
        )
    since = now - timedelta(days=1)
    today = select(func.count()).where(Photo.person_id == caller.person_id, Photo.received_at > since)
    if (db.scalar(today) or 0) >= per_day:
        raise TooMany(
            N_("At most {most} photos a day. Keep the rest and send them tomorrow."),
            headers={"Retry-After": "3600"},
            most=per_day,
        )


def add(
    db: Session,
    sha256: str,
    seen: Inspection,
    taken: Renditions,
    *,
    stored: str,
    thumbnail: str,
    by: Caller,
    at: datetime,
    per_day: int = MANY,
) -> tuple[Photo, bool]:
    """Keep a photo's row; False where another request kept it a moment before."""
    db.get(Inspection, seen.id, with_for_update=True)
    if (known := find(db, sha256, seen.id)) is not None:
        return known, False
    check_room(db, seen.id, by, now=at, per_day=per_day)
    photo = Photo(
        inspection_id=seen.id,
        sha256=sha256,
        stored_sha256=stored,
        thumbnail_sha256=thumbnail,
        width=taken.width,
        height=taken.height,
        received_at=at,
        person_id=by.person_id or seen.person_id,
        taken_at=taken.taken_at,
        taken_lon=taken.lon,
        taken_lat=taken.lat,
        published=False,
    )
    db.add(photo)
    db.flush()
    after = {"inspection": str(seen.id), "sha256": sha256, "stored": stored}
    log.append(db, "photo", queries.place_code(db, seen), at=at, by=by.person_id, after=after)
    return photo, True


def shown(db: Session, sha256: str, caller: Caller) -> Photo | None:
    """The photo with this hash that `caller` may see, if there is one."""
    candidates = db.scalars(
        select(Photo).where(Photo.sha256 == sha256).order_by(Photo.published.desc())
    ).all()
    for photo in candidates:
        if photo.published:
            return photo
        if caller.may("read_internal"):
            _, unit_ids = visit(db, photo.inspection_id)
            if caller.covers(unit_ids):
                return photo
    return None


def publish(
    db: Session, sha256: str, seen: Inspection, *, published: bool, at: datetime, by: int | None
) -> Photo:
    """Show a photo to everybody or take it back. Raises `NotFound`."""
    photo = find(db, sha256, seen.id)
    if photo is None:
        raise NotFound(N_("There is no such photo, or it is not published."))
    db.refresh(photo, with_for_update=True)  # a twin of this request may just have done the same
    if photo.published != published:
        which = {"inspection": str(seen.id), "sha256": sha256}
        photo.published = published
        log.append(
            db,
            "publish" if published else "unpublish",
            queries.place_code(db, seen),
            at=at,
            by=by,
            before={**which, "published": not published},
            after={**which, "published": published},
        )
    return photo


def member(photo: Photo) -> dict[str, Any]:
    """A photo on the wire."""
    return {
        "sha256": photo.sha256,
        "inspection": photo.inspection_id,
        "width": photo.width,
        "height": photo.height,
        "received_at": photo.received_at,
        "published": photo.published,
    }
