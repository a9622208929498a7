"""A PostGIS server of our own for a test run: in a temporary folder, on the loopback interface, stopped at the end."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg
import pytest
from sqlalchemy import URL

from tests.running import free_port

NEEDED = "The tests need PostgreSQL with PostGIS: apt-get install postgresql postgis postgresql-15-postgis-3"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
START_S = 60


def _program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which(
        name, path=os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")])
    )
    if found is None:
        pytest.exit(NEEDED, returncode=3)
    return found


def _somebody_else() -> dict[str, str]:
    """Who runs the server: PostgreSQL refuses root."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


class Cluster:
    """A running server; `url(name)` is the address of one of its databases."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.admin = psycopg.connect(self.libpq("postgres"), autocommit=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.admin.close()

    def libpq(self, database: str) -> str:
        """The address as libpq writes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def url(self, database: str) -> str:
        """The address as TALUY_DATABASE_URL takes it."""
        address = URL.create(
            "postgresql+psycopg", "postgres", host="127.0.0.1", port=self.port, database=database
        )
        return address.render_as_string()

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database and give its address."""
        self.admin.execute(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected."""
        self.admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@contextmanager
def running(*, durable: bool = False) -> Iterator[Cluster]:
    """Start a server, wait until it answers, and stop it at the end. `durable`: each commit waits for the disk."""
    account = _somebody_else()
    with tempfile.TemporaryDirectory(prefix="taluy-postgis-", ignore_cleanup_errors=True) as folder:
        if account:
            shutil.chown(folder, **account)
        data = f"{folder}/data"
        made = subprocess.run(
            [_program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            cwd=folder, capture_output=True, text=True, check=False, **account,
        )  # fmt: skip
        if made.returncode:
            pytest.exit(f"initdb: {made.stderr.strip()}", returncode=3)
        port = free_port()
        settings = {
            **({} if durable else FAST),
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(
                [_program("postgres"), "-D", data, *options], cwd=folder, stderr=log, **account
            )
        try:
            _wait(server, port, Path(folder, "log"))
            with Cluster(port) as cluster:
                yield cluster
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(START_S)


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    ready = [_program("pg_isready"), "-q", "-t", "1", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode:
        if server.poll() is not None:
            pytest.exit(f"PostgreSQL did not start: {log.read_text()}", returncode=3)
