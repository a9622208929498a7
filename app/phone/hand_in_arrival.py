"""A handed-in file on its way in: a form with one file, kept on disk while it arrives, read when its turn has come."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.arrivals import Arrivals
from app.errors import TooLarge, Unprocessable, UnsupportedMedia
from app.i18n import N_
from app.inspections.photo_intake import room_on_disk
from app.phone.hand_in import MOST_BYTES

FILES: Final = Arrivals(
    under_way=20,
    at_once=1,
    busy=N_("Other files are being taken in. Try again in a moment."),
    again_s=20,
)
"""A quarter of a gigabyte of disk at most. A file is read and opened whole: there is one place in memory."""


async def arrived(request: Request) -> AsyncIterator[UploadFile]:
    """The form's file, once it is there whole; its size was bounded at the door.

    Raises `UnsupportedMedia` for what is no such form, `Unprocessable` where no file was chosen, `TooLarge`,
    `Unavailable` where too many arrive, or its turn does not come in time.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMedia("Send a form or JSON.")
    with FILES.coming():
        with room_on_disk():
            form = await request.form(max_files=1, max_fields=1, max_part_size=1024)
        try:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.size:
                raise Unprocessable(N_("Choose the file first."), code="no-file", pointer="/file")
            if file.size > MOST_BYTES:
                raise TooLarge(N_("A file has at most {megabytes} MB."), megabytes=MOST_BYTES // 1024**2)
            async with FILES.turn():
                yield file
        finally:
            await form.close()


Arrived = Annotated[UploadFile, Depends(arrived, scope="function")]
