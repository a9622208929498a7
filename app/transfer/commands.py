"""`taluy import` and `taluy export`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from app import journal
from app.errors import Unavailable
from app.i18n import N_, translate
from app.settings import Settings

if TYPE_CHECKING:
    from app.db import Database
    from app.records import Scope

LANGUAGE = "vi"


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--crs", type=int, help="EPSG code of the metres in the file, such as 5899 (VN-2000, Lâm Đồng)."
)
@click.option("--kind", type=click.Choice(["site", "signboard"]), default="site", show_default=True)
@click.option("--unit", help="Code of the unit of new places whose row names none.")
@click.option("--apply", "applying", is_flag=True, help="Do it; without this only say what would change.")
@click.option(
    "--skip-refused", is_flag=True, help="Take the rows that can be taken, leave the refused ones out."
)
@click.option("--by", help="Name of the account that answers for the changes in the log.")
@click.option("--all", "everything", is_flag=True, help="List every change, not only the first hundred.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    *,
    crs: int | None,
    kind: str,
    unit: str | None,
    applying: bool,
    skip_refused: bool,
    by: str | None,
    everything: bool,
) -> None:
    """Take places or signboards from a CSV or GeoJSON FILE: a preview first, then with --apply for good.

    Rows are told apart by code. A code that exists is changed in the fields that the row names, and in no others.
    A file that a phone wrote (.taluy.json) is handed in: --by names who brought it.
    """
    from app.ogc import ready
    from app.phone import hand_in_command
    from app.transfer import importing, report

    settings: Settings = ctx.obj
    if hand_in_command.is_hand_in(file):
        with ready_database(settings) as database:
            handed = hand_in_command.hand_in(database, settings, file, by=by, applying=applying)
        hand_in_command.show(handed, report.Report(everything=everything))
        click.echo(translate(_ending(applying=applying, stopped=False), LANGUAGE))
        ctx.exit(0 if handed.whole() else 1)
    order = importing.Order(kind, crs=crs, unit=unit, by=by, skip_refused=skip_refused)
    shown = report.Report(everything=everything)
    with ready_database(settings) as database:
        result = importing.preview(database, lambda name: report.opened(file, name), order, shown.take)
        stopped = bool(result.counts["refused"]) and not skip_refused
        if applying and not stopped:
            importing.apply(database, lambda name: report.opened(file, name), order)
            ready.fill(database)
    shown.show(result)
    click.echo(translate(_ending(applying=applying, stopped=stopped), LANGUAGE))
    if stopped:
        ctx.exit(1)


@contextmanager
def ready_database(settings: Settings) -> Iterator["Database"]:
    """The installation's database. Raises `Unavailable` where it is not migrated yet."""
    from app.db import Database, migrated

    with Database(settings.database, settings.data_dir) as database:
        if not migrated(database):
            raise Unavailable(N_("The database is not migrated yet: run `taluy migrate`."))
        yield database


def _ending(*, applying: bool, stopped: bool) -> str:
    if stopped:
        return N_("Nothing was written, since rows were refused. Correct them, or add --skip-refused.")
    if applying:
        return N_("Written.")
    return N_("Nothing was written. With --apply it is.")


@click.command("export")
@click.argument("out")
@click.option(
    "--what",
    type=click.Choice(["sites", "signboards", "measures", "proposals", "inspections"]),
    default="sites",
    show_default=True,
)
@click.option(
    "--format", "form", default=None, help="geojson, geojsonseq or csv; by default what OUT ends with."
)
@click.option(
    "--scope",
    type=click.Choice(["public", "internal", "private"]),
    default="public",
    show_default=True,
    help="Whose fields; anything but public is for the unit's own use.",
)
@click.pass_obj
def export(settings: Settings, out: str, *, what: str, form: str | None, scope: str) -> None:
    """Write records to the file OUT, or to standard output where OUT is a hyphen."""
    from app.transfer import exporting

    form = form or Path(out).suffix.removeprefix(".").lower() or "geojson"
    with ready_database(settings) as database, database.read() as db:
        count = exporting.export(db, out, what=what, form=form, scope=cast("Scope", scope))
    journal.note("exported", what=what, form=form, scope=scope, rows=count)
    click.echo(translate(N_("{count} records written."), LANGUAGE).format(count=count), err=True)
    if scope != "public":
        click.echo(
            translate(
                N_("The file holds what is not public: keep it where only the unit reads it."), LANGUAGE
            ),
            err=True,
        )
