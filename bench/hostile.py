"""How long the service takes to refuse each hostile body of the tests' corpus, over HTTP."""

from pathlib import Path

import httpx2

from bench.report import Report, milliseconds
from tests.api.test_hostile import CORPUS
from tests.running import running

JSON = {"content-type": "application/json"}


def measure(folder: Path, report: Report) -> None:
    """Every body five times, as a member of the board; the slowest median counts."""
    with running(folder) as service, httpx2.Client(base_url=service.url, timeout=30) as client:
        service.person("ban-thu", "board")
        headers = {**JSON, "cookie": service.cookie("ban-thu")}
        taken = {
            name: milliseconds(5, lambda body=body: client.post("/api/sites", content=body, headers=headers))
            for name, body in CORPUS.items()
        }
        slowest = max(taken, key=lambda name: taken[name])
        report.add(
            f"{len(CORPUS)} hostile bodies, the slowest ({slowest})",
            f"{taken[slowest]:.0f} ms p50",
            "< 200 ms each",
        )
