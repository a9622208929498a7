"""`taluy seed`: the ward's real places, or the practice set in a database of its own."""

import app.models  # noqa: F401 - every table, since foreign keys name tables
from app import installation
from app.db import Database, migrate, migrated
from app.errors import Conflict
from app.i18n import N_
from app.settings import Settings

PRACTICE = "practice"


def is_practice(database: Database) -> bool:
    """Whether the database holds practice data: every page says so."""
    if not migrated(database):
        return False
    with database.read() as db:
        return installation.fact(db, PRACTICE) is not None


def seed_real(settings: Settings) -> str:
    """Seed the reviewed files; one line saying what was added. A practice database stays as it is."""
    from app.seed import seed

    with Database(settings.database, settings.data_dir) as database:
        if is_practice(database):
            return "Practice database: nothing added."
        with database.write() as db:
            added = seed(db)
    return "Seeded: " + ", ".join(f"{count} {name}" for name, count in added.items())


def seed_practice(settings: Settings) -> str:
    """Fill a separate database with practice data. Raises `Conflict` where real places are in it already."""
    from app.practice.load import load

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(settings.database)
    with Database(settings.database, settings.data_dir) as database:
        with database.read() as db:
            real = installation.fact(db, "seeded_at") is not None and installation.fact(db, PRACTICE) is None
        if real:
            raise Conflict(
                N_(
                    "This database holds real places. Practice data goes into one of its own: "
                    "set TALUY_DATA_DIR (or TALUY_DATABASE_URL) to another place, such as data/var/practice."
                )
            )
        return load(database, settings)
