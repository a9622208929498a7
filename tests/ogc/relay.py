"""Somebody between a program and the service who writes down what is asked: heads only, bodies pass."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PIECE = 65_536


@dataclass(frozen=True)
class Asked:
    """One request as it was sent."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        """Its path under the service, without the query."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, list[str]]:
        """The values of each of its parameters."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)


@dataclass
class Relay:
    """Where to ask (`url`), and what has been asked since `asked` was emptied."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[list[Asked]]:
        """Collect what is asked in here."""
        self.asked.clear()
        yield self.asked

    def hear(self, head: bytes) -> None:
        """Write down one request's head."""
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _version = first.split(" ", 2)
        named = (line.partition(":") for line in lines if line)
        self.asked.append(Asked(method, target, {name.lower(): value.strip() for name, _, value in named}))


def _pass_on(source: socket.socket, target: socket.socket, hear: Any) -> None:
    waiting = b""
    with suppress(OSError):
        while piece := source.recv(PIECE):
            if hear is not None:
                *heads, waiting = (waiting + piece).split(b"\r\n\r\n")
                for head in heads:
                    hear(head)
            target.sendall(piece)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def relaying(port: int) -> Iterator[Relay]:
    """Stand before the service at a loopback port; only requests without a body are understood."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as behind:
                back = threading.Thread(target=_pass_on, args=(behind, self.request, None))
                back.start()
                _pass_on(self.request, behind, relay.hear)
                back.join()

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        relay = Relay(f"http://127.0.0.1:{server.server_address[1]}")
        runs = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        runs.start()
        try:
            yield relay
        finally:
            server.shutdown()
            runs.join()
