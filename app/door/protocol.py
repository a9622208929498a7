"""HTTP/1.1 on one connection, stricter than the parser that reads it: one request after the other, each bounded.

A head is held until it is whole, must then be of the one form below, and only then goes to the parser, which has to
agree. What follows is its body, counted here, and nothing else: the next request stays unread until this one is
answered, so nothing that comes behind a request can get between it and its answer. After a body in chunks, the end of
which only the parser knows, the connection ends.
"""

import asyncio
import re
import socket
import struct
import sys
from contextlib import suppress
from typing import Any, Final
from urllib.parse import unquote

import httptools
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.door.head import HEAD_BYTES

HEAD_S: Final = 15.0
"""For the first line and the headers of a request to arrive, from the connection or their first byte on."""
TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
HEAD_FORM: Final = re.compile(
    rb"(?!CONNECT )(%b) (/[!-\"$-~]*+) HTTP/(1\.[01])\r\n(?:%b:[\t -~\x80-\xff]*+\r\n)*+\r\n" % (TOKEN, TOKEN)
)
"""No fragment, no address of another server, no folded header, nothing but CR LF. Source: RFC 9112, 2.1 to 5."""
HEAD_END: Final = re.compile(rb"\n\r?\n")
"""Where somebody could see a head's end: one that does not end in CR LF twice is refused there."""
UPGRADE: Final = re.compile(rb"\r\nupgrade:[^\r]*", re.IGNORECASE)
"""Nothing else is spoken here, and the parser would take a body for it. Source: RFC 9110, 7.8."""
AT_ONCE: Final = struct.pack("ii", 1, 0)
"""For SO_LINGER: the system keeps nothing of the answer either, and ends with a reset."""
LENGTH: Final = re.compile(rb"[0-9]{1,18}")
SPACE: Final = 0x20
IN_CHUNKS: Final = sys.maxsize


class UnreadableError(Exception):
    """No request that means the same to everybody who reads it."""


def break_off(transport: asyncio.Transport) -> None:
    """End a connection so that its reader cannot take what came for a whole answer."""
    connection: socket.socket = transport.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    transport.abort()


class Cycle(RequestResponseCycle):
    """One request and its answer; who speaks HTTP/1.0 knows no chunks, and takes what comes until the end."""

    to_the_end = False

    async def run_asgi(self, app: Any) -> None:
        """Answer. What breaks in the middle ends with a reset: a plain end is a whole answer's before HTTP/1.1."""
        await super().run_asgi(app)
        if self.response_started and not self.response_complete and not self.disconnected:
            break_off(self.transport)

    async def send(self, message: Message) -> None:  # type: ignore[override]
        """Pass on one message of the answer."""
        if self.scope["http_version"] == "1.0" and self.scope["method"] != "HEAD":
            if not self.response_started:
                self.to_the_end = all(
                    name.lower() != b"content-length" for name, _ in message.get("headers", ())
                )
                self.chunked_encoding = False if self.to_the_end else None
            elif self.to_the_end:
                self.expected_content_length = len(message.get("body", b""))
        await super().send(message)  # type: ignore[arg-type]


class StrictProtocol(HttpToolsProtocol):
    """Reads as said above."""

    cycle: Any
    """A `Cycle`; None before the first request."""
    _rest: bytearray
    _looked: int = 0
    """As far as no head ends in `_rest`."""
    _left: int = 0
    """Bytes of a body still to come."""
    _silent: int = 0
    """Bytes of a body in chunks since some of the body itself came: names of chunks, and what stands at the end."""
    _stays: bool = False
    _asking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, but not for ever."""
        super().connection_made(transport)
        self._rest = bytearray()
        self._asking = self.loop.call_later(HEAD_S, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self.stop_asking()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._unset_keepalive_if_required()
        self._rest += data
        self._read()

    def is_idle(self) -> bool:
        """Whether nothing is under way, nor anything of a request there."""
        return not (self._rest or self._left or self._is_answering() or self.transport.is_closing())

    def stop_asking(self) -> None:
        """A head is whole: its clock ends."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _is_answering(self) -> bool:
        cycle: Cycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _read(self) -> None:
        """Read what is there: a body as it comes, a head when what came before is answered."""
        while self._rest and not self.transport.is_closing():
            if self._left:
                self._read_body()
            elif self._is_answering():
                self.flow.pause_reading()
                return
            elif not self._read_head():
                return

    def _read_head(self) -> bool:
        """Begin with a request; False for want of more of it, or for the end of the connection."""
        end = HEAD_END.search(self._rest, self._looked)
        size = len(self._rest) if end is None else end.end()
        if self._rest[0] <= SPACE or size > HEAD_BYTES:
            self._refuse("no head that is read here")
            return False
        if end is None:
            self._looked = max(0, size - 2)
            if self._asking is None:
                self._asking = self.loop.call_later(HEAD_S, self.transport.abort)
            return False
        head = bytes(self._rest[:size])
        del self._rest[:size]
        self._looked = 0
        self._unset_keepalive_if_required()
        self.stop_asking()
        try:
            self._begin(head)
        except (UnreadableError, httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._refuse(str(error))
            return False
        return True

    def _begin(self, head: bytes) -> None:
        """Hand on a request. Raises `UnreadableError` or what the parser raises."""
        form = HEAD_FORM.fullmatch(head)
        if form is None:
            raise UnreadableError("the form of its head")
        self.parser.feed_data(UPGRADE.sub(b"", head) if b"\nupgrade:" in head.lower() else head)
        target, version = form[2], form[3].decode()
        headers = [(name, value.strip(b" \t")) for name, value in self.headers]
        left = _length_of_body(headers, version)
        raw_path, _, query = target.partition(b"?")
        path = raw_path.decode()
        scope = self.scope
        scope["method"], scope["http_version"] = form[1].decode(), version
        scope["path"] = self.root_path + (unquote(path) if "%" in path else path)
        scope["raw_path"], scope["query_string"] = self.root_path.encode() + raw_path, query
        scope["headers"] = headers  # not the parser's list: what stands behind chunks is no header
        self._left, self._silent = left, 0
        self.cycle = Cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue and version != "1.0",
            keep_alive=version != "1.0" and left != IN_CHUNKS and self._stays,
            on_response=self.on_response_complete,
        )
        if not left:
            self.cycle.more_body = False
            self.cycle.message_event.set()
        app: Any = _with_a_scope_of_its_own(self.app) if form[1] == b"HEAD" else self.app
        self._start_asgi_task(self.cycle, app)

    def _read_body(self) -> None:
        """Hand on what came of a body."""
        piece = bytes(self._rest[: self._left])
        del self._rest[: len(piece)]
        self._silent += len(piece)
        try:
            self.parser.feed_data(piece)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self._left:  # else it stands behind the body, where nothing is read
                self._refuse(str(error))
            return
        if self._left:
            self._left -= len(piece)
            if not self._left or self._silent > HEAD_BYTES:
                self._refuse("no body that is read here")

    def _refuse(self, why: str) -> None:
        """End the connection: with a reason, unless another answer has begun."""
        self._rest.clear()
        if self._is_answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.close()
                return
        self.send_400_response(why)

    def on_headers_complete(self) -> None:
        """Note what the parser forgets; what follows from a head is done when it has let go of it."""
        self._stays = self.parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        """Hand on; nothing behind the end of a body is one."""
        if self._left:
            self._silent = 0
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a body."""
        if self._left:
            self._left = 0
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with what came meanwhile; who was answered before all was said is not listened to."""
        super().on_response_complete()
        if self._left:
            self.transport.close()
        self._read()


def _length_of_body(headers: list[tuple[bytes, bytes]], version: str) -> int:
    """Bytes that follow, or `IN_CHUNKS`. Raises `UnreadableError` where it is said twice or otherwise."""
    names = [name for name, _ in headers]
    hosts, lengths, codings = (
        names.count(name) for name in (b"host", b"content-length", b"transfer-encoding")
    )
    if hosts > 1 or (not hosts and version != "1.0"):
        raise UnreadableError("its host")
    if lengths + codings == 0:
        return 0
    if lengths + codings > 1 or (codings and version == "1.0"):
        raise UnreadableError("the length of its body")
    value = headers[names.index(b"content-length" if lengths else b"transfer-encoding")][1]
    if codings and value.lower() == b"chunked":
        return IN_CHUNKS
    if codings or not LENGTH.fullmatch(value):
        raise UnreadableError("the length of its body")
    return int(value)


def _with_a_scope_of_its_own(app: Any) -> Any:
    """So that an application may take HEAD for GET: the answer still goes by what was asked."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await app(dict(scope), receive, send)

    return asked
