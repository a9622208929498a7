"""The log: what it costs a change, how fast a whole log is checked, how fast many entries are appended."""

import io
import statistics
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from app import clock
from app.db import Database, migrate
from app.log import desk, entry_queries, verify, witnesses
from app.log import queries as log
from app.log.export import lines
from app.seed import seed
from app.sites import queries as sites
from bench.report import Report, stopwatch
from tests import cluster

ENTRIES = 100_000
BATCH = 2000
CHANGES = 600
SIGNED = 5000
FIELDS = {
    "code": "P6-ST-01",
    "name": "Hẻm 31 đường thử nghiệm",
    "kind": "slide",
    "location_status": "approximate",
    "location_accuracy_m": 150.0,
    "geometry": {"type": "Point", "coordinates": [108.425708, 11.958893]},
}
"""What is said of an ordinary place."""


def measure(folder: Path, report: Report) -> None:
    """Both databases; PostgreSQL waits for its disk here, as an installation's does."""
    with cluster.running(durable=True) as server:
        addresses = {"SQLite": f"sqlite:///{folder / 'log.sqlite'}", "PostGIS": server.create("log")}
        for kind, address in addresses.items():
            migrate(address)
            with Database(address) as database:
                with database.write() as db:
                    seed(db)
                _ratio(database, kind, report)
                _many(database, kind, report)
                if kind == "SQLite":
                    _verifying(database, report)
                    _signing(database, folder, report)


def _ratio(database: Database, kind: str, report: Report) -> None:
    """The same change with its entry and without, one transaction each, in turn."""
    numbers = count()
    taken: dict[Callable[[Session, dict[str, Any]], None], list[float]] = {_logged: [], _unlogged: []}
    for _ in range(CHANGES):
        for change, times in taken.items():
            note = {"location_note": f"lần {next(numbers)}"}
            began = time.perf_counter()
            with database.write() as db:
                change(db, note)
            times.append((time.perf_counter() - began) * 1000)
    logged, unlogged = (statistics.median(times[20:]) for times in taken.values())
    report.add(
        f"{kind}: a change with its log entry, against the same without",
        f"{logged / unlogged:.2f} ({logged:.2f} ms, {unlogged:.2f} ms)",
        "<= 1.5",
    )


def _logged(db: Session, changes: dict[str, Any]) -> None:
    log.change(db, sites.get(db, "P6-ST-01"), changes, at=clock.now(), by=None)


def _unlogged(db: Session, changes: dict[str, Any]) -> None:
    """What `log.change` does, but for the entry."""
    record: Any = sites.get(db, "P6-ST-02")
    for name, value in changes.items():
        setattr(record, name, value)
    record.version += 1
    record.updated_at = clock.now()
    db.flush()


def _many(database: Database, kind: str, report: Report) -> None:
    with stopwatch() as seconds, database.write() as db:
        for _ in range(ENTRIES // BATCH):
            log.append_added(db, [("P6-ST-01", FIELDS)] * BATCH, at=clock.now(), by=None)
    report.add(f"{kind}: entries appended in bulk", f"{ENTRIES / seconds():,.0f} entries/s")


def _verifying(database: Database, report: Report) -> None:
    key = Ed25519PrivateKey.generate()
    with database.read() as db:
        seq, entry_hash = log.head(db)
        with stopwatch() as seconds:
            made = lines(entry_queries.exported(db), key, seq=seq, entry_hash=entry_hash, signed_at="")
            file = io.BytesIO(b"".join(made))
        report.add(f"export of {seq:,} entries", f"{seconds():.1f} s, {len(file.getvalue()) / 1e6:.0f} MB")
        checks: dict[str, Callable[[], object]] = {
            "a file": lambda: verify.verify(file, witnesses.Outside()),
            "the database": lambda: entry_queries.check(db, witnesses.Outside(), key=""),
        }
        for where, check in checks.items():
            processor = time.process_time()
            with stopwatch() as seconds:
                check()
            taken, processor = seconds(), time.process_time() - processor
            report.add(
                f"verify of {seq:,} entries, of {where}",
                f"{taken:.1f} s ({processor:.1f} s of processor)",
                "<= 10 s",
            )


def _signing(database: Database, folder: Path, report: Report) -> None:
    """What a flood of questions for the checkpoint costs, without the wire."""
    signer = desk.Signer(folder)
    with database.read() as db:
        signer.checkpoint(db, now=clock.now())
        with stopwatch() as seconds:
            for _ in range(SIGNED):
                signer.checkpoint(db, now=clock.now())
    report.add("checkpoint of a head that stays", f"{seconds() / SIGNED * 1e6:.0f} µs each")
