"""How the service speaks HTTP: uvicorn with its limits, and a clock on connections that say nothing."""

import asyncio
import fcntl
import gc
import logging
import resource
import sys
import termios
from contextlib import suppress
from typing import Final

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app import journal, problems
from app.door.headers import Dress
from app.door.protocol import StrictProtocol, break_off
from app.errors import BadRequest
from app.memory.front import HEAD
from app.memory.short_way import Recall
from app.settings import Settings

READ_S: Final = 20.0
SLOWEST_READER: Final = 1024
"""Bytes a second that a reader must take of an answer that waits for them, looked at every `READ_S`."""
KEEP_ALIVE_S: Final = 20
STOP_S: Final = 10
SWITCH_S: Final = 0.001
"""A request that wakes waits so long for a thread at work, not Python's 5 ms: felt where many sign in at once."""
MOST_FILES: Final = 4_096
FILES_OF_OURS: Final = 256
"""Descriptors that connections leave to databases, photos and the rest."""


class PatientProtocol(StrictProtocol):
    """Ends connections which neither ask nor read, and answers what is no HTTP with our headers."""

    dress: Dress
    most_connections: int
    recall: Recall | None = None
    _reading: asyncio.TimerHandle | None = None
    _unread: int = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, unless there are too many."""
        super().connection_made(transport)
        self.app_state = dict(self.app_state)
        if len(self.connections) > self.most_connections:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer at once, or read on; what is read later came with other bytes."""
        head = data if self.recall is not None and self._is_whole(data) else b""
        if head and self._answer_at_once(head):
            return
        self.app_state[HEAD] = head
        super().data_received(data)
        self.app_state[HEAD] = b""

    def _is_whole(self, data: bytes) -> bool:
        """Whether `data` is the head of one request and nothing else, on a connection that waits for one."""
        return (
            data.startswith(b"GET ")
            and data.find(b"\r\n\r\n") == len(data) - 4
            and self.is_idle()
            and not self.flow.write_paused
        )

    def _answer_at_once(self, head: bytes) -> bool:
        """Answer a head that came before from memory; whether that was possible."""
        date = b"".join(b"%b: %b\r\n" % row for row in self.server_state.default_headers)
        answer = self.recall.at_once(head, date) if self.recall is not None else None
        if answer is None:
            return False
        self._unset_keepalive_if_required()
        self.stop_asking()
        self.transport.write(answer)
        self.on_response_complete()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock of the reader too."""
        _stop(self._reading)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """An answer waits for its reader."""
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        """The reader took it."""
        _stop(self._reading)
        super().resume_writing()

    def _look_again(self) -> None:
        self._unread = self._waiting()
        self._reading = self.loop.call_later(READ_S, self._has_read)

    def _has_read(self) -> None:
        if self._unread - self._waiting() < READ_S * SLOWEST_READER:
            break_off(self.transport)
        else:
            self._look_again()

    def _waiting(self) -> int:
        """Bytes that the reader's machine has not taken: ours, and those that the system holds for it."""
        connection = self.transport.get_extra_info("socket")
        held = bytearray(4)
        with suppress(OSError):
            fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, held)
        return self.transport.get_write_buffer_size() + int.from_bytes(held, sys.byteorder)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP: as every other problem, and as an end."""
        journal.note("unreadable", says=msg)
        answer = problems.answer(
            BadRequest(
                "This is no HTTP that this service reads, or more of an address and headers than it reads.",
                code="bad-http",
            ),
            "en",
        )
        headers = MutableHeaders(raw=list(answer.raw_headers))
        self.dress(headers, nonce="none", path="", known=False)
        headers["Connection"] = "close"
        rows = b"".join(b"%b: %b\r\n" % row for row in (*self.server_state.default_headers, *headers.raw))
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[answer.status_code], rows, bytes(answer.body)))
        self.transport.close()


def _stop(clock: asyncio.TimerHandle | None) -> None:
    if clock is not None:
        clock.cancel()


def _open_files() -> int:
    """Let the process open as many files as it may, up to a measure; gives how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft


def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve until told to stop. Proxies are the door's business: uvicorn would believe every one on this machine."""
    journal.configure(settings.log_level)
    PatientProtocol.dress = Dress(settings)
    PatientProtocol.most_connections = _open_files() - FILES_OF_OURS
    PatientProtocol.recall = getattr(getattr(app, "state", None), "recall", None)
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()  # what stays as long as the process is not searched for garbage: a search took 150 ms of everybody
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=PatientProtocol,
        ws="none",
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        log_config=None,
        log_level=logging.ERROR,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
    )
