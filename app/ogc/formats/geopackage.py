"""Items as a GeoPackage: a whole file that `geopackage_writer` makes in a process of its own, with QGIS's style in it.

What everybody may see is kept in `data_dir/cache/geopackage` under the hash of all that the file is made from, and
given again as long as that is the same; the folder is bounded and may be emptied at any time. Files for callers who see
more are made for each request and gone with it.
"""

import errno
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

import orjson
from fastapi import Request, Response

from app import clock, journal
from app.db import Database
from app.errors import Unavailable
from app.i18n import N_, language_of, translate
from app.memory import freshness
from app.memory.changes import Token
from app.ogc import crs
from app.ogc.asked import Asked
from app.ogc.formats import streams, styles
from app.ogc.formats.kept_files import Kept, scratch
from app.ogc.links import Links
from app.ogc.view import View
from app.outputs import GEOPACKAGE

WRITER: Final = Path(__file__).with_name("geopackage_writer.py")
FOLDER: Final = Path("cache", "geopackage")
MAX_SOURCE_BYTES: Final = 2 * 1024**3
TIMEOUT_S: Final = 120.0
AT_ONCE: Final = 2
WAITING: Final = 4
"""Requests that wait for their turn, each with a thread that others need."""
WAIT_S: Final = 30.0
AGAIN_S: Final = "15"
ROOM: Final = 2
"""So many times its source (and a megabyte) a file needs at most: a writer that failed with less found no space."""
MOST_KNOWN: Final = 256
CHUNK: Final = 256 * 1024
RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)

_inside = threading.BoundedSemaphore(AT_ONCE + WAITING)
_working = threading.BoundedSemaphore(AT_ONCE)
_known: OrderedDict[Hashable, tuple[Token, str, dict[str, str]]] = OrderedDict()
"""What was answered to whom asked the same: the state of the database then, the file's name, the headers."""
_lock = threading.Lock()


@dataclass(frozen=True)
class Order:
    """What one file is to hold. `head` is the first line for the writer; `same` is equal for equal requests."""

    request: Request
    view: View
    asked: Asked
    head: dict[str, Any]
    kept: Kept
    same: Hashable

    @property
    def database(self) -> Database:
        """Where the features are."""
        database: Database = self.request.app.state.database
        return database


def answer(request: Request, view: View, asked: Asked) -> Response:
    """The items as a GeoPackage: the page where a limit was given, else everything that matches.

    Raises `Unavailable` where too many are being made, or one is too large; `OutOfSpace`.
    """
    asked = streams.plain(asked)
    if asked.crs == crs.WGS84:
        asked = replace(asked, crs=crs.CRS84)  # a GeoPackage has the longitude first in any case
    language = language_of(request)
    order = Order(
        request,
        view,
        asked,
        _head(view, asked, language),
        Kept(request.app.state.settings.data_dir / FOLDER),
        (view.collection.id, Links(request).own(), language),
    )
    return _shared(order) if view.public else _own(order)


def _head(view: View, asked: Asked, language: str) -> dict[str, Any]:
    collection = view.collection
    fields = {field.name: field for field in view.fields}
    types = {
        name: fields[name].type if name in fields else "string" for name in streams.names_of(view, asked)
    }
    titles = {
        name: translate(fields[name].title if name in fields else N_("Identifier"), language)
        for name in types
    }
    title = translate(collection.title, language)
    return {
        "layer": collection.id,
        "title": title,
        "description": translate(collection.description, language),
        "crs": f"EPSG:{asked.crs or crs.WGS84}",
        "fields": [{"name": name, "type": kind, "title": titles[name]} for name, kind in types.items()],
        "qml": styles.qml(collection.id, title, titles, language),
    }


def _own(order: Order) -> Response:
    """A file of somebody who sees more than everybody."""
    with _place(), scratch(order.kept.folder) as folder:
        source, _name, headers = _written(order, folder)
        file = _made(order.head, source, folder).open("rb")  # still there when its folder is gone
    return _file(file, headers, None)


def _shared(order: Order) -> Response:
    """A file for everybody: the one that is there already, if nothing has changed."""
    token = order.database.changes.token()
    found = _remembered(order, token)
    if found is None:
        with _place():
            found = _remembered(order, token) or _found_or_made(
                order
            )  # somebody may have made it while we waited
        _remember(order, token, found)
    name, headers = found
    tag = f'W/"{name}"'
    if (
        order.request.headers.get("if-match", "*").strip() != "*"
    ):  # compared strongly, a weak tag is never the same
        return Response(status_code=412, headers={"ETag": tag})
    if freshness.matches(order.request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"ETag": tag})
    file = order.kept.opened(name)
    if file is None:
        with _place():
            name, headers = _found_or_made(order)
            file = order.kept.opened(name)
    if file is None:
        raise _busy()
    return _file(file, {**headers, "ETag": f'W/"{name}"'}, order.request)


def _remembered(order: Order, token: Token) -> tuple[str, dict[str, str]] | None:
    with _lock:
        found = _known.get(order.same)
    return found[1:] if found is not None and found[0] == token else None


def _remember(order: Order, token: Token, found: tuple[str, dict[str, str]]) -> None:
    with _lock:
        _known[order.same] = (token, *found)
        _known.move_to_end(order.same)
        while len(_known) > MOST_KNOWN:
            _known.popitem(last=False)


def _found_or_made(order: Order) -> tuple[str, dict[str, str]]:
    with scratch(order.kept.folder) as folder:
        source, name, headers = _written(order, folder)
        if not order.kept.has(name):
            order.kept.take(_made(order.head, source, folder), name)
    return name, headers


def _written(order: Order, folder: Path) -> tuple[Path, str, dict[str, str]]:
    """The features as the writer reads them, the hash of all that the file is made from, the answer's headers."""
    today = clock.today()
    first, matched = streams.begin(order.database, order.view, order.asked, today=today)
    features = streams.texts(order.database, order.view, order.asked, first, today=today)
    line = orjson.dumps({**order.head, "moment": clock.rfc3339(clock.now())})
    name = hashed(order.head)
    source = folder / "features"
    with source.open("wb") as file:
        file.write(line + b"\n")
        for piece in streams.gathered(text + b"\n" for text in features):
            file.write(piece)
            name.update(piece)
            if file.tell() > MAX_SOURCE_BYTES:
                raise _too_large()
    headers = streams.head(order.request, order.view, order.asked, GEOPACKAGE, first, matched)
    return source, name.hexdigest()[:32], headers


def hashed(head: dict[str, Any]) -> Any:
    """The beginning of a file's hash: everything but its features."""
    return sha256(WRITER.read_bytes() + orjson.dumps(head) + b"\n")


def _made(head: dict[str, Any], source: Path, folder: Path) -> Path:
    """The file, made by the writer before its time is over. Raises `Unavailable`, `OSError` where space ran out."""
    target = folder / f"{head['layer']}.gpkg"
    with source.open("rb") as lines:
        process = subprocess.Popen(  # noqa: S603 - our own program, nothing of the caller's in the line
            [sys.executable, "-I", "-B", str(WRITER), str(target)],
            stdin=lines,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            cwd=folder,
            start_new_session=True,
        )
    with process:
        try:
            said, _ = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    if process.returncode != 0 or not said.startswith(b"{"):
        journal.note("geopackage_failed", layer=head["layer"], ended=process.returncode)
        if process.returncode > 0 and shutil.disk_usage(folder).free < ROOM * source.stat().st_size + 1024**2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise _too_large()
    return target


def _too_large() -> Unavailable:
    return Unavailable(
        N_("The GeoPackage could not be made: it may be too large. Ask for fewer features, or for GeoJSON."),
        code="geopackage-too-large",
        headers={"Retry-After": AGAIN_S},
    )


def _file(file: IO[bytes], headers: dict[str, str], request: Request | None) -> Response:
    """The file, or the range of it that `request` wants: GDAL reads a file far away as if it lay here.

    Without one no ranges are given: of files that are made anew for each request they would not fit together.
    """
    length = os.fstat(file.fileno()).st_size
    start, end = _range(request, length) if request is not None else (0, length)
    headers = {**headers, "Accept-Ranges": "none" if request is None else "bytes"}
    if start >= end:
        file.close()
        return Response(status_code=416, headers={"Content-Range": f"bytes */{length}"})
    if end - start < length:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    return streams.Stream(
        _read(file, start, end),
        status_code=206 if end - start < length else 200,
        headers={**headers, "Content-Length": str(end - start)},
        media_type=GEOPACKAGE.media_type,
    )


def _range(request: Request, length: int) -> tuple[int, int]:
    """Where the answer begins, and where it has ended. Source: RFC 9110, 14.1.2; several ranges are not given."""
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    whole = "if-range" in request.headers or getattr(request.state, "head_only", False)
    if asked is None or whole or asked.groups() == ("", ""):
        return 0, length
    first, last = asked.groups()
    if not first:
        return max(length - int(last), 0), length
    if last and int(last) < int(first):
        return 0, length
    return int(first), min(int(last) + 1, length) if last else length


def _read(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while start < end and (piece := file.read(min(CHUNK, end - start))):
            start += len(piece)
            yield piece


@contextmanager
def _place() -> Iterator[None]:
    """One's turn to make a file. Raises `Unavailable` where too many wait, or it takes too long."""
    if not _inside.acquire(blocking=False):
        raise _busy()
    try:
        if not _working.acquire(timeout=WAIT_S):
            raise _busy()
        try:
            yield
        finally:
            _working.release()
    finally:
        _inside.release()


def _busy() -> Unavailable:
    return Unavailable(
        N_("Several GeoPackages are being made. Try again in a moment."), headers={"Retry-After": AGAIN_S}
    )
