"""Whether reading stays as fast when a thousand sites become a million: our own service, without its cache."""

import statistics
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import peers_servers as servers
from bench import peers_world as world
from bench.peers_checks import check
from bench.peers_wrk import answers_per_second
from bench.report import Report
from tests import cluster

FEW, MANY = 1_000, 1_000_000
CELLS: Final = ("a", "c", "d", "f")
ROUNDS: Final = 5


def measure(folder: Path, report: Report) -> None:
    """Both at once, asked in turn."""
    with ExitStack() as stack:
        server = stack.enter_context(cluster.running())
        both = {}
        for sites in (FEW, MANY):
            name = f"sites_{sites}"
            address = server.create(name)
            world.load(address, sites, report)
            asked = world.questions(server.libpq(name))
            ours = servers.ours(name, folder, address, asked, cache_mb="0")
            both[sites] = stack.enter_context(ours)
            check(both[sites], asked)
        for cell in CELLS:
            taken: dict[int, list[float]] = {FEW: [], MANY: []}
            for _round in range(ROUNDS):
                for sites, ours in both.items():
                    taken[sites].append(answers_per_second(ours.url, ours.paths[cell]))
            few, many = (statistics.median(taken[sites]) for sites in (FEW, MANY))
            report.add(
                f"{cell} {servers.CELLS[cell] if cell != 'f' else 'the page in the middle, by link'}",
                f"{few / many:.2f} times the time ({few:,.0f}/s with {FEW:,}, {many:,.0f}/s with {MANY:,})",
                "<= 1.5 times",
            )
