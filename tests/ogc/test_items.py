"""Items as their callers may see them, and as they are when the database takes its time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app import clock, db
from app.db import Database
from app.main import create_app
from app.ogc import ready
from app.practice.many import generated_sites
from app.sites import bulk
from app.sites.model import COUNTS
from tests.make import OTHER_WARD

OTHERS = "/ogc/collections/sites/items"
ASKED = (
    "",
    "limit=3",
    "sortby=people_at_risk",
    "sortby=-people_at_risk&limit=5",
    "sortby=households_at_risk,-people_at_risk&limit=2",
    "people_at_risk=77",
    "people_at_risk=78&resultType=hits",
    "filter=people_at_risk = 77",
    "filter=NOT people_at_risk = 77",
    "filter=people_at_risk <> 77",
    "filter=people_at_risk IS NULL",
    "filter=people_at_risk IS NOT NULL&resultType=hits",
    "filter=people_at_risk > 10 OR code LIKE 'TH-%'",
    "filter=people_at_risk BETWEEN 1 AND 100",
    "filter=people_at_risk IN (77, 78)",
    "filter=people_at_risk = households_at_risk",
    "filter=people_at_risk / households_at_risk = 1",
    "filter=people_at_risk %2B version = 78",
    "filter=NOT (people_at_risk IS NULL OR people_at_risk < 5)",
    "properties=people_at_risk",
    "bbox=108,11,109,12&sortby=people_moved_out&limit=4",
    "offset=2&limit=2&sortby=-people_moved_out",
    "f=csv&sortby=people_at_risk",
    "f=csv&filter=people_at_risk = 77",
    "f=geojsonseq&people_at_risk=78",
)
"""What somebody could try who wants to know a number that is not theirs to see."""


def told(asking):
    """Everything that the queries are answered with, and the pages behind the first."""
    answers = []
    for query in ASKED:
        address = f"{OTHERS}?{query}"
        for _ in range(4):
            answer = asking.get(address)
            answers.append((address, answer.status_code, answer.content))
            further = answer.links.get("next")
            if further is None:
                break
            address = further["url"]
    return answers


@pytest.mark.parametrize("role", [None, "officer", "board"])
def test_no_answer_depends_on_what_its_caller_may_not_see(app, client, make, sign_in, database, role):
    asking = sign_in(make.person(role)) if role else client
    hidden = [
        make.site(unit=OTHER_WARD, people_at_risk=number, households_at_risk=1) for number in (77, 5, 9)
    ]
    if role != "board":
        hidden += [make.site(people_at_risk=7, people_moved_out=1)]
    else:
        make.site(people_at_risk=7, people_moved_out=1)
    ready.fill(database)

    before = told(asking)
    with database.write() as own:
        for count in COUNTS:
            statement = text(f"UPDATE site SET {count} = 77 + id % 3 WHERE code = :code")  # noqa: S608 - ours
            own.execute(statement, [{"code": code} for code in hidden])
    after = told(asking)

    assert after == before
    statuses = {status for _, status, _ in before}
    assert statuses == ({200} if role == "board" else {200, 400})


def test_somebody_of_the_unit_sees_filters_and_sorts_by_its_own_numbers(app, make, board):
    own, other = make.site(people_at_risk=77), make.site(unit=OTHER_WARD, people_at_risk=77)

    found = board.get(f"{OTHERS}?filter=people_at_risk = 77").json()
    listed = board.get(f"{OTHERS}?sortby=-people_at_risk&limit=1000").json()["features"]
    hidden = board.get(f"{OTHERS}/{other}").json()["properties"]

    assert [each["id"] for each in found["features"]] == [own]
    assert found["numberMatched"] == 1
    assert listed[0]["properties"]["people_at_risk"] == 77
    assert (listed[0]["id"], hidden["people_at_risk"], hidden["name"]) == (own, None, f"Vị trí thử {other}")


def test_what_a_caller_may_see_is_what_they_may_ask_for(app, client, make, sign_in):
    for role, status in ((None, 400), ("viewer", 400), ("officer", 400), ("board", 200)):
        asking = sign_in(make.person(role)) if role else client
        for query in ("sortby=people_at_risk", "people_at_risk=1", "properties=people_at_risk"):
            answer = asking.get(f"{OTHERS}?{query}")
            assert answer.status_code == status, (role, query)
            assert ("people_at_risk" in answer.text.partition("dùng được")[2]) is False


@pytest.fixture
def impatient(settings, database_url, monkeypatch):
    """A service whose statements may take very little time: PostgreSQL's wait for a lock, SQLite's for a long table."""
    with Database(database_url) as patient, patient.write() as own:
        rows = ((row, []) for row in generated_sites(3_000, 1))
        bulk.add_many(own, rows, at=clock.now(), by=None)
    monkeypatch.setattr(db, "STATEMENT_MS", 1 if database_url.startswith("sqlite") else 1_500)
    database = Database(database_url)
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield client, database
    database.dispose()


def test_a_statement_that_takes_too_long_is_given_up_with_503(impatient):
    client, database = impatient
    address = f"{OTHERS}?sortby=risk_reason&filter={' OR '.join(f'version > {n}' for n in range(5, 85))}"

    if database.dialect == "sqlite":
        answer = client.get(address)
    else:
        with database.write() as own, ThreadPoolExecutor(1) as other:
            own.execute(text("LOCK TABLE site IN ACCESS EXCLUSIVE MODE"))
            answer = other.submit(client.get, address).result()

    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
    assert client.get(f"{OTHERS}/nothing").status_code == 404
