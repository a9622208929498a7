"""What an import says on the terminal: a table of changes, refusals by row, totals, how far it is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from rich import progress
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.i18n import N_, translate
from app.transfer.importing import Result
from app.transfer.outcomes import LANGUAGE, TITLES, Outcome, details

SHOWN: Final = 100
WIDE: Final = 200
PASSES: Final = {"read": N_("Reading"), "write": N_("Writing")}


def _(message: str, **values: object) -> str:
    text = translate(message, LANGUAGE)
    return text.format(**values) if values else text


class Report:
    """Collects outcomes and prints them: all of them, or the first `SHOWN` changes and as many refusals."""

    def __init__(self, *, everything: bool) -> None:
        self.console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, emoji=False)
        self._most = sys.maxsize if everything else SHOWN
        self._changes: list[Outcome] = []
        self._refused: list[Outcome] = []

    def take(self, outcome: Outcome) -> None:
        """Keep an outcome for printing; nothing is kept of those beyond the first."""
        kept = self._refused if outcome.verb == "refused" else self._changes
        if outcome.verb != "same" and len(kept) < self._most:
            kept.append(outcome)

    def show(self, result: Result) -> None:
        """Print the tables and the totals."""
        counts = result.counts
        self._table(self._changes, counts["add"] + counts["change"], _(N_("What would change")))
        self._table(self._refused, counts["refused"], _(N_("Refused rows")))
        if result.unused:
            names = ", ".join(name for name in result.unused if name.isprintable())
            self.console.print(Text(_(N_("Columns that are not read: {names}"), names=names)))
        self.console.print(Text(totals(result)))

    def _table(self, outcomes: list[Outcome], total: int, title: str) -> None:
        if not outcomes:
            return
        table = Table("#", _(N_("Code")), "", _(N_("What")), title=Text(title), title_justify="left")
        for outcome in outcomes:
            cells = (str(outcome.number), outcome.code, _(TITLES[outcome.verb]), details(outcome))
            table.add_row(*(Text(cell, overflow="fold") for cell in cells))
        self.console.print(table)
        if total > len(outcomes):
            more = total - len(outcomes)
            self.console.print(Text(_(N_("… and {more} more; --all shows every one."), more=more)))


def totals(result: Result) -> str:
    """One line of how many rows became what."""
    return " · ".join(f"{_(TITLES[verb])}: {count}" for verb, count in result.counts.items())


@contextmanager
def opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The file, with a bar on stderr that follows the reading where somebody is looking."""
    with (
        path.open("rb") as file,
        progress.wrap_file(
            file,
            path.stat().st_size,
            description=_(PASSES[name]),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        ) as followed,
    ):
        yield followed
