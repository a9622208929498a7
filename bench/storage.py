"""Bulk inserts and box queries on 100,000 sites, on SQLite and on PostGIS."""

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app import clock
from app.bulk import insert_columns
from app.db import Database, migrate
from app.geometry import BBox
from app.practice.many import generated_sites
from app.seed import seed
from app.sites import bulk, queries
from app.sites.model import Site
from app.units import queries as units
from bench.report import Report, stopwatch
from tests import cluster

SITES = 100_000
BATCH = 2000
BOXES = 500
SIDE = 0.039
"""Degrees of a box that meets about a hundred of the generated sites."""
SAID = tuple(
    "code name kind risk_level risk_reason location_status location_accuracy_m"  # noqa: SIM905 - one line less a word
    " condition last_inspected_at due_on geometry".split()
)
"""What somebody says of a site; the rest is worked out."""

Row = dict[str, Any]


def measure(folder: Path, report: Report) -> None:
    """Insert into both databases, then ask both for the same boxes in turn."""
    rows = list(generated_sites(SITES, 1))
    gc.freeze()  # what is to be inserted is the benchmark's own, not the registry's
    with cluster.running() as server:
        for kind, new in _databases(folder, server).items():
            _registering(new("registered"), kind, rows, report)
        addresses = {kind: new("plain") for kind, new in _databases(folder, server).items()}
        for kind, address in addresses.items():
            _inserting(address, kind, rows, report)
        _boxes(addresses, rows, report)


def _databases(folder: Path, server: cluster.Cluster) -> dict[str, Callable[[str], str]]:
    """For each kind of database, how to make one; gives its address."""
    return {"SQLite": lambda name: f"sqlite:///{folder / name}.sqlite", "PostGIS": server.create}


def _inserting(address: str, kind: str, rows: list[Row], report: Report) -> None:
    with _fresh(address) as database:
        with stopwatch() as seconds, database.write() as db:
            for start in range(0, SITES, BATCH):
                batch = rows[start : start + BATCH]
                insert_columns(db, Site.__table__, {name: [row[name] for row in batch] for name in batch[0]})
        report.add(f"{kind}: insert in bulk", f"{SITES / seconds():,.0f} sites/s", ">= 15,000 sites/s")
        with database.write() as db:
            db.execute(text("ANALYZE"))


def _registering(address: str, kind: str, rows: list[Row], report: Report) -> None:
    """What an import does: rows of all the database keeps, codes looked up, units, a log entry each."""
    with _fresh(address) as database:
        with database.write() as db:
            seed(db)
            unit_ids = sorted(units.brief(db))[:1]
        records = (({name: row[name] for name in SAID}, unit_ids) for row in rows)
        with stopwatch() as seconds, database.write() as db:
            bulk.add_many(db, records, at=clock.now(), by=None)
        report.add(
            f"{kind}: register in bulk, each with its unit and log entry",
            f"{SITES / seconds():,.0f} sites/s",
            ">= 15,000 sites/s",
        )


@contextmanager
def _fresh(address: str) -> Iterator[Database]:
    migrate(address)
    with Database(address) as database:
        yield database


def _boxes(addresses: dict[str, str], rows: list[Row], report: Report) -> None:
    """Every box on each database in turn."""
    chosen = random.Random(2)
    hits: list[int] = []
    taken: dict[str, list[float]] = {kind: [] for kind in addresses}
    with _reading(addresses) as ask:
        for number in range(BOXES + 20):
            row = chosen.choice(rows)
            west, south = row["west"] - SIDE / 2, row["south"] - SIDE / 2
            wanted = queries.Wanted(bbox=BBox(west, south, west + SIDE, south + SIDE), limit=1000)
            for kind, page in ask.items():
                began = time.perf_counter()
                found = page(wanted)
                if number >= 20:
                    taken[kind].append((time.perf_counter() - began) * 1000)
                    hits.append(len(found))
    for kind, times in taken.items():
        report.add(
            f"{kind}: box query, {statistics.mean(hits):.0f} hits on average",
            f"{statistics.median(times):.2f} ms p50",
            "<= 1 ms p50" if kind == "SQLite" else "",
        )


@contextmanager
def _reading(addresses: dict[str, str]) -> Iterator[dict[str, Callable[[queries.Wanted], Any]]]:
    """For each database, how to ask it for a page."""
    first, second = (Database(address) for address in addresses.values())
    with first, second, first.read() as one, second.read() as two:
        today = clock.today()
        pages = [partial(queries.page, db, today=today) for db in (one, two)]
        yield dict(zip(addresses, pages, strict=True))
