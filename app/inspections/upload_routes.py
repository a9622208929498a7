"""Photos in pieces that can be resumed (tus 1.0.0): cut anywhere, at most the piece under way is sent again."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from app.errors import BadRequest, NotFound, Unprocessable
from app.inspections import upload_files, uploads
from app.inspections.photo_arrival import PHOTOS
from app.inspections.photo_keeping import Keeper, check_hash
from app.inspections.photo_queries import Owner
from app.inspections.photo_routes import Sha
from app.inspections.upload_files import Upload
from app.people.access import Everybody, Now, SendingOfficer, own_person
from app.people.rules import Caller

router = APIRouter(include_in_schema=False, prefix="/api/uploads", tags=["photos"])

ADDRESS: Final = "/{record}/{sha256}"
Record = Annotated[UUID, Path(description="Id of the inspection or the proposed position")]
PIECE: dict[str, Any] = {
    "requestBody": {"content": {uploads.PIECE: {"schema": {"type": "string", "format": "binary"}}}}
}


@dataclass(frozen=True)
class Coming:
    """A photo that somebody sends: who, when, of what, and as much of it as is known."""

    keeper: Keeper
    of: Owner
    digest: str
    by: Caller
    at: datetime
    folder: FilePath
    kept_bytes: int | None
    """Length of the photo where it is kept already, else None."""

    @property
    def address(self) -> str:
        """Where it is sent to."""
        return f"{router.prefix}/{self.of.id}/{self.digest}"

    def upload(self) -> Upload:
        """What is under way. Raises `NotFound`."""
        found = upload_files.find(self.folder, self.of.id, self.digest)
        if found is None:
            raise upload_files.gone()
        return found

    def kept_meanwhile(self) -> dict[str, str]:
        """Headers of an upload that is gone because another request has made the photo of it. Raises `NotFound`.

        The bytes of a connection that was cut may arrive, and finish the photo, while somebody asks where to go on.
        """
        _, known = self.keeper.wanted(self.digest, self.of.id, self.by, self.at)
        if known is None:
            raise upload_files.gone()
        return uploads.finished(known.sent_bytes or 0, self.digest)

    async def go_on(self, request: Request, upload: Upload, offset: int) -> dict[str, str]:
        """Take the bytes as they arrive, from `offset` on; with the last one the photo is kept.

        Gives the headers of the answer.
        """
        upload.check_end(offset + int(request.headers.get("content-length", "0")))
        async for piece in request.stream():
            if piece:
                offset = await run_in_threadpool(upload.append, offset, piece)
        if offset < upload.length:
            there = await run_in_threadpool(upload.offset)
            return uploads.progress(there, expires=upload.expires())
        async with PHOTOS.turn():
            await run_in_threadpool(self._keep, upload)
        return uploads.finished(upload.length, self.digest)

    def _keep(self, upload: Upload) -> None:
        """Make a photo of what has arrived; what can never become one is dropped."""
        try:
            data = upload.read()
            check_hash(data, self.digest)
            self.keeper.keep(data, self.digest, self.of, self.by, self.at)
        except (BadRequest, Unprocessable):
            upload.drop()
            raise
        except NotFound:  # somebody else, who sent the last byte too, was faster
            if not self.keeper.has(self.digest, self.of):
                raise
        upload.drop()


def _coming(request: Request, record: UUID, digest: str, by: Caller, at: datetime) -> Coming:
    keeper = Keeper.of(request)
    of, known = keeper.wanted(digest, record, by, at)
    folder = upload_files.folder_of(request.app.state.settings.data_dir, own_person(by))
    return Coming(keeper, of, digest, by, at, folder, None if known is None else known.sent_bytes or 0)


def _announced(request: Request, officer: SendingOfficer, wanted: uploads.Wanted, now: Now) -> Coming:
    """Asked before a byte of the photo is read."""
    return _coming(request, wanted.record_id, wanted.digest, officer, now)


def _addressed(request: Request, officer: SendingOfficer, record: Record, sha256: Sha, now: Now) -> Coming:
    return _coming(request, record, sha256, officer, now)


Announced = Annotated[Coming, Depends(_announced)]
Addressed = Annotated[Coming, Depends(_addressed)]


@router.options("", status_code=204)
async def offered(_caller: Everybody) -> Response:
    """What of tus is spoken here."""
    return Response(status_code=204, headers=uploads.OFFERED)


@router.post("", status_code=201, dependencies=[uploads.Version], openapi_extra=PIECE)
async def begin(request: Request, coming: Announced, wanted: uploads.Wanted, now: Now) -> Response:
    """Begin an upload, or find where it goes on. The first piece may come along; a photo that is kept is said to be."""
    headers = {"Location": coming.address}
    brings = uploads.brings_bytes(request)
    if coming.kept_bytes is not None:
        return Response(status_code=201, headers=headers | uploads.finished(wanted.length, wanted.digest))
    upload = await run_in_threadpool(
        upload_files.begin, coming.folder, wanted.record_id, wanted.digest, wanted.length, now=now
    )
    offset = await run_in_threadpool(upload.offset)
    if brings and offset == 0:
        headers |= await coming.go_on(request, upload, 0)
    else:
        headers |= uploads.progress(offset, expires=upload.expires())
    return Response(status_code=201, headers=headers)


@router.head(ADDRESS, dependencies=[uploads.Version])
def where(coming: Addressed) -> Response:
    """Where the upload goes on; at its end, with `Taluy-Held`, once the photo is kept."""
    if coming.kept_bytes is not None:
        return Response(headers=uploads.finished(coming.kept_bytes, coming.digest))
    try:
        upload = coming.upload()
        there = upload.offset()
    except NotFound:
        return Response(headers=coming.kept_meanwhile())
    return Response(headers=uploads.progress(there, expires=upload.expires(), length=upload.length))


@router.patch(ADDRESS, status_code=204, dependencies=[uploads.Version], openapi_extra=PIECE)
async def go_on(request: Request, coming: Addressed, offset: uploads.Offset) -> Response:
    """Take the next piece, at most 256 kB. With the last byte the photo is checked and kept before this is answered."""
    if not uploads.brings_bytes(request):
        raise uploads.other_bytes()
    if coming.kept_bytes is not None:
        if offset != coming.kept_bytes:
            raise upload_files.wrong_offset(coming.kept_bytes)
        return Response(status_code=204, headers=uploads.finished(coming.kept_bytes, coming.digest))
    try:
        upload = coming.upload()
        there = await run_in_threadpool(upload.offset)
        if offset != there:
            raise upload_files.wrong_offset(there)
        headers = await coming.go_on(request, upload, offset)
    except NotFound:
        headers = await run_in_threadpool(coming.kept_meanwhile)
    return Response(status_code=204, headers=headers)


@router.delete(ADDRESS, status_code=204, dependencies=[uploads.Version])
def stop(coming: Addressed) -> Response:
    """Forget what has arrived. A photo that is kept stays."""
    coming.upload().drop()
    return Response(status_code=204)
