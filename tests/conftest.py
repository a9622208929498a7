"""What tests share: every test that touches the database runs on SQLite and on PostGIS, freshly migrated."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Database, migrate
from app.errors import Unavailable
from app.main import create_app
from app.seed import seed
from app.settings import Settings
from app.sites.model import Site
from tests import cluster
from tests.make import PASSWORD, Make

_numbers = count(1)
CHROMIUM = "/usr/bin/chromium"
hypothesis.settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=True,
)
hypothesis.settings.load_profile("steady")
"""The same examples each time and on a slow machine too; `--hypothesis-profile=default` searches for new ones."""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "taluy.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_seeded(sqlite_template: Path) -> Path:
    """The same with the ward's real places: putting them in costs more than copying them."""
    path = sqlite_template.with_name("seeded.sqlite")
    shutil.copy(sqlite_template, path)
    _put_in(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgis() -> Iterator[cluster.Cluster]:
    """A PostGIS server of this run, with a migrated database named `migrated`, and `seeded` with the ward's places."""
    with cluster.running() as server:
        try:
            migrate(server.create("migrated"))
        except Unavailable as problem:
            pytest.exit(f"{cluster.NEEDED} ({problem})", returncode=3)
        _put_in(server.create("seeded", "migrated"))
        yield server


def _put_in(url: str) -> None:
    database = Database(url)
    with database.write() as session:
        seed(session)
    database.dispose()


def _wants_places(request: pytest.FixtureRequest) -> bool:
    """Whether the test runs the service, which holds the ward's real places."""
    return "app" in request.fixturenames


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database."""
    kind = "sqlite_seeded" if _wants_places(request) else "sqlite_template"
    return f"sqlite:///{shutil.copy(request.getfixturevalue(kind), tmp_path / 'taluy.sqlite')}"


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest, postgis: cluster.Cluster) -> Iterator[str]:
    """The address of a fresh migrated PostGIS database."""
    name = f"test_{next(_numbers)}"
    yield postgis.create(name, "seeded" if _wants_places(request) else "migrated")
    postgis.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A fresh migrated database, of each kind in turn.

    Its writers tell `app` what they commit, as those of one installation do: else a service that only overhears them
    may answer from memory for another second.
    """
    opened = Database(database_url, tmp_path / "data")
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
    """The service on a fresh database that holds the ward's real places (see `_wants_places`)."""
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Site)), (
            "a test that wants `app` asks for it by name"
        )
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
