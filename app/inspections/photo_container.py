"""What a photo's file is made of, before any decoder sees it: walked byte by byte, standard library only.

Bombs, animations and polyglots show in the container, and cost milliseconds here.
"""

import re
import struct
from typing import Final, NoReturn

MAX_PIXELS: Final = 50_000_000
MAX_SEGMENTS: Final = 20_000
MAX_CHUNKS: Final = 100_000
MAX_SCANS: Final = 64
"""A progressive JPEG has about ten scans; thousands of empty ones are a way to burn an hour."""
MAX_PARTS: Final = 8

JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
JPEG_EOI, JPEG_SOS = 0xD9, 0xDA
ENTROPY_END: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
FILL: Final = re.compile(rb"\xff+")
NOT_ZERO: Final = re.compile(rb"[^\0]")
VIDEO_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"meta"})


class Refused(Exception):
    """The bytes are no photo we keep; the argument is the code."""


def damaged() -> NoReturn:
    """Refuse what breaks off or contradicts itself."""
    raise Refused("photo-damaged")


def check_size(width: int, height: int) -> None:
    """Refuse from the header what would not fit."""
    if width < 1 or height < 1:
        damaged()
    if width * height > MAX_PIXELS:
        raise Refused("photo-too-many-pixels")


def walk_jpeg(data: bytes, at: int) -> int:
    """Follow the segments of the JPEG that starts at `at`; the offset behind its end marker."""
    at += 2
    scans = 0
    for _ in range(MAX_SEGMENTS):
        fill = FILL.match(data, at)
        if fill is None:
            damaged()
        at = fill.end() + 1
        marker = data[at - 1]
        if marker == JPEG_EOI:
            return at if scans else damaged()
        if marker in JPEG_BARE:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
            check_size(width, height)
        at += length
        if marker == JPEG_SOS:
            scans += 1
            end = ENTROPY_END.search(data, at)
            if end is None or scans > MAX_SCANS:
                damaged()
            at = end.start()
    damaged()


def walk_video(data: bytes, at: int) -> int:
    """Follow MP4 boxes (the seconds of film in a "motion photo"); the offset behind the last."""
    while data[at + 4 : at + 8] in VIDEO_BOXES:
        size, header = struct.unpack_from(">I", data, at)[0], 8
        if size == 1:
            size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        if size < header or at + size > len(data):
            raise Refused("photo-trailing-data")
        at += size
    return at


def behind_padding(data: bytes, at: int) -> int:
    """The offset behind the zeros at `at`, but for those that begin the length of an MP4 box."""
    found = NOT_ZERO.search(data, at)
    end = found.start() if found else len(data)
    box = data.find(b"ftyp", end, end + 8) - 4
    return box if at <= box <= end else end


def is_samsung_trailer(data: bytes, at: int) -> bool:
    """Whether Samsung's trailer, whose directory stands at its end, begins at `at`."""
    if data[-4:] != b"SEFT":
        return False
    directory = len(data) - 8 - int(struct.unpack_from("<I", data, len(data) - 8)[0])
    if directory < at or data[directory : directory + 4] != b"SEFH":
        return False
    (count,) = struct.unpack_from("<I", data, directory + 8)
    if len(data) - 8 != directory + 12 + 12 * count:
        return False
    entries = struct.iter_unpack("<HHII", data[directory + 12 : -8])
    return directory - max((back for _, _, back, _ in entries), default=-1) == at


def check_jpeg(data: bytes) -> None:
    """Refuse what follows the photo, except what phones themselves put there.

    Those are further whole JPEGs (depth and gain maps), a few seconds of MP4, Samsung's trailer and zeros; all
    of it is dropped with the rest. Refusing it would refuse most photos of the phones in use.
    """
    at = walk_jpeg(data, 0)
    for _ in range(MAX_PARTS):
        if is_samsung_trailer(data, at):
            return
        at = behind_padding(data, at)
        if at == len(data):
            return
        if data[at + 4 : at + 8] == b"ftyp":
            at = walk_video(data, at)
            continue
        if data[at : at + 3] != b"\xff\xd8\xff":
            break
        try:
            at = walk_jpeg(data, at)
        except (Refused, struct.error, IndexError):
            break
    raise Refused("photo-trailing-data")


def check_png(data: bytes) -> None:
    """Follow the chunks to the last byte."""
    at, frames = 8, 1
    for number in range(MAX_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, at)
        if (number == 0) != (kind == b"IHDR"):
            damaged()
        if number == 0:
            check_size(*struct.unpack_from(">II", data, at + 8))
        if kind == b"acTL":
            (frames,) = struct.unpack_from(">I", data, at + 8)
        at += length + 12
        if at > len(data):
            damaged()
        if frames > 1:
            raise Refused("photo-animated")
        if kind == b"IEND":
            break
    if at != len(data):
        raise Refused("photo-trailing-data")


def webp_size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    """Width and height where this chunk says them."""
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[i : i + 3], "little") + 1 for i in (4, 7))
        return width, height
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", body, 6))
        return width, height
    return None


def check_webp(data: bytes) -> None:
    """Follow the chunks to the end that the RIFF header names."""
    end = struct.unpack_from("<I", data, 4)[0] + 8
    if end > len(data):
        damaged()
    if end != len(data):
        raise Refused("photo-trailing-data")
    at, frames = 12, 0
    for _ in range(MAX_SEGMENTS):
        if at >= end:
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        size = webp_size(kind, data[at + 8 : at + 24])
        if size:
            check_size(*size)
        frames += kind == b"ANMF"
        if frames > 1:
            raise Refused("photo-animated")
        at += 8 + length + length % 2
    if at != end:
        damaged()


def check_container(data: bytes) -> str:
    """Pillow's name of the format, once the container is whole, single and nothing else besides."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            check_jpeg(data)
            return "JPEG"
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            check_png(data)
            return "PNG"
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            check_webp(data)
            return "WEBP"
    except (struct.error, IndexError):
        damaged()
    raise Refused("photo-not-a-photo")
