"""`make bench-peers`: our GIS door beside tipg and pygeoapi, on the same sites in the same PostGIS, one worker each.

Parts: `servers` (answers a second, pulling everything, exports) and `growth` (our own door with a thousand and with a
million sites). Without a name: `servers`. Figures of a machine that does something else meanwhile are worth little.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import peers_exports, peers_growth, peers_sql
from bench import peers_servers as servers
from bench import peers_world as world
from bench.peers_checks import check
from bench.peers_environments import programs_needed
from bench.peers_pull import LARGEST, pull
from bench.peers_servers import CELLS, Server
from bench.peers_wrk import answers_per_second
from bench.report import Report
from bench.storage import SITES
from tests import cluster

ROUNDS: Final = 3
WARMING_S: Final = 1
PEERS: Final = ("tipg", "pygeoapi")
COLD, SHIPPED, SQLITE_COLD, SQLITE_SHIPPED = "cold", "as shipped", "SQLite cold", "SQLite as shipped"
GOALS: Final[Mapping[str, Mapping[str, float]]] = {
    COLD: {"a": 3, "b": 10, "c": 5, "d": 1.5, "f": 30},
    SHIPPED: {"a": 25, "b": 50, "c": 40, "d": 12, "f": 100},
}
PULLED: Final = (*PEERS, SHIPPED, SQLITE_SHIPPED)
PAGES: Final = (1000, LARGEST)
"""Features a page for GDAL, told by hand: by itself its version 3.6 asks everybody for ten at a time."""


def compare(folder: Path, report: Report) -> None:
    """Start all, look whether all are right, measure all in turn."""
    with ExitStack() as stack:
        postgis = stack.enter_context(cluster.running())
        address, file = postgis.create("peers"), f"sqlite:///{folder / 'sites.sqlite'}"
        libpq = postgis.libpq("peers")
        for database in (address, file):
            world.load(database, SITES, report)
        world.give_to_peers(libpq)
        asked = world.questions(libpq)
        starting = (
            servers.tipg(folder, libpq, asked),
            servers.pygeoapi(folder, libpq, asked),
            servers.ours(COLD, folder, address, asked, cache_mb="0"),
            servers.ours(SHIPPED, folder, address, asked),
            servers.ours(SQLITE_COLD, folder, file, asked, cache_mb="0"),
            servers.ours(SQLITE_SHIPPED, folder, file, asked),
        )
        running = [stack.enter_context(server) for server in starting]
        answers = {server.name: check(server, asked) for server in running}
        running.append(stack.enter_context(servers.constant(folder, answers[COLD])))
        rates = {cell: _rates(running, cell) for cell in CELLS}
        for cell, found in rates.items():
            _tell_rates(cell, found, report)
            _tell_ceiling(cell, address, folder, running, report)
        named = {server.name: server for server in running}
        _pull(named, report)
        peers_exports.measure(named[COLD], SITES, report)


def _rates(running: Sequence[Server], cell: str) -> dict[str, float]:
    """Answers a second of each server: medians of rounds in which each has its turn, after one that is not counted."""
    for server in running:
        answers_per_second(server.url, server.paths[cell], WARMING_S)
    rounds = [
        {server.name: answers_per_second(server.url, server.paths[cell]) for server in running}
        for _round in range(ROUNDS)
    ]
    print(f"  {cell}: " + ", ".join(f"{name} {rate:,.0f}/s" for name, rate in rounds[-1].items()), flush=True)
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _tell_rates(cell: str, found: Mapping[str, float], report: Report) -> None:
    best = max(found[name] for name in PEERS)
    for name, rate in found.items():
        goal = GOALS.get(name, {}).get(cell)
        times = "" if name in PEERS else f" = {rate / best:.1f} times the better peer"
        report.add(
            f"{cell} {CELLS[cell]}: {name}", f"{rate:,.1f}/s{times}", f">= {goal:g} times" if goal else ""
        )


def _tell_ceiling(cell: str, address: str, folder: Path, running: Iterable[Server], report: Report) -> None:
    """What PostgreSQL alone gives for the statements of our own answer."""
    (cold,) = (server for server in running if server.name == COLD)
    rate, statements = peers_sql.per_second(address, folder / COLD, cold.paths[cell])
    report.add(f"{cell} {CELLS[cell]}: pgbench", f"{rate:,.1f}/s, {statements:g} statements each")


def _pull(named: Mapping[str, Server], report: Report) -> None:
    """`ogr2ogr` of everything; of the page sizes the faster counts. Alone, ours is also asked for ten at a time."""
    for form in ("FlatGeobuf", "GPKG"):
        taken = {name: min(pull(named[name], form, SITES, page=page) for page in PAGES) for name in PULLED}
        best = min(taken[name] for name in PEERS)
        for name, seconds in taken.items():
            share = "" if name in PEERS else f" = {seconds / best:.2f} of the better peer's time"
            goal = "<= 0.5" if name == SHIPPED else ""
            report.add(f"ogr2ogr, {SITES:,} sites into {form}: {name}", f"{seconds:.1f} s{share}", goal)
    alone = pull(named[SHIPPED], "FlatGeobuf", SITES)
    report.add(f"ogr2ogr without PAGE_SIZE, {SITES:,} sites into FlatGeobuf: {SHIPPED}", f"{alone:.1f} s")


PARTS: Final[Mapping[str, Callable[[Path, Report], None]]] = {
    "servers": compare,
    "growth": peers_growth.measure,
}


def main() -> None:
    """Measure the parts named on the command line."""
    needed = programs_needed()
    if needed:
        sys.exit(f"Needed first: apt-get install {' '.join(needed)}")
    report = Report()
    for name in sys.argv[1:] or ["servers"]:
        with tempfile.TemporaryDirectory(prefix="taluy-peers-") as folder:
            Path(folder).chmod(0o755)
            PARTS[name](Path(folder), report)
    report.show()


if __name__ == "__main__":
    main()
