"""Photos in pieces: the tus protocol with every refusal, and cuts at any byte that cost at most the piece under way."""

import base64
import errno
import fcntl
import hashlib
import io
import os
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import count
from urllib.parse import urlsplit

import httpx2
import pytest
from PIL import Image
from sqlalchemy import func, select

from app import clock
from app.db import READERS
from app.errors import Unavailable
from app.inspections import photo_intake, upload_files
from app.inspections.model import Photo
from app.inspections.photo_keeping import Keeper
from app.log.model import LogEntry
from tests.make import OTHER_WARD, Make, inspection_id
from tests.running import running

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
CHUNK = 256 * 1024


def noise(side: int, seed: int = 1) -> bytes:
    """A JPEG that does not compress: `side` of 300 gives about 200 kB."""
    file = io.BytesIO()
    pixels = random.Random(seed).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def sha_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def metadata(record: str, sha: str) -> str:
    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}"
        for name, value in (("record", record), ("sha256", sha))
    )


def begin(client, record, data, *, length=None, sha=None, first=None, **headers):
    said = {
        **(TUS if first is None else PIECE),
        "Upload-Length": str(len(data) if length is None else length),
        "Upload-Metadata": metadata(record, sha or sha_of(data)),
        **headers,
    }
    return client.post("/api/uploads", headers=said, content=first)


def address(record, data):
    return f"/api/uploads/{record}/{sha_of(data)}"


def patch(client, record, data, offset, piece, **headers):
    said = {**PIECE, "Upload-Offset": str(offset), **headers}
    return client.patch(address(record, data), headers=said, content=piece)


def head(client, record, data):
    return client.head(address(record, data), headers=TUS)


def send(client, record, data, chunk=CHUNK):
    """Everything in order; the last answer."""
    answer = begin(client, record, data)
    assert answer.status_code == 201, answer.text
    for start in range(0, len(data), chunk):
        answer = patch(client, record, data, start, data[start : start + chunk])
    return answer


def photos(database):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Photo))


def left(settings):
    return [path for path in (settings.data_dir / "uploads").rglob("*") if path.is_file()]


@pytest.fixture
def visit(make, officer):
    made = inspection_id()
    assert officer.put(f"/api/inspections/{made}", json=make.inspection_body(make.site())).status_code == 201
    return made


DATA = noise(330)


def test_it_says_what_it_speaks(client):
    answer = client.options("/api/uploads")

    said = {name: answer.headers[f"tus-{name}"] for name in ("resumable", "version", "max-size")}
    assert answer.status_code == 204
    assert said == {"resumable": "1.0.0", "version": "1.0.0", "max-size": str(photo_intake.MAX_BYTES)}
    assert answer.headers["tus-extension"].split(",") == [
        "creation",
        "creation-with-upload",
        "expiration",
        "termination",
    ]


def test_a_photo_arrives_in_pieces_and_is_kept_as_any_other(officer, visit, settings, database):
    begun = begin(officer, visit, DATA)
    first = patch(officer, visit, DATA, 0, DATA[:70_000])
    between = head(officer, visit, DATA)
    last = patch(officer, visit, DATA, 70_000, DATA[70_000:])

    assert (begun.status_code, begun.headers["location"], begun.headers["upload-offset"]) == (
        201,
        address(visit, DATA),
        "0",
    )
    assert (first.status_code, first.headers["upload-offset"], "taluy-held" in first.headers) == (
        204,
        "70000",
        False,
    )
    assert (between.status_code, between.headers["upload-offset"]) == (200, "70000")
    assert (between.headers["upload-length"], between.headers["cache-control"]) == (
        str(len(DATA)),
        "no-store",
    )
    assert "GMT" in between.headers["upload-expires"]
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(DATA)))
    assert last.headers["taluy-held"] == sha_of(DATA)
    assert officer.get(f"/api/photos/{sha_of(DATA)}").status_code == 200
    assert (photos(database), left(settings)) == (1, [])
    with database.read() as db:
        assert db.scalar(select(LogEntry.verb).order_by(LogEntry.seq.desc())) == "photo"


def test_the_first_piece_may_come_with_the_beginning(officer, visit, database):
    small = Make.photo()[1]
    whole = begin(officer, visit, small, first=small)
    part = begin(officer, visit, DATA, first=DATA[:1000])
    again = begin(officer, visit, DATA, first=DATA[:1000])

    assert (whole.status_code, whole.headers["taluy-held"]) == (201, sha_of(small))
    assert (part.status_code, part.headers["upload-offset"]) == (201, "1000")
    assert (again.status_code, again.headers["upload-offset"]) == (201, "1000")
    assert photos(database) == 1


def test_what_is_kept_is_said_to_be_kept_however_it_is_asked(officer, visit, database):
    assert send(officer, visit, DATA).status_code == 204
    answers = [
        begin(officer, visit, DATA),
        begin(officer, visit, DATA, first=DATA[:5000]),
        head(officer, visit, DATA),
        patch(officer, visit, DATA, len(DATA), b""),
    ]
    from_the_start = patch(officer, visit, DATA, 0, DATA[:1000])

    assert [answer.status_code for answer in answers] == [201, 201, 200, 204]
    for answer in answers:
        assert (answer.headers["upload-offset"], answer.headers["taluy-held"]) == (
            str(len(DATA)),
            sha_of(DATA),
        )
    assert (from_the_start.status_code, from_the_start.headers["upload-offset"]) == (409, str(len(DATA)))
    assert officer.delete(address(visit, DATA), headers=TUS).status_code == 404
    assert photos(database) == 1


def test_bytes_that_do_not_follow_are_refused_with_the_right_place(officer, visit):
    begin(officer, visit, DATA)
    patch(officer, visit, DATA, 0, DATA[:500])

    answers = [patch(officer, visit, DATA, offset, b"x" * 10) for offset in (0, 499, 501, len(DATA))]
    past = patch(officer, visit, DATA, 500, DATA[500:] + b"x")

    assert [(answer.status_code, answer.headers["upload-offset"]) for answer in answers] == [(409, "500")] * 4
    assert (past.status_code, past.json()["code"]) == (413, "past-the-end")
    assert head(officer, visit, DATA).headers["upload-offset"] == "500"


def test_pieces_of_unknown_length_stay_within_the_photo(officer, visit):
    begin(officer, visit, DATA)

    answer = patch(officer, visit, DATA, 0, (piece for piece in (DATA[:1000], DATA[1000:] + b"x")))

    assert (answer.status_code, answer.json()["code"]) == (413, "past-the-end")
    assert int(head(officer, visit, DATA).headers["upload-offset"]) <= 1000


def test_other_bytes_than_the_hash_says_are_dropped(officer, visit, settings, database):
    wrong = bytearray(DATA)
    wrong[1000] ^= 1
    begin(officer, visit, DATA)

    answer = patch(officer, visit, DATA, 0, bytes(wrong))

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong-hash")
    assert (left(settings), head(officer, visit, DATA).status_code, photos(database)) == ([], 404, 0)


def test_what_is_no_photo_is_dropped(officer, visit, settings, database):
    answer = send(officer, visit, b"no photo at all")

    assert (answer.status_code, answer.json()["code"]) == (422, "photo-not-a-photo")
    assert (left(settings), photos(database)) == ([], 0)


WRONG = {
    "no version": ({"Tus-Resumable": ""}, 412, "tus-version"),
    "another version": ({"Tus-Resumable": "0.2.2"}, 412, "tus-version"),
    "no length": ({"Upload-Length": ""}, 400, "bad-upload"),
    "nothing": ({"Upload-Length": "0"}, 400, "bad-upload"),
    "less than nothing": ({"Upload-Length": "-1"}, 400, "bad-upload"),
    "other digits": ({"Upload-Length": "\xb2"}, 400, "bad-upload"),
    "too large": ({"Upload-Length": str(photo_intake.MAX_BYTES + 1)}, 413, "too-large"),
    "far too large": ({"Upload-Length": "9" * 13}, 400, "bad-upload"),
    "no metadata": ({"Upload-Metadata": ""}, 400, "bad-upload"),
    "no base64": ({"Upload-Metadata": "record ä,sha256 ="}, 400, "bad-upload"),
    "no record": ({"Upload-Metadata": metadata("x", "0" * 64)}, 400, "bad-upload"),
    "no hash": ({"Upload-Metadata": metadata(inspection_id(), "../../../etc/passwd")}, 400, "bad-upload"),
    "no such record": ({"Upload-Metadata": metadata(inspection_id(), "0" * 64)}, 404, "no-such-record"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_beginning_that_cannot_be_is_refused(officer, visit, settings, name):
    headers, status, code = WRONG[name]
    said = {**TUS, "Upload-Length": "9", "Upload-Metadata": metadata(visit, "0" * 64)} | headers

    answer = officer.post(
        "/api/uploads", headers={name: value.encode("latin-1") for name, value in said.items()}
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert ("tus-version" in answer.headers, "tus-max-size" in answer.headers) == (
        status == 412,
        status == 413,
    )
    assert left(settings) == []


def test_pieces_that_cannot_be_are_refused(officer, visit):
    begin(officer, visit, DATA)
    to = address(visit, DATA)
    answers = {
        "version": officer.patch(to, headers={**PIECE, "Tus-Resumable": "2.0.0", "Upload-Offset": "0"}),
        "no type": officer.patch(to, headers={**TUS, "Upload-Offset": "0"}),
        "type": patch(officer, visit, DATA, 0, b"{}", **{"Content-Type": "application/json"}),
        "offset": patch(officer, visit, DATA, "x", b"abc"),
        "long": patch(officer, visit, DATA, 0, b"x" * (CHUNK + 1)),
        "long in pieces": patch(officer, visit, DATA, 0, (b"x" * CHUNK for _ in range(2))),
        "none": patch(officer, visit, b"other", 0, b"abc"),
        "head": officer.head(to),
    }

    found = {name: answer.status_code for name, answer in answers.items()}
    assert found == {
        "version": 412,
        "no type": 415,
        "type": 415,
        "offset": 400,
        "long": 413,
        "long in pieces": 413,
        "none": 404,
        "head": 412,
    }
    assert {answer.headers["tus-resumable"] for answer in answers.values()} == {"1.0.0"}


def test_only_who_saw_it_or_the_board_sends_and_nothing_is_read_before(make, sign_in, client, visit):
    read = []

    def pieces():
        read.append(1)
        yield b"x"

    stranger = sign_in(make.person("board", unit=OTHER_WARD))
    asking = {
        "anonymous": client,
        "viewer": sign_in(make.person("viewer")),
        "another officer": sign_in(make.person()),
        "another ward": stranger,
        "board": sign_in(make.person("board")),
    }
    answers = {name: begin(who, visit, DATA).status_code for name, who in asking.items()}
    pieced = [
        patch(who, visit, DATA, 0, pieces()).status_code for name, who in asking.items() if name != "board"
    ]

    assert answers == {
        "anonymous": 401,
        "viewer": 403,
        "another officer": 404,
        "another ward": 403,
        "board": 201,
    }
    assert pieced == [401, 403, 404, 403]


def test_uploads_of_two_people_do_not_meet(make, sign_in, officer, visit, database):
    board = sign_in(make.person("board"))
    begin(officer, visit, DATA, first=DATA[:1000])

    assert begin(board, visit, DATA).headers["upload-offset"] == "0"
    assert send(board, visit, DATA).headers["taluy-held"] == sha_of(DATA)
    assert head(officer, visit, DATA).headers["taluy-held"] == sha_of(DATA)
    assert photos(database) == 1


def test_a_photo_of_a_position_comes_the_same_way(officer, make):
    position = inspection_id()
    body = make.position_body(make.site())
    assert officer.put(f"/api/positions/{position}", json=body).status_code == 201

    assert send(officer, position, DATA).headers["taluy-held"] == sha_of(DATA)
    batch = {"positions": [{"id": position, "position": body, "photos": [sha_of(DATA)]}]}
    assert officer.post("/api/sync", json=batch).json()["results"][0]["held"] == [sha_of(DATA)]


def test_stopping_forgets_what_has_arrived(officer, visit, settings):
    begin(officer, visit, DATA, first=DATA[:1000])

    assert officer.delete(address(visit, DATA), headers=TUS).status_code == 204
    assert (left(settings), head(officer, visit, DATA).status_code) == ([], 404)
    assert patch(officer, visit, DATA, 1000, b"x").json()["code"] == "no-such-upload"


def test_a_photo_that_could_not_be_kept_yet_is_finished_by_its_last_byte(
    officer, visit, monkeypatch, database
):
    def busy(_data):
        raise Unavailable("Many photos are arriving. Try again in a moment.")

    with monkeypatch.context() as now:
        now.setattr(photo_intake, "take_in", busy)
        refused = send(officer, visit, DATA)
    there = head(officer, visit, DATA)

    assert (refused.status_code, there.headers["upload-offset"]) == (503, str(len(DATA) - 1))
    assert patch(officer, visit, DATA, len(DATA) - 1, DATA[-1:]).headers["taluy-held"] == sha_of(DATA)
    assert photos(database) == 1


def test_a_full_disk_is_said_and_what_arrived_stays(officer, visit, monkeypatch, database):
    begin(officer, visit, DATA, first=DATA[:1000])

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as now:
        now.setattr(os, "pwrite", full)
        refused = patch(officer, visit, DATA, 1000, DATA[1000:2000])

    assert (refused.status_code, refused.json()["code"]) == (507, "out-of-space")
    assert head(officer, visit, DATA).headers["upload-offset"] == "1000"
    assert patch(officer, visit, DATA, 1000, DATA[1000:]).status_code == 204


def test_too_old_ones_are_forgotten_and_nobody_leaves_many(officer, visit, settings, tmp_path, database):
    now, uploads = clock.now(), settings.data_dir / "uploads"
    begin(officer, visit, DATA)
    (mine,) = uploads.iterdir()
    other = uploads / "4711"
    other.mkdir()
    for folder, age in ((mine, timedelta(days=8)), (other, timedelta(days=8)), (other, timedelta(days=6))):
        path = folder / f"{inspection_id()}.{'0' * 64}.{age.days}"
        path.touch()
        os.utime(path, ((now - age).timestamp(),) * 2)

    for number in range(upload_files.MOST + 3):
        begin(officer, visit, b"%d" % number)

    assert [path.suffix for path in other.iterdir()] == [".6"]
    kept = list(mine.iterdir())
    assert len(kept) == upload_files.MOST
    assert not any(path.suffix == ".8" or sha_of(DATA) in path.name for path in kept)


def test_who_is_erased_leaves_no_piece_behind(tmp_path):
    folders = [upload_files.folder_of(tmp_path, person) for person in (1, 12)]
    for folder in folders:
        upload_files.begin(folder, inspection_id(), "0" * 64, 10, now=clock.now()).append(0, b"abc")

    upload_files.forget(tmp_path, 1)

    assert [len(list(folder.iterdir())) for folder in folders] == [0, 1]


def test_an_eleventh_photo_is_refused_before_its_bytes(officer, visit):
    for number in range(10):
        sha, data = Make.photo((20 * number, 9, 9))
        officer.put(f"/api/photos/{sha}", params={"inspection": visit}, content=data)

    answer = begin(officer, visit, DATA)

    assert (answer.status_code, answer.json()["code"]) == (422, "too-many-photos")


def test_two_who_send_the_same_at_once_leave_one_whole_photo(officer, visit, settings, database):
    """Each goes on where the server says; whoever is slower is told so."""
    begin(officer, visit, DATA)

    def worker(seed: int) -> None:
        sizes = random.Random(seed)
        for _ in range(1000):
            there = head(officer, visit, DATA)
            if "taluy-held" in there.headers:
                return
            offset = int(there.headers.get("upload-offset", "0"))
            answer = patch(officer, visit, DATA, offset, DATA[offset : offset + sizes.randint(1, 60_000)])
            assert answer.status_code in (204, 404, 409), answer.text
        raise AssertionError("it never ends")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(worker, range(3)))

    assert (photos(database), left(settings)) == (1, [])


@pytest.mark.parametrize("method", ["HEAD", "PATCH"])
def test_who_asks_while_another_request_keeps_the_photo_is_told_that_it_is_kept(
    officer, visit, monkeypatch, method, database
):
    """The last bytes of a connection that was cut arrive right after this request has looked for the photo."""
    end, wanted = len(DATA) - 1, Keeper.wanted
    begin(officer, visit, DATA)
    patch(officer, visit, DATA, 0, DATA[:end])

    def overtaken(*which):
        monkeypatch.setattr(Keeper, "wanted", wanted)
        found = wanted(*which)
        assert patch(officer, visit, DATA, end, DATA[end:]).status_code == 204
        return found

    monkeypatch.setattr(Keeper, "wanted", overtaken)
    asked = {
        "HEAD": lambda: head(officer, visit, DATA),
        "PATCH": lambda: patch(officer, visit, DATA, end, b"x"),
    }
    answer = asked[method]()

    assert answer.status_code == {"HEAD": 200, "PATCH": 204}[method]
    assert (answer.headers["upload-offset"], answer.headers["taluy-held"]) == (str(len(DATA)), sha_of(DATA))
    assert photos(database) == 1


def test_another_process_that_holds_the_file_is_waited_for(tmp_path):
    upload = upload_files.begin(tmp_path / "1", inspection_id(), "0" * 64, 10, now=clock.now())
    with upload.path.open("rb") as held, ThreadPoolExecutor(1) as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        writing = pool.submit(upload.append, 0, b"abc")
        with pytest.raises(TimeoutError):
            writing.result(0.2)
        fcntl.flock(held, fcntl.LOCK_UN)

        assert writing.result(60) == 3


def test_who_waited_for_a_file_that_is_gone_is_told_so(tmp_path):
    upload = upload_files.begin(tmp_path / "1", inspection_id(), "0" * 64, 10, now=clock.now())
    with upload.path.open("rb") as held, ThreadPoolExecutor(1) as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        writing = pool.submit(upload.append, 0, b"abc")
        with pytest.raises(TimeoutError):
            writing.result(0.2)
        upload.drop()
        fcntl.flock(held, fcntl.LOCK_UN)

        with pytest.raises(upload_files.NotFound):
            writing.result(60)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A real service with one officer; gives it and the officer's client."""
    with running(tmp_path_factory.mktemp("uploads")) as started:
        started.person("Người thử 1", "officer")
        headers = {"Cookie": started.cookie("Người thử 1"), "Sec-Fetch-Site": "same-origin"}
        with httpx2.Client(base_url=started.url, headers=headers, timeout=60) as client:
            yield started, client


def raw(service, client, method, path, headers, body) -> socket.socket:
    """Send a request, or as much of one as `body` is, over a socket of its own."""
    where = urlsplit(service.url)
    connection = socket.create_connection((where.hostname, where.port), timeout=60)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {where.netloc}"]
    lines += [
        f"{name}: {value}"
        for name, value in {**dict(client.headers), **headers}.items()
        if name.lower() not in ("host", "connection", "accept-encoding")
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


def visit_of(client) -> str:
    found = inspection_id()
    answer = client.put(f"/api/inspections/{found}", json=Make.inspection_body("P6-ST-01"))
    assert answer.status_code == 201, answer.text
    return found


@pytest.mark.parametrize("seed", range(8))
def test_a_cut_at_any_byte_costs_at_most_the_piece_under_way(service, seed):
    """What was answered is never asked for again, what arrived stays, and the photo is whole in the end."""
    started, client = service
    chance = random.Random(seed)
    data, record = noise(420 + seed, seed), visit_of(client)
    chunk = chance.choice([64 * 1024, 100_001, CHUNK])
    assert begin(client, record, data).status_code == 201
    sent, answered, overtaken, cuts = 0, 0, 0, count()
    while True:
        there = head(client, record, data)
        assert there.status_code == 200
        if "taluy-held" in there.headers:
            break
        offset = int(there.headers["upload-offset"])
        assert offset >= min(answered, len(data) - 1)
        piece = data[offset : offset + chunk]
        headers = {**PIECE, "Upload-Offset": str(offset), "Content-Length": str(len(piece))}
        cut = next(cuts) < 6
        body = piece[: chance.randint(0, len(piece))] if cut else piece
        sent += len(body)
        with raw(started, client, "PATCH", address(record, data), headers, body) as connection:
            if cut and chance.random() < 0.5:  # at once, with what is still under way lost
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            elif cut:
                connection.shutdown(socket.SHUT_WR)
                with suppress(ConnectionResetError):  # how the server ends what was cut is its own affair
                    connection.recv(4096)
            else:
                answer = connection.recv(4096)
                if answer.startswith(b"HTTP/1.1 409"):  # bytes of a cut piece were written after we had asked
                    overtaken += 1
                    assert overtaken <= 6
                    continue
                assert answer.startswith(b"HTTP/1.1 204")
                answered = offset + len(piece)

    # And a byte for each time that only the last one was missing.
    assert sent <= len(data) + (6 + overtaken) * chunk + 6
    assert client.get(f"/api/photos/{sha_of(data)}").status_code == 200


def test_a_phone_that_went_silent_holds_nobody_up(service):
    started, client = service
    record = visit_of(client)
    assert begin(client, record, DATA).status_code == 201
    headers = {**PIECE, "Upload-Offset": "0", "Content-Length": str(len(DATA))}
    with raw(started, client, "PATCH", address(record, DATA), headers, DATA[:50_000]):
        arrived = threading.Event()
        while not arrived.is_set():
            offset = int(head(client, record, DATA).headers["upload-offset"])
            if offset == 50_000:
                arrived.set()

        assert patch(client, record, DATA, 50_000, DATA[50_000:]).headers["taluy-held"] == sha_of(DATA)


def test_fifty_phones_that_send_slowly_hold_no_reader(service):
    """More than there are readers; each was let in and is asked for its first byte."""
    started, client = service
    record = visit_of(client)
    assert begin(client, record, DATA).status_code == 201
    headers = {**PIECE, "Upload-Offset": "0", "Content-Length": "1000", "Expect": "100-continue"}
    opened = []
    try:
        for _ in range(READERS + 10):
            opened.append(raw(started, client, "PATCH", address(record, DATA), headers, b""))
            assert opened[-1].recv(100).startswith(b"HTTP/1.1 100")

        assert client.get("/api/sites").status_code == 200
    finally:
        for connection in opened:
            connection.close()
