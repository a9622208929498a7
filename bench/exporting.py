"""All of 100,000 sites in every format of files, from a real service: the first byte, the whole, the memory it took."""

import time
from dataclasses import dataclass
from pathlib import Path

import httpx2

from app.outputs import GEOPACKAGE
from bench.peers_world import load
from bench.report import Report
from bench.storage import SITES
from tests import cluster
from tests.running import Service, running

ITEMS = "/ogc/collections/sites/items"
SORTED = "geojsonseq&sortby=-updated_at,name"
STREAMED = ("csv", "geojsonseq", "geojsonseq&crs=http://www.opengis.net/def/crs/EPSG/0/5899", SORTED)


@dataclass(frozen=True)
class Taken:
    """One download: seconds to its first byte and in all, its bytes, and by how many the server's memory grew."""

    first_s: float
    all_s: float
    size: int
    grown: int


def measure(folder: Path, report: Report) -> None:
    """Both databases in turn."""
    sqlite = folder / "sqlite"
    load(f"sqlite:///{sqlite / 'taluy.sqlite'}", SITES, report)
    with running(sqlite) as service:
        _exports("SQLite", service, report)
    with cluster.running() as server:
        address = server.create("exported")
        load(address, SITES, report)
        with running(folder / "postgis", database_url=address) as service:
            _exports("PostGIS", service, report)


def _exports(database: str, service: Service, report: Report) -> None:
    for form in STREAMED:
        _download(service, f"{form}&limit=100")  # what is imported once for all
    for form in (*STREAMED, GEOPACKAGE.name, GEOPACKAGE.name):
        taken = _download(service, form)
        streamed = form not in (GEOPACKAGE.name, SORTED)
        report.add(
            f"{database}: {SITES:,} sites as {form}",
            f"first byte {taken.first_s * 1000:.0f} ms, {taken.all_s:.1f} s, {taken.size / 1e6:.0f} MB,"
            f" memory +{taken.grown / 1e6:.0f} MB",
            "<= 200 ms, <= 100 MB" if streamed else "",
        )


def _download(service: Service, form: str) -> Taken:
    """Read one answer as fast as it comes."""
    status = Path(f"/proc/{service.process.pid}/status")
    before = _memory(status, "VmRSS")
    Path(f"/proc/{service.process.pid}/clear_refs").write_text("5")  # the high-water mark begins anew
    began = time.perf_counter()
    size, first = 0, 0.0
    with httpx2.stream("GET", f"{service.url}{ITEMS}?f={form}", timeout=600) as answer:
        assert answer.status_code == httpx2.codes.OK, answer.read()
        for piece in answer.iter_raw():
            first = first or time.perf_counter() - began
            size += len(piece)
    return Taken(first, time.perf_counter() - began, size, _memory(status, "VmHWM") - before)


def _memory(status: Path, name: str) -> int:
    (line,) = (line for line in status.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
