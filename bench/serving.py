"""A real service by its process: how soon it is ready, how much memory it takes, how fast it gives the map."""

import gzip
import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from bench.report import Report, milliseconds
from tests.running import Service, running

STARTS = 5
PAGES = ("/map", "/s/P6-NL-01", "/places", "/api/sites?limit=10000", "/sites.geojson", "/api/sites/P6-NL-01")


def measure(folder: Path, report: Report) -> None:
    """Start, look, ask."""
    with running(folder) as prepared:
        pass
    starts = []
    for _ in range(STARTS):
        with _started(prepared) as taken:
            starts.append(taken)
    ready, busy = (statistics.median(times) for times in zip(*starts, strict=True))
    report.add("start to ready", f"{ready:.2f} s ({busy:.2f} s of processor)", "<= 3 s")
    with running(folder) as service, httpx2.Client(base_url=service.url, timeout=30) as client:
        client.get("/").raise_for_status()
        report.add("memory when the first page was shown", f"{_resident_mb(service):.0f} MB RSS", "<= 150 MB")
        for page in PAGES:
            client.get(page).raise_for_status()
        report.add(
            "memory when every kind of page was shown", f"{_resident_mb(service):.0f} MB RSS", "<= 150 MB"
        )
        report.add("/map warm", f"{milliseconds(300, lambda: client.get('/map')):.2f} ms p50", "<= 5 ms p50")
        body = client.get("/map").content
        report.add(
            "/map", f"{len(body) / 1000:.1f} kB ({len(gzip.compress(body)) / 1000:.1f} kB gzip)", "<= 60 kB"
        )


@contextmanager
def _started(prepared: Service) -> Iterator[tuple[float, float]]:
    """Start the service on its migrated database; gives the seconds until `/readyz` answers 200, and of processor."""
    address = urlsplit(prepared.url)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve"],
        env=dict(prepared.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _is_ready(address.hostname or "", address.port or 0):
            assert process.poll() is None, "the service ended by itself"
            time.sleep(0.005)
        yield time.perf_counter() - began, _processor_s(process.pid)
    finally:
        process.terminate()
        process.wait(15)


def _processor_s(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _resident_mb(service: Service) -> float:
    """Resident memory of the idle process, shared libraries included; in units of 1,000,000 bytes."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6
