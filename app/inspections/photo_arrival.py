"""A photo on its way in: kept on disk while it arrives, in memory only while its turn lasts.

A slow phone holds neither memory nor a thread. The file has no name: an upload that is cut, or a server that is
killed, leaves nothing behind.
"""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Annotated, Final

from fastapi import Depends, Request

from app.arrivals import Arrivals
from app.i18n import N_
from app.inspections.photo_intake import room_on_disk

PHOTOS: Final = Arrivals(
    under_way=100,
    at_once=4,
    busy=N_("Many photos are arriving. Try again in a moment."),
    again_s=10,
)
"""1.2 GB of disk at most; the decoder takes a photo for each core."""


@dataclass(frozen=True)
class Arrival:
    """A photo that is there whole: the SHA-256 of its bytes in hexadecimal, and the file that holds them."""

    sha256: str
    file: IO[bytes]

    def data(self) -> bytes:
        """The bytes, read into memory now."""
        self.file.seek(0)
        return self.file.read()


async def _keep(request: Request, file: IO[bytes]) -> str:
    """Write the body to `file` as it arrives; gives its SHA-256. Raises `OutOfSpace`."""
    seen = sha256()
    with room_on_disk():
        async for piece in request.stream():
            seen.update(piece)
            file.write(piece)
        file.flush()
    return seen.hexdigest()


def _unnamed(folder: Path) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)


async def arrived(request: Request) -> AsyncIterator[Arrival]:
    """The photo in a request's body, when it is there whole and its turn has come; its size was bounded at the door.

    Raises `Unavailable` where too many arrive, or its turn does not come in time.
    """
    with PHOTOS.coming(), _unnamed(request.app.state.settings.data_dir) as file:
        digest = await _keep(request, file)
        async with PHOTOS.turn():
            yield Arrival(digest, file)


Arrived = Annotated[Arrival, Depends(arrived, scope="function")]
