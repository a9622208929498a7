"""Photos come in through one door: cleaned, shrunk, or refused with a reason, in a process of their own."""

import errno
import io
import os
import re
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

from app import i18n
from app.errors import BadPhoto, NotFound, OutOfSpace, TooLarge, Unavailable
from app.inspections import photo_container, photo_decoder, photo_intake
from app.inspections.photo_intake import REASONS, Renditions, path_of, store, take_in

CANARY = b"CANARY"
GPS, EXIF_IFD = 0x8825, 0x8769


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def field_photo(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Red on the left, blue on the right, so that turning shows."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, *size), fill="blue")
    return image


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", "<script>p=1</script>")
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb_png(side: int = 13_000) -> bytes:
    """About 20 kB that say they are `side` squared pixels, and are."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    squeezer = zlib.compressobj(9)
    rows = b"".join(squeezer.compress(bytes(side // 8 + 2)) for _ in range(side)) + squeezer.flush()
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def samsung_trailer(body: bytes) -> bytes:
    block = struct.pack("<HHI", 0, 0x0A30, 8) + b"Motion_1" + body
    directory = b"SEFH" + struct.pack("<II", 106, 1) + struct.pack("<HHII", 0, 0x0A30, len(block), len(block))
    return block + directory + struct.pack("<I", len(directory)) + b"SEFT"


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def jpeg_with_many_scans() -> bytes:
    whole = encoded(field_photo(), progressive=True)
    first = whole.index(b"\xff\xda")
    second = whole.index(b"\xff\xda", first + 2)
    return whole[:second] + whole[first:second] * 3_000 + whole[second:]


JPEG, PNG, WEBP = (encoded(field_photo(), kind) for kind in ("JPEG", "PNG", "WEBP"))
HTML = b"<html><script>p=1</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="p=1"/>'

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "photo-not-a-photo"),
    "text": (lambda: b"khong phai anh", "photo-not-a-photo"),
    "html": (lambda: HTML, "photo-not-a-photo"),
    "svg": (lambda: SVG, "photo-not-a-photo"),
    "gif": (lambda: encoded(field_photo(), "GIF"), "photo-not-a-photo"),
    "tiff": (lambda: encoded(field_photo(), "TIFF"), "photo-not-a-photo"),
    "bmp": (lambda: encoded(field_photo(), "BMP"), "photo-not-a-photo"),
    "avif": (lambda: encoded(field_photo(), "AVIF"), "photo-not-a-photo"),
    "zip": (zipped, "photo-not-a-photo"),
    "html before a JPEG": (lambda: HTML + JPEG, "photo-not-a-photo"),
    "animated GIF": (lambda: moving("GIF"), "photo-not-a-photo"),
    "animated PNG": (lambda: moving("PNG"), "photo-animated"),
    "animated WebP": (lambda: moving("WEBP"), "photo-animated"),
    "bomb of 13,000 squared pixels": (bomb_png, "photo-too-many-pixels"),
    "PNG header of 4 billion squared": (
        lambda: PNG[:16] + b"\xff\xff\xff\xff" * 2 + PNG[24:],
        "photo-too-many-pixels",
    ),
    "JPEG header of 65,000 squared": (
        lambda: JPEG.replace(struct.pack(">HH", 300, 400), struct.pack(">HH", 65_000, 65_000)),
        "photo-too-many-pixels",
    ),
    "lossless WebP of 16,383 squared": (
        lambda: encoded(Image.new("RGB", (16_383, 4_000)), "WEBP", lossless=True, quality=0, method=0),
        "photo-too-many-pixels",
    ),
    "PNG without pixels": (lambda: PNG[:16] + bytes(8) + PNG[24:], "photo-damaged"),
    "JPEG cut in half": (lambda: JPEG[: len(JPEG) // 2], "photo-damaged"),
    "JPEG without its end": (lambda: JPEG[:-2], "photo-damaged"),
    "JPEG of three bytes": (lambda: JPEG[:3], "photo-damaged"),
    "PNG cut in half": (lambda: PNG[: len(PNG) // 2], "photo-damaged"),
    "PNG with half its pixels": (
        lambda: PNG[:33] + chunk(b"IDAT", PNG[41:-40]) + chunk(b"IEND", b""),
        "photo-damaged",
    ),
    "WebP cut in half": (lambda: WEBP[: len(WEBP) // 2], "photo-damaged"),
    "JPEG of filling only": (lambda: b"\xff\xd8" + b"\xff" * 1_000_000, "photo-damaged"),
    "JPEG of a million segments": (
        lambda: b"\xff\xd8" + segment(0xFE, b"") * 1_000_000 + JPEG[2:],
        "photo-damaged",
    ),
    "JPEG of 3,000 scans": (jpeg_with_many_scans, "photo-damaged"),
    "JPEG and html": (lambda: JPEG + HTML, "photo-trailing-data"),
    "JPEG and zip": (lambda: JPEG + zipped(), "photo-trailing-data"),
    "JPEG, zeros and zip": (lambda: JPEG + bytes(64) + zipped(), "photo-trailing-data"),
    "JPEG, JPEG and zip": (lambda: JPEG + JPEG + zipped(), "photo-trailing-data"),
    "JPEG and html that ends like Samsung's": (
        lambda: JPEG + HTML + samsung_trailer(b"film"),
        "photo-trailing-data",
    ),
    "JPEG, film and html": (lambda: JPEG + box(b"ftyp", b"mp42") + HTML, "photo-trailing-data"),
    "PNG and zip": (lambda: PNG + zipped(), "photo-trailing-data"),
    "PNG and html": (lambda: PNG + HTML, "photo-trailing-data"),
    "WebP and zip": (lambda: WEBP + zipped(), "photo-trailing-data"),
}


def pixel(jpeg: bytes, across: float, down: float) -> str:
    with Image.open(io.BytesIO(jpeg)) as image:
        colour = image.getpixel((int(across * image.width), int(down * image.height)))
    assert isinstance(colour, tuple)
    red, green, blue = (value > 127 for value in colour)
    return {(True, False, False): "red", (False, False, True): "blue", (True, True, True): "white"}.get(
        (red, green, blue), "other"
    )


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def exif_of_a_phone() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CANARY maker"
    exif.get_ifd(EXIF_IFD).update(
        {36867: "2026:08:12 14:03:07", 36881: "+07:00", 37510: b"ASCII\0\0\0CANARY comment"}
    )
    exif.get_ifd(GPS).update(
        {1: "N", 2: (11.0, 57.0, 31.2), 3: "E", 4: (108.0, 25.0, 33.25), 31: 4.5, 27: b"CANARY method"}
    )
    return exif


def with_planted_words(kind: str) -> bytes:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">CANARY xmp</x:xmpmeta>'
    if kind == "PNG":
        texts = PngInfo()
        texts.add_text("Comment", "CANARY text", zip=False)
        texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
        return encoded(field_photo(), kind, exif=exif_of_a_phone(), pnginfo=texts)
    if kind == "WEBP":
        return encoded(
            field_photo(), kind, exif=exif_of_a_phone().tobytes(), xmp=xmp, icc_profile=CANARY * 30
        )
    photo = encoded(
        field_photo(), exif=exif_of_a_phone(), xmp=xmp, comment=b"CANARY com", icc_profile=CANARY * 30
    )
    iptc = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0a" + b"\x1c\x02\x78\0\x06CANARY")
    return photo[:2] + iptc + photo[2:]


@pytest.mark.parametrize(("make", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_photo_is_refused_with_its_reason(make, code):
    with pytest.raises(BadPhoto) as refusal:
        take_in(make())

    assert refusal.value.code == code
    assert refusal.value.status == 422
    assert "{" not in str(refusal.value)


def of_the_processor_s() -> float:
    """What this process and its children that ended have used: the same however much else runs on the machine."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@pytest.mark.parametrize("name", ["bomb of 13,000 squared pixels", "animated WebP", "JPEG and zip", "html"])
def test_a_refusal_is_quick(name):
    data, times = REFUSED[name][0](), []

    for _ in range(5):
        started = of_the_processor_s()
        with pytest.raises(BadPhoto):
            take_in(data)
        times.append(of_the_processor_s() - started)

    assert min(times) < 0.2


def test_the_bomb_is_as_small_as_they_come():
    assert len(bomb_png()) < 25_000


@pytest.mark.parametrize("data", [JPEG, PNG, WEBP], ids=["JPEG", "PNG", "WebP"])
def test_a_photo_is_kept_with_its_pixels(data):
    taken = take_in(data)

    assert (taken.width, taken.height) == (400, 300)
    assert opened(taken.photo).format == opened(taken.thumbnail).format == "JPEG"
    assert opened(taken.thumbnail).size == (320, 240)
    assert (pixel(taken.photo, 0.2, 0.5), pixel(taken.photo, 0.8, 0.5)) == ("red", "blue")
    assert taken.taken_at is taken.lon is taken.lat is taken.accuracy_m is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_position_and_time_are_read_and_nothing_hidden_is_kept(kind):
    data = with_planted_words(kind)
    assert data.count(CANARY) >= 3

    taken = take_in(data)

    assert taken.taken_at == datetime(2026, 8, 12, 7, 3, 7, tzinfo=UTC)
    assert taken.lat == pytest.approx(11.9586667)
    assert taken.lon == pytest.approx(108.4259028)
    assert taken.accuracy_m == 4.5
    for rendition in (taken.photo, taken.thumbnail):
        assert CANARY not in rendition
        assert set(opened(rendition).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not opened(rendition).getexif()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = field_photo()

    taken = take_in(encoded(image, exif=exif))

    corners = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)]
    expected = {1: "rbrb", 2: "brbr", 3: "brbr", 4: "rbrb", 5: "rrbb", 6: "rrbb", 7: "bbrr", 8: "bbrr"}
    assert "".join(pixel(taken.photo, *corner)[0] for corner in corners) == expected[orientation]
    assert (taken.width, taken.height) == ((400, 300) if orientation < 5 else (300, 400))


@pytest.mark.parametrize(
    ("gps", "position"),
    [
        ({1: "S", 2: (1.0, 30.0, 0.0), 3: "W", 4: (2.0, 0.0, 0.0)}, (-2.0, -1.5)),
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, (None, None)),
        ({1: "N", 2: (95.0, 0.0, 0.0), 3: "E", 4: (108.0, 0.0, 0.0)}, (None, None)),
        ({1: "N", 2: (11.0, 57.0), 3: "E", 4: (108.0, 0.0, 0.0)}, (None, None)),
        ({1: "N", 2: (11.0, 57.0, 1.0)}, (None, None)),
    ],
    ids=["south-west", "zero", "beyond the pole", "two parts", "no longitude"],
)
def test_a_nonsense_position_is_no_position(gps, position):
    exif = Image.Exif()
    exif.get_ifd(GPS).update(gps)

    taken = take_in(encoded(field_photo(), exif=exif))

    assert (taken.lon, taken.lat) == position


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2026:08:12 14:03:07", None, datetime(2026, 8, 12, 7, 3, 7, tzinfo=UTC)),
        ("2026:08:12 14:03:07", "+00:00", datetime(2026, 8, 12, 14, 3, 7, tzinfo=UTC)),
        ("2026:13:45 99:99:99", None, None),
        ("0000:00:00 00:00:00", None, None),
        ("hôm qua", None, None),
    ],
)
def test_the_time_taken_is_believed_only_when_it_is_one(written, zone, expected):
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[36867] = written
    if zone:
        exif.get_ifd(EXIF_IFD)[36881] = zone

    assert take_in(encoded(field_photo(), exif=exif)).taken_at == expected


def test_broken_metadata_costs_no_photo():
    photo = JPEG[:2] + segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40) + JPEG[2:]

    taken = take_in(photo)

    assert (taken.width, taken.taken_at, taken.lon) == (400, None, None)


TAILS = {
    "zeros": bytes(4096),
    "a second JPEG (depth, gain map)": JPEG,
    "padding and a second JPEG": bytes(100) + JPEG,
    "a film (motion photo)": box(b"ftyp", b"mp42") + box(b"mdat", b"film" * 50) + box(b"moov", b""),
    "padding and a film": bytes(7) + box(b"ftyp", b"mp42") + box(b"mdat", b"film"),
    "Samsung's trailer": samsung_trailer(b"film" * 50),
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
def test_what_phones_append_themselves_is_dropped_not_refused(tail):
    taken = take_in(JPEG + tail)

    assert taken.photo == take_in(JPEG).photo


def test_a_photo_of_two_pictures_is_the_first():
    pair = encoded(field_photo(), "MPO", save_all=True, append_images=[Image.new("RGB", (50, 50))])

    taken = take_in(pair)

    assert (taken.width, pixel(taken.photo, 0.2, 0.5)) == (400, "red")


STRANGE: dict[str, tuple[Callable[[], bytes], str]] = {
    "CMYK JPEG": (lambda: encoded(Image.new("CMYK", (60, 40), (0, 255, 255, 0))), "red"),
    "grey JPEG": (lambda: encoded(Image.new("L", (60, 40), 255)), "white"),
    "16-bit grey PNG": (lambda: encoded(Image.new("I;16", (60, 40), 65_000), "PNG"), "white"),
    "palette PNG": (lambda: encoded(Image.new("RGB", (60, 40), "blue").quantize(4), "PNG"), "blue"),
    "clear palette PNG": (
        lambda: encoded(Image.new("P", (60, 40), 0), "PNG", transparency=0),
        "white",
    ),
    "clear PNG on white": (lambda: encoded(Image.new("RGBA", (60, 40), (0, 0, 255, 0)), "PNG"), "white"),
    "clear WebP on white": (lambda: encoded(Image.new("RGBA", (60, 40), (9, 9, 9, 0)), "WEBP"), "white"),
    "one-bit PNG": (lambda: encoded(Image.new("1", (60, 40), 1), "PNG"), "white"),
    "grey and clear PNG": (lambda: encoded(Image.new("LA", (60, 40), (0, 0)), "PNG"), "white"),
}


@pytest.mark.parametrize(("make", "colour"), STRANGE.values(), ids=STRANGE)
def test_every_pixel_format_becomes_rgb(make, colour):
    taken = take_in(make())

    assert opened(taken.photo).mode == "RGB"
    assert pixel(taken.photo, 0.5, 0.5) == colour


def test_sixteen_bits_become_eight_without_being_cut():
    taken = take_in(encoded(Image.new("I;16", (60, 40), 20_000), "PNG"))

    assert opened(taken.photo).getpixel((30, 20)) == pytest.approx((78, 78, 78), abs=2)


def test_a_profile_is_applied_and_dropped():
    lab_like = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"mine")
    taken = take_in(encoded(field_photo(), icc_profile=lab_like))

    assert "icc_profile" not in opened(taken.photo).info
    assert pixel(taken.photo, 0.2, 0.5) == "red"


def test_a_large_photo_is_shrunk_and_a_small_one_is_not_blown_up():
    large = take_in(encoded(field_photo((8000, 6000))))
    small = take_in(encoded(field_photo((64, 48))))

    assert (large.width, large.height) == opened(large.photo).size == (2560, 1920)
    assert (small.width, small.height) == opened(small.thumbnail).size == (64, 48)


def test_too_many_bytes_are_refused_unread():
    with pytest.raises(TooLarge) as refusal:
        take_in(JPEG + bytes(photo_intake.MAX_BYTES))

    assert str(refusal.value) == "A photo has at most 12 MB."


def test_hostile_bytes_leave_the_server_as_it_was():
    data = [make() for make, _ in REFUSED.values()]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for photo in data:
        with pytest.raises(BadPhoto):
            take_in(photo)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
    assert take_in(JPEG).width == 400


def test_many_at_once_are_all_answered():
    def answer(data: bytes) -> str:
        try:
            return f"{take_in(data).width} px"
        except BadPhoto as refusal:
            return refusal.code

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(answer, [JPEG, PNG + HTML, WEBP, HTML] * 3))

    assert answers == ["400 px", "photo-trailing-data", "400 px", "photo-not-a-photo"] * 3


def test_a_decoder_that_works_too_long_is_ended_and_the_photo_refused(monkeypatch, tmp_path):
    busy = tmp_path / "decoder.py"
    busy.write_text("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass")
    monkeypatch.setattr(photo_intake, "DECODER", busy)
    monkeypatch.setattr(photo_intake, "TIMEOUT_S", 120)

    with pytest.raises(BadPhoto) as refusal:
        take_in(JPEG)

    assert refusal.value.code == "photo-too-heavy"


def test_a_decoder_that_others_keep_from_working_is_ended_and_the_photo_may_come_again(monkeypatch):
    monkeypatch.setattr(photo_intake, "TIMEOUT_S", 0.001)

    with pytest.raises(Unavailable) as busy:
        take_in(JPEG)

    assert int(busy.value.headers["Retry-After"]) > 0


CAPTURED = {
    "dies": "raise SystemExit(9)",
    "says nothing": "",
    "says something else": "print('<html>')",
    "says a list": "print('[1]')",
    "invents a reason": 'print(\'{"refused": "x"}\')',
    "sends no photo": 'print(\'{"sizes": [5, 5], "width": 1, "height": 1}\\n<html>html>\')',
    "counts wrong": 'print(\'{"sizes": [-3, 5], "width": 1, "height": 1}\\n<html>html>\')',
    "never ends": "while True: print('x' * 100_000)",
}


@pytest.mark.parametrize("program", CAPTURED.values(), ids=CAPTURED)
def test_a_captured_decoder_is_not_believed(program, tmp_path, monkeypatch):
    captured = tmp_path / "decoder.py"
    captured.write_text(program)
    monkeypatch.setattr(photo_intake, "DECODER", captured)

    with pytest.raises(BadPhoto) as refusal:
        take_in(JPEG)

    assert refusal.value.code == "photo-damaged"


@pytest.mark.parametrize(
    ("attempt", "fault"),
    [
        ("bytearray(1500 * 1024 * 1024)", "MemoryError"),
        (f"open({str(Path(__file__).parent / 'new')!r}, 'wb', 0).write(b'x')", "OSError"),
        ("[open('/dev/null') for _ in range(100)]", "OSError"),
    ],
    ids=["memory", "files written", "files open"],
)
def test_the_decoder_gives_up_what_it_does_not_need(attempt, fault, tmp_path):
    target = attempt.replace(str(Path(__file__).parent), str(tmp_path))
    program = (
        f"import runpy; mine = runpy.run_path({photo_decoder.__file__!r}); mine['limit_myself']()\n"
        f"try:\n    {target}\nexcept {fault}:\n    print('stopped')"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "stopped\n"


def test_the_decoder_limits_itself_before_it_reads():
    with subprocess.Popen([sys.executable, "-I", photo_decoder.__file__], stdin=-1, stdout=-1) as process:
        limits, deadline = "", time.monotonic() + 60
        while str(photo_decoder.MAX_MEMORY_BYTES) not in limits and time.monotonic() < deadline:
            limits = Path(f"/proc/{process.pid}/limits").read_text()
        answer, _ = process.communicate(b"")

    assert re.search(rf"Max address space +{photo_decoder.MAX_MEMORY_BYTES} ", limits)
    assert answer == b'{"refused": "photo-not-a-photo"}\n'


def test_the_server_process_does_not_import_pillow():
    program = (
        "import sys, app.inspections.photo_intake; print(any(m.split('.')[0] == 'PIL' for m in sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert done.stdout == "False\n"


def test_the_limits_of_both_programs_agree():
    assert photo_container.MAX_PIXELS == photo_intake.MAX_PIXELS == 50_000_000


def test_every_reason_has_vietnamese_words():
    vietnamese = i18n.catalogue("vi")

    assert set(REASONS.values()) <= set(vietnamese)


def test_a_rendition_is_stored_under_its_hash_once(tmp_path):
    first = store(tmp_path / "photos", JPEG)
    stamp = path_of(tmp_path / "photos", first).stat().st_mtime_ns
    again = store(tmp_path / "photos", JPEG)

    path = path_of(tmp_path / "photos", first)
    assert first == again == sha256(JPEG).hexdigest()
    assert path.read_bytes() == JPEG
    assert path.stat().st_mtime_ns == stamp
    assert path == tmp_path / "photos" / first[:2] / f"{first[2:]}.jpg"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_half_written_file_is_mended(tmp_path):
    name = store(tmp_path, JPEG)
    path_of(tmp_path, name).write_bytes(JPEG[:10])

    store(tmp_path, JPEG)

    assert path_of(tmp_path, name).read_bytes() == JPEG


def test_the_file_and_its_folders_reach_the_disk_before_store_returns(tmp_path, monkeypatch):
    synced = []
    real = os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").resolve())
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    name = store(tmp_path / "photos", JPEG)

    folder = path_of(tmp_path / "photos", name).parent
    assert synced[:2] == [tmp_path, tmp_path / "photos"]
    assert synced[2].parent == folder
    assert synced[3] == folder


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path, monkeypatch, number):
    store(tmp_path, PNG)
    path_of(tmp_path, sha256(JPEG).hexdigest()).parent.mkdir()

    def full(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutOfSpace):
        store(tmp_path, JPEG)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [path_of(tmp_path, sha256(PNG).hexdigest())]


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "/" + "a" * 63]
)
def test_only_a_hash_names_a_file(tmp_path, name):
    with pytest.raises(NotFound):
        path_of(tmp_path, name)


def test_renditions_say_their_own_size():
    taken = take_in(JPEG)

    assert isinstance(taken, Renditions)
    assert opened(taken.photo).size == (taken.width, taken.height)
