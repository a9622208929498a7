"""The one way in for photos: limits, the decoder in its own process, and files named by their content."""

import errno
import hashlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from app.clock import LOCAL
from app.errors import BadPhoto, NotFound, OutOfSpace, TooLarge, Unavailable
from app.i18n import N_

MAX_BYTES: Final = 12 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
MAX_PER_INSPECTION: Final = 10
TIMEOUT_S: Final = 10.0
WAIT_S: Final = 20.0
MAX_ANSWER_BYTES: Final = 24 * 1024 * 1024

DECODER: Final = Path(__file__).with_name("photo_decoder.py")
SHA256: Final = re.compile(r"[0-9a-f]{64}")
REASONS: Final[Mapping[str, str]] = {
    "photo-not-a-photo": N_("This file is not a JPEG, PNG or WebP photo."),
    "photo-too-many-pixels": N_(
        "The photo has more than {megapixels} million pixels. Take it at a lower resolution."
    ),
    "photo-animated": N_("Moving pictures are not taken. Send a still photo."),
    "photo-damaged": N_("The photo is damaged or cut off. Take or choose it again."),
    "photo-trailing-data": N_("The file holds something else behind the photo. Send the photo itself."),
    "photo-too-heavy": N_("The photo takes too long to read. Save it again as an ordinary JPEG."),
}

_at_once = threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True)
class Renditions:
    """A photo made new from its pixels, and what its metadata said before they were dropped.

    `photo` has at most 2,560 px on its long side, `thumbnail` 320 px; both are upright sRGB JPEGs without any
    metadata, and `width` and `height` are those of `photo`. `lon`, `lat` (degrees, WGS84), `accuracy_m` and
    `taken_at` (by the camera's clock; Vietnam's zone where the camera wrote none) are claims of the camera.
    """

    photo: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    accuracy_m: float | None


def take_in(data: bytes) -> Renditions:
    """Decode, clean and shrink one photo; blocks up to `TIMEOUT_S`, so call it from a thread.

    Raises `TooLarge` over `MAX_BYTES`, `BadPhoto` with a code of `REASONS`, `Unavailable` when too many wait or the
    machine is too busy to decode it in time.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(N_("A photo has at most {megabytes} MB."), megabytes=MAX_BYTES // 1024**2)
    if not _at_once.acquire(timeout=WAIT_S):
        raise _busy()
    try:
        answer = _decode(data)
    finally:
        _at_once.release()
    return _read(answer)


def _refusal(code: str) -> BadPhoto:
    return BadPhoto(REASONS[code], code=code, megapixels=MAX_PIXELS // 1_000_000)


def _busy() -> Unavailable:
    return Unavailable(N_("Many photos are arriving. Try again in a moment."), headers={"Retry-After": "10"})


def _unnamed_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):  # in memory: a full disk refuses no photo before it is read
        return os.fdopen(os.memfd_create("photo"), "w+b")
    return tempfile.TemporaryFile()


def _decode(data: bytes) -> bytes:
    """What the decoder wrote before it ended or its time was over."""
    with _unnamed_file() as source:
        source.write(data)
        source.seek(0)
        process = subprocess.Popen(  # noqa: S603 - our own program, nothing of the caller's in the line
            [sys.executable, "-I", "-B", str(DECODER)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
    started = time.monotonic()
    watchdog = threading.Timer(TIMEOUT_S, process.kill)
    watchdog.start()
    with process:
        try:
            answer = process.stdout.read(MAX_ANSWER_BYTES + 1) if process.stdout else b""
        finally:
            watchdog.cancel()
            if len(answer) > MAX_ANSWER_BYTES:
                process.kill()
    if process.returncode == -signal.SIGXCPU:
        raise _refusal("photo-too-heavy")
    if process.returncode == -signal.SIGKILL and time.monotonic() - started >= TIMEOUT_S:
        raise _busy()  # its time was over before it had used what a photo may use: others kept it from working
    return answer


def _read(answer: bytes) -> Renditions:
    """The decoder's answer, believed no more than it must be: a broken decoder may write anything."""
    line, _, body = answer.partition(b"\n")
    try:
        header: dict[str, Any] = json.loads(line)
        refused = header.get("refused")
        if refused is not None:
            raise _refusal(refused)
        photo_size, thumbnail_size = header["sizes"]
        photo, thumbnail = body[:photo_size], body[photo_size:]
        whole = len(thumbnail) == thumbnail_size and all(
            part.startswith(b"\xff\xd8") and part.endswith(b"\xff\xd9") for part in (photo, thumbnail)
        )
        width, height = int(header["width"]), int(header["height"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refusal("photo-damaged") from error
    if not whole:
        raise _refusal("photo-damaged")
    return Renditions(
        photo=photo,
        thumbnail=thumbnail,
        width=width,
        height=height,
        taken_at=_moment(header.get("taken_at")),
        lon=_number(header.get("lon")),
        lat=_number(header.get("lat")),
        accuracy_m=_number(header.get("accuracy_m")),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def path_of(folder: Path, sha256: str) -> Path:
    """Where the rendition with this hash is kept under `folder`; `NotFound` for anything but a hash."""
    if not SHA256.fullmatch(sha256):
        raise NotFound
    return folder / sha256[:2] / f"{sha256[2:]}.jpg"


@contextmanager
def room_on_disk() -> Iterator[None]:
    """Write a photo's bytes. Raises `OutOfSpace` where the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutOfSpace(
                N_("The server's disk is full. The photo was not kept; send it again later.")
            ) from error
        raise


def store(folder: Path, rendition: bytes) -> str:
    """Keep a rendition under `folder` and give its SHA-256; on disk for good when this returns.

    Storing the same bytes again changes nothing. Raises `OutOfSpace` and leaves no half-written file.
    """
    sha256 = hashlib.sha256(rendition).hexdigest()
    path = path_of(folder, sha256)
    with room_on_disk():
        make_folder(path.parent)
        if not path.is_file() or path.stat().st_size != len(rendition):
            _write(path, rendition)
        sync_folder(path.parent)
    return sha256


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents so that they outlive a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
