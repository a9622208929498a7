"""Pulling everything in one answer: how soon it begins, and how much memory the server takes meanwhile."""

import http.client
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.peers_pull import LARGEST
from bench.peers_servers import Server
from bench.report import Report

STREAMED: Final = {
    "CSV": "/ogc/collections/sites/items?f=csv",
    "GeoJSONSeq": "/ogc/collections/sites/items?f=geojsonseq",
    "GeoJSON": "/ogc/collections/sites/items?limit=10000",
}
PIECE: Final = 1 << 16
FRESH_PEAK: Final = "5"
"""Tells the kernel to forget the process's peak of memory. Source: proc(5), clear_refs."""


def measure(server: Server, sites: int, report: Report) -> None:
    """Each format twice: the first fills what is filled once. GeoJSON has pages, of which this is the largest."""
    for form, path in STREAMED.items():
        features = min(sites, LARGEST) if form == "GeoJSON" else sites
        _pull(server, path)
        Path(f"/proc/{server.process.pid}/clear_refs").write_text(FRESH_PEAK)
        before = _mb(server, "VmRSS")
        first_ms, seconds, size, lines = _pull(server, path)
        grown = _mb(server, "VmHWM") - before
        assert form == "GeoJSON" or sites <= lines <= sites + 1, f"{form}: {lines} lines"
        report.add(f"{form} of {features:,}: first byte", f"{first_ms:.0f} ms", "<= 200 ms")
        report.add(f"{form} of {features:,}: memory grew by", f"{grown:.0f} MB", "<= 100 MB")
        report.add(f"{form} of {features:,}: everything", f"{seconds:.2f} s, {size / 1e6:.1f} MB")


def _pull(server: Server, path: str) -> tuple[float, float, int, int]:
    """Milliseconds to the first byte of the body, seconds to the last, bytes, lines."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=300)
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == http.client.OK, f"{path}: {answer.status}"
    piece = answer.read(1)
    first_ms = (time.perf_counter() - began) * 1000
    size, lines = 0, 0
    while piece:
        size += len(piece)
        lines += piece.count(b"\n")
        piece = answer.read(PIECE)
    connection.close()
    return first_ms, time.perf_counter() - began, size, lines


def _mb(server: Server, name: str) -> float:
    """A line of the process's status, in units of 1,000,000 bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1e6
