"""What a database says of writers who tell us nothing: other hosts, `psql`, anything that opens the SQLite file.

SQLite is asked with every look: `PRAGMA data_version` on a connection of its own changes with every commit of any
other, in this process or another, and takes microseconds. PostgreSQL speaks by itself: triggers on every table that
answers are made of notify a channel as their transaction commits (migration 20261123_05), and a thread listens. It
also asks four times a second whether the connection still lives; a second without an answer counts as not listening,
so that a broken cable makes nothing stale for longer than that. Behind a pool that shares connections between
transactions (pgbouncer's `transaction` mode) nobody can listen; the thread finds out, since it calls itself first.
"""

import logging
import os
import secrets
import select
import sqlite3
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Final, Protocol

from sqlalchemy import URL

from app import journal

CHANNEL: Final = "taluy_changes"
BEAT_S: Final = 0.25
PATIENCE_S: Final = 1.0
AGAIN_S: Final = 0.5
CALL_S: Final = 2.0
CONNECT_S: Final = 5
ALIVE: Final[dict[str, Any]] = {
    "connect_timeout": CONNECT_S,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "application_name": "taluy changes",
}


class Overhearing(Protocol):
    """What both do."""

    def look(self) -> tuple[int, ...] | None:
        """Equal values mean: nobody committed in between, as far as was heard. None where nobody can say."""

    def close(self) -> None:
        """Let go of what is open."""


def overhearing(url: URL) -> Overhearing:
    """What overhears the writers of the database at `url`; nothing is opened before the first look."""
    if url.get_backend_name() == "sqlite":
        return Versions(Path(url.database or ""))
    return Listener(url)


class Versions:
    """The version of an SQLite file, on a connection that nobody else uses."""

    def __init__(self, path: Path) -> None:
        self._address = f"{path.absolute().as_uri()}?mode=rw"
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened = 0

    def look(self) -> tuple[int, ...] | None:
        """Which connection, and its version."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _only_asking(self._address)
                    self._opened += 1
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:  # away, or locked as a whole: nobody waits for that here
                self._close()
                return None
            return self._opened, version

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _only_asking(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection


class Listener:
    """A thread that listens on PostgreSQL's channel; it starts with the first look."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._lock = Lock()
        self._thread: Thread | None = None
        self._end = Event()
        self._wake = -1
        self._heard = 0
        self._alive_until = 0.0

    def look(self) -> tuple[int, ...] | None:
        """How often something was heard; None while nobody listens."""
        if self._thread is None:
            self._start()
        return (self._heard,) if monotonic() < self._alive_until else None

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            os.eventfd_write(self._wake, 1)
            self._end.set()
        thread.join(CONNECT_S)
        self._alive_until = 0.0

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._end, self._wake = Event(), os.eventfd(0, os.EFD_CLOEXEC)
                self._thread = Thread(
                    target=self._run, args=(self._end, self._wake), name="taluy-changes", daemon=True
                )
                self._thread.start()

    def _run(self, end: Event, wake: int) -> None:
        import psycopg

        dialect: Any = self._url.get_dialect()()
        _, where = dialect.create_connect_args(self._url)
        told = False
        try:
            while not end.is_set():
                try:
                    with psycopg.connect(**{**ALIVE, **where}, autocommit=True) as connection:
                        self._listen(connection, end, wake)
                except (psycopg.Error, OSError) as error:
                    if self._alive_until or not told:
                        journal.note("changes_not_heard", level=logging.WARNING, exc_info=error)
                    self._alive_until, told = 0.0, True
                    _wait(AGAIN_S, wake)
        finally:
            self._alive_until = 0.0
            os.close(wake)

    def _listen(self, connection: Any, end: Event, wake: int) -> None:
        called, mine = Event(), f"taluy_call_{secrets.token_hex(8)}"

        def hear(notice: Any) -> None:
            if notice.channel == mine:
                called.set()
            else:
                self._heard += 1

        connection.add_notify_handler(hear)
        connection.execute(f"LISTEN {CHANNEL}")
        connection.execute(f"LISTEN {mine}")
        connection.execute(f"NOTIFY {mine}")
        until = monotonic() + CALL_S
        while not end.is_set():
            asked = monotonic()
            connection.execute("SELECT 1")  # what was notified before arrives before the answer
            if called.is_set():
                if self._alive_until == 0.0:
                    self._heard += 1  # whatever was said while nobody listened
                self._alive_until = asked + PATIENCE_S
            elif asked > until:
                raise OSError("the channel is deaf")
            _wait(BEAT_S, connection.fileno(), wake)


def _wait(seconds: float, *files: int) -> None:
    """Wait until one of `files` has something to read, or that long."""
    waiting = select.poll()
    for file in files:
        waiting.register(file, select.POLLIN)
    waiting.poll(seconds * 1000)
