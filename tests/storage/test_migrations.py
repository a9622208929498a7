"""The migrations make what the models say, on both databases, and go back."""

import pytest
from sqlalchemy import inspect, text

from app import migrating
from app.db import Database, downgrade, migrate, migrated, newest_revision
from app.errors import Unavailable
from tests import cluster


def test_a_migrated_database_says_so(database: Database) -> None:
    assert migrated(database)


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    assert newest_revision() == migrating.newest()


def test_tables_are_what_the_models_say(database_url: str) -> None:
    migrating.check(database_url)


def test_migrating_again_changes_nothing(database_url: str, database: Database) -> None:
    with database.write() as db:
        db.execute(text("INSERT INTO installation (key, value) VALUES ('probe', 'kept')"))

    migrate(database_url)

    with database.read() as db:
        assert db.scalar(text("SELECT value FROM installation WHERE key = 'probe'")) == "kept"


def test_down_leaves_no_table_and_up_again_makes_them(database_url: str, database: Database) -> None:
    downgrade(database_url, "base")
    assert not migrated(database)
    left = set(inspect(database.engine).get_table_names())
    assert left <= {"alembic_version", "spatial_ref_sys"}
    database.dispose()

    migrate(database_url)

    assert migrated(database)
    migrating.check(database_url)


def test_where_postgis_may_not_be_created_the_command_is_named(postgis: cluster.Cluster) -> None:
    postgis.create("without_postgis")
    postgis.admin.execute("CREATE ROLE plain LOGIN")
    postgis.admin.execute("ALTER DATABASE without_postgis OWNER TO plain")
    url = postgis.url("without_postgis").replace("//postgres@", "//plain@")

    with pytest.raises(Unavailable) as refused:
        migrate(url)

    assert 'psql -d without_postgis -c "CREATE EXTENSION postgis;"' in str(refused.value)
    postgis.drop("without_postgis")
    postgis.admin.execute("DROP ROLE plain")
