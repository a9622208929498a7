"""The file in which a phone hands over what it could not send, and what is sealed in it."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from app.wire import Code, In, Moment

BASE64: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
MOST_RECORDS: Final = 1_000
MOST_PHOTOS: Final = 10


def _decoded(value: object) -> bytes:
    """base64url without padding, in the one way that its bytes have."""
    if not isinstance(value, str) or not BASE64.fullmatch(value) or len(value) % 4 == 1:
        raise ValueError
    data = urlsafe_b64decode(value + "=" * (-len(value) % 4))
    if urlsafe_b64encode(data).rstrip(b"=") != value.encode():
        raise ValueError
    return data


Base64 = BeforeValidator(_decoded)
Point = Annotated[bytes, Base64, Field(min_length=65, max_length=65)]
Nonce = Annotated[bytes, Base64, Field(min_length=12, max_length=12)]
Mac = Annotated[bytes, Base64, Field(min_length=32, max_length=32)]
Data = Annotated[bytes, Base64, Field(min_length=16)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Kind = Literal["inspection", "position"]


class SealedIn(In):
    """Bytes sealed to the file's public key."""

    epk: Point
    iv: Nonce
    data: Data


class WrappedIn(In):
    """The private key, wrapped by the author's unlock key."""

    iv: Nonce
    data: Annotated[bytes, Base64, Field(min_length=16, max_length=1024)]


class PhotoIn(In):
    """A photo by the hash of its bytes."""

    sha: Sha256
    sealed: SealedIn


class RecordIn(In):
    """One record; `kind` and `place` say outside what is sealed inside."""

    id: UUID
    kind: Kind
    place: Code
    sealed: SealedIn
    mac: Mac
    photos: list[PhotoIn] = Field(max_length=MOST_PHOTOS)


class FileIn(In):
    """A whole file. Its records are read one by one, so that a bad one holds up no other."""

    taluy: Literal["hand-in"]
    v: Literal[1]
    made_at: Moment
    person: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    public_key: Point
    wrapped: WrappedIn
    records: list[Any] = Field(min_length=1, max_length=MOST_RECORDS)


class ContentIn(In):
    """What a record holds: `body` is what the phone would have sent, `photos` the hashes of all its photos."""

    kind: Kind
    body: dict[str, Any]
    photos: list[Sha256] = Field(max_length=MOST_PHOTOS)
