"""Photos in the database: who may add and see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound, TooMany, Unprocessable
from app.i18n import N_
from app.inspections import queries
from app.inspections.model import Inspection, Photo
from app.inspections.photo_intake import MAX_PER_INSPECTION, Renditions
from app.log import queries as log
from app.people.rules import Caller, check_covers
from app.positions import queries as positions
from app.positions.model import PositionProposal

Kind = Literal["inspection", "position"]
MANY = 10**9
"""No daily allowance: for photos that the installation itself puts in."""


@dataclass(frozen=True)
class Owner:
    """What a photo belongs to: an inspection or a proposed position, who made it, and its place with its units."""

    kind: Kind
    id: UUID
    person_id: int
    place: str
    unit_ids: frozenset[int] = frozenset()

    @property
    def link(self) -> dict[str, UUID]:
        """The column of a photo that names this record."""
        return {f"{self.kind}_id": self.id}


def _of(record_id: UUID) -> ColumnElement[bool]:
    return or_(Photo.inspection_id == record_id, Photo.position_id == record_id)


def find(db: Session, sha256: str, record_id: UUID) -> Photo | None:
    """The photo of an inspection or a position by the hash of the bytes sent."""
    return db.scalar(select(Photo).where(Photo.sha256 == sha256, _of(record_id)))


def owner(db: Session, record_id: UUID, kind: Kind | None = None) -> Owner:
    """The inspection or the position (where `kind` says so, only that) with this id. Raises `NotFound`."""
    visit = queries.find(db, record_id) if kind != "position" else None
    if visit is not None:
        return of_visit(db, visit, queries.unit_ids(db, [visit])[visit.id])
    position = positions.find(db, record_id) if kind != "inspection" else None
    if position is None:
        raise _not_there(kind)
    place = positions.place_of(db, position)
    return Owner("position", position.id, position.person_id, place.record.code, place.unit_ids)


def sendable(db: Session, record_id: UUID, caller: Caller, kind: Kind | None = None) -> Owner:
    """The record that `caller` may add photos to: its observer or the board, of its units.

    Raises `Forbidden`, and `NotFound` where it is somebody else's, as for a record that is not there.
    """
    of = owner(db, record_id, kind)
    check_covers(caller, of.unit_ids)
    if caller.person_id != of.person_id and not caller.may("edit_places"):
        raise _not_there(kind)
    return of


def of_visit(db: Session, visit: Inspection, unit_ids: frozenset[int] = frozenset()) -> Owner:
    """An inspection that is at hand, as what its photos belong to."""
    return Owner("inspection", visit.id, visit.person_id, queries.place_code(db, visit), unit_ids)


def _not_there(kind: Kind | None) -> NotFound:
    return NotFound(N_("Send the text first, then its photos."), code=f"no-such-{kind or 'record'}")


def held(db: Session, record_id: UUID, photos: Sequence[str]) -> list[str]:
    """Those of `photos` (hashes of the bytes sent) that the inspection or position has, in the same order."""
    there = set(db.scalars(select(Photo.sha256).where(_of(record_id))))
    return [sha256 for sha256 in photos if sha256 in there]


def check_room(db: Session, of: Owner, caller: Caller, *, now: datetime, per_day: int) -> None:
    """Raise `Unprocessable` past ten photos of a record, `TooMany` past the day's allowance."""
    here = db.scalar(select(func.count()).where(_of(of.id))) or 0
    if here >= MAX_PER_INSPECTION:
        raise Unprocessable(
            N_("An inspection or a position has at most {most} photos."),
            code="too-many-photos",
            most=MAX_PER_INSPECTION,
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
    of: Owner,
    taken: Renditions,
    *,
    stored: str,
    thumbnail: str,
    by: Caller,
    at: datetime,
    sent_bytes: int | None = None,
    per_day: int = MANY,
) -> tuple[Photo, bool]:
    """Keep a photo's row; False where another request kept it a moment before."""
    model: Any = Inspection if of.kind == "inspection" else PositionProposal
    db.get(model, of.id, with_for_update=True)
    if (known := find(db, sha256, of.id)) is not None:
        return known, False
    check_room(db, of, by, now=at, per_day=per_day)
    photo = Photo(
        **of.link,
        sha256=sha256,
        sent_bytes=sent_bytes,
        stored_sha256=stored,
        thumbnail_sha256=thumbnail,
        width=taken.width,
        height=taken.height,
        received_at=at,
        person_id=by.person_id or of.person_id,
        taken_at=taken.taken_at,
        taken_lon=taken.lon,
        taken_lat=taken.lat,
        published=False,
    )
    db.add(photo)
    db.flush()
    after = {of.kind: str(of.id), "sha256": sha256, "stored": stored}
    log.append(db, "photo", of.place, at=at, by=by.person_id, after=after)
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
            record_id = photo.inspection_id or photo.position_id
            if record_id is not None and caller.covers(owner(db, record_id).unit_ids):
                return photo
    return None


def publish(db: Session, sha256: str, of: Owner, *, published: bool, at: datetime, by: int | None) -> Photo:
    """Show a photo to everybody or take it back. Raises `NotFound`."""
    photo = find(db, sha256, of.id)
    if photo is None:
        raise NotFound(N_("There is no such photo, or it is not published."))
    db.refresh(photo, with_for_update=True)  # a twin of this request may just have done the same
    if photo.published != published:
        which = {of.kind: str(of.id), "sha256": sha256}
        photo.published = published
        log.append(
            db,
            "publish" if published else "unpublish",
            of.place,
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
        **({"position": photo.position_id} if photo.position_id else {"inspection": photo.inspection_id}),
        "width": photo.width,
        "height": photo.height,
        "received_at": photo.received_at,
        "published": photo.published,
    }
