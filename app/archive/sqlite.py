"""SQLite: a consistent copy while others write, and the copy put in its place."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from app.errors import Conflict, NotFound, Unprocessable
from app.i18n import N_

BUSY_S = 30


def file_of(url: str) -> Path:
    """The database's file."""
    return Path(make_url(url).database or "")


def dump(url: str, into: Path) -> tuple[str, dict[str, int]]:
    """Copy the database as it stands at one moment; gives its revision and its counts. Raises `NotFound`."""
    source = file_of(url)
    if not source.is_file():
        raise NotFound(N_("There is no database to back up at {path}."), path=source)
    with closing(sqlite3.connect(source, timeout=BUSY_S, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(into),))
    return inspect(into)


def inspect(path: Path) -> tuple[str, dict[str, int]]:
    """Revision and rows of each table of a database file. Raises `Unprocessable` where it is damaged."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise Unprocessable(N_("The database file is damaged."))
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " AND name NOT LIKE '%\\_rtree%' ESCAPE '\\' ORDER BY name"
            ).fetchall()
            counts = {name: _count(connection, name) for (name,) in tables}
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError:
            raise Unprocessable(N_("The database is not one of this registry, or it is damaged.")) from None
    return (str(row[0]) if row else ""), counts


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = '"' + table.replace('"', '""') + '"'
    return int(connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0])  # noqa: S608 - quoted # nosec B608


def check_empty(url: str) -> None:
    """Raise `Conflict` where there is a database already."""
    target = file_of(url)
    files = [Path(f"{target}{end}") for end in ("", "-wal", "-journal")]
    if any(file.exists() and file.stat().st_size for file in files):
        raise Conflict(
            N_(
                "There is a database at {path}. Restore into an empty place: set TALUY_DATA_DIR to a new folder."
            ),
            path=target,
        )


def load(dumped: Path, url: str) -> None:
    """Put a copy in the database's place."""
    target = file_of(url)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.move(dumped, target)


def counts(url: str) -> dict[str, int]:
    """Rows of each table of the database in its place."""
    return inspect(file_of(url))[1]
