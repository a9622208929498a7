"""The shortest way to an answer from memory, on raw sockets: what came as before is answered as before, no more."""

import re
import socket
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ITEMS = "/ogc/collections/sites/items"
SMALL, OTHER, LARGE = f"{ITEMS}?limit=3", f"{ITEMS}?limit=5", f"{ITEMS}?limit=250"
ANEW = re.compile(rb"\r\n(?:x-request-id|date|last-modified): [^\r]*")
MEGABYTE = 1024 * 1024


def head(path, *headers, version="1.1", end="\r\n") -> bytes:
    lines = [f"GET {path} HTTP/{version}", "host: 127.0.0.1:8000", "accept: */*", *headers, "", ""]
    return end.join(lines).encode()


def connect(gis) -> socket.socket:
    address = urlsplit(gis.service.url)
    found = socket.create_connection((address.hostname, address.port), timeout=20)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


class Line:
    """One connection and what it said, answer by answer."""

    def __init__(self, gis) -> None:
        self.socket = connect(gis)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def more(self) -> None:
        piece = self.socket.recv(65536)
        assert piece, "the connection ended"
        self.rest += piece

    def answer(self) -> tuple[bytes, bytes]:
        """The next answer: its head without what each has of its own, and its body."""
        while b"\r\n\r\n" not in self.rest:
            self.more()
        said, _, self.rest = self.rest.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", said)
        size = 0 if b" 304 " in said.split(b"\r\n")[0] else int(length[1])
        while len(self.rest) < size:
            self.more()
        body, self.rest = self.rest[:size], self.rest[size:]
        self.mark = re.search(rb"\r\nx-request-id: ([0-9a-f]{16})", said)[1]
        return ANEW.sub(b"", said), body

    def ask(self, data: bytes) -> tuple[bytes, bytes]:
        self.send(data)
        return self.answer()

    def more_until_ended(self) -> bytes:
        """All that is still said."""
        with suppress(ConnectionError):
            while piece := self.socket.recv(65536):
                self.rest += piece
        return self.rest

    def ended(self) -> bool:
        """Whether the service closes the connection, with nothing more to say."""
        with suppress(ConnectionError):
            return self.socket.recv(1) == b""
        return True


@pytest.fixture(scope="module")
def learnt(gis):
    """Heads that were answered from memory, so that they are known byte by byte, and their answers."""
    with Line(gis) as line:
        known = {path: [line.ask(head(path)) for _ in range(5)] for path in (SMALL, OTHER, LARGE)}
    assert all(answer == answers[0] for answers in known.values() for answer in answers)
    return {path: answers[0] for path, answers in known.items()}


def test_every_way_gives_the_same_answer_under_a_number_of_its_own(gis, learnt):
    with Line(gis) as line:
        marks = set()
        for _ in range(20):
            assert line.ask(head(SMALL)) == learnt[SMALL]
            marks.add(line.mark)
    assert len(marks) == 20


def test_a_304_too(gis, learnt):
    tag = re.search(rb"\r\netag: ([^\r]*)", learnt[SMALL][0])[1].decode()
    asked = head(SMALL, f"if-none-match: {tag}")
    with Line(gis) as line:
        answers = [line.ask(asked) for _ in range(4)]
        assert line.ask(head(SMALL)) == learnt[SMALL]

    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0].startswith(b"HTTP/1.1 304 Not Modified\r\n")


def test_several_at_once_are_answered_in_their_order(gis, learnt):
    order = [SMALL, OTHER, SMALL, LARGE, OTHER]
    with Line(gis) as line:
        for _ in range(3):
            line.send(b"".join(head(path) for path in order))
            assert [line.answer() for _ in order] == [learnt[path] for path in order]
        line.send(head("/api/units"))
        line.send(head(SMALL))  # while the one before is at work
        line.send(head(OTHER))
        assert b" 200 " in line.answer()[0]
        assert [line.answer(), line.answer()] == [learnt[SMALL], learnt[OTHER]]
        assert line.ask(head(SMALL)) == learnt[SMALL]


@pytest.mark.parametrize("cut", [1, 5, 40, -3, -1])
def test_a_head_in_two_pieces(gis, learnt, cut):
    whole = head(SMALL)
    with Line(gis) as line:
        for _ in range(3):
            line.send(whole[:cut])
            time.sleep(0.02)  # or the system sends both as one
            assert line.ask(whole[cut:]) == learnt[SMALL]
        line.send(whole + whole[:cut])
        assert line.answer() == learnt[SMALL]
        assert line.ask(whole[cut:]) == learnt[SMALL]


def test_a_head_that_hides_another_is_none_each_time(gis, learnt):
    """Some end a head at an empty line of LF alone, some do not: here it is no head."""
    hiding = head(SMALL, end="\n") + head(OTHER)
    mixed = head(SMALL)[:-2] + b"\n" + head(OTHER)
    for both in (hiding, mixed):
        for _ in range(4):
            with Line(gis) as line:
                assert line.ask(head(SMALL)) == learnt[SMALL]
                line.send(both)
                assert line.more_until_ended().startswith(b"HTTP/1.1 400 ")


def test_what_follows_a_head_as_a_body_is_none_of_the_next_request(gis, learnt):
    for _ in range(3):
        with Line(gis) as line:
            assert line.ask(head(OTHER)) == learnt[OTHER]
            assert line.ask(head(SMALL, "content-length: 5") + b"GET /")[1] == learnt[SMALL][1]
            assert line.ended()


@pytest.mark.parametrize("last", [head(SMALL, "connection: close"), head(SMALL, version="1.0")])
def test_who_asks_for_the_end_gets_it_each_time(gis, learnt, last):
    for _ in range(3):
        with Line(gis) as line:
            assert line.ask(head(SMALL)) == learnt[SMALL]
            assert line.ask(last)[1] == learnt[SMALL][1]
            assert line.ended()


def test_another_host_or_a_token_is_another_head(gis, learnt):
    evil = head(SMALL).replace(b"127.0.0.1:8000", b"evil.example:1")
    token = head(SMALL, "authorization: Bearer nobody")
    for other, status in ((evil, b"HTTP/1.1 400 "), (token, b"HTTP/1.1 401 ")):
        for _ in range(3):
            with Line(gis) as line:
                assert line.ask(head(SMALL)) == learnt[SMALL]
                assert line.ask(other)[0].startswith(status)


def rss(pid: int) -> int:
    said = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", said)[1]) * 1024


def test_who_reads_nothing_fills_no_memory(gis, learnt):
    """500 large answers asked for, none read: what is not taken is not made."""
    size = len(learnt[LARGE][1])
    assert 50_000 < size <= 256 * 1024
    pid = gis.service.process.pid
    before = rss(pid)
    with closing(connect(gis)) as greedy:
        greedy.settimeout(0.2)
        asked = 0
        with suppress(TimeoutError, ConnectionError):
            for _ in range(500):
                greedy.sendall(head(LARGE))
                asked += 1
                time.sleep(0.001)
        grown = rss(pid) - before
        with Line(gis) as line:
            assert line.ask(head(SMALL)) == learnt[SMALL]

    assert asked * size > 20 * MEGABYTE
    assert grown < 10 * MEGABYTE
