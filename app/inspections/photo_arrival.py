"""A photo on its way in: kept on disk while it arrives, in memory only while its turn lasts.

A slow phone holds neither memory nor a thread. The file has no name: an upload that is cut, or a server that is
killed, leaves nothing behind.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Annotated, Final
from weakref import WeakKeyDictionary

from fastapi import Depends, Request

from app.errors import Unavailable
from app.i18n import N_
from app.inspections.photo_intake import room_on_disk

AT_ONCE: Final = 4
"""Photos held in memory; the decoder takes one for each core."""
ARRIVING: Final = 100
"""Uploads under way: 1.2 GB of disk at most."""
WAIT_S: Final = 20.0

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_arriving: set[object] = set()


@dataclass(frozen=True)
class Arrival:
    """A photo that is there whole: the SHA-256 of its bytes in hexadecimal, and the file that holds them."""

    sha256: str
    file: IO[bytes]

    def data(self) -> bytes:
        """The bytes, read into memory now."""
        self.file.seek(0)
        return self.file.read()


def _busy() -> Unavailable:
    return Unavailable(N_("Many photos are arriving. Try again in a moment."), headers={"Retry-After": "10"})


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


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """One of the places in memory; who waits holds neither memory nor a thread."""
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    try:
        async with asyncio.timeout(WAIT_S):
            await turns.acquire()
    except TimeoutError:
        raise _busy() from None
    try:
        yield
    finally:
        turns.release()


async def arrived(request: Request) -> AsyncIterator[Arrival]:
    """The photo in a request's body, when it is there whole and its turn has come; its size was bounded at the door.

    Raises `Unavailable` where too many arrive, or its turn does not come within `WAIT_S`.
    """
    if len(_arriving) >= ARRIVING:
        raise _busy()
    mark = object()
    _arriving.add(mark)
    try:
        with _unnamed(request.app.state.settings.data_dir) as file:
            digest = await _keep(request, file)
            async with turn():
                yield Arrival(digest, file)
    finally:
        _arriving.discard(mark)


Arrived = Annotated[Arrival, Depends(arrived, scope="function")]
