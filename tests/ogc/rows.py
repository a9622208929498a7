"""A small registry with rows that are alike, and with nulls in every column: for tests that only read."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapely import LineString, box
from sqlalchemy import insert, select

from app.db import Database
from app.main import create_app
from app.measures.model import Measure
from app.ogc import ready
from app.settings import Settings
from app.sites.model import Site
from app.units.model import Unit
from tests.make import OTHER_WARD, Make

COUNT = 24
NAMES = ("Dốc thử", "dốc thử", "Ấp thử", "Zốc thử", "đồi thử")
RISKS = (None, "low", "high", "very_high")
OF_BARE_UNIT, AT_SITE = "TH-BP-01", "TH-BP-02"
SEEN = datetime(2026, 6, 1, 3, 4, 5, 678_000, tzinfo=UTC)


@dataclass(frozen=True)
class Door:
    """The GIS door of one service."""

    client: TestClient
    database: Database

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of something under /ogc/collections."""
        names = {name.replace("_", "-") if name in DASHED else name: value for name, value in query.items()}
        answer = self.client.get(f"/ogc/collections/{path}", params=names)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, collection: str = "sites", **query: Any) -> list[str]:
        """The ids of the features that a request finds, in order; there are no more of them."""
        found = self.get(f"{collection}/items", **{"limit": 1000, **query})
        assert found["numberMatched"] == found["numberReturned"] == len(found["features"])
        return [each["id"] for each in found["features"]]

    def refused(self, query: str, collection: str = "sites") -> dict[str, Any]:
        """The problem that a request is answered with, in English."""
        address = f"/ogc/collections/{collection}/items?{query}"
        answer = self.client.get(address, headers={"Accept-Language": "en"})
        assert answer.status_code == 400, f"{query}: {answer.status_code} {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.json()


DASHED = {"bbox_crs", "filter_lang", "filter_crs"}


def populate(database: Database) -> None:
    """Add the rows."""
    make = Make(database)
    for number in range(COUNT):
        lon, lat = 108.40 + number / 1000, 11.90 + number / 1000
        shape = {
            0: box(lon, lat, lon + 0.0005, lat + 0.0005),
            1: LineString([(lon, lat), (lon + 0.0005, lat)]),
        }
        make.site(
            at=(lon, lat),
            unit=("24787", "24846")[number % 2],
            code=f"TH-DD-{number:02d}",
            name=NAMES[number % 5],
            risk_level=RISKS[number % 4],
            state=("active", "watch", "closed")[number % 3],
            location_accuracy_m=(0.1, 2.5, 100.0)[number % 3],
            location_note="ghi chú dài " * 20 + str(number % 2) if number % 4 else None,
            last_inspected_at=None if number % 3 == 0 else SEEN + timedelta(days=number % 5),
            due_on=None if number % 3 == 0 else date(2026, 7, 1) + timedelta(days=number % 7),
            condition="worse" if number % 3 else None,
            people_at_risk=number,
            **({"geometry": shape[number % 5]} if number % 5 in shape else {}),
        )
    _measures(database)


def _measures(database: Database) -> None:
    """One for a whole unit whose outline nobody knows, one that names a site beside a unit with an outline."""
    row = {"kind": "sandbags", "status": "done", "version": 1, "created_at": SEEN, "updated_at": SEEN}
    with database.write() as db:
        outlined = db.scalar(select(Unit.id).where(Unit.geometry.is_not(None)))
        bare = db.scalar(select(Unit.id).where(Unit.geometry.is_(None), Unit.code == OTHER_WARD))
        site = db.scalar(select(Site.id).where(Site.code == "TH-DD-02"))
        db.execute(insert(Measure).values(**row, code=OF_BARE_UNIT, unit_id=bare))
        db.execute(insert(Measure).values(**row, code=AT_SITE, site_id=site, unit_id=outlined))


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Door]:
    """The door to a database."""
    database = Database(url, folder)
    settings = Settings(database_url=url, data_dir=folder, tile_url="")
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield Door(client, database)
    database.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door that nobody changes what is behind; half of the texts are kept ready, half are not."""
    folder = tmp_path_factory.mktemp("rows")
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_seeded'), folder / 'taluy.sqlite')}"
    else:
        url = request.getfixturevalue("postgis").create(folder.name.replace("-", "_"), "seeded")
    with opened(url, folder) as found:
        ready.fill(found.database)
        populate(found.database)
        yield found
    if request.param == "postgresql":
        request.getfixturevalue("postgis").drop(folder.name.replace("-", "_"))
