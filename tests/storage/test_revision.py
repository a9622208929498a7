"""The revision that the service expects is the one that Alembic ends at."""

from app.db import migrated, newest_revision
from app.migrating import downgrade, newest


def test_the_newest_revision_is_alembics_head() -> None:
    assert newest_revision() == newest()


def test_a_database_without_tables_is_not_migrated(database, database_url) -> None:
    assert migrated(database)

    database.dispose()
    downgrade(database_url, "base")

    assert not migrated(database)
