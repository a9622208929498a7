"""A body is bounded in size and in time; a photo is read once it is known who sends it."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.door.bodies import BODY_LIMIT, PHOTO_LIMIT, Body, Patience, read
from app.errors import BadRequest, TooLarge, TooSlow, Unavailable
from app.inspections.photo_arrival import PHOTOS
from tests.make import inspection_id

QUICK = Patience(idle_s=0.05, grace_s=0.2, slowest=1000, linger_s=0.05)


class Jumping(asyncio.SelectorEventLoop):
    """A loop whose clock stands still while anybody works, and jumps to who wakes first when all of them wait.

    So it is the same moment for everybody, however slow the machine is.
    """

    _moment = 0.0

    def __init__(self) -> None:
        super().__init__()
        look = self._selector.select

        def jump(wait_s):
            self._moment += wait_s or 0
            return look(wait_s and 0)

        self._selector.select = jump

    def time(self) -> float:
        return self._moment


def run(work):
    """Run it in a thread of its own: in this one Playwright's loop may be running since another file's tests."""

    def alone():
        with asyncio.Runner(loop_factory=Jumping) as runner:
            return runner.run(work)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result()


def body(pieces, *, length="", path="/api/sites", method="POST", patience=QUICK) -> Body:
    """A body that arrives in `pieces`: bytes, seconds of silence, or None for an end of the connection."""
    waiting = list(pieces)

    async def receive():
        while waiting:
            piece = waiting.pop(0)
            if piece is None:
                return {"type": "http.disconnect"}
            if isinstance(piece, bytes):
                return {"type": "http.request", "body": piece, "more_body": bool(waiting)}
            await asyncio.sleep(piece)
        return await asyncio.get_running_loop().create_future()

    framing = (b"content-length", length.encode()) if length else (b"transfer-encoding", b"chunked")
    scope = {"method": method, "path": path, "headers": [framing], "state": {}}
    return Body(scope, receive, patience)


def whole(*pieces, **more) -> bytes:
    """The whole body, or what it raises."""
    return run(body(pieces, **more).whole())


def test_what_arrives_in_time_is_whole():
    assert whole(b"one ", 0.01, b"two ", 0.01, b"three") == b"one two three"


@pytest.mark.parametrize(
    "pieces", [(1.0, b"x"), (b"x", 1.0, b"y"), (b"",)], ids=["first", "next", "never ends"]
)
def test_silence_is_too_slow(pieces):
    with pytest.raises(TooSlow):
        whole(*pieces, 1.0, b"z")


def test_a_trickle_is_too_slow_though_it_never_stops():
    with pytest.raises(TooSlow):
        whole(*[piece for _ in range(100) for piece in (b"x", 0.02)])


def test_a_slow_phone_that_sends_steadily_is_waited_for():
    steady = [piece for _ in range(40) for piece in (b"x" * 100, 0.02)]

    assert len(whole(*steady, b"x")) == 4001


def test_the_end_of_the_connection_is_no_end_of_the_body():
    with pytest.raises(BadRequest) as told:
        whole(b"half of it", None)
    assert told.value.code == "cut-short"


def test_more_than_the_limit_is_refused_without_reading_on():
    arriving = body([b"x" * 65536] * 100)

    with pytest.raises(TooLarge):
        run(arriving.whole())
    assert arriving._taken <= BODY_LIMIT + 65536


@pytest.mark.parametrize("length", ["262145", "99999999999999999999", "-1", "1e3", "0x10"])
def test_a_length_that_cannot_be_is_refused_before_anything_is_read(length):
    with pytest.raises(TooLarge):
        run(read({"state": {}}, body([], length=length)))


@pytest.mark.parametrize(("method", "path"), [("PUT", "/api/photos/x"), ("POST", "/api/photos/x")])
def test_a_photo_is_not_read_at_the_door(method, path):
    arriving = body([1.0], method=method, path=path)

    run(read({"state": {}}, arriving))

    assert (arriving._taken, arriving.limit) == (0, PHOTO_LIMIT)


def test_nothing_that_looks_like_a_photos_path_gets_its_limit():
    for path in ("/api/photos", "/api/photosx/1", "/x/api/photos/1", "/API/photos/1"):
        assert body([], path=path).limit == BODY_LIMIT


@pytest.fixture
def visit(make, officer):
    """The id of an inspection that the officer made."""
    made = inspection_id()
    assert officer.put(f"/api/inspections/{made}", json=make.inspection_body(make.site())).status_code == 201
    return made


def send(client, visit, data, *, sha=None, **headers):
    address = f"/api/photos/{sha or hashlib.sha256(data).hexdigest()}"
    return client.put(address, params={"inspection": visit}, content=data, headers=headers)


def test_a_photo_in_pieces_is_the_same_photo(make, officer, visit):
    sha, data = make.photo()
    pieces = (data[start : start + 1000] for start in range(0, len(data), 1000))

    answer = officer.put(f"/api/photos/{sha}", params={"inspection": visit}, content=pieces)

    assert answer.status_code == 201


def test_who_may_not_send_is_told_before_a_byte_is_read(make, client, visit):
    read_on = []

    def pieces():
        read_on.append(1)
        yield b"x" * 1000

    sha = "0" * 64
    answer = client.put(f"/api/photos/{sha}", params={"inspection": visit}, content=pieces())

    assert answer.status_code == 401


def test_more_than_a_photo_is_refused_in_pieces_too(officer, visit):
    pieces = (b"x" * 1_000_000 for _ in range(13))

    answer = officer.put(f"/api/photos/{'0' * 64}", params={"inspection": visit}, content=pieces)

    assert answer.status_code == 413


def test_nothing_is_left_in_the_folder(make, officer, visit, settings):
    send(officer, visit, b"no photo at all")
    send(officer, visit, make.photo()[1], sha="0" * 64)

    left = [
        path
        for path in settings.data_dir.rglob("*")
        if path.is_file() and path.parent.name not in ("keys", "run")
    ]
    assert [path for path in left if path.suffix != ".jpg"] == []
    assert PHOTOS.nobody


def test_too_many_uploads_are_told_to_come_back(make, officer, visit, monkeypatch):
    monkeypatch.setattr(PHOTOS, "under_way", 0)

    answer = send(officer, visit, make.photo()[1])

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_who_waits_too_long_for_a_turn_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(PHOTOS, "wait_s", 0.05)

    async def one_too_many():
        async def hold(done):
            async with PHOTOS.turn():
                await done.wait()

        done = asyncio.Event()
        holding = [asyncio.create_task(hold(done)) for _ in range(PHOTOS.at_once)]
        await asyncio.sleep(0)
        try:
            async with PHOTOS.turn():
                pass
        finally:
            done.set()
            await asyncio.gather(*holding)

    with pytest.raises(Unavailable):
        run(one_too_many())
