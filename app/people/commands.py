"""`taluy person`: accounts from the command line, for the first ones and for whoever locked themselves out."""

import sys
from typing import Final

import click

from app import clock
from app.i18n import N_, translate
from app.people.model import ROLES
from app.settings import Settings

LINK: Final = N_("Hand this link over in person. It works once, until {until}:\n  {link}")


def _say(message: str, **values: object) -> None:
    click.echo(translate(message, "vi").format(**values))


@click.group()
def person() -> None:
    """Accounts: add, invite, list, reset a password, close, open again."""


ROLE = click.option("--role", type=click.Choice(ROLES), required=True)
UNITS = click.option(
    "--unit", "unit_codes", multiple=True, required=True, help="Code of a unit that exists today."
)


@person.command("add")
@click.argument("name")
@ROLE
@UNITS
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


@person.command("invite")
@click.argument("name")
@ROLE
@UNITS
@click.pass_obj
def invite_person(settings: Settings, name: str, role: str, unit_codes: tuple[str, ...]) -> None:
    """Add an account without a password and print the one-time link with which its owner chooses one."""
    from app.people.first_start import invite_person as invite

    link = invite(settings, name, role=role, unit_codes=unit_codes)
    _say(LINK, link=link.address, until=link.until.astimezone(clock.LOCAL).strftime("%H:%M %d/%m/%Y"))


@person.command("reset")
@click.argument("name")
@click.pass_obj
def reset_person(settings: Settings, name: str) -> None:
    """Take a password away and print the one-time link for a new one; sessions, phones and tokens end at once."""
    from app.people.first_start import reset_person as reset

    link = reset(settings, name)
    _say(LINK, link=link.address, until=link.until.astimezone(clock.LOCAL).strftime("%H:%M %d/%m/%Y"))


@person.command("disable")
@click.argument("name")
@click.pass_obj
def disable_person(settings: Settings, name: str) -> None:
    """Close an account; its sessions, phones and tokens end at once."""
    from app.people.first_start import disable_person as disable

    disable(settings, name)
    click.echo(f"Disabled {name}.")


@person.command("enable")
@click.argument("name")
@click.pass_obj
def enable_person(settings: Settings, name: str) -> None:
    """Open a closed account again; its phones and tokens stay revoked."""
    from app.people.first_start import enable_person as enable

    enable(settings, name)
    click.echo(f"Enabled {name}.")


@person.command("erase")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for the name once more.")
@click.pass_obj
def erase_person(settings: Settings, name: str, *, yes: bool) -> None:
    """Erase who somebody was, for good: name, account, where they stood. What they saw stays with the ward."""
    from app.people.erasing_commands import erase

    erase(settings, name, yes=yes)


@person.command("list")
@click.pass_obj
def list_people(settings: Settings) -> None:
    """Print every account: name, role, state and codes of its units, apart by tabs."""
    from app.people.first_start import list_people as every

    for row in every(settings):
        click.echo("\t".join(row))
