"""Receiving photos of inspections and of proposed positions, and showing them to those who may see them."""

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse

from app.db import Db, ReadDb
from app.errors import NotFound, Unprocessable
from app.i18n import N_
from app.inspections import photo_intake, photo_queries
from app.inspections.photo_arrival import Arrived
from app.inspections.photo_keeping import Keeper, wrong_hash
from app.inspections.photo_queries import Kind
from app.inspections.schemas import PhotoChange, PhotoOut
from app.outputs import dump
from app.people.access import Anybody, Now, Publisher, SendingOfficer
from app.people.rules import check_covers

router = APIRouter(prefix="/api/photos", tags=["photos"])

Sha = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the bytes sent, in hexadecimal")]
IMAGE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


@dataclass(frozen=True)
class Record:
    """What a photo belongs to, as the address says it."""

    kind: Kind
    id: UUID


def _of_record(
    inspection: Annotated[UUID | None, Query(description="Id of the inspection the photo belongs to")] = None,
    position: Annotated[UUID | None, Query(description="… or of the proposed position")] = None,
) -> Record:
    if inspection is not None and position is None:
        return Record("inspection", inspection)
    if position is not None and inspection is None:
        return Record("position", position)
    raise Unprocessable(N_("Name either the inspection or the position of the photo."), pointer="?inspection")


OfRecord = Annotated[Record, Depends(_of_record)]
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
    of: OfRecord,
    request: Request,
    officer: SendingOfficer,  # before the photo: nothing of it is read until it is known who sends
    arrived: Arrived,
    now: Now,
) -> Response:
    """Keep a photo, made new from its pixels. In pieces that can be resumed: `/api/uploads`."""
    if arrived.sha256 != sha256:
        raise wrong_hash()
    keeper = Keeper.of(request)
    record, known = keeper.wanted(sha256, of.id, officer, now, of.kind)
    if known is not None:
        return _answer(photo_queries.member(known), status=200)
    member, fresh = keeper.keep(arrived.data(), sha256, record, officer, now)
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
def publish(sha256: Sha, of: OfRecord, body: PhotoChange, db: Db, board: Publisher, now: Now) -> Response:
    """Show one photo to everybody, or take it back."""
    record = photo_queries.owner(db, of.id, of.kind)
    check_covers(board, record.unit_ids)
    changed = photo_queries.publish(db, sha256, record, published=body.published, at=now, by=board.person_id)
    return _answer(photo_queries.member(changed), status=200)
