"""What this service takes for a request, beside h11: nothing that h11 refuses, and nothing that it reads otherwise."""

import asyncio
import json
import socket
import threading
import time
from concurrent.futures import Future
from contextlib import closing, suppress

import pytest
import uvloop
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from app.door import serving
from app.door.head import HEAD_BYTES
from app.door.headers import Dress
from app.door.serving import PatientProtocol
from app.settings import Settings

PATIENCE_S = 60
"""For what must come: nothing is measured by it."""
HOST = b"Host: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


class Service:
    """A small application behind one protocol, in a thread of its own."""

    def __init__(self, protocol, *, fast: bool) -> None:
        self.loop = uvloop.new_event_loop() if fast else asyncio.new_event_loop()
        self.seen: list[tuple[str, str]] = []
        self.last = None
        self.go = asyncio.Event()
        config = Config(
            self.app,
            log_config=None,
            ws="none",
            loop="none",
            interface="asgi3",
            proxy_headers=False,
            h11_max_incomplete_event_size=HEAD_BYTES,
        )
        self.state = ServerState()
        config.load()

        def made():
            found = protocol(config, self.state, {}, _loop=self.loop)
            self.last = found
            return found

        self.server = self.loop.run_until_complete(self.loop.create_server(made, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.server.close()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def app(self, scope, receive, send) -> None:
        self.seen.append((scope["method"], scope["path"]))
        if scope["path"] == "/wait":
            await self.go.wait()
        body = b""
        if scope["path"] == "/early":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"early", "more_body": True})
        if scope["path"] in ("/broken", "/endless"):
            await self.flow(send, endless=scope["path"] == "/endless")
            return
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        length = [] if scope["path"] == "/long" else None
        names = ("method", "path", "http_version", "scheme", "root_path")
        said = {name: scope[name] for name in names}
        said |= {name: scope[name].decode("latin-1") for name in ("raw_path", "query_string")}
        said["headers"] = [[part.decode("latin-1") for part in row] for row in scope["headers"]]
        said["body"] = body.decode("latin-1")
        answer = json.dumps(said).encode()
        if length is None:
            length = [(b"content-length", str(len(answer)).encode())]
        scope["method"] = "GET" if scope["method"] == "HEAD" else scope["method"]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"" if said["method"] == "HEAD" else answer})

    async def flow(self, send, *, endless: bool) -> None:
        """Begin an answer and leave it without its end: after one piece, or when its reader is gone."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half of it", "more_body": True})
        while endless and not self.last.transport.is_closing():
            await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def at(self, do):
        """What `do` gives, called where the protocols live."""
        done = Future()
        self.loop.call_soon_threadsafe(lambda: done.set_result(do()))
        return done.result(PATIENCE_S)

    def tell(self, *pieces: bytes) -> bytes:
        """Everything that is said to `pieces`, after which nothing more comes."""
        with closing(self.connect()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(ConnectionError):
                for number, piece in enumerate(pieces):
                    if number:
                        time.sleep(0.005)  # or the system sends both as one
                    connection.sendall(piece)
            return everything(connection)


def as_far_as(connection: socket.socket, end: bytes) -> bytes:
    """What is said until `end` stands in it, in however many pieces it comes."""
    said = b""
    while end not in said:
        piece = connection.recv(1000)
        assert piece, said
        said += piece
    return said


def everything(connection: socket.socket) -> bytes:
    said = b""
    with suppress(ConnectionError, TimeoutError):
        while piece := connection.recv(65536):
            said += piece
    return said


class Ours(PatientProtocol):
    """As served."""

    dress = Dress(Settings())
    most_connections = 1_000


@pytest.fixture(scope="module", params=[True, False], ids=["uvloop", "asyncio"])
def ours(request):
    service = Service(Ours, fast=request.param)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def h11():
    service = Service(H11Protocol, fast=True)
    yield service
    service.stop()


def get(rest: bytes, first: bytes = b"GET / HTTP/1.1\r\n") -> bytes:
    return first + HOST + b"Connection: close\r\n" + rest + b"\r\n"


def post(headers: bytes, body: bytes = b"") -> bytes:
    return get(headers, b"POST / HTTP/1.1\r\n") + body


def chunks(body: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked\r\n", body)


TAKEN = {
    "plain": get(b""),
    "query": get(b"", b"GET /a%20b//c?x=%31&y=/?z HTTP/1.1\r\n"),
    "two slashes": get(b"", b"GET //evil.example/a?b HTTP/1.1\r\n"),
    "three slashes": get(b"", b"GET ///a:80@b?b HTTP/1.1\r\n"),
    "empty query": get(b"", b"GET /a? HTTP/1.1\r\n"),
    "odd signs": get(b"", b"GET /[]{}|\\^`\"<>;,:@&=+$!*'()~?\\^`{}|\"<> HTTP/1.1\r\n"),
    "odd percent": get(b"", b"GET /%zz%ff%00%c3%a9 HTTP/1.1\r\n"),
    "value in spaces": get(b"X-A: \t b c \t\r\nX-B:\r\nX-C:   \r\nX-d:e\r\n"),
    "value of other bytes": get(b"X-A: \xff\xc3\xa9\x80\r\n"),
    "names of all signs": get(b"!#$%&'*+-.^_`|~09azAZ: 1\r\n"),
    "header twice": get(b"X-A: 1\r\nX-A: 2\r\n"),
    "1.0": get(b"", b"GET / HTTP/1.0\r\n"),
    "1.0 without a host": b"GET /a HTTP/1.0\r\n\r\n",
    "length": post(b"Content-Length: 5\r\n", b"hello"),
    "length nought": post(b"Content-Length: 0\r\n"),
    "length with noughts": post(b"Content-Length: 005\r\n", b"hello"),
    "body of GET": get(b"Content-Length: 5\r\n") + b"hello",
    "body like a request": post(b"Content-Length: 18\r\n", b"GET / HTTP/1.1\r\n\r\n"),
    "chunks": chunks(b"5\r\nhello\r\n6;a=b;c=d\r\n world\r\n" + END),
    "chunks, other letters": post(b"transfer-encoding:  chunked \r\n", b"A\r\n0123456789\r\n" + END),
    "trailers": chunks(b"1\r\na\r\n0\r\nHost: evil.example\r\nX-Forwarded-For: 1\r\nCookie: x\r\n\r\n"),
    "expect": post(b"Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello"),
    "expect of 1.0": b"POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "delete": get(b"", b"DELETE /a HTTP/1.1\r\n"),
    "patch": get(b"", b"PATCH /a HTTP/1.1\r\n"),
    "options": get(b"", b"OPTIONS /a HTTP/1.1\r\n"),
    "propfind": get(b"", b"PROPFIND /a HTTP/1.1\r\n"),
    "close among others": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n",
    "close in a second line": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: te\r\nConnection: close\r\n\r\n",
    "without a length, to 1.0": b"GET /long HTTP/1.0\r\nHost: a\r\n\r\n",
    "HEAD of 1.0": b"HEAD /long HTTP/1.0\r\nHost: a\r\n\r\n",
}  # fmt: skip
"""Taken by both, and as the same."""

REFUSED_BY_BOTH = {
    "control byte first": b"\x16\x03\x01\x02\x00" + bytes(200),
    "empty line first": b"\r\n" + get(b""),
    "space first": b" " + get(b""),
    "0.9": b"GET /\r\n\r\n",
    "0.9 with nothing": b"GET / \r\n\r\n",
    "no version": b"GET / HTTP\r\nHost: a\r\n\r\n",
    "long version": b"GET / HTTP/1.10\r\nHost: a\r\n\r\n",
    "small version": b"GET / http/1.1\r\nHost: a\r\n\r\n",
    "other protocol": b"GET / RTSP/1.0\r\nHost: a\r\n\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    "space in the target": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "tab in the target": b"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n",
    "tab behind the method": b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "other bytes in the target": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
    "delete in the target": b"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL in the target": b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "space behind the version": b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
    "brackets in the method": b"G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\nX-A: a\r\n\r\n",
    "two hosts": get(b"Host: b\r\n"),
    "two hosts, the same": get(HOST),
    "space before the colon": get(b"X-A : 1\r\n"),
    "no colon": get(b"X-A\r\n"),
    "no name": get(b": 1\r\n"),
    "name of other bytes": get(b"X-\xc3\xa9: 1\r\n"),
    "NUL in a name": get(b"X\x00A: 1\r\n"),
    "NUL in a value": get(b"X-A: 1\x002\r\n"),
    "return in a value": get(b"X-A: 1\r2\r\n"),
    "form feed in a value": get(b"X-A: 1\x0c2\r\n"),
    "folded first header": b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "two lengths": post(b"Content-Length: 2\r\nContent-Length: 5\r\n", b"hello"),
    "list of lengths": post(b"Content-Length: 2, 5\r\n", b"hello"),
    "signed length": post(b"Content-Length: +5\r\n", b"hello"),
    "negative length": post(b"Content-Length: -5\r\n", b"hello"),
    "hexadecimal length": post(b"Content-Length: 0x5\r\n", b"hello"),
    "length with an underscore": post(b"Content-Length: 1_0\r\n", b"0123456789"),
    "empty length": post(b"Content-Length:\r\n", b"hello"),
    "length beyond numbers": post(b"Content-Length: 100000000000000000005\r\n", b"hello"),
    "xchunked": post(b"Transfer-Encoding: xchunked\r\n", END),
    "chunked in a list": post(b"Transfer-Encoding: gzip, chunked\r\n", END),
    "identity": post(b"Transfer-Encoding: identity\r\n", END),
    "chunked twice": post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", END),
    "chunked with a tail": post(b"Transfer-Encoding: chunked;q=1\r\n", END),
    "chunked with a vertical tab": post(b"Transfer-Encoding: \x0bchunked\r\n", END),
    "no size": chunks(b"\r\nhello\r\n" + END),
    "size of other letters": chunks(b"5g\r\nhello\r\n" + END),
    "size 0x": chunks(b"0x5\r\nhello\r\n" + END),
    "signed size": chunks(b"+5\r\nhello\r\n" + END),
    "negative size": chunks(b"-5\r\nhello\r\n" + END),
    "size with a space first": chunks(b" 5\r\nhello\r\n" + END),
    "size in bare lines": chunks(b"5\nhello\r\n" + END),
    "size beyond numbers": chunks(b"100000000000000000005\r\nhello\r\n" + END),
    "chunk longer than said": chunks(b"4\r\nhello\r\n" + END),
    "chunk in bare lines": chunks(b"5\r\nhello\n" + END),
    "bare line in an extension": chunks(b"5;a\nb\r\nhello\r\n" + END),
    "trailer without a colon": chunks(b"0\r\nX-A\r\n\r\n"),
    "trailer with a space before the colon": chunks(b"0\r\nX-A : 1\r\n\r\n"),
    "NUL in a trailer": chunks(b"0\r\nX-A: \x00\r\n\r\n"),
}
REFUSED_BY_US = {
    "another server": b"GET http://evil.example/a HTTP/1.1\r\nHost: a\r\n\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "tunnel": b"CONNECT evil.example:22 HTTP/1.1\r\nHost: a\r\n\r\n",
    "tunnel to a path": b"CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "relative": b"GET a HTTP/1.1\r\nHost: a\r\n\r\n",
    "fragment": b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
    "method of no list": b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
    "small method": b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
    "2.0": b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    "begin of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "9.9": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "0.9 in words": b"GET / HTTP/0.9\r\nHost: a\r\n\r\n",
    "folded header": get(b"X-A: 1\r\n 2\r\n"),
    "bare lines": b"GET / HTTP/1.1\nHost: a\n\n",
    "one bare line": get(b"X-A: 1\nX-B: 2\r\n"),
    "bare line at the end": get(b"X-A: 1\r\n")[:-2] + b"\n",
    "escape in a value": get(b"X-A: \x1b[0m\r\n"),
    "delete in a value": get(b"X-A: \x7f\r\n"),
    "length twice": post(b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello"),
    "length and chunks": post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", END),
    "chunks and length": post(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", END),
    "chunks of 1.0": b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + END,
    "size with a space": chunks(b"5 \r\nhello\r\n" + END),
    "length among trailers": chunks(b"0\r\nContent-Length: 5\r\n\r\n"),
    "folded trailer": chunks(b"0\r\nX-A: 1\r\n 2\r\n\r\n"),
    "trailers in bare lines": chunks(b"0\r\nX-A: 1\n\n"),
}


def parsed(said: bytes) -> tuple[int, str]:
    """Status and body of the one answer; a 100 before it is let pass."""
    if said.startswith(b"HTTP/1.1 100 "):
        said = said.partition(b"\r\n\r\n")[2]
    assert said.count(b"HTTP/1.1 ") == 1
    top, _, body = said.partition(b"\r\n\r\n")
    assert b"\r\nconnection: close" in top.lower()
    if b"transfer-encoding: chunked" in top.lower():
        size, _, rest = body.partition(b"\r\n")
        body = rest[: int(size, 16)]
    return int(top.split()[1]), body.decode()


@pytest.mark.parametrize("name", TAKEN)
def test_a_request_means_what_it_means_to_h11(ours, h11, name):
    whole = TAKEN[name]
    cut = len(whole) * 2 // 3

    answers = [parsed(service.tell(whole)) for service in (ours, h11)]

    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert parsed(ours.tell(whole[:9], whole[9:cut], whole[cut:])) == answers[0]


@pytest.mark.parametrize("name", REFUSED_BY_BOTH | REFUSED_BY_US)
def test_what_h11_refuses_is_refused_and_more(ours, h11, name):
    wrong = (REFUSED_BY_BOTH | REFUSED_BY_US)[name]
    first = wrong.partition(b"\n")[0]

    status, body = parsed(ours.tell(wrong))

    assert status == 400
    assert json.loads(body)["code"] == "bad-http"
    assert name in REFUSED_BY_US or parsed(h11.tell(wrong))[0] == 400
    if len(first) + 1 < len(wrong):
        assert parsed(ours.tell(wrong[: len(first)], wrong[len(first) :]))[0] == 400


PLAIN = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = get(b"", b"GET /last HTTP/1.1\r\n")


def asked(service, *pieces: bytes) -> tuple[list[str], list[int]]:
    """Which paths the application saw, and the statuses of the answers, until the connection ends."""
    service.seen.clear()
    said = service.tell(*pieces)
    statuses = [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]
    return [path for _, path in service.seen], statuses


def test_pipelined_requests_are_answered_in_turn(ours):
    bodies = post(b"", b"")[:-2].replace(b"Connection: close\r\n", b"") + b"Content-Length: 5\r\n\r\nhello"

    both = asked(ours, PLAIN % b"1" + bodies + PLAIN % b"2", PLAIN % b"3" + LAST[:7], LAST[7:])

    assert both == (["/1", "/", "/2", "/3", "/last"], [200] * 5)


def test_a_flood_of_requests_waits_outside(ours):
    """Of thousands in one piece, one is under way, and nobody is told anything out of turn."""
    with closing(ours.connect()) as connection:
        ours.seen.clear()
        connection.sendall(PLAIN % b"wait" + PLAIN % b"x" * 5_000)
        until(lambda: ours.seen)
        assert ours.tell(LAST).startswith(b"HTTP/1.1 200")
        assert [path for _, path in ours.seen] == ["/wait", "/last"]
        until(lambda: len(ours.state.tasks) == 1)
        ours.loop.call_soon_threadsafe(ours.go.set)
        connection.shutdown(socket.SHUT_WR)
        answers = everything(connection).count(b"HTTP/1.1 200")
    ours.loop.call_soon_threadsafe(ours.go.clear)

    assert 1 <= answers <= 5_001


@pytest.mark.parametrize(
    "bad", [b"\x00", b"GET /\x7f HTTP/1.1\r\n\r\n", b"x" * 100_000], ids=["byte", "head", "long"]
)
def test_bad_bytes_behind_a_good_request_do_not_touch_its_answer(ours, bad):
    with closing(ours.connect()) as connection:
        connection.sendall(PLAIN % b"wait" + bad)
        connection.settimeout(0.1)
        assert everything(connection) == b"", "nothing is said before the first is answered"
        ours.loop.call_soon_threadsafe(ours.go.set)
        connection.settimeout(PATIENCE_S)
        said = everything(connection)
    ours.loop.call_soon_threadsafe(ours.go.clear)

    assert [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]] == [200, 400]
    assert said.index(b'"path": "/wait"') < said.index(b"HTTP/1.1 400")


def test_nothing_is_read_behind_a_body_in_chunks(ours):
    for behind in (PLAIN % b"smuggled", b"\x00\r\n", b"GET /smuggled"):
        assert asked(ours, CHUNKED + b"5\r\nhello\r\n" + END + behind) == (["/"], [200])
        assert asked(ours, CHUNKED + b"5\r\nhello\r\n" + END, behind) == (["/"], [200])


def test_a_head_and_what_stands_behind_chunks_are_bounded(ours):
    long = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-A: " + b"x" * 10_000
    trailers = CHUNKED + b"5\r\nhello\r\n0\r\nX-A: " + b"x" * 10_000
    noughts = CHUNKED + b"0" * 10_000
    for first, more in ((long, b"x" * 10_000), (trailers, b"x" * 10_000), (noughts, b"0" * 10_000)):
        with closing(ours.connect()) as connection:
            with suppress(ConnectionError):
                for piece in (first, *[more] * 100):
                    connection.sendall(piece)
            said = everything(connection)
        assert not said or parsed(said)[0] == 400
        assert len(ours.last._rest) <= HEAD_BYTES


def test_an_upgrade_is_a_request_like_others(ours):
    """As some clients ask by themselves; a body is a body, and what comes behind is the next request."""
    upgrade = (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    )
    request = (
        b"POST /up HTTP/1.1\r\nHost: a\r\n"
        + upgrade
        + b"uPGRADE: websocket\r\nContent-Length: 5\r\n\r\nhello"
    )

    assert asked(ours, request + LAST) == (["/up", "/last"], [200, 200])
    assert asked(ours, request + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == (["/up"], [200, 400])
    assert b'"body": "hello"' in ours.tell(request + LAST)
    assert b"101" not in ours.tell(request + LAST)[:20]


def test_head_stays_head_whatever_the_application_makes_of_it(ours):
    for path in (b"x", b"long"):
        said = ours.tell(b"HEAD /%b HTTP/1.1\r\nHost: a\r\n\r\n" % path + LAST)

        assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200"]
        assert said.partition(b"\r\n\r\n")[2].startswith(b"HTTP/1.1 200")


def test_a_body_that_breaks_off_ends_its_request(ours):
    """In chunks that go wrong after the application began to read: told so once, and never let in as whole."""
    said = ours.tell(CHUNKED + b"5\r\nhello\r\n", b"zz\r\n")

    assert parsed(said)[0] == 400
    assert b"hello" not in said


def test_nothing_is_put_into_an_answer_that_has_begun(ours):
    with closing(ours.connect()) as connection:
        connection.sendall(CHUNKED.replace(b"/", b"/early", 1) + b"5\r\nhello\r\n")
        said = as_far_as(connection, b"early")
        connection.sendall(b"zz\r\n")
        said += everything(connection)

    assert said.count(b"HTTP/1.1") == 1
    assert not said.endswith(END)


def test_who_is_told_to_go_on_is_told_so_once(ours):
    head = post(b"Expect: 100-continue\r\nContent-Length: 5\r\n")
    with closing(ours.connect()) as connection:
        connection.sendall(head)
        assert as_far_as(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert parsed(everything(connection))[0] == 200


def test_who_is_under_way_when_the_service_stops_is_answered_and_nobody_after(ours):
    with closing(ours.connect()) as connection:
        ours.seen.clear()
        connection.sendall(PLAIN % b"wait" + PLAIN % b"next")
        until(lambda: ours.seen)
        ours.loop.call_soon_threadsafe(ours.last.shutdown)
        ours.loop.call_soon_threadsafe(ours.go.set)
        assert parsed(everything(connection))[0] == 200
    ours.loop.call_soon_threadsafe(ours.go.clear)

    assert ours.seen == [("GET", "/wait")]


def until(happened) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


def to_its_end(connection):
    while connection.recv(65_536):
        pass


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_that_broke_is_never_taken_for_a_whole_one(ours, version):
    with closing(ours.connect()) as connection:
        connection.sendall(b"GET /broken HTTP/" + version + b"\r\n" + HOST + b"\r\n")

        with pytest.raises(ConnectionResetError):
            to_its_end(connection)


def test_who_reads_slowly_but_steadily_is_not_cut_off_until_they_stop(ours, monkeypatch):
    """Looked at by hand, as soon as they took enough: by a clock, a pause of the machine would be one of theirs."""
    least = 20 * 1024
    monkeypatch.setattr(serving, "READ_S", 3_600)
    monkeypatch.setattr(serving, "SLOWEST_READER", least / 3_600)
    looks = read = 0
    ours.last = None

    def took_enough() -> bool:
        return ours.last._unread - ours.last._waiting() >= least

    def look() -> None:
        serving._stop(ours.last._reading)
        ours.last._has_read()

    with closing(ours.connect()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.sendall(b"GET /endless HTTP/1.1\r\n" + HOST + b"\r\n")
        until(lambda: ours.last and ours.last._unread)
        while looks < 10:
            piece = connection.recv(2_048)
            assert piece
            read += len(piece)
            assert read < 5 * least, "what is taken is noticed soon"
            if ours.at(lambda: took_enough() and (look() or True)):
                assert not ours.last.transport.is_closing()
                looks, read = looks + 1, 0
        ours.at(look)

        with pytest.raises(ConnectionResetError):
            to_its_end(connection)
