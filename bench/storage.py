"""Bulk inserts and box queries on 100,000 sites, on SQLite and on PostGIS."""

import random
import statistics
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from app import clock
from app.db import Database, migrate
from app.geometry import BBox
from app.practice.many import generated_sites
from app.sites import queries
from app.sites.model import Site
from bench.report import Report, stopwatch
from tests import cluster

SITES = 100_000
SIDE = 0.039
"""Degrees of a box that meets about a hundred of the generated sites."""


def measure(folder: Path, report: Report) -> None:
    """Both databases, one after the other."""
    rows = list(generated_sites(SITES, 1))
    _one(f"sqlite:///{folder / 'bench.sqlite'}", "SQLite", rows, report)
    with cluster.running() as server:
        _one(server.create("bench"), "PostGIS", rows, report)


def _one(url: str, name: str, rows: list[dict[str, Any]], report: Report) -> None:
    migrate(url)
    with Database(url) as database:
        with stopwatch() as seconds, database.write() as db:
            for start in range(0, SITES, 5000):
                db.execute(insert(Site), rows[start : start + 5000])
        report.add(f"{name}: bulk insert", f"{SITES / seconds():,.0f} sites/s", ">= 15,000 sites/s")
        with database.write() as db:
            db.execute(text("ANALYZE"))
        hits, taken = _boxes(database, rows)
        report.add(
            f"{name}: box query, ~{hits:.0f} hits",
            f"{statistics.median(taken):.2f} ms p50",
            "<= 1 ms p50 on SQLite",
        )


def _boxes(database: Database, rows: list[dict[str, Any]]) -> tuple[float, list[float]]:
    chosen = random.Random(2)
    hits, taken = [], []
    with database.read() as db:
        for number in range(220):
            row = chosen.choice(rows)
            west, south = row["west"] - SIDE / 2, row["south"] - SIDE / 2
            wanted = queries.Wanted(bbox=BBox(west, south, west + SIDE, south + SIDE), limit=1000)
            began = time.perf_counter()
            found = queries.page(db, wanted, today=clock.today())
            if number >= 20:
                taken.append((time.perf_counter() - began) * 1000)
                hits.append(len(found))
    return statistics.mean(hits), taken
