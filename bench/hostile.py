"""How long the service takes to refuse each hostile body and each hostile filter of the tests' corpora."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2

from app.errors import BadRequest
from app.ogc.cql2.text import parse
from bench.report import Report, milliseconds
from tests.api.test_hostile import CORPUS
from tests.ogc.test_cql2_checks import HOSTILE
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
    _filters(report)


def _filters(report: Report) -> None:
    """Every hostile CQL2 filter, as the door's parser and checks meet it."""
    parse("overdue")  # the grammar is read once

    def refused(attack: Callable[[], object]) -> None:
        with suppress(BadRequest):
            attack()

    taken = {name: milliseconds(5, lambda attack=attack: refused(attack)) for name, attack in HOSTILE.items()}
    slowest = max(taken, key=lambda name: taken[name])
    report.add(
        f"{len(HOSTILE)} hostile filters, the slowest ({slowest})",
        f"{taken[slowest]:.0f} ms p50",
        "< 200 ms each",
    )
