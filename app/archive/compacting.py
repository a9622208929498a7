"""Writing a database anew, so that what was deleted is gone from its files and not only from its answers."""

import sqlite3
from contextlib import closing
from typing import Final

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.archive.sqlite import BUSY_S, file_of
from app.models import Model
from app.outages import in_our_words

SQLITE_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def compact(url: str) -> bool:
    """Rewrite the database at `url`; False where a running service did not let go of the old pages.

    On SQLite it waits for others for 30 s. Raises `Unavailable` where PostgreSQL does not answer.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    _postgresql(url)
    return True


def _sqlite(url: str) -> bool:
    """VACUUM writes the new pages behind the log of writes; the checkpoint puts them in the place of the old ones."""
    with closing(sqlite3.connect(file_of(url), timeout=BUSY_S, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM")
            busy, _pages, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in SQLITE_BUSY:
                return False
            raise
    return not busy


def _postgresql(url: str) -> None:
    """Each table of ours into a file of its own; the old files go when the statement ends."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with in_our_words(), engine.connect() as connection:
            quote = connection.dialect.identifier_preparer.quote
            for table in Model.metadata.sorted_tables:
                connection.execute(text(f"VACUUM (FULL) {quote(table.name)}"))  # quoted, our own names
    finally:
        engine.dispose()
