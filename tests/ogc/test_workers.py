"""Two services on one database: a read after an answered write is never stale, whoever wrote."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event

import httpx2
import psycopg
import pytest
from sqlalchemy import make_url

from app.db import Database
from tests.make import Make
from tests.running import Service, environment_of, free_port, wait_until_ready
from tests.test_changes import KILLED, WRITER

ITEMS = "/ogc/collections/sites/items"
ROUNDS = 25
SITES = ("P6-NL-01", "P6-ST-01")
CHANGE = "UPDATE site SET address = '{}' WHERE code = 'P6-NL-01'"


def log_of(folder: Path, number: int) -> Path:
    return folder / f"serve-{number}.log"


@contextmanager
def worker(folder: Path, url: str, number: int) -> Iterator[Service]:
    """One worker on a database that is migrated and seeded; it may not answer yet."""
    port = free_port()
    environment = environment_of(folder, port=str(port), database_url=url)
    log = log_of(folder, number).open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve"], env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        yield Service(f"http://127.0.0.1:{port}", environment, process)
    finally:
        process.terminate()
        process.wait(120)
        log.close()


@dataclass
class Workers:
    """Both services with a client each, the board's cookie, and the database that they share."""

    folder: Path
    url: str
    clients: list[httpx2.Client]
    cookie: str

    def addresses(self, code: str) -> list[str]:
        """What each says of a place's address: in a list and alone, twice, so that the second comes from memory."""
        said = []
        for client in (*self.clients, *self.clients):
            said.append(client.get(f"{ITEMS}/{code}").json()["properties"]["address"])
            listed = client.get(ITEMS, params={"limit": 100, "code": code}).json()["features"]
            said.append(listed[0]["properties"]["address"])
        return said

    def write(self, worker: int, code: str, address: str) -> None:
        """Change it through one of the two."""
        client = self.clients[worker]
        headers = {"cookie": self.cookie}
        version = client.get(f"/api/sites/{code}", headers=headers).headers["etag"]
        answer = client.patch(
            f"/api/sites/{code}", json={"address": address}, headers={**headers, "if-match": version}
        )
        assert answer.status_code == 200, answer.text

    def foreign(self, address: str) -> None:
        """Change it as somebody who has never heard of us."""
        change = CHANGE.format(address)
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(make_url(self.url).database, isolation_level=None)) as connection:
                connection.execute(change)
        else:
            url = make_url(self.url).set(drivername="postgresql").render_as_string()
            with psycopg.connect(url) as connection:
                connection.execute(change)

    def settled(self, code: str, address: str) -> float:
        """After how long somebody was still asked who did not say so."""
        began, otherwise = time.monotonic(), 0.0
        while True:
            asked = time.monotonic() - began
            if set(self.addresses(code)) == {address}:
                return otherwise
            otherwise = asked
            assert otherwise < 60


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def workers(request, tmp_path_factory, sqlite_seeded) -> Iterator[Workers]:
    folder = tmp_path_factory.mktemp("workers")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'taluy.sqlite'}"
        (folder / "taluy.sqlite").write_bytes(sqlite_seeded.read_bytes())
    else:
        url = request.getfixturevalue("postgis").create("workers", "seeded")
    with Database(url, folder) as database:
        name = Make(database).person("board")
    with ExitStack() as stack:
        services = [stack.enter_context(worker(folder, url, number)) for number in range(2)]
        for number, service in enumerate(services):
            wait_until_ready(service, log_of(folder, number))
        clients = [
            stack.enter_context(httpx2.Client(base_url=service.url, timeout=120)) for service in services
        ]
        yield Workers(folder, url, clients, services[0].cookie(name))
    for number in range(2):
        told = log_of(folder, number).read_text()
        lines = [json.loads(line) for line in told.splitlines() if '"repeated"' in line]
        answers, at_once = (sum(line[name] for line in lines) for name in ("answers", "at_once"))
        assert answers > at_once > 0, "not every way was tested"
    if request.param == "postgresql":
        request.getfixturevalue("postgis").drop("workers")


def test_a_read_after_an_answered_write_is_never_stale(workers):
    """Two writers, a place each, through both workers in turn, while others keep every answer in memory."""
    over, read_beside = Event(), [0, 0]

    def write(code: str) -> None:
        for number in count():
            workers.write(number % 2, code, f"Hẻm {number}")
            assert set(workers.addresses(code)) == {f"Hẻm {number}"}
            if number + 1 >= ROUNDS and min(read_beside) > ROUNDS:
                return
            assert not over.is_set()

    def read(worker: int) -> None:
        try:
            with httpx2.Client(base_url=workers.clients[worker].base_url, timeout=120) as client:
                while not over.is_set():
                    place = SITES[read_beside[worker] % 2]
                    assert client.get(f"{ITEMS}/{place}").status_code == 200
                    assert client.get(ITEMS, params={"limit": 100, "code": place}).status_code == 200
                    read_beside[worker] += 1
        finally:
            over.set()  # nobody writes on for a reader that failed

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, worker) for worker in (0, 1)]
        writers = [pool.submit(write, code) for code in SITES]
        try:
            for writer in writers:
                writer.result()
        finally:
            over.set()
        for reader in readers:
            reader.result()


def test_a_write_of_somebody_who_knows_nothing_of_us_is_seen(workers):
    at_once = workers.url.startswith("sqlite")
    for number in range(5):
        workers.addresses(SITES[0])
        workers.foreign(f"Lạ {number}")
        if at_once:
            assert set(workers.addresses(SITES[0])) == {f"Lạ {number}"}
        else:
            assert workers.settled(SITES[0], f"Lạ {number}") < 1


def test_a_writer_killed_between_commit_and_telling_leaves_nothing_stale(workers):
    workers.addresses(SITES[0])
    change = CHANGE.format("Bị cắt")
    program = WRITER.format(before="import os, signal", hook=KILLED)
    killed = subprocess.run(
        [sys.executable, "-c", program, workers.url, str(workers.folder), change],
        env=environment_of(workers.folder),
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert workers.settled(SITES[0], "Bị cắt") < 1


@pytest.mark.parametrize("workers", ["postgresql"], indirect=True)
def test_while_nobody_listens_every_answer_is_read_anew(workers, request):
    admin = request.getfixturevalue("postgis").admin
    workers.addresses(SITES[0])
    listening = "FROM pg_stat_activity WHERE application_name = 'taluy changes' AND datname = 'workers'"
    end = time.monotonic() + 60
    while len(pids := [pid for (pid,) in admin.execute(f"SELECT pid {listening}").fetchall()]) != 2:
        assert time.monotonic() < end
        workers.addresses(SITES[0])
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)  # a cable that is cut says nothing either
    try:
        time.sleep(1.1)  # what is promised: a second
        for number in range(5):
            workers.foreign(f"Điếc {number}")
            assert set(workers.addresses(SITES[0])) == {f"Điếc {number}"}
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    workers.foreign("Nghe lại")
    assert workers.settled(SITES[0], "Nghe lại") < 1
