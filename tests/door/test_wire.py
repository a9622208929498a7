"""The real service against raw sockets: slow, cut, lying, smuggling and very large requests."""

import json
import os
import select
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.make import PASSWORD
from tests.running import running

PROXY, STRANGER = "127.0.0.9", "127.0.0.8"
SHA = "0" * 64
VISIT = "00000000-0000-4000-8000-000000000001"
PHOTO = f"/api/photos/{SHA}?inspection={VISIT}"
MEGABYTE = 1024 * 1024
PATIENCE_S = 120
"""For what must come: nothing is measured by it."""
AT_LAST_S = 60
"""When it is sure that somebody was given up, on a slow machine too; the earliest moment is what is promised."""
BEFORE_ANY_PATIENCE_S = 14
"""Who waited for somebody slow, or was taken for one, waited longer."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("door")


@pytest.fixture(scope="module")
def service(folder):
    """A real service that names one proxy."""
    with running(folder, trusted_proxies=PROXY) as started:
        started.person("Người thử cửa", "officer")
        yield started


@pytest.fixture(scope="module")
def officer(service) -> str:
    """The cookie of an officer."""
    return service.cookie("Người thử cửa")


def connect(service, *, source="127.0.0.1") -> socket.socket:
    address = urlsplit(service.url)
    return socket.create_connection(
        (address.hostname, address.port), timeout=PATIENCE_S, source_address=(source, 0)
    )


def head(method, path, *headers, host="127.0.0.1:8000") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def everything(connection) -> bytes:
    """All that the service says until it ends the connection."""
    pieces = []
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def tell(service, *pieces: bytes, source="127.0.0.1") -> tuple[int, dict[str, str], str]:
    """Send `pieces`, let the service end the connection; its first status, headers and everything behind."""
    with closing(connect(service, source=source)) as connection:
        with suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        return parsed(everything(connection))


def parsed(said: bytes) -> tuple[int, dict[str, str], str]:
    top, _, rest = said.partition(b"\r\n\r\n")
    status, *rows = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in rows)}
    return int(status.split()[1]) if status else 0, headers, rest.decode("utf-8", "replace")


def ask(service, method, path, *headers, source="127.0.0.1", body=b"") -> tuple[int, dict[str, str], str]:
    length = [f"Content-Length: {len(body)}"] if body else []
    return tell(service, head(method, path, *headers, *length, "Connection: close") + body, source=source)


def journal(folder) -> list[dict]:
    """The whole lines of the journal; everything that the service wrote on stderr is JSON."""
    text = (folder / "serve.log").read_text().rpartition("\n")[0]
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def until(happened) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def arriving(service, folder) -> int:
    """Uploads that the service is taking: each has a file without a name, open until it has ended."""
    found = 0
    for opened in Path(f"/proc/{service.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            to = str(opened.readlink())
            found += to.startswith(str(folder)) and to.endswith(" (deleted)")
    return found


def rss_kb(service) -> int:
    return (
        int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])
        * os.sysconf("SC_PAGESIZE")
        // 1024
    )


def alive(service) -> float:
    """Seconds that an honest request takes."""
    began = time.perf_counter()
    status, _, _ = ask(service, "GET", "/api/session")
    assert status == 200
    return time.perf_counter() - began


ATTACKS = {
    "length and chunks": (
        head("POST", "/api/sites", "Content-Type: application/json", "Content-Length: 4",
             "Transfer-Encoding: chunked") + b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        {400},
    ),
    "two lengths": (head("POST", "/api/sites", "Content-Length: 2", "Content-Length: 4") + b"{}{}", {400}),
    "length as a list": (head("POST", "/api/sites", "Content-Length: 2, 4") + b"{}{}", {400}),
    "signed length": (head("POST", "/api/sites", "Content-Length: +2") + b"{}", {400}),
    "chunked in disguise": (head("POST", "/api/sites", "Transfer-Encoding: xchunked") + b"0\r\n\r\n", {400}),
    "chunked twice": (
        head("POST", "/api/sites", "Transfer-Encoding: chunked", "Transfer-Encoding: identity") + b"0\r\n\r\n",
        {400},
    ),
    "space before the colon": (head("POST", "/api/sites", "Content-Length : 2") + b"{}", {400}),
    "folded header": (head("GET", "/healthz", "X-A: 1\r\n folded", "Connection: close"), {200, 400}),
    "bare line feed": (b"GET /healthz HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n", {200, 400}),
    "no host": (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
    "two hosts": (head("GET", "/healthz", "Host: evil.example"), {400}),
    "absolute address": (head("GET", "http://evil.example/healthz", "Connection: close"), {400, 404}),
    "no such protocol": (b"GET /healthz HTTP/9.9\r\nHost: evil.example\r\nConnection: close\r\n\r\n", {400}),
    "binary": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), {400}),
    "bad chunk": (
        head("POST", "/api/sites", "Content-Type: application/json", "Transfer-Encoding: chunked") + b"zz\r\n{}",
        {400},
    ),
    "huge chunk": (
        head("POST", "/api/sites", "Content-Type: application/json", "Transfer-Encoding: chunked")
        + b"FFFFFFFFFFFFFFFF\r\n" + b"x" * 300_000,
        {400, 413},
    ),
    "huge header": (head("GET", "/healthz", "X-A: " + "x" * 100_000), {400, 431}),
    "large headers": (head("GET", "/healthz", *(f"X-{n}: {'x' * 900}" for n in range(40))), {400, 431}),
    "many headers": (head("GET", "/healthz", *(f"X-{n}: 1" for n in range(2000)), "Connection: close"), {431}),
    "long address": (head("GET", "/" + "x" * 10_000, "Connection: close"), {431}),
    "long filter": (
        head("GET", "/ogc/collections/sites/items?filter=" + "(" * 30_000, "Connection: close"), {400},
    ),
    "filter longer than what is read": (
        head("GET", "/ogc/collections/sites/items?filter=" + "(" * 200_000, "Connection: close"), {400},
    ),
    "many parameters": (
        head("GET", "/api/sites?" + "&".join(f"a{n}=1" for n in range(600)), "Connection: close"), {400},
    ),
    "more parameters than fit": (head("GET", "/api/sites?" + "&".join(f"a{n}=1" for n in range(10_000))), {400, 431}),
    "NUL in the path": (head("GET", "/s/%00", "Connection: close"), {400}),
    "NUL in the query": (head("GET", "/places?q=%00", "Connection: close"), {400}),
    "slash in the path": (head("GET", "/s/..%2f..%2f..%2fetc%2fpasswd", "Connection: close"), {404}),
    "up the path": (head("GET", "/assets/../../../etc/passwd", "Connection: close"), {404}),
    "up the path, encoded": (head("GET", "/assets/%2e%2e/%2e%2e/etc/passwd", "Connection: close"), {404}),
    "no UTF-8 in the path": (head("GET", "/s/%ff%fe", "Connection: close"), {404, 422}),
    "odd percent": (head("GET", "/s/%zz", "Connection: close"), {404, 422}),
    "a method nobody knows": (head("PROPFIND", "/", "Connection: close"), {405}),
    "upgrade": (head("GET", "/healthz", "Connection: Upgrade, close", "Upgrade: websocket"), {200}),
    "tunnel": (head("CONNECT", "127.0.0.1:22", "Connection: close"), {400, 404, 405}),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_no_honest_request_is_refused_at_once(service, name):
    request, statuses = ATTACKS[name]
    began = time.perf_counter()

    status, headers, rest = tell(service, request)

    assert status in statuses
    assert time.perf_counter() - began < BEFORE_ANY_PATIENCE_S
    assert rest.count("HTTP/1.1") == 0, "something behind the request was answered"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    alive(service)


@pytest.mark.parametrize(
    ("length", "sent", "statuses"),
    [(100, 10, {400, 0}), (13 * MEGABYTE, 0, {401, 413})],
    ids=["cut", "too large"],
)
def test_a_length_that_lies_is_refused(service, officer, length, sent, statuses):
    with closing(connect(service)) as connection:
        connection.sendall(
            head(
                "PUT", PHOTO, f"Cookie: {officer}", "Sec-Fetch-Site: same-origin", f"Content-Length: {length}"
            )
        )
        connection.sendall(b"x" * sent)
        if sent:
            connection.shutdown(socket.SHUT_WR)
        assert parsed(everything(connection))[0] in statuses
    alive(service)


def test_what_stands_behind_a_shorter_length_is_no_request(service, officer):
    request = (
        head("POST", "/api/sites", "Content-Type: application/json", "Content-Length: 2")
        + b"{}SMUGGLED\r\n\r\n"
    )

    status, _, rest = tell(service, request)

    assert status == 401
    assert "bad-http" in rest


def test_forged_headers_of_a_proxy_change_nothing(service):
    forged = (
        "X-Forwarded-For: 203.0.113.7",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil.example",
        "Forwarded: for=203.0.113.7;host=evil.example;proto=https",
        "X-Request-Id: forged-by-somebody",
    )

    _, headers, body = ask(service, "GET", "/api/sites?limit=1", *forged, source=STRANGER)

    assert headers["x-request-id"] != "forged-by-somebody"
    assert "evil.example" not in body
    assert "https://127.0.0.1" not in body


def test_a_named_proxy_is_believed_but_not_about_the_host(service):
    said = ("X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example",
            "X-Request-Id: 0123456789abcdef")  # fmt: skip

    _, headers, body = ask(service, "GET", "/api/sites?limit=1", *said, source=PROXY)
    status, _, _ = tell(
        service, head("GET", "/", *said, "Connection: close", host="evil.example"), source=PROXY
    )

    assert headers["x-request-id"] == "0123456789abcdef"
    assert "https://127.0.0.1" in body
    assert "evil.example" not in body
    assert status == 400


def wrong_sign_ins(service, name, addresses, *, source) -> list[int]:
    body = json.dumps({"name": name, "password": "quite the wrong one"}).encode()
    kind = "Content-Type: application/json"
    return [
        ask(service, "POST", "/api/session", kind, f"X-Forwarded-For: {address}", source=source, body=body)[0]
        for address in addresses
    ]


def test_who_forges_addresses_is_slowed_down_all_the_same(service):
    addresses = [f"203.0.113.{number}" for number in range(12)]

    answers = wrong_sign_ins(service, "Người không có 1", addresses, source=STRANGER)

    assert (answers[0], answers[-1]) == (401, 429)


def test_a_named_proxy_gives_each_of_its_callers_their_own_allowance(service):
    one = wrong_sign_ins(service, "Người không có 2", ["203.0.113.50"] * 12, source=PROXY)
    other = wrong_sign_ins(service, "Người không có 2", ["198.51.100.60"], source=PROXY)

    assert (one[0], one[-1], other) == (401, 429, [401])


BUNDLE = "/assets/swagger-ui/swagger-ui-bundle.js"
"""The largest file that we serve: more than the system keeps for a reader who does not read."""
BEGUN = head("POST", "/api/session", "Content-Type: application/json", "Content-Length: 1000") + b'{"name"'


@dataclass(frozen=True)
class Slow:
    """What became of slow clients: what each was told and after how long, and how long honest ones waited meanwhile."""

    idle: list[tuple[int, dict[str, str], str]]
    ended_s: dict[str, float]
    told: dict[str, int]
    alone_s: float
    honest_s: list[float]


@pytest.fixture(scope="module")
def slow(service) -> Slow:
    """All at once: 200 with half a body, one that trickles, two without a whole head, one that does not read."""
    alone = sorted(alive(service) for _ in range(20))
    kinds = {
        "trickle": BEGUN,
        "silent": b"",
        "half a head": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
        "no reader": head("GET", BUNDLE) * 20,
    }
    ended, told, began = {}, {}, time.perf_counter()

    def wait_for(name):
        with closing(connect(service)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(kinds[name])
            said = b""
            while name == "trickle" and not said:
                connection.sendall(b" ")
                connection.settimeout(0.5)
                with suppress(TimeoutError):
                    said = connection.recv(65536)
            if name == "no reader":
                poll = select.poll()
                poll.register(connection, 0)  # errors and ends only: nothing is read
                poll.poll(PATIENCE_S * 1000)
            said = said or everything(connection)
            told[name], ended[name] = parsed(said)[0], time.perf_counter() - began

    idle = [connect(service) for _ in range(200)]
    for connection in idle:
        connection.sendall(BEGUN)
    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(wait_for, name) for name in kinds]
        honest = sorted(alive(service) for _ in range(60))
        answers = list(pool.map(lambda connection: parsed(everything(connection)), idle))
        ended["idle"] = time.perf_counter() - began
        for each in waiting:
            each.result()
    for connection in idle:
        connection.close()
    return Slow(answers, ended, told, alone[len(alone) // 2], honest)


def test_bodies_that_stop_are_told_so(slow):
    assert {(status, headers["content-type"]) for status, headers, _ in slow.idle} == {
        (408, "application/problem+json")
    }
    assert {headers["connection"] for _, headers, _ in slow.idle} == {"close"}
    assert len({headers["x-request-id"] for _, headers, _ in slow.idle}) == 200
    assert 14 < slow.ended_s["idle"] < AT_LAST_S


def test_a_body_that_trickles_is_told_so_though_it_never_stops(slow):
    assert slow.told["trickle"] == 408
    assert 19 < slow.ended_s["trickle"] < AT_LAST_S


def test_a_head_that_never_ends_is_given_up(slow):
    assert slow.told["silent"] == slow.told["half a head"] == 0
    assert 14 < slow.ended_s["silent"] < AT_LAST_S
    assert 14 < slow.ended_s["half a head"] < AT_LAST_S


def test_who_does_not_read_is_given_up(slow):
    assert 15 < slow.ended_s["no reader"] < AT_LAST_S


def test_honest_requests_are_answered_meanwhile(slow):
    assert slow.honest_s[30] < max(0.5, slow.alone_s * 5), "half of them; pauses of the machine meet few"
    assert slow.honest_s[-1] < BEFORE_ANY_PATIENCE_S, "nobody waits for the slow ones"


def test_uploads_under_way_hold_no_memory(service, officer):
    """30 phones that have sent 10 of 12 MB: 300 MB on disk, hardly any in memory."""
    alive(service)
    before = rss_kb(service)
    request = head(
        "PUT",
        PHOTO,
        f"Cookie: {officer}",
        "Sec-Fetch-Site: same-origin",
        f"Content-Length: {12 * MEGABYTE - 1}",
    )
    uploads = [connect(service) for _ in range(30)]
    for connection in uploads:
        connection.sendall(request)
        for _ in range(10):
            connection.sendall(b"x" * MEGABYTE)
    took = alive(service)
    grown = rss_kb(service) - before
    for connection in uploads:
        connection.close()

    assert grown < 60_000, f"{grown // 1024} MB"
    assert took < BEFORE_ANY_PATIENCE_S


def test_photos_of_nobody_in_particular_cost_no_memory(service):
    """50 uploads of 12 MB at once by somebody who is not signed in: 401 each, 600 MB that nobody keeps."""
    alive(service)
    size, piece = 12 * MEGABYTE - 1, b"x" * 65536
    most, stop = [rss_kb(service)], threading.Event()
    before = most[0]

    def watch():
        while not stop.wait(0.01):
            most.append(rss_kb(service))

    def upload(_number) -> int:
        with closing(connect(service)) as connection:
            connection.sendall(head("PUT", PHOTO, f"Content-Length: {size}"))
            with suppress(ConnectionError):
                for _ in range(size // len(piece)):
                    connection.sendall(piece)
                connection.sendall(b"x" * (size % len(piece)))
            return parsed(everything(connection))[0]

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(upload, range(50)))
    stop.set()
    watching.join()

    assert set(answers) == {401}
    assert max(most) - before < 60_000, f"{(max(most) - before) // 1024} MB"


def test_an_upload_that_is_cut_changes_nothing(service, officer, folder):
    def files() -> list[str]:
        return sorted(path.name for path in folder.rglob("*") if "taluy.sqlite" not in path.name)

    until(lambda: not arriving(service, folder))  # those of other tests are cut too
    before, noted = files(), len(journal(folder))
    with closing(connect(service)) as connection:
        connection.sendall(
            head(
                "PUT",
                PHOTO,
                f"Cookie: {officer}",
                "Sec-Fetch-Site: same-origin",
                f"Content-Length: {2 * MEGABYTE}",
            )
        )
        connection.sendall(b"x" * MEGABYTE)
        until(lambda: arriving(service, folder) == 1)

    until(lambda: any(line.get("problem") == "cut-short" for line in journal(folder)[noted:]))
    until(lambda: not arriving(service, folder))

    assert files() == before


def test_everything_on_stderr_is_json_and_holds_nothing_of_anybody(service, folder, officer):
    ask(service, "POST", "/api/session", "Content-Type: application/json",
        body=json.dumps({"name": "Người thử cửa", "password": PASSWORD}).encode())  # fmt: skip
    _, headers, _ = ask(
        service, "GET", "/api/sites?q=Hoang", f"Cookie: {officer}", f"Authorization: Bearer {officer}"
    )

    def noted() -> list[dict]:
        return [line for line in journal(folder) if line.get("request_id") == headers["x-request-id"]]

    until(noted)
    text = (folder / "serve.log").read_text()
    lines = journal(folder)

    assert not [line for line in text.splitlines() if line.startswith(("Traceback", "WARNING", "ERROR"))]
    assert not [line for line in lines if line["event"] == "failed"]
    assert {"time", "level", "event", "request_id", "method", "route", "status", "ms"} <= noted()[-1].keys()
    for secret in (
        PASSWORD,
        officer.partition("=")[2],
        "Hoang",
        "Người thử cửa",
        "quite the wrong",
        "203.0.113",
    ):
        assert secret not in text
