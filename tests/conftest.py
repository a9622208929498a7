"""What tests share: every test that touches the database runs on SQLite and on PostGIS, freshly migrated."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from app.db import Database, migrate
from app.errors import Unavailable
from app.main import create_app
from app.seed import seed
from app.settings import Settings
from tests import cluster
from tests.make import PASSWORD, Make

_numbers = count(1)
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "taluy.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgis() -> Iterator[cluster.Cluster]:
    """A PostGIS server of this run, with a migrated database named `migrated`."""
    with cluster.running() as server:
        try:
            migrate(server.create("migrated"))
        except Unavailable as problem:
            pytest.exit(f"{cluster.NEEDED} ({problem})", returncode=3)
        yield server


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'taluy.sqlite')}"


@pytest.fixture
def postgresql_url(postgis: cluster.Cluster) -> Iterator[str]:
    """The address of a fresh migrated PostGIS database."""
    name = f"test_{next(_numbers)}"
    yield postgis.create(name, "migrated")
    postgis.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh migrated database, of each kind in turn."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A session that may write. It takes SQLite's only writing connection with its first statement."""
    with database.write() as session:
        yield session


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a service in a temporary folder."""
    return Settings(database_url=database_url, data_dir=tmp_path / "data", tile_url="")


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    """The service on a fresh database that holds the ward's real places."""
    with database.write() as session:
        seed(session)
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Somebody anonymous."""
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as anonymous:
        yield anonymous


@pytest.fixture
def make(app: FastAPI, database: Database) -> Make:
    """Builders of people, places and bodies."""
    assert app.state.settings is not None
    return Make(database)


@pytest.fixture
def sign_in(app: FastAPI, client: TestClient) -> Iterator[Callable[[str], TestClient]]:
    """Sign a person in by name; gives a client with their cookie."""
    opened = []

    def open_for(name: str) -> TestClient:
        signed_in = TestClient(app, base_url=str(client.base_url), raise_server_exceptions=False)
        answer = signed_in.post("/api/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 204, answer.text
        opened.append(signed_in)
        return signed_in

    yield open_for
    for signed_in in opened:
        signed_in.close()


@pytest.fixture
def officer(make: Make, sign_in: Callable[[str], TestClient]) -> TestClient:
    """A signed-in field officer of the ward."""
    return sign_in(make.person("officer"))


@pytest.fixture
def board(make: Make, sign_in: Callable[[str], TestClient]) -> TestClient:
    """A signed-in member of the ward's board."""
    return sign_in(make.person("board"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; one a process, since two of Playwright's loops refuse to live together."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
