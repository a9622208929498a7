"""A real service in its own process, on a free loopback port and in a temporary folder, stopped by its process id."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx2

from app.db import Database, migrate
from app.ogc import ready
from app.seed import seed
from tests.make import PASSWORD, WARD, Make, hashed

START_S = 120
PORTS = range(15_000, 32_000)
"""Below those that the system gives to whoever connects: no connection of another test takes one in between."""


@dataclass(frozen=True)
class Service:
    """Where a running service answers, its environment and its process."""

    url: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    def person(self, name: str, role: str, unit: str = WARD) -> None:
        """Add an account; its password is `PASSWORD`."""
        with database_of(self.environment) as database:
            Make(database).person(role, unit, name=name, password_hash=hashed())

    def cookie(self, name: str) -> str:
        """Sign in and give the Cookie header's value."""
        answer = httpx2.post(f"{self.url}/api/session", json={"name": name, "password": PASSWORD}, timeout=60)
        assert answer.status_code == HTTPStatus.NO_CONTENT, answer.text
        return answer.headers["Set-Cookie"].partition(";")[0]


def taluy(words: list[str], environment: Mapping[str, str], *, given: str = "") -> str:
    """Run one command of the command line and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env=dict(environment),
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment_of(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of an installation in `folder`; `settings` are TALUY_* values by their lower-case names."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TALUY_")},
        "TALUY_DATA_DIR": str(folder),
        "TALUY_TILE_URL": "",
        **{f"TALUY_{name.upper()}": value for name, value in settings.items()},
    }


def database_of(environment: Mapping[str, str]) -> Database:
    """The database that a service with this environment opens."""
    folder = Path(environment["TALUY_DATA_DIR"])
    return Database(environment.get("TALUY_DATABASE_URL") or f"sqlite:///{folder}/taluy.sqlite", folder)


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are taken")


def prepare(environment: Mapping[str, str]) -> None:
    """What `taluy migrate` and `taluy seed` do, without the seconds that two more processes need to start."""
    with database_of(environment) as database:
        migrate(database.url.render_as_string(hide_password=False))
        with database.write() as db:
            seed(db)
        ready.fill(database, migrated=True)


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Service]:
    """Migrate, seed and serve; `settings` are TALUY_* values by their lower-case names."""
    port = free_port()
    environment = environment_of(folder, port=str(port), **settings)
    prepare(environment)
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve"], env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    service = Service(f"http://127.0.0.1:{port}", environment, process)
    try:
        wait_until_ready(service, folder / "serve.log")
        yield service
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def wait_until_ready(service: Service, log: Path) -> None:
    """Return once `/readyz` answers 200."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if service.process.poll() is not None:
            raise AssertionError(f"the service ended by itself:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            if httpx2.get(f"{service.url}/readyz", timeout=2).status_code == HTTPStatus.OK:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"not ready after {START_S} s:\n{log.read_text(errors='replace')[-3000:]}")
