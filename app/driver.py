"""What readers of PostgreSQL do without: asking each connection whether it still lives, and decoding bytes.

A connection is taken from the pool for every request. Asking the server each time whether it is still there costs as
much as a small statement, so it is asked only where that is in doubt: when something waits to be read on a connection
that expects nothing (a server that goes away says so), or when nobody used it for a while (a network between may have
forgotten it).
"""

import select
from time import monotonic
from typing import Any, Final

from psycopg.abc import Buffer
from psycopg.adapt import Loader
from sqlalchemy import Dialect, Engine, LargeBinary, TypeDecorator, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.types import TypeEngine, UserDefinedType

RESTED_S: Final = 5.0
"""A connection that was used more lately is believed to live unless it says otherwise."""
USED: Final = "used_at"


class _BpChar(UserDefinedType[str]):
    """PostgreSQL's type for padded text, which nothing else of ours uses: as it is stored, text is one."""

    cache_ok = True

    def get_col_spec(self, **_more: Any) -> str:
        """Its name."""
        return "bpchar"


class Utf8(TypeDecorator[bytes]):
    """What a text is cast to that is read as its bytes in UTF-8: it is passed on, nobody looks into it."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """On PostgreSQL a type whose values `speed_up` lets through as they came; a blob on SQLite."""
        return dialect.type_descriptor(_BpChar() if dialect.name == "postgresql" else LargeBinary())


class _AsItCame(Loader):
    """Hands a value on as the bytes that the server sent."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def speed_up(engine: Engine) -> None:
    """Let `engine`, whose connections only read, do without what is said above."""
    event.listen(engine, "connect", _connect)
    event.listen(engine, "checkin", _rest)
    event.listen(engine, "checkout", _look)


def _connect(connection: Any, record: Any) -> None:
    connection.adapters.register_loader("bpchar", _AsItCame)
    record.info[USED] = monotonic()


def _rest(_connection: Any, record: Any) -> None:
    record.info[USED] = monotonic()


def _look(connection: Any, record: Any, _proxy: object) -> None:
    """Raise `InvalidatePoolError`, with which the pool begins anew, for a connection that is gone."""
    if monotonic() - record.info[USED] < RESTED_S and not _has_word(connection):
        return
    try:
        connection.execute("SELECT 1")
    except connection.OperationalError as error:
        raise InvalidatePoolError from error


def _has_word(connection: Any) -> bool:
    """Whether something waits to be read: word of an end, or the end itself."""
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return bool(waiting.poll(0))
