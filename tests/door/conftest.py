"""The door knows no database: its tests run on one kind."""

import pytest


@pytest.fixture
def database_url(sqlite_url):
    """The address of a fresh migrated SQLite database."""
    return sqlite_url
