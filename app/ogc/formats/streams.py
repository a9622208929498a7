"""Items as CSV and GeoJSON sequences of any size: everything that matches, in pieces, in constant memory.

Each piece is read in a session of its own, going on behind the last feature by the order that was asked for: a slow
reader holds neither a connection nor a moment of the database. What changes meanwhile may come in its new state, and
where it is sorted by what changes, twice or not at all; in the order of its keys nothing that stays is left out. What
goes wrong on the way ends the connection without the end that HTTP asks for: no file is short and looks whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from threading import BoundedSemaphore
from typing import Final

from fastapi import Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app import clock
from app.db import Database
from app.errors import Unavailable
from app.i18n import N_
from app.ogc import crs, links, paging, reading
from app.ogc.asked import Asked
from app.ogc.reading import Piece
from app.ogc.view import View
from app.outputs import LONLAT, OUTPUTS, Axes, Format

FIRST: Final = 100
"""Features of the first piece, small so that it leaves soon."""
PIECE: Final = 1000
SORTED_PIECE: Final = 10_000
"""Where it is sorted by properties, each piece sorts everything again: few large ones take less time."""
FIRST_CHUNK: Final = 8 * 1024
CHUNK: Final = 256 * 1024
"""Bytes that are sent at once: each costs a change of threads."""
AT_ONCE: Final = 32
"""Answers in pieces that a process gives at the same time: each keeps a piece in memory."""

_places = BoundedSemaphore(AT_ONCE)


class Stream(StreamingResponse):
    """An answer in pieces, one of few at the same time. Raises `Unavailable` before it begins."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        if not _places.acquire(blocking=False):
            raise Unavailable(
                N_("Many files are being downloaded. Try again in a moment."), headers={"Retry-After": "10"}
            )
        try:
            await super().__call__(scope, receive, send)
        finally:
            _places.release()


def answer(request: Request, view: View, asked: Asked, form: str) -> Response:
    """The items in the format `form`: the page where a limit was given, else everything that matches."""
    database: Database = request.app.state.database
    output, today = OUTPUTS[form], clock.today()
    asked = plain(asked)
    first, matched = begin(database, view, asked, today=today)
    features = texts(database, view, asked, first, today=today)
    written = output.write(features, names_of(view, asked), axes_of(asked))
    headers = head(request, view, asked, output, first, matched)
    if asked.limited:
        return Response(b"".join(written), headers=headers, media_type=output.media_type)
    return Stream(gathered(written), headers=headers, media_type=output.media_type)


def plain(asked: Asked) -> Asked:
    """The same as a file wants it: a count alone is a file without features."""
    return replace(asked, limit=0, limited=True) if asked.hits else asked


def begin(database: Database, view: View, asked: Asked, *, today: date) -> tuple[Piece, int]:
    """The first piece, and how many features match, both at the same moment."""
    with database.read() as db:
        wanted = asked if asked.limited else replace(asked, limit=FIRST)
        first = reading.piece(db, view, wanted, today=today)
        return first, reading.matched(db, view, wanted, first, today=today)


def texts(database: Database, view: View, asked: Asked, first: Piece, *, today: date) -> Iterator[bytes]:
    """The features' texts, beginning with those of `first`."""
    pieces = iter((first.texts,)) if asked.limited else _following(database, view, asked, first, today=today)
    return chain.from_iterable(pieces)


def _following(
    database: Database, view: View, asked: Asked, piece: Piece, *, today: date
) -> Iterator[list[bytes]]:
    yield piece.texts
    limit = SORTED_PIECE if asked.sort else PIECE
    while piece.after is not None:
        wanted = replace(asked, limit=limit, offset=0, after=piece.after)
        with database.read() as db:
            piece = reading.piece(db, view, wanted, today=today)
        yield piece.texts


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of about `CHUNK`; the first one leaves sooner."""
    held: list[bytes] = []
    size, enough = 0, FIRST_CHUNK
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= enough:
            yield b"".join(held)
            held.clear()
            size, enough = 0, CHUNK
    yield b"".join(held)


def names_of(view: View, asked: Asked) -> list[str]:
    """The columns of a table; a collection whose features' id is none of their properties has one more for it."""
    shown = [field for field in view.fields if asked.shown is None or field.name in asked.shown]
    with_id = any(field.role == "id" for field in shown)
    return [*(() if with_id else ("id",)), *(field.name for field in shown)]


def axes_of(asked: Asked) -> Axes:
    """What the two numbers of a position are called, in their order."""
    if asked.crs == crs.CRS84:
        return LONLAT
    return LONLAT[::-1] if asked.crs == crs.WGS84 else ("east", "north")


def head(
    request: Request, view: View, asked: Asked, output: Format, first: Piece, matched: int
) -> dict[str, str]:
    """The headers of a file: what it is called, how much it holds, where the next page is."""
    headers = {
        "Content-Disposition": f'attachment; filename="{view.collection.id}.{output.suffix}"',
        "Content-Crs": crs.content(asked.crs),
        "OGC-NumberMatched": str(matched),
    }
    if asked.limited:
        headers["OGC-NumberReturned"] = str(len(first.texts))
    elif asked.after is None:
        headers["OGC-NumberReturned"] = str(max(matched - asked.offset, 0))
    if asked.limited and first.after is not None:
        further = links.Links(request).again(cursor=paging.cursor(asked, first.after), offset=None)
        headers["Link"] = links.header(links.link("next", further, output.media_type.partition(";")[0]))
    return headers
