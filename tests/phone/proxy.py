"""A line between phone and service that can be cut at any byte, or swallow an answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

METHODS = (b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"HEAD ", b"OPTIONS ")


@dataclass
class Line:
    """What is wrong with the line; each fault happens once and is taken off its list."""

    url: str
    seen: list[str] = field(default_factory=list)
    """Requests that went up, as `POST /api/sync`."""
    bytes: dict[str, int] = field(default_factory=dict)
    """How many bytes went up by request, heads included."""
    swallow: list[str] = field(default_factory=list)
    """Beginnings of requests whose answer is lost: the service has done it, the phone never hears."""
    cut: list[tuple[str, int]] = field(default_factory=list)
    """Beginnings of requests, and after how many of their bytes the line breaks."""
    pages: dict[str, str] = field(default_factory=dict)
    """Pages that the line has itself, by path: a service worker fetches past what Playwright routes."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begins(self, request: str) -> int | None:
        """A request goes up; gives after how many of its bytes the line breaks."""
        with self._lock:
            self.seen.append(request)
            faults = self.cut  # another list may take its place meanwhile
            found = next((one for one in faults if request.startswith(one[0])), None)
            if found is None:
                return None
            faults.remove(found)
            return found[1]

    def counts(self, request: str, size: int) -> None:
        """So many bytes of a request go up."""
        with self._lock:
            self.bytes[request] = self.bytes.get(request, 0) + size

    def swallows(self, request: str) -> bool:
        """Whether the answer that comes down now is lost; each fault is met by one request."""
        with self._lock:
            faults = self.swallow
            found = next((one for one in faults if request.startswith(one)), None)
            if found is not None:
                faults.remove(found)
            return found is not None


@contextmanager
def line(service_url: str) -> Iterator[Line]:
    """Listen on a free loopback port and pass everything on to the service."""
    target = urlsplit(service_url)
    listener = socket.create_server(("127.0.0.1", 0))
    made = Line(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=_joined, args=(made, client, target.port), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield made
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # whoever waits for the next connection hears of it
        listener.close()


def _joined(made: Line, client: socket.socket, port: int | None) -> None:
    try:
        up = socket.create_connection(("127.0.0.1", port or 80))
    except OSError:  # the service is down
        return client.close()
    talk = _Talk(made, client, up)
    threading.Thread(target=talk.upward, daemon=True).start()
    return talk.downward()


class _Talk:
    """One connection: its requests go up one after the other, their answers come down."""

    def __init__(self, made: Line, client: socket.socket, up: socket.socket) -> None:
        self.made, self.client, self.up = made, client, up
        self.request = ""
        self.left: int | None = None

    def upward(self) -> None:
        with suppress(OSError):
            while data := self.client.recv(65536):
                if data.startswith(METHODS):
                    self._begins(data.split(b" HTTP", 1)[0].decode())
                    if (page := self.made.pages.get(self.request.removeprefix("GET "))) is not None:
                        return self._answer(page)
                self.made.counts(self.request, len(data))
                if self.left is not None and self.left <= len(data):
                    self.up.sendall(data[: self.left])
                    return self.end()
                self.left = self.left and self.left - len(data)
                self.up.sendall(data)
        return self.end()

    def downward(self) -> None:
        with suppress(OSError):
            while data := self.up.recv(65536):
                if self.made.swallows(self.request):
                    break
                self.client.sendall(data)
        self.end()

    def _answer(self, page: str) -> None:
        body = page.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.client.sendall(head.encode() + body)
        self.end()

    def end(self) -> None:
        for end in (self.client, self.up):
            with suppress(OSError):  # the other side may have gone already
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _begins(self, request: str) -> None:
        self.request = request
        self.left = self.made.begins(request)
