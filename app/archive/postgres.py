"""PostgreSQL: pg_dump and pg_restore, no older than the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app import migrating
from app.errors import Conflict, Unavailable, Unprocessable
from app.i18n import N_
from app.outages import in_our_words

FOLDERS: Final = "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"
OURS: Final = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT EXISTS"
    " (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
)


def dump(url: str, into: Path) -> tuple[str, dict[str, int]]:
    """Dump the database as it stands at one moment; gives its revision and its counts."""
    with _connected(url) as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        program = find("pg_dump", _server(connection))
        options = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            "--exclude-table-data=spatial_ref_sys",  # PostGIS brings its own; only its owner may fill it
            f"--snapshot={snapshot}",
        ]
        _run([program, *options, f"--file={into}", f"--dbname={_address(url)}"], url)
        return _inspect(connection)


def load(dumped: Path, url: str) -> None:
    """Fill an empty database from a dump, all of it or nothing."""
    with migrating.connected(url) as connection:  # makes sure of PostGIS, or says what to run
        program = find("pg_restore", _server(connection))
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run([program, *options, f"--dbname={_address(url)}", str(dumped)], url)


def check_empty(url: str) -> None:
    """Raise `Conflict` where the database has tables already."""
    with _connected(url) as connection:
        if connection.execute(OURS).first() is not None:
            raise Conflict(
                N_("The database {database} holds tables already. Restore into an empty one: {command}"),
                database=make_url(url).database,
                command="createdb taluy_2; psql -d taluy_2 -c 'CREATE EXTENSION postgis;'",
            )


def counts(url: str) -> dict[str, int]:
    """Rows of each table of the database."""
    with _connected(url) as connection:
        return _inspect(connection)[1]


def find(program: str, server: int) -> str:
    """The path of a PostgreSQL program at least as new as the server. Raises `Unavailable` where none is there."""
    found = [path] if (path := shutil.which(program)) else []
    for pattern in FOLDERS:
        folders = sorted(Path("/").glob(pattern.removeprefix("/")), key=lambda one: _digits(str(one)))
        found += [str(folder / program) for folder in folders if (folder / program).is_file()]
    for candidate in found:
        if _version(candidate) >= server:
            return candidate
    raise Unavailable(
        N_("{program} {version} or newer is missing. On Debian: apt-get install postgresql-client-{version}"),
        code="program-missing",
        program=program,
        version=server,
    )


def _digits(text_: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text_)]


def _version(program: str) -> int:
    try:
        answer = subprocess.run(  # noqa: S603 - a path that we found
            [program, "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    return next(iter(_digits(answer.stdout)), 0)


def _server(connection: Connection) -> int:
    return int(str(connection.scalar(text("SHOW server_version_num")))) // 10_000


def _inspect(connection: Connection) -> tuple[str, dict[str, int]]:
    try:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        raise Unprocessable(N_("The database is not one of this registry, or it is damaged.")) from None
    quote = connection.dialect.identifier_preparer.quote
    found = {
        name: int(connection.scalar(text(f"SELECT count(*) FROM {quote(name)}")) or 0)  # noqa: S608 - quoted # nosec B608
        for name in connection.scalars(OURS).all()
    }
    return str(revision or ""), found


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="REPEATABLE READ", connect_args={"connect_timeout": 5}
    )
    try:
        with in_our_words(), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _address(url: str) -> str:
    """The database's address for PostgreSQL's own programs, without the password."""
    plain = make_url(url)._replace(drivername="postgresql", password=None)  # `set` takes None for "as it is"
    return plain.render_as_string(hide_password=False)


def _run(arguments: Sequence[str], url: str) -> None:
    password = make_url(url).password
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - no shell
    if done.returncode:
        said = done.stderr.strip().splitlines()
        line = next((line for line in said if "error:" in line), said[-1] if said else "?")
        raise Unavailable(N_("{program} failed: {line}"), program=Path(arguments[0]).name, line=line)
