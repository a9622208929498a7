"""The `taluy` command: serve | migrate | seed | person | import | export | map | backup | restore | doctor."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from app import journal
from app.archive.commands import backup, restore
from app.doctor.commands import doctor
from app.errors import Problem
from app.i18n import translate
from app.log.commands import log
from app.people.commands import person
from app.settings import Settings, UnfitForProduction
from app.transfer.commands import export, import_


def say(problem: Problem) -> str:
    """What went wrong, in Vietnamese, as one line."""
    detail = translate(problem.detail or problem.title, "vi")
    return detail.format(**problem.values) if problem.values else detail


def about_setting(error: Mapping[str, Any]) -> str:
    """One setting that cannot be what it is, in one line; never its value, which may be a secret."""
    name = ".".join(str(part) for part in error["loc"]).upper()
    if not name:  # a sentence of our own
        return translate(error["msg"].removeprefix("Value error, "), "vi")
    reason = translate("The value cannot be used:", "vi")
    return f"TALUY_{name}: {reason} {error['msg']}."


class Refused(click.ClickException):
    """Several failures at once, a line on stderr each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))

    def show(self, file: Any = None) -> None:
        """Print the lines as they are."""
        click.echo(self.format_message(), err=file is None, file=file)


class Lines(click.Group):
    """A group whose commands end with one clear line on stderr instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; known failures become exit code 1 with a line each."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(say(problem)) from None
        except UnfitForProduction as refused:
            raise Refused(refused.lines) from None
        except ValidationError as error:
            raise Refused([about_setting(one) for one in error.errors(include_input=False)]) from None


@click.group(cls=Lines)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Taluy: an open registry of landslide and flood hazard sites."""
    ctx.obj = Settings()


@cli.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to the newest form."""
    from app.db import migrate as upgrade

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade(settings.database)
    _make_ready(settings, migrated=True)
    click.echo("Database migrated.")


def _make_ready(settings: Settings, *, migrated: bool = False) -> None:
    """Make the texts that tools read, so that nobody waits for them."""
    from app.db import Database
    from app.ogc import ready

    with Database(settings.database, settings.data_dir) as database:
        ready.fill(database, migrated=migrated)


@cli.command()
@click.option("--practice", is_flag=True, help="Fill a separate database with practice data instead.")
@click.pass_obj
def seed(settings: Settings, *, practice: bool) -> None:
    """Put in the ward's real places (or practice data); what people edited stays as it is."""
    from app.seeding import seed_practice, seed_real

    added = (seed_practice if practice else seed_real)(settings)
    _make_ready(settings)
    click.echo(added)


@cli.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve on TALUY_HOST and TALUY_PORT."""
    from app.door.serving import serve as serve_for_good
    from app.main import create_app
    from app.people.first_start import offer_setup

    app = create_app(settings)
    link = offer_setup(app.state.database, settings)
    if link:
        click.echo(
            f"\nChưa có tài khoản nào. Tạo quản trị viên tại (dùng một lần, trong 24 giờ):\n  {link}\n"
        )
    click.echo(f"Taluy: {settings.origin}")
    serve_for_good(app, settings)


@cli.command("map")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi")
@click.pass_obj
def export_map(settings: Settings, out: Path, language: str) -> None:
    """Write the public map as one file that opens without a network."""
    from app.db import Database
    from app.maps.export import export_map as write

    with Database(settings.database, settings.data_dir) as database:
        write(database, settings, out, language)
    click.echo(f"Wrote {out}.")


for command in (person, import_, export, backup, restore, log, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line; what it does that matters stands in the journal, like what the service does."""
    journal.configure()
    cli()


if __name__ == "__main__":
    main()
