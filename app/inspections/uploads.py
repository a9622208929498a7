"""The tus protocol, version 1.0.0, as far as it is headers: what a request says, and what an answer says.

Source: https://tus.io/protocols/resumable-upload; of its extensions creation, creation-with-upload, expiration and
termination.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Request

from app.errors import BadRequest, PreconditionFailed, TooLarge, UnsupportedMedia
from app.i18n import N_
from app.inspections.photo_intake import MAX_BYTES, SHA256

VERSION: Final = "1.0.0"
PIECE: Final = "application/offset+octet-stream"
OFFERED: Final = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,expiration,termination",
    "Tus-Max-Size": str(MAX_BYTES),
}
NUMBER_DIGITS: Final = 12


def _check_version(
    tus_resumable: Annotated[str | None, Header(description="Version of the tus protocol: 1.0.0")] = None,
) -> None:
    if tus_resumable != VERSION:
        raise PreconditionFailed(
            N_("Say Tus-Resumable: {version}; no other version of tus is spoken here."),
            code="tus-version",
            headers={"Tus-Version": VERSION},
            version=VERSION,
        )


Version = Depends(_check_version)


@dataclass(frozen=True)
class Announced:
    """A photo that is about to come: of which record, its hash, its length in bytes."""

    record_id: UUID
    digest: str
    length: int


def _announced(
    upload_length: Annotated[str | None, Header(description="Bytes of the whole photo")] = None,
    upload_metadata: Annotated[
        str | None, Header(description="`record <base64 of its id>,sha256 <base64 of the hexadecimal hash>`")
    ] = None,
) -> Announced:
    length = _number(upload_length)
    if length == 0:
        raise _unreadable()
    if length > MAX_BYTES:
        raise TooLarge(
            N_("A photo has at most {megabytes} MB."),
            headers={"Tus-Max-Size": str(MAX_BYTES)},
            megabytes=MAX_BYTES // 1024**2,
        )
    said = _metadata(upload_metadata or "")
    try:
        record_id, digest = UUID(said["record"]), said["sha256"]
    except (KeyError, ValueError):
        raise _unreadable() from None
    if not SHA256.fullmatch(digest):
        raise _unreadable()
    return Announced(record_id, digest, length)


def _metadata(text: str) -> Mapping[str, str]:
    """Names and values of Upload-Metadata. Raises `BadRequest`."""
    found = {}
    for pair in text.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = b64decode(value, validate=True).decode()
        except ValueError:
            raise _unreadable() from None
    return found


def _offset(upload_offset: Annotated[str | None, Header(description="Where the bytes begin")] = None) -> int:
    return _number(upload_offset)


def _number(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > NUMBER_DIGITS:
        raise _unreadable()
    return int(text)


def _unreadable() -> BadRequest:
    return BadRequest(
        N_("Upload-Length, Upload-Offset or Upload-Metadata is missing or cannot be read."), code="bad-upload"
    )


Wanted = Annotated[Announced, Depends(_announced)]
Offset = Annotated[int, Depends(_offset)]


def brings_bytes(request: Request) -> bool:
    """Whether a photo's bytes come with the request. Raises `UnsupportedMedia` for bytes that are said to be other."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == PIECE:
        return True
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        raise other_bytes()
    return False


def other_bytes() -> UnsupportedMedia:
    """For a piece that is not said to be one."""
    return UnsupportedMedia(
        N_("Send the bytes as {kind}."), headers={"Accept-Post": PIECE, "Accept-Patch": PIECE}, kind=PIECE
    )


def progress(offset: int, *, expires: datetime | None = None, length: int | None = None) -> dict[str, str]:
    """Headers of an upload that goes on."""
    said = {"Upload-Offset": str(offset), "Cache-Control": "no-store"}
    if length is not None:
        said["Upload-Length"] = str(length)
    if expires is not None:
        said["Upload-Expires"] = format_datetime(expires, usegmt=True)
    return said


def finished(length: int, digest: str) -> dict[str, str]:
    """Headers of an upload that has become a photo: the only answer after which its bytes may be forgotten."""
    return {**progress(length, length=length), "Taluy-Held": digest}
