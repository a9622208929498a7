"""Receiving photos of inspections and showing them to those who may see them."""

from pathlib import Path as FilePath
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from app.db import Database, Db, ReadDb
from app.errors import BadRequest, NotFound
from app.i18n import N_
from app.inspections import photo_intake, photo_queries
from app.inspections.photo_arrival import Arrived
from app.inspections.schemas import PhotoChange, PhotoOut
from app.outputs import dump
from app.people.access import Anybody, Now, Officer, Publisher
from app.people.rules import check_covers

router = APIRouter(prefix="/api/photos", tags=["photos"])

Sha = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the bytes sent, in hexadecimal")]
OfInspection = Annotated[UUID, Query(description="Id of the inspection the photo belongs to")]
IMAGE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}
JPEG: dict[int | str, dict[str, Any]] = {200: {"description": "The photo", "content": {"image/jpeg": {}}}}


def folder(request: Request) -> FilePath:
    """Where photos are kept."""
    data_dir: FilePath = request.app.state.settings.data_dir
    return data_dir / "photos"


def _answer(member: dict[str, Any], *, status: int) -> Response:
    return Response(dump(member), status_code=status, media_type="application/json")


@router.put(
    "/{sha256}",
    status_code=201,
    response_model=PhotoOut,
    responses={200: {"description": "Received before", "model": PhotoOut}},
    openapi_extra=IMAGE,
)
def receive(
    sha256: Sha,
    inspection: OfInspection,
    request: Request,
    officer: Officer,  # before the photo: nothing of it is read until it is known who sends
    arrived: Arrived,
    now: Now,
) -> Response:
    """Keep a photo, made new from its pixels. Decoding happens before the database is locked."""
    if arrived.sha256 != sha256:
        raise BadRequest(
            N_("The bytes do not have the SHA-256 of the address. Send them again."), code="wrong-hash"
        )
    state = request.app.state
    database: Database = state.database
    with database.read() as db:
        known = photo_queries.find(db, sha256, inspection)
        visit, unit_ids = photo_queries.visit(db, inspection)
        check_covers(officer, unit_ids)
        photo_queries.check_owner(visit.person_id, officer)
        if known is not None:
            return _answer(photo_queries.member(known), status=200)
        photo_queries.check_room(db, inspection, officer, now=now, per_day=state.settings.photos_per_day)
    taken = photo_intake.take_in(arrived.data())
    stored = photo_intake.store(folder(request), taken.photo)
    thumbnail = photo_intake.store(folder(request), taken.thumbnail)
    with database.write() as db:
        kept, fresh = photo_queries.add(
            db,
            sha256,
            visit,
            taken,
            stored=stored,
            thumbnail=thumbnail,
            by=officer,
            at=now,
            per_day=state.settings.photos_per_day,
        )
        member = photo_queries.member(kept)
    return _answer(member, status=201 if fresh else 200)


@router.get("/{sha256}", response_class=FileResponse, responses=JPEG)
def show(
    sha256: Sha, request: Request, db: ReadDb, caller: Anybody, size: Literal["full", "thumb"] = "full"
) -> Response:
    """A photo as JPEG: published ones for everybody, the others for the unit they belong to."""
    seen = photo_queries.shown(db, sha256, caller)
    if seen is None:
        raise NotFound(N_("There is no such photo, or it is not published."))
    name = seen.thumbnail_sha256 if size == "thumb" else seen.stored_sha256
    path = photo_intake.path_of(folder(request), name)
    if not path.is_file():
        raise NotFound(N_("There is no such photo, or it is not published."))
    cache = "public, no-cache" if seen.published else "private, no-store"
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": cache})


@router.patch("/{sha256}", response_model=PhotoOut)
def publish(
    sha256: Sha, inspection: OfInspection, body: PhotoChange, db: Db, board: Publisher, now: Now
) -> Response:
    """Show one photo to everybody, or take it back."""
    visit, unit_ids = photo_queries.visit(db, inspection)
    check_covers(board, unit_ids)
    changed = photo_queries.publish(db, sha256, visit, published=body.published, at=now, by=board.person_id)
    return _answer(photo_queries.member(changed), status=200)
