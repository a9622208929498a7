"""The database: what every table inherits, and sessions that are committed before the reply leaves.

Reads and writes have an engine each. On SQLite the writing engine has one connection, so its pool is the lock that
lets one writer in at a time, and every transaction on it is BEGIN IMMEDIATE; reads are deferred and cannot write.
A session takes its connection with its first statement, so nobody waits in line before they have work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final, Self
from uuid import UUID

import orjson
from fastapi import Depends, Request
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Text,
    Uuid,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from app import driver, geometry
from app.columns import Json, UtcDateTime
from app.memory.changes import Changes
from app.ogc.cql2 import functions
from app.outages import in_our_words

MIGRATIONS: Final = Path(__file__).resolve().parents[1] / "migrations"
REVISION_LENGTH: Final = len("YYYYMMDD_NN")

BUSY_S: Final = 30
STATEMENT_MS: Final = 5_000
STEPS_BETWEEN_LOOKS: Final = 100_000
"""Of SQLite's virtual machine, about a millisecond, before it looks at the clock again."""
READERS: Final = 40
WRITERS: Final = 20
KEPT_OPEN: Final = 10
"""Connections to PostgreSQL that stay: those beyond it end with each use, and opening one takes as long as 20 reads."""

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """What every table inherits."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        UUID: Uuid(),
        dict[str, Any]: Json,
        list[Any]: Json,
        str: Text(),
    }


def _as_json(value: object) -> str:
    return orjson.dumps(value).decode()


class Database:
    """One database, SQLite or PostGIS, and the two ways to use it: `read()` and `write()`."""

    def __init__(self, url: str, data_dir: Path | None = None) -> None:
        """Open nothing yet; `url` is an SQLAlchemy address, `sqlite:///file` or `postgresql+psycopg://…`.

        Whoever writes names the installation's `data_dir`: there every process learns of every commit.
        """
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        make = {"sqlite": self._sqlite, "postgresql": self._postgresql}.get(self.dialect)
        if make is None:
            raise ValueError("TALUY_DATABASE_URL starts with postgresql+psycopg:// or sqlite:///")
        self.engine = make(writing=True)
        self.reading_engine = make(writing=False)
        self.changes = Changes(self.url, data_dir)
        self.changes.follow(self.engine)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(self.reading_engine, expire_on_commit=False, autoflush=False)

    def _sqlite(self, *, writing: bool) -> Engine:
        if not self.url.database or self.url.database == ":memory:":
            raise ValueError(
                "An SQLite database needs a file: readers and the writer have connections of their own"
            )
        Path(self.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        size = (
            {"pool_size": 1, "max_overflow": 0} if writing else {"pool_size": 8, "max_overflow": READERS - 8}
        )
        engine = create_engine(
            self.url,
            connect_args={"timeout": BUSY_S, "check_same_thread": False},
            pool_timeout=BUSY_S,
            json_serializer=_as_json,
            json_deserializer=orjson.loads,
            **size,
        )
        event.listen(engine, "connect", _connect_writer if writing else _connect_reader)
        event.listen(engine, "begin", _begin_immediate if writing else _begin_deferred)
        if not writing:
            event.listen(engine, "before_cursor_execute", _stop_in_time)
        return engine

    def _postgresql(self, *, writing: bool) -> Engine:
        options = f"-c timezone=UTC -c statement_timeout={STATEMENT_MS}"
        if not writing:
            options += " -c default_transaction_read_only=on"
        most = WRITERS if writing else READERS
        engine = create_engine(
            self.url,
            connect_args={"options": options, "connect_timeout": 5},
            pool_pre_ping=writing,
            pool_size=KEPT_OPEN,
            max_overflow=most - KEPT_OPEN,
            pool_timeout=BUSY_S,
            json_serializer=_as_json,
            json_deserializer=orjson.loads,
            **({} if writing else {"isolation_level": "AUTOCOMMIT"}),
        )
        if not writing:
            driver.speed_up(engine)
        return engine

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are kept together at the end, or not at all.

        Raises `Unavailable` where the database is away or busy for too long, `OutOfSpace` where its disk is full.
        On SQLite a second `write()` inside the first, in the same thread, waits for itself until that time is over.
        """
        with in_our_words(), self._writing.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that cannot change the database. Raises `Unavailable`.

        On SQLite it sees one moment. On PostgreSQL each of its statements does, as always there unless somebody asks
        for more, but without the two messages that begin and end a transaction: they took half of a small read.
        """
        with in_our_words(), self._reading() as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A bare connection that cannot change the database, for a statement or two.

        A session costs as much as they do. Raises `Unavailable`.
        """
        with in_our_words(), self.reading_engine.connect() as connection:
            yield connection

    def before_commit(self, do: Callable[[Session], None]) -> None:
        """Let `do` add to what each writing session commits; sessions that asked the database nothing stay so."""
        event.listen(self._writing, "after_begin", lambda session, *_: session.info.update(begun=True))

        @event.listens_for(self._writing, "before_commit")
        def _before(session: Session) -> None:
            if session.info.get("begun"):
                do(session)

    def __enter__(self) -> Self:
        """For commands that open a database, use it and close it."""
        return self

    def __exit__(self, *_failure: object) -> None:
        """Close every connection."""
        self.dispose()

    def dispose(self) -> None:
        """Close every connection that nobody uses now."""
        self.changes.close()
        self.engine.dispose()
        self.reading_engine.dispose()


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest tables. Raises `Unavailable`."""
    from app.migrating import upgrade

    upgrade(url)


def downgrade(url: str, revision: str) -> None:
    """Bring the database at `url` down to `revision`."""
    from app.migrating import downgrade

    downgrade(url, revision)


def newest_revision() -> str:
    """The newest revision, read off the names of the migrations: the service itself does without Alembic."""
    return max(path.name[:REVISION_LENGTH] for path in (MIGRATIONS / "versions").glob("*.py"))


def migrated(database: Database) -> bool:
    """Whether the database has the newest tables. Raises `Unavailable` where it does not answer."""
    with database.read() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return False
        current = session.scalar(text("SELECT version_num FROM alembic_version"))
        return bool(current == newest_revision())


def _connect_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    geometry.register(connection)
    functions.register(connection)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32768"):
        connection.execute(f"PRAGMA {pragma}")


def _connect_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    geometry.register(connection)
    functions.register(connection)
    connection.execute("PRAGMA query_only=ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _stop_in_time(_connection: Connection, cursor: Any, *_statement: object) -> None:
    """What PostgreSQL's statement_timeout does, for a reader of SQLite."""
    end = monotonic() + STATEMENT_MS / 1000
    cursor.connection.set_progress_handler(lambda: monotonic() > end, STEPS_BETWEEN_LOOKS)


def read_session_for_request(request: Request) -> Iterator[Session]:
    """A reading session that ends before the reply leaves; until then `request.state.reading` is it."""
    database: Database = request.app.state.database
    with database.read() as session:
        request.state.reading = session
        try:
            yield session
        finally:
            request.state.reading = None


ReadDb = Annotated[Session, Depends(read_session_for_request, scope="function", max_concurrency=READERS)]


def session_for_request(request: Request, _reading: ReadDb) -> Iterator[Session]:
    """A writing session, committed before the reply leaves: a commit that fails is what the caller is told.

    It asks for `ReadDb` first, so that every request queues in the same order and none waits for another in a ring.
    The limits keep waiting requests out of the thread pool, which those at work need to finish.
    """
    database: Database = request.app.state.database
    with database.write() as session:
        yield session


Db = Annotated[Session, Depends(session_for_request, scope="function", max_concurrency=WRITERS)]
