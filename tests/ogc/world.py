"""A registry as GIS tools find it: the ward's places, many invented ones, and at the end one of each with every value.

The first features hold null in many columns, so that a tool that guesses types from a sample guesses wrong.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx2
from shapely import LineString, Point, Polygon
from sqlalchemy import insert, select

from app import clock
from app.db import Database
from app.hazards import FORM_VERSION
from app.inspections.model import Inspection
from app.measures import queries as measures
from app.measures.model import Measure
from app.people.model import Person
from app.practice.many import generated_sites
from app.signboards.model import Signboard
from app.sites import bulk
from app.sites.model import Site, SiteUnit
from app.units import queries as units
from tests.make import PASSWORD, WARD, Make
from tests.running import Service

BARE, MANY = 40, 1_160
"""With the ward's own, more sites than two pages of a tool that reads 500 at a time, or one of 1,000."""
TEXT = 'Dốc “Mê Linh”, đoạn 2; ‘taluy’ dương\nghi: 5 < 6 & "7"'
"""Letters with marks, quotes of all kinds, a separator, a line's end."""
FULL_SITE = "TH-GIS-1"
SEEN = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
HOLE = Polygon(
    [(108.42, 11.94), (108.43, 11.94), (108.43, 11.95), (108.42, 11.95)],
    [[(108.424, 11.944), (108.424, 11.946), (108.426, 11.946), (108.426, 11.944)]],
)


def populate(database: Database) -> None:
    """Put the world into a database that holds the ward's real places."""
    make, now = Make(database), clock.now()
    person = make.person("officer")
    with database.write() as db:
        ward = units.find(db, WARD, on=clock.local_date(now)).id
        _many_sites(db, ward, now)
        by = db.scalar(select(Person.id).where(Person.name == person))
        full = db.scalar(insert(Site).values(**_full_site(now)).returning(Site.id))
        db.execute(insert(SiteUnit).values(site_id=full, unit_id=ward))
        db.execute(insert(Inspection), [_visit(number, full, by) for number in range(35)])
        _works(db, ward, full, now)


def _many_sites(db: Any, ward: int, now: datetime) -> None:
    nothing = ("risk_level", "risk_rated_at", "risk_reason", "condition", "last_inspected_at", "due_on")
    rows, today = list(generated_sites(BARE + MANY, 1)), clock.local_date(now)
    for row in rows:
        if row["due_on"] == today:  # nobody is overdue only from midnight on, between what two tests read
            row["due_on"] += timedelta(days=7)
    bare = [{**row, **dict.fromkeys(nothing)} for row in rows[:BARE]]
    bulk.add_many(db, ((row, [ward]) for row in (*bare, *rows[BARE:])), at=now, by=None)


def _full_site(now: datetime) -> dict[str, Any]:
    counts = ("households_at_risk", "people_at_risk", "households_moved_out", "people_moved_out")
    west, south, east, north = HOLE.bounds
    return {
        "code": FULL_SITE,
        "name": "Vị trí thử đủ cột",
        "address": TEXT,
        "search": "vi tri thu du cot",
        "kind": "flood",
        "risk_level": "very_high",
        "risk_rated_at": SEEN - timedelta(days=3),
        "risk_reason": "Ghi để thử",
        "state": "watch",
        "state_reason": "Ghi để thử",
        **dict(zip(counts, (12, 48, 2, 7), strict=True)),
        "geometry": HOLE,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "location_status": "surveyed",
        "location_accuracy_m": 4.25,
        "location_note": "Đo bằng máy",
        "condition": "worse",
        "last_inspected_at": SEEN,
        "due_on": date(2026, 12, 1),
        "version": 3,
        "created_at": now,
        "updated_at": now,
    }


def _visit(number: int, site: int | None, person: int | None) -> dict[str, Any]:
    """The last one corrects the first: a column that is null in all the others."""
    seen = SEEN - timedelta(days=number)
    last = number == 34
    return {
        "id": UUID(int=(number << 64) | (4 << 76) | (8 << 60)),
        "site_id": site,
        "seen_at": seen,
        "received_at": seen + timedelta(minutes=7),
        "happened_at": seen,
        "clock_doubtful": number % 2 == 0,
        "condition": "worse",
        "suggested_condition": "worse",
        "suggestion": [],
        "rule_version": "1",
        "form_version": FORM_VERSION,
        "context": {},
        "answers": {},
        "measurements": {},
        "note": TEXT,
        "corrects_id": UUID(int=(4 << 76) | (8 << 60)) if last else None,
        "person_id": person,
        "content_sha256": "0" * 64,
        "receipt": {},
    }


def _works(db: Any, ward: int, site: int | None, now: datetime) -> None:
    row = {"version": 1, "created_at": now, "updated_at": now}
    bare = [
        {"code": f"TH-BP-{n:02}", "kind": "sandbags", "unit_id": ward, "status": "proposed"}
        for n in range(30)
    ]
    db.execute(insert(Measure), [{**row, **values} for values in bare])
    db.execute(
        insert(Measure).values(
            **row,
            code="TH-BP-99",
            kind="slope_tarpaulin",
            site_id=site,
            status="in_progress",
            starts_on=date(2026, 10, 1),
            expires_on=date(2027, 3, 31),
            quantity=120.5,
            quantity_unit="m²",
            responsible="Đội thử",
            note=TEXT,
        )
    )
    board = {"site_id": site, "location_status": "approximate", "location_accuracy_m": 8.0, **row}
    for number in range(3):
        point = Point(108.425 + number / 1000, 11.941)
        db.execute(
            insert(Signboard).values(
                code=f"TH-BB-{number}", name=f"Biển thử {number}", wording=TEXT, state="sound",
                geometry=point, west=point.x, east=point.x, south=point.y, north=point.y, **board,
            )
        )  # fmt: skip
    line = LineString([(108.421, 11.943), (108.422, 11.945), (108.424, 11.945)])
    measures.add_proposal(
        db,
        {
            "code": "TH-KN-1",
            "name": "Kè thử",
            "period_from": 2026,
            "period_to": 2030,
            "addressee": "Tỉnh (thử)",
            "reason": TEXT,
            "geometry": line,
            "location_status": "surveyed",
            "location_accuracy_m": 3.5,
        },
        unit_ids=[ward],
        at=now,
        by=None,
    )


@dataclass(frozen=True)
class Here:
    """A service in this process, where a test only reads."""

    url: str


@dataclass(frozen=True)
class Gis:
    """A running service with the world in it."""

    service: Service | Here
    http: httpx2.Client
    read: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """Where its GIS door is."""
        return f"{self.service.url}/ogc"

    def get(self, path: str, *, accept: str = "application/json", **query: Any) -> httpx2.Response:
        """Ask for something under /ogc (or at a whole address)."""
        address = path if path.startswith("http") else f"{self.root}{path}"
        return self.http.get(address, params=query or None, headers={"Accept": accept})

    def json(self, path: str, *, accept: str = "application/json", **query: Any) -> Any:
        """The JSON at an address that answers 200."""
        answer = self.get(path, accept=accept, **query)
        assert answer.status_code == HTTPStatus.OK, f"{answer.request.url}: {answer.text[:600]}"
        return answer.json()

    def everything(self, collection: str, **query: Any) -> list[dict[str, Any]]:
        """Every feature of a collection, by its `next` links; asked once."""
        key = f"{collection} {query}"
        if key not in self.read:
            self.read[key] = self._walk(collection, **query)
        return self.read[key]

    def _walk(self, collection: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = self.json(f"/collections/{collection}/items", **{"limit": 1000, **query})
        while True:
            found += page["features"]
            following = [link["href"] for link in page["links"] if link["rel"] == "next"]
            if not following:
                return found
            page = self.json(following[0])

    def token(self, name: str, role: str, scope: str) -> str:
        """A token of a new person's for a tool."""
        self.service.person(name, role)
        headers = {"Cookie": self.service.cookie(name)}
        body = {"name": "GIS thử", "days": 7, "password": PASSWORD, "scope": scope}
        answer = self.http.post(f"{self.service.url}/api/tokens", json=body, headers=headers)
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        secret: str = answer.json()["token"]
        return secret


def parameters(api: dict[str, Any], collection: str) -> dict[str, dict[str, Any]]:
    """The parameters of a collection's items in the OpenAPI document, by name."""
    found = {}
    for parameter in api["paths"][f"/collections/{collection}/items"]["get"]["parameters"]:
        at: Any = parameter
        if "$ref" in parameter:
            at = api
            for step in parameter["$ref"].removeprefix("#/").split("/"):
                at = at[step]
        found[at["name"]] = at
    return found
