"""What `taluy person erase` says and asks."""

from typing import Final

import click

from app import clock, journal, throttle
from app.archive.compacting import compact
from app.db import Database
from app.errors import Unprocessable
from app.i18n import N_, translate
from app.inspections import upload_files
from app.people import erasing
from app.settings import Settings
from app.text import nfc

WHAT: Final = N_(
    "{name}: the name, the account with its second factor, phones and tokens, and where this person and their camera "
    "stood are erased for good. The inspections stay with the ward. Backups made before keep everything."
)
AGAIN: Final = N_("Type the name once more to erase it")
DONE: Final = N_("Erased. The account is called {name} from now on.")
POSITIONS: Final = N_("Positions taken away: {inspections} of inspections, {photos} of photos.")
NOTES: Final = N_(
    "Notes are not searched: names may stand in the {count} that this person wrote. Look through them at {places}."
)
NO_NOTES: Final = N_("This person wrote no notes.")
BACKUPS: Final = N_(
    "Backups hold the old data until they are deleted: docs/operations.md, section “Erasing a person”."
)
HELD: Final = N_(
    "The old bytes still stand in the database's files, since the service is reading them. Run this once more: "
    "taluy person erase “{name}” --yes"
)


def erase(settings: Settings, name: str, *, yes: bool) -> None:
    """Ask, erase, and say what is left. Raises `NotFound`, `Conflict`, `Unprocessable` where the name is mistyped."""
    with Database(settings.database, settings.data_dir) as database:
        with database.read() as db:
            known = erasing.find(db, name).name
        if not yes:
            _say(WHAT, name=known)
            if nfc(click.prompt(translate(AGAIN, "vi"))).strip() != known:
                raise Unprocessable(N_("That is another name. Nothing was changed."))
        now = clock.now()
        with database.write() as db:
            erasing.close(db, erasing.find(db, name), at=now)
        with database.write() as db:
            throttle.forget_all(db)
        with database.write() as db:
            done = erasing.erase(db, erasing.find(db, name), at=now)
    upload_files.forget(settings.data_dir, done.person_id)
    journal.note("erased", person=done.person_id)
    whole = compact(settings.database)
    _say(DONE, name=done.name)
    _say(POSITIONS, inspections=done.positions, photos=done.photos)
    if done.notes:
        places = ", ".join(f"{code} ({count})" for code, count in done.notes.items())
        _say(NOTES, count=sum(done.notes.values()), places=places)
    else:
        _say(NO_NOTES)
    _say(BACKUPS)
    if not whole:
        _say(HELD, name=done.name)


def _say(message: str, **values: object) -> None:
    click.echo(translate(message, "vi").format(**values))
