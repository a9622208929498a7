"""The service that GIS tools read: started once, only read from."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.main import create_app
from app.settings import Settings
from tests import cluster
from tests.ogc.relay import Relay, relaying
from tests.ogc.world import Gis, Here, populate
from tests.running import running


@pytest.fixture(scope="session")
def gis(sqlite_seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gis]:
    """A service on SQLite with the world of `tests.ogc.world`. Nobody changes it."""
    folder = tmp_path_factory.mktemp("gis")
    shutil.copy(sqlite_seeded, folder / "taluy.sqlite")
    database = Database(f"sqlite:///{folder / 'taluy.sqlite'}", folder)
    populate(database)
    database.dispose()
    with running(folder) as service, httpx2.Client(timeout=60) as http:
        yield Gis(service, http)


@pytest.fixture(scope="session")
def gis_on_postgis(postgis: cluster.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gis]:
    """The same on PostGIS, in this process."""
    folder = tmp_path_factory.mktemp("gis-postgis")
    url = postgis.create("gis", "seeded")
    with Database(url, folder) as database:
        populate(database)
    app, base = create_app(Settings(database_url=url, data_dir=folder, tile_url="")), "http://127.0.0.1:8000"
    with TestClient(app, base_url=base) as http:
        yield Gis(Here(base), http)
    postgis.drop("gis")


@pytest.fixture(scope="session")
def relay(gis: Gis) -> Iterator[Relay]:
    """Somebody before `gis` who writes down what is asked."""
    with relaying(int(gis.service.url.rpartition(":")[2])) as found:
        yield found


@pytest.fixture(scope="session")
def door(sqlite_seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service with the ward's places in this process, behind a proxy that it trusts. Nobody changes it."""
    folder = tmp_path_factory.mktemp("door")
    url = f"sqlite:///{shutil.copy(sqlite_seeded, folder / 'taluy.sqlite')}"
    settings = Settings(database_url=url, data_dir=folder, tile_url="", trusted_proxies="127.0.0.1")
    base = "http://127.0.0.1:8000"
    with TestClient(create_app(settings), base_url=base, client=("127.0.0.1", 4711)) as client:
        yield client
