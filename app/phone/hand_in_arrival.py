"""A handed-in file on its way in: a form with one file, kept on disk while it arrives, read when its turn has come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final
from weakref import WeakKeyDictionary

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.errors import TooLarge, Unavailable, Unprocessable, UnsupportedMedia
from app.i18n import N_
from app.inspections.photo_intake import room_on_disk
from app.phone.hand_in import MOST_BYTES

ARRIVING: Final = 20
"""Files under way: a quarter of a gigabyte of disk at most."""
WAIT_S: Final = 20.0

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_arriving: set[object] = set()


def _busy() -> Unavailable:
    return Unavailable(
        N_("Other files are being taken in. Try again in a moment."), headers={"Retry-After": "20"}
    )


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    """The one place in memory: a file is read and opened whole. Who waits holds neither memory nor a thread."""
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1))
    try:
        async with asyncio.timeout(WAIT_S):
            await turns.acquire()
    except TimeoutError:
        raise _busy() from None
    try:
        yield
    finally:
        turns.release()


async def arrived(request: Request) -> AsyncIterator[UploadFile]:
    """The form's file, once it is there whole; its size was bounded at the door.

    Raises `UnsupportedMedia` for what is no such form, `Unprocessable` where no file was chosen, `TooLarge`,
    `Unavailable` where too many arrive, or its turn does not come within `WAIT_S`.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMedia("Send a form or JSON.")
    if len(_arriving) >= ARRIVING:
        raise _busy()
    mark = object()
    _arriving.add(mark)
    try:
        with room_on_disk():
            form = await request.form(max_files=1, max_fields=1, max_part_size=1024)
        try:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.size:
                raise Unprocessable(N_("Choose the file first."), code="no-file", pointer="/file")
            if file.size > MOST_BYTES:
                raise TooLarge(N_("A file has at most {megabytes} MB."), megabytes=MOST_BYTES // 1024**2)
            async with _turn():
                yield file
        finally:
            await form.close()
    finally:
        _arriving.discard(mark)


Arrived = Annotated[UploadFile, Depends(arrived, scope="function")]
