"""Two hundred people sign in at once: how long it takes, what memory it costs, and what others notice of it."""

import asyncio
import http.client
import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from app import clock
from app.db import Database
from app.people import queries as people
from app.settings import Settings
from app.units import queries as units
from bench.report import Report
from tests.make import PASSWORD, WARD, hashed
from tests.running import Service, running

PEOPLE = 200
WRONG_EVERY = 4
OTHERS = ("/api/sites", "/s/P6-NL-01")
IDLE_S = 10.0
EVERY_S = 0.05
WAITING = 100


def measure(folder: Path, report: Report) -> None:
    """Ask for a page and a list all the time, at rest and while everybody signs in."""
    with running(folder) as service:
        _add_people(service)
        for path in OTHERS:
            _asked(service.url, path)
        service.cookie(_name(0))  # what is imported late is imported now
        idle_end = time.perf_counter() + IDLE_S
        idle = _others(service.url, lambda: time.perf_counter() < idle_end)
        before_mb = _memory_mb(service, "VmRSS")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
            elsewhere.submit(time.sleep, 0).result()  # it has started and imported this module
            storm = elsewhere.submit(_storm, service.url)
            busy = _others(service.url, lambda: not storm.done())
            answers = storm.result()
        _report(report, answers, idle, busy, growth_mb=_memory_mb(service, "VmHWM") - before_mb)


def _report(
    report: Report,
    answers: list[tuple[int, float]],
    idle: dict[str, list[float]],
    busy: dict[str, list[float]],
    *,
    growth_mb: float,
) -> None:
    statuses = Counter(status for status, _ in answers)
    assert statuses == {204: PEOPLE - PEOPLE // WRONG_EVERY, 401: PEOPLE // WRONG_EVERY}, statuses
    report.add(f"{PEOPLE} sign-ins at once, until the last", f"{max(s for _, s in answers):.1f} s", "<= 30 s")
    report.add(f"{PEOPLE} sign-ins at once, growth of memory", f"{growth_mb:.0f} MB RSS", "<= 500 MB")
    for path in OTHERS:
        rest, storm = (_p95(times[path]) for times in (idle, busy))
        report.add(
            f"{path} meanwhile",
            f"{storm:.1f} ms p95, at rest {rest:.1f} ms: {storm / rest:.1f} x",
            "<= 2 x",
        )


def _add_people(service: Service) -> None:
    now = clock.now()
    settings = Settings(data_dir=Path(service.environment["TALUY_DATA_DIR"]))
    with Database(settings.database) as database, database.write() as db:
        unit_ids = [units.find(db, WARD, on=clock.local_date(now)).id]
        for number in range(PEOPLE):
            people.add(
                db,
                _name(number),
                role="officer",
                password_hash=hashed(),
                unit_ids=unit_ids,
                at=now,
                by=None,
            )


def _name(number: int) -> str:
    return f"Người thử {number}"


def _storm(url: str) -> list[tuple[int, float]]:
    """Status and seconds of each sign-in, all begun at once. Runs in a process of its own, with little work."""
    address = urlsplit(url)
    rights = [number % WRONG_EVERY != 0 for number in range(PEOPLE)]
    requests = [_request(address.netloc, number, right=right) for number, right in enumerate(rights)]

    async def sign_in(request: bytes) -> tuple[int, float]:
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(request)
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status, time.perf_counter() - began

    async def everybody() -> list[tuple[int, float]]:
        return await asyncio.gather(*map(sign_in, requests))

    return asyncio.run(everybody())


def _request(host: str, number: int, *, right: bool) -> bytes:
    body = orjson.dumps({"name": _name(number), "password": PASSWORD if right else "quite the wrong one"})
    head = (
        f"POST /api/session HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def _others(url: str, going: Callable[[], bool]) -> dict[str, list[float]]:
    """Milliseconds of each answer that others get, by path, as long as it is `going`.

    They ask at set times, whether or not those before them were answered: time spent waiting in line counts.
    """
    began = time.perf_counter()

    def ask(path: str, at: float) -> tuple[str, float]:
        _asked(url, path)
        return path, (time.perf_counter() - began - at) * 1000

    answers = []
    with ThreadPoolExecutor(WAITING) as pool:
        for number in count():
            at = number * EVERY_S
            time.sleep(max(0.0, began + at - time.perf_counter()))
            answers.append(pool.submit(ask, OTHERS[number % len(OTHERS)], at))
            if not going():
                break
    taken: dict[str, list[float]] = {path: [] for path in OTHERS}
    for path, milliseconds in (answer.result() for answer in answers):
        taken[path].append(milliseconds)
    return taken


def _asked(url: str, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == http.client.OK, (path, answer.status)
    finally:
        connection.close()


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _memory_mb(service: Service, what: str) -> float:
    """Resident memory of the service, now (`VmRSS`) or at most (`VmHWM`), in units of 1,000,000 bytes."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) * 1024 / 1e6
