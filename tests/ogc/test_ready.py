"""The texts that are kept of sites' features: the same bytes as those made on the spot, and never older."""

import sqlite3
from datetime import timedelta
from threading import Thread
from time import monotonic
from uuid import uuid4

import psycopg
import pytest
from shapely import LineString, MultiPolygon, Polygon, box
from sqlalchemy import make_url, select, text

from app import clock
from app.ogc import queries, reading, ready
from app.ogc.asked import Asked
from app.ogc.collections import COLLECTIONS
from app.ogc.view import view
from app.people.rules import ANONYMOUS
from app.sites.model import Site

SITES = "/ogc/collections/sites/items"


def kept(database):
    """The texts that are kept, by code."""
    with database.read() as db:
        return dict(map(tuple, db.execute(select(Site.code, Site.feature))))


def both_ways(database, monkeypatch, **asked):
    """The features as they are read, and as they are made on the spot."""
    seen, wanted, today = (
        view(COLLECTIONS["sites"], ANONYMOUS),
        Asked(**{"limit": 1000, **asked}),
        clock.today(),
    )
    with database.read() as db:
        passed = reading.piece(db, seen, wanted, today=today)
        with monkeypatch.context() as patched:
            patched.setattr(queries, "is_ready", lambda *_: False)
            made = reading.piece(db, seen, wanted, today=today)
    return passed, made


def test_every_kind_of_shape_is_kept_as_it_would_be_made(app, make, database, monkeypatch):
    hole = box(108.41, 11.91, 108.42, 11.92)
    shapes = [
        LineString([(108.4, 11.9), (108.123456789, 11.987654321)]),
        Polygon(box(108.4, 11.9, 108.5, 12).exterior.reverse(), [hole.exterior]),
        MultiPolygon([box(108.4, 11.9, 108.5, 12), box(107.4, 11.9, 107.5, 12)]),
    ]
    for number, shape in enumerate(shapes):
        make.site(code=f"TH-HH-{number}", geometry=shape, name='Dốc "đá" \\ <b>', state="watch")

    assert ready.fill(database) > len(shapes)

    passed, made = both_ways(database, monkeypatch)
    assert None not in kept(database).values()
    assert passed == made
    assert len(passed.texts) == len(kept(database))


def _changed(board, code, body):
    version = board.get(f"/api/sites/{code}").headers["etag"]
    answer = board.patch(f"/api/sites/{code}", json=body, headers={"If-Match": version})
    assert answer.status_code == 200, answer.text


def _visited(officer, make, code):
    body = make.inspection_body(code, condition="worse")
    assert officer.put(f"/api/inspections/{uuid4()}", json=body).status_code == 201


def _moved(officer, board, make, code):
    """A position from the field that the board accepts."""
    position, version = uuid4(), board.get(f"/api/sites/{code}").json()["properties"]["version"]
    body = make.position_body(code, place_version=version)
    assert officer.put(f"/api/positions/{position}", json=body).status_code == 201
    said = {"decision": "accept", "site_version": version}
    answer = board.post(f"/api/positions/{position}/decision", json=said)
    assert answer.status_code == 200, answer.text


def test_no_change_through_the_service_leaves_a_text_behind(app, make, board, officer, database, monkeypatch):
    code = make.site()
    ready.fill(database)
    for what, change in {
        "a name": lambda: _changed(board, code, {"name": "Đổi tên"}),
        "its units": lambda: _changed(board, code, {"units": [{"code": "24787"}, {"code": "24846"}]}),
        "a visit": lambda: _visited(officer, make, code),
        "a position": lambda: _moved(officer, board, make, code),
    }.items():
        before = kept(database)[code]
        change()
        passed, made = both_ways(database, monkeypatch)

        assert passed == made, what
        assert kept(database)[code] not in (None, before), f"{what}: made again by who committed"


def _by_orm(database, statement):
    with database.write() as db:
        db.execute(statement)


def by_hand(url, statement):
    """What another tool does to the database, without any of our code."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with sqlite3.connect(address.database) as connection:
            connection.execute(statement)
        connection.close()
        return
    with psycopg.connect(
        address.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE site SET name = 'Tên khác', updated_at = '2026-01-01T00:00:00.000Z' WHERE code = 'P6-ST-02'",
        "UPDATE site SET due_on = '2020-01-01' WHERE code = 'P6-ST-02'",
        "UPDATE site SET condition = 'danger' WHERE code = 'P6-ST-02'",
        "UPDATE unit SET name = 'Phường khác'",
        "UPDATE unit SET valid_from = '2025-06-30' WHERE valid_from IS NOT NULL",
        "DELETE FROM site_unit WHERE site_id = (SELECT id FROM site WHERE code = 'P6-ST-02')",
        "UPDATE site_unit SET unit_id = 2 WHERE unit_id = 1 AND site_id = 2",
    ],
)
def test_no_change_of_another_tool_leaves_a_text_behind(app, database, database_url, monkeypatch, statement):
    ready.fill(database)
    before = kept(database)

    by_hand(database_url, statement)

    passed, made = both_ways(database, monkeypatch)
    assert before["P6-ST-02"] is not None
    assert kept(database)["P6-ST-02"] is None
    assert passed == made
    assert ready.fill(database) >= 1
    assert both_ways(database, monkeypatch)[0] == made


def test_overdue_is_of_the_day_on_which_it_is_read(app, make, database):
    day = clock.today()
    code = make.site(due_on=day)
    ready.fill(database)
    seen = view(COLLECTIONS["sites"], ANONYMOUS)

    with database.read() as db:
        today, tomorrow = (
            reading.one(db, seen, code, Asked(), today=day + timedelta(days=days)) for days in (0, 1)
        )

    assert kept(database)[code] is not None
    assert today.endswith(b'"overdue":false}}')
    assert tomorrow.endswith(b'"overdue":true}}')


def test_a_row_that_cannot_be_read_keeps_no_other_from_being_written(app, make, database, sqlite_only):
    ready.fill(database)
    broken, whole = make.site(), make.site()
    with database.write() as db:
        db.execute(
            text("UPDATE site SET updated_at = 'hôm qua', feature = NULL WHERE code = :code"),
            {"code": broken},
        )

    ready.fill(database)

    assert kept(database)[broken] is None
    assert kept(database)[whole] is not None


@pytest.fixture
def sqlite_only(database_url):
    """PostgreSQL takes no such time."""
    if not database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes no such time")


@pytest.fixture
def postgresql_only(database_url):
    """SQLite lets one writer in at a time."""
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite lets one writer in at a time")


def test_a_change_beside_a_filling_empties_the_text_once_more(
    app, database, database_url, monkeypatch, postgresql_only
):
    ready.fill(database)
    _by_orm(database, text("UPDATE site SET feature = NULL"))
    renaming = Thread(target=by_hand, args=(database_url, "UPDATE unit SET name = 'Trong khi đó'"))

    with database.write() as db:
        keys = ready._waiting(db, 100)
        renaming.start()
        _wait_until_somebody_waits(database)
        assert ready._make(db, keys) == len(keys)
    renaming.join()

    passed, made = both_ways(database, monkeypatch)
    assert passed == made
    assert "Trong khi đó".encode() in passed.texts[0]


def _wait_until_somebody_waits(database):
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    end = monotonic() + 60
    while monotonic() < end:
        with database.read() as db:
            if db.scalar(waiting):
                return
    raise AssertionError("nobody waits")


def test_texts_that_an_earlier_version_wrote_are_made_anew(app, database, monkeypatch):
    ready.fill(database, migrated=True)
    _by_orm(database, text("UPDATE site SET feature = '{\"old\":'"))
    assert ready.fill(database) == 0
    monkeypatch.setattr(ready, "FORM", 0)

    assert ready.fill(database) == len(kept(database))

    passed, made = both_ways(database, monkeypatch)
    assert passed == made


def test_items_and_an_item_pass_the_text_through(app, client, database):
    ready.fill(database)
    _by_orm(database, text("UPDATE site SET feature = replace(feature, 'Hai Bà Trưng', 'ĐÃ GIỮ')"))

    listed = client.get(f"{SITES}?limit=10").json()["features"]
    alone = client.get(f"{SITES}/P6-NL-01").json()

    assert "ĐÃ GIỮ" in alone["properties"]["name"]
    assert {key: alone[key] for key in listed[0]} in listed
    assert "ĐÃ GIỮ" not in client.get(f"{SITES}?crs=[EPSG:5899]&ids=P6-NL-01").text
