"""`taluy backup` and `taluy restore`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from app import journal
from app.i18n import N_, translate
from app.settings import Settings


def _say(message: str, *, err: bool = False, **values: object) -> None:
    click.echo(translate(message, "vi").format(**values), err=err)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr where somebody is looking. Drawn by a library that `taluy serve` does without."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task(translate(title, "vi"), total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Write database and photos to one archive FILE (.tar.gz), while the service runs."""
    from app.archive.backup import backup as make

    with _bar(N_("Backing up")) as follow:
        made = make(settings, file, follow)
    journal.note("backed_up", photos=len(made.manifest.members) - 1)
    _say(N_("Backup written: {path} ({photos} photos)."), path=file, photos=len(made.manifest.members) - 1)
    for name in made.damaged:
        _say(N_("This photo is damaged on the disk, it was kept as it is: {name}"), err=True, name=name)
    if made.checkpoint is not None:
        _say(
            N_(
                "Signed checkpoint of the log: {path}. Keep a copy where nobody who runs the service gets at it."
            ),
            path=made.checkpoint,
        )
    if made.keys is not None:
        _say(N_("The keys are apart, in {path}: keep them in another place than the backup."), path=made.keys)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The FILE.keys.tar of the backup.",
)
@click.pass_obj
def restore(settings: Settings, file: Path, keys: Path | None) -> None:
    """Put an archive FILE back, into an empty place only."""
    from app.archive.restore import restore as put_back
    from app.db import Database
    from app.ogc import ready

    with _bar(N_("Restoring")) as follow:
        about = put_back(settings, file, follow, keys=keys)
    with Database(settings.database, settings.data_dir) as database:
        ready.fill(database)
    journal.note("restored", rows=sum(about.counts.values()), photos=len(about.members) - 1)
    _say(
        N_("Restored: {rows} rows, {photos} photos."),
        rows=sum(about.counts.values()),
        photos=len(about.members) - 1,
    )
    if about.keys_apart and keys is None:
        _say(N_("The backup has keys of its own: put its .keys.tar in place too, with --keys."), err=True)
