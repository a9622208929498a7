"""The `taluy` command: serve | migrate | seed | person | import | export | map | backup | restore."""

import sys
from pathlib import Path

import click
from pydantic import ValidationError

from app.archive.commands import backup, restore
from app.errors import Problem
from app.i18n import translate
from app.settings import Settings
from app.transfer.commands import export, import_


def say(problem: Problem) -> str:
    """What went wrong, in Vietnamese, as one line."""
    detail = translate(problem.detail or problem.title, "vi")
    return detail.format(**problem.values) if problem.values else detail


class Lines(click.Group):
    """A group whose commands end with one clear line on stderr instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; known failures become exit code 1 with a line."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(say(problem)) from None
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]).upper()
            raise click.ClickException(f"TALUY_{name}: {first['msg']}" if name else first["msg"]) from None


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

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    click.echo("Database migrated.")


@cli.command()
@click.option("--practice", is_flag=True, help="Fill a separate database with practice data instead.")
@click.pass_obj
def seed(settings: Settings, *, practice: bool) -> None:
    """Put in the ward's real places (or practice data); what people edited stays as it is."""
    from app.seeding import seed_practice, seed_real

    click.echo((seed_practice if practice else seed_real)(settings))


@cli.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve on TALUY_HOST and TALUY_PORT."""
    import uvicorn

    from app.main import create_app
    from app.people.first_start import offer_setup

    app = create_app(settings)
    link = offer_setup(app.state.database, settings)
    if link:
        click.echo(
            f"\nChưa có tài khoản nào. Tạo quản trị viên tại (dùng một lần, trong 24 giờ):\n  {link}\n"
        )
    click.echo(f"Taluy: {settings.origin}")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


@cli.group()
def person() -> None:
    """Add or disable accounts."""


@person.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(["viewer", "officer", "board", "administrator"]), required=True)
@click.option("--unit", "unit_codes", multiple=True, required=True, help="Code of a unit that exists today.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add_person(
    settings: Settings, name: str, role: str, unit_codes: tuple[str, ...], *, password_stdin: bool
) -> None:
    """Add an account that works for a unit and its predecessors."""
    from app.people.first_start import add_person as add

    password = (
        sys.stdin.readline().rstrip("\r\n")
        if password_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    add(settings, name, role=role, unit_codes=unit_codes, password=password)
    click.echo(f"Added {name} ({role}).")


@person.command("disable")
@click.argument("name")
@click.pass_obj
def disable_person(settings: Settings, name: str) -> None:
    """Close an account; its sessions end at once."""
    from app.people.first_start import disable_person as disable

    disable(settings, name)
    click.echo(f"Disabled {name}.")


@cli.command("map")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi")
@click.pass_obj
def export_map(settings: Settings, out: Path, language: str) -> None:
    """Write the public map as one file that opens without a network."""
    from app.db import Database
    from app.maps.export import export_map as write

    with Database(settings.database) as database:
        write(database, settings, out, language)
    click.echo(f"Wrote {out}.")


for command in (import_, export, backup, restore):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
