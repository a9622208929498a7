"""`taluy log export` and `taluy log verify`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import journal
from app.i18n import N_, translate

if TYPE_CHECKING:
    from app.log.verify import Whole
    from app.log.witnesses import Broken, Outside
    from app.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _say(message: str, **values: object) -> str:
    return translate(message, "vi").format(**values)


@click.group()
def log() -> None:
    """Export the log of changes, and check that nobody rewrote it."""


@log.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export(settings: Settings, out: Path) -> None:
    """Write the whole log to OUT (JSON Lines), signed; `taluy log verify OUT` checks it anywhere."""
    from app.log.desk import export as write

    seq = write(settings, out)
    journal.note("exported", what="log", rows=seq)
    click.echo(
        _say(
            N_("Wrote {path}: {n} entries. It holds what is private, keep it as you keep a backup."),
            path=out,
            n=seq,
        )
    )


@log.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="FINGERPRINT",
    help="Fingerprint of the only key to trust; may be repeated.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=FILE,
    help="A checkpoint kept elsewhere; may be repeated.",
)
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    type=FILE,
    help="A receipt that a phone was given; may be repeated.",
)
@click.pass_obj
def verify(
    settings: Settings,
    file: Path | None,
    keys: tuple[str, ...],
    checkpoints: tuple[Path, ...],
    receipts: tuple[Path, ...],
) -> None:
    """Check an export, without service or database; without FILE, the log in the database."""
    from app.log import witnesses

    try:
        held = witnesses.outside(checkpoints, receipts, keys)
        found = _of_file(file, held) if file else _of_database(settings, held)
    except witnesses.Broken as broken:
        click.echo(_wrong(broken), err=True)
        sys.exit(1)
    click.echo(_whole(found, held))


def _of_file(file: Path, held: Outside) -> Whole:
    from app.log.verify import verify

    with file.open("rb") as opened:
        return verify(opened, held)


def _of_database(settings: Settings, held: Outside) -> Whole:
    from app.log.desk import check

    return check(settings, held)


def _wrong(broken: Broken) -> str:
    where = N_("Wrong: {reason}.")
    if broken.line is not None:
        where = N_("Wrong at line {line}: {reason}.")
    if broken.seq is not None:
        where = (
            N_("Wrong at entry {seq}: {reason}.")
            if broken.line is None
            else N_("Wrong at entry {seq}, line {line}: {reason}.")
        )
    return _say(where, seq=broken.seq, line=broken.line, reason=_say(broken.reason, **broken.values))


def _whole(found: Whole, held: Outside) -> str:
    from app.log.checkpoint import grouped

    said = [
        _say(N_("OK: {n} entries, each follows the one before it."), n=found.seq),
        _say(N_("Hash of the last entry: {hash}"), hash=grouped(found.entry_hash)),
        _say(N_("Fingerprint of the key: {key}"), key=grouped(found.key)),
    ]
    if found.erased:
        said.append(
            _say(N_("Parts erased with a person's data, each said by a later entry: {n}"), n=found.erased)
        )
    if outer := len(held.checkpoints) + len(held.receipts):
        said.append(_say(N_("Checkpoints and receipts that lie on it: {n}"), n=outer))
    said += [_receipt(name, value.get("key")) for name, value in held.receipts.items()]
    if not held.keys and not held.checkpoints:
        said.append(
            _say(
                N_(
                    "Compare fingerprint and hash with those that the board, a phone or a backup kept, or name them: "
                    "--key, --checkpoint. Whoever holds the key can make a log anew, but not your checkpoint."
                )
            )
        )
    return "\n".join(said)


def _receipt(name: str, key: str | None) -> str:
    from app.log.checkpoint import grouped

    if key is None:
        return _say(
            N_("{name}: unsigned, from before receipts were signed; the log says the same."), name=name
        )
    return _say(N_("{name}: signed by the key {key}"), name=name, key=grouped(key))
