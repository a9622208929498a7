"""A backup carries the signed head of the log that it holds, and what comes back is the same chain."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI
from sqlalchemy import text

from app import clock
from app.archive.backup import checkpoint_file, keys_file
from app.cli import cli
from app.db import Database, downgrade
from app.log import queries as log
from app.log.checkpoint import is_checkpoint
from app.settings import Settings
from tests import cluster


def run(settings: Settings, *arguments: object) -> Result:
    environment = {"TALUY_DATABASE_URL": settings.database, "TALUY_DATA_DIR": str(settings.data_dir)}
    return CliRunner().invoke(cli, [str(each) for each in arguments], env=environment)


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """An empty place of the same kind."""
    if settings.database.startswith("sqlite"):
        yield Settings(
            database_url=f"sqlite:///{tmp_path / 'elsewhere.sqlite'}", data_dir=tmp_path / "elsewhere"
        )
        return
    server: cluster.Cluster = request.getfixturevalue("postgis")
    url = server.create("log_elsewhere")
    with Database(url) as database, database.write() as db:
        db.execute(text("CREATE EXTENSION postgis"))
    yield Settings(database_url=url, data_dir=tmp_path / "elsewhere")
    server.drop("log_elsewhere")


def test_what_comes_back_is_the_chain_that_was_signed(
    settings: Settings, app: FastAPI, elsewhere: Settings, database: Database, tmp_path: Path
) -> None:
    archive = tmp_path / "taluy.tar.gz"
    assert app.state.settings is settings

    made = run(settings, "backup", archive)
    signed = checkpoint_file(archive)
    restored = run(elsewhere, "restore", archive, "--keys", keys_file(archive))
    found = run(elsewhere, "log", "verify", "--checkpoint", signed)
    with Database(elsewhere.database) as other, other.write() as db:
        log.append(db, "change", "P6-ST-01", at=clock.now(), by=None)
    later = run(elsewhere, "log", "verify", "--checkpoint", signed)

    with database.read() as db:
        head = log.head(db)
    said = json.loads(signed.read_bytes())
    assert (made.exit_code, restored.exit_code) == (0, 0), made.output + restored.output
    assert str(signed) in made.output
    assert is_checkpoint(said)
    assert (said["checkpoint"]["seq"], said["checkpoint"]["entry_hash"]) == head
    assert (found.exit_code, later.exit_code) == (0, 0), found.output + later.output


def test_a_backup_from_before_the_chain_has_no_checkpoint(
    settings: Settings, app: FastAPI, database: Database, database_url: str, tmp_path: Path
) -> None:
    assert app.state.settings is settings
    database.dispose()
    downgrade(database_url, "20261123_02")

    made = run(settings, "backup", tmp_path / "taluy.tar.gz")

    assert made.exit_code == 0, made.output
    assert not checkpoint_file(tmp_path / "taluy.tar.gz").exists()


def test_a_checkpoint_that_is_there_is_not_overwritten(
    settings: Settings, app: FastAPI, tmp_path: Path
) -> None:
    archive = tmp_path / "taluy.tar.gz"
    checkpoint_file(archive).write_text("yesterday's")
    assert app.state.settings is settings

    made = run(settings, "backup", archive)

    assert made.exit_code == 1
    assert checkpoint_file(archive).read_text() == "yesterday's"
    assert not archive.exists()
