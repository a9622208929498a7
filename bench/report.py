"""Collecting figures and printing them in one table."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Report:
    """Figures in the order they were measured."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, goal: str = "") -> None:
        """Note a figure, and show at once that it was measured."""
        self.rows.append((what, figure, goal))
        print(f"  {what}: {figure}", flush=True)

    def show(self) -> None:
        """Print the table."""
        widths = [
            max(len(row[column]) for row in [*self.rows, ("what", "figure", "goal")]) for column in range(3)
        ]
        print()
        for row in [("what", "figure", "goal"), *self.rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
        print(
            f"\nLoad average {load} on {os.cpu_count()} processors: above their number the figures measure others too."
        )


def milliseconds(times: int, work: Callable[[], object]) -> float:
    """Median milliseconds of `work` over `times` runs, after one run that is not counted."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Seconds since the block began."""
    began = time.perf_counter()
    yield lambda: time.perf_counter() - began
