"""Photos over the HTTP door: what is refused, what is stored, and who may see it (checks 18-22)."""

import hashlib
import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.errors import TooMany
from app.inspections.model import Photo
from app.main import create_app
from app.settings import Settings
from tests.make import OTHER_WARD, PASSWORD, inspection_id

CANARY = b"KANARI-EXIF"
MEMORY_MB = 512


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(side: int = 13_000) -> bytes:
    """About 20 kB that unpack to `side` squared pixels."""
    squeezer = zlib.compressobj(9)
    rows = b"".join(squeezer.compress(bytes(side // 8 + 2)) for _ in range(side)) + squeezer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", "<script>p=1</script>")
    return out.getvalue()


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


FIELD = Image.new("RGB", (400, 300), (90, 120, 80))
JPEG, PNG = encoded(FIELD), encoded(FIELD, "PNG")
HTML = b"<!doctype html><script>window.p=1</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>window.p=1</script></svg>'
REFUSED = {
    "bomb": bomb(),
    "51 megapixels": encoded(Image.new("1", (10_200, 5_000)), "PNG"),
    "svg": SVG,
    "svg with a JPEG's first bytes": b"\xff\xd8\xff" + SVG,
    "html": HTML,
    "JPEG and html": JPEG + HTML,
    "JPEG and zip": JPEG + zipped(),
    "PNG and script": PNG + b"<script>window.p=1</script>",
    "GIF": encoded(FIELD, "GIF"),
    "GIF and script": encoded(FIELD, "GIF") + HTML,
    "animated PNG": moving("PNG"),
    "animated WebP": moving("WEBP"),
    "cut JPEG": JPEG[: len(JPEG) // 2],
    "JPEG of three bytes": JPEG[:3],
    "nothing": b"",
    "TIFF": encoded(FIELD, "TIFF"),
    "PDF": b"%PDF-1.7\n" + JPEG,
}
TAKEN = {
    "JPEG": JPEG,
    "PNG": PNG,
    "WebP": encoded(FIELD, "WEBP"),
    "CMYK": encoded(FIELD.convert("CMYK")),
    "16 bits": encoded(Image.new("I;16", (64, 64), 40_000), "PNG"),
    "palette": encoded(FIELD.convert("P"), "PNG"),
    "grey with alpha": encoded(Image.new("LA", (64, 64)), "PNG"),
}


@pytest.fixture
def visit(make, officer):
    """An inspection of the signed-in officer; gives its id."""
    found = inspection_id()
    assert officer.put(f"/api/inspections/{found}", json=make.inspection_body(make.site())).status_code == 201
    return found


def send(client, visit: str, data: bytes, *, sha: str | None = None, kind: str = "image/jpeg"):
    named = sha or hashlib.sha256(data).hexdigest()
    headers = {"Content-Type": kind}
    return client.put(f"/api/photos/{named}", params={"inspection": visit}, content=data, headers=headers)


def kept_files(settings) -> list[bytes]:
    return [path.read_bytes() for path in (settings.data_dir / "photos").rglob("*") if path.is_file()]


def test_what_is_no_photo_is_refused_and_nothing_is_kept(officer, visit, settings, database):
    answers = {name: send(officer, visit, data) for name, data in REFUSED.items()}

    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 422} == {}
    for answer in answers.values():
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert kept_files(settings) == []
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Photo)) == 0


def test_a_bomb_of_20_kb_costs_little(officer, visit, record_property):
    data = REFUSED["bomb"]
    assert len(data) < 25_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    begun = time.perf_counter()
    answer = send(officer, visit, data, kind="image/png")
    took = time.perf_counter() - begun

    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(  # noqa: T201 - a figure, shown by -s
        f"bomb of {len(data)} bytes: {took * 1000:.0f} ms, server +{grown:.0f} MB, largest child {children:.0f} MB"
    )
    assert answer.json()["code"] == "photo-too-many-pixels"
    assert grown < 50


@pytest.mark.parametrize("name", TAKEN)
def test_every_kind_of_photo_becomes_a_plain_jpeg(officer, visit, settings, name):
    assert send(officer, visit, TAKEN[name], kind="application/octet-stream").status_code == 201

    for stored in kept_files(settings):
        with Image.open(io.BytesIO(stored)) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB")
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive"}


def test_nothing_hidden_is_stored(officer, visit, settings, database):
    exif = Image.Exif()
    exif[0x010F] = CANARY.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (11.0, 57.0, 31.2), 3: "E", 4: (108.0, 25.0, 33.25)})
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + CANARY + b"</x:xmpmeta>"
    data = encoded(FIELD, exif=exif, xmp=xmp, comment=CANARY, icc_profile=CANARY * 20)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x10" + b"\x1c\x02\x78\0\x0b" + CANARY
    data = data[:2] + struct.pack(">BBH", 0xFF, 0xED, len(iptc) + 2) + iptc + data[2:]

    answer = send(officer, visit, data)

    assert answer.status_code == 201
    files = kept_files(settings)
    assert len(files) == 2
    for marker in (CANARY, b"Exif", b"http://ns.adobe.com", b"8BIM", b"ICC_PROFILE", b"\xff\xfe"):
        assert not any(marker in stored for stored in files), marker
    with database.read() as db:
        (photo,) = db.scalars(select(Photo))
        assert (round(photo.taken_lat, 3), round(photo.taken_lon, 3)) == (11.959, 108.426)
    shown = officer.get(f"/api/photos/{hashlib.sha256(data).hexdigest()}", params={"size": "thumb"})
    assert CANARY not in shown.content
    assert str(photo.taken_lon) not in f"{answer.text}{shown.headers}"


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "0" * 63,
        "0" * 65,
        "A" * 64,
        "0" * 63 + "%00",
        "g" * 64,
    ],
)
def test_only_a_hash_is_a_name(officer, visit, settings, name):
    for method in ("GET", "PUT", "PATCH"):
        answer = officer.request(
            method,
            f"/api/photos/{name}",
            params={"inspection": visit},
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code in (400, 403, 404, 405, 415, 422), (method, answer.status_code)
        assert "passwd" not in answer.text
    assert kept_files(settings) == []


def test_bytes_under_another_hash_are_refused(officer, visit, settings):
    answer = send(officer, visit, JPEG, sha=hashlib.sha256(PNG).hexdigest())

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong-hash")
    assert kept_files(settings) == []


def test_the_eleventh_photo_is_refused(officer, visit, make):
    answers = [send(officer, visit, make.photo((20 * number, 9, 9))[1]).status_code for number in range(11)]

    assert answers == [*[201] * 10, 422]


def test_the_day_has_its_allowance(settings, make, sign_in):
    """And it is per person: another officer still sends."""
    few = Settings(**{**settings.model_dump(), "photos_per_day": 2})
    app = create_app(few)
    from fastapi.testclient import TestClient

    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        answers = []
        for _ in range(2):
            name, visit, place = make.person("officer"), inspection_id(), make.site()
            assert client.post("/api/session", json={"name": name, "password": PASSWORD}).status_code == 204
            client.put(f"/api/inspections/{visit}", json=make.inspection_body(place))
            answers.append(
                [send(client, visit, make.photo((40 * n, 90 * len(answers), 7))[1]) for n in range(3)]
            )

    for each in answers:
        assert [answer.status_code for answer in each] == [201, 201, TooMany.status]
        assert int(each[-1].headers["retry-after"]) > 0


def test_an_unpublished_photo_is_nowhere_for_others(officer, visit, make, client, sign_in):
    sha, data = make.photo()
    assert send(officer, visit, data).status_code == 201
    stranger = sign_in(make.person("board", unit=OTHER_WARD))

    for asking in (client, sign_in(make.person("viewer")), stranger):
        for size in ("full", "thumb"):
            assert asking.get(f"/api/photos/{sha}", params={"size": size}).status_code == 404
        assert asking.get(f"/api/inspections/{visit}").json()["photos"] == []
    for size in ("full", "thumb"):
        shown = officer.get(f"/api/photos/{sha}", params={"size": size})
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert "no-store" in shown.headers["cache-control"]


def test_one_photo_is_published_and_taken_back_alone(officer, visit, make, client, board):
    photos = [make.photo((80 * n, 9, 9)) for n in range(3)]
    for _, data in photos:
        assert send(officer, visit, data).status_code == 201
    one, *others = [sha for sha, _ in photos]
    to = {"inspection": visit}

    def seen(sha: str, **headers: str) -> set[int]:
        return {
            client.get(f"/api/photos/{sha}", params={"size": size}, headers=headers).status_code
            for size in ("full", "thumb")
        }

    assert board.patch(f"/api/photos/{one}", params=to, json={"published": True}).status_code == 200
    assert seen(one) == {200}
    assert [seen(sha) for sha in others] == [{404}, {404}]
    assert [photo["sha256"] for photo in client.get(f"/api/inspections/{visit}").json()["photos"]] == [one]
    published = client.get(f"/api/photos/{one}")
    assert "immutable" not in published.headers["cache-control"]
    assert "no-cache" in published.headers["cache-control"]
    tags = {
        "If-None-Match": published.headers["etag"],
        "If-Modified-Since": published.headers["last-modified"],
    }

    assert board.patch(f"/api/photos/{one}", params=to, json={"published": False}).status_code == 200
    assert seen(one) == {404}
    assert seen(one, **tags) == {404}
    assert seen(one, Range="bytes=0-10") == {404}
    assert client.get(f"/api/inspections/{visit}").json()["photos"] == []


def test_nobody_but_the_units_own_board_publishes(officer, visit, make, client, sign_in):
    sha, data = make.photo()
    send(officer, visit, data)
    to, body = {"inspection": visit}, {"published": True}

    refused = {
        "anonymous": client.patch(f"/api/photos/{sha}", params=to, json=body).status_code,
        "officer": officer.patch(f"/api/photos/{sha}", params=to, json=body).status_code,
        "other board": sign_in(make.person("board", unit=OTHER_WARD))
        .patch(f"/api/photos/{sha}", params=to, json=body)
        .status_code,
    }

    assert refused == {"anonymous": 401, "officer": 403, "other board": 403}
    assert client.get(f"/api/photos/{sha}").status_code == 404


LIMITED = (
    "import resource;resource.setrlimit(resource.RLIMIT_AS,({0},{0}));import app.inspections.photo_intake"
)


def test_the_way_in_needs_little_memory_itself():
    done = subprocess.run(
        [sys.executable, "-c", LIMITED.format(MEMORY_MB << 20)], check=False, capture_output=True
    )

    assert done.returncode == 0
