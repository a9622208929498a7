"""The statements that go to the driver as they are, held against those that SQLAlchemy runs."""

from itertools import islice

import pytest
from sqlalchemy import text

from app import clock
from app.db import Database
from app.geojson import BBox
from app.ogc import queries, quick, reading, ready
from app.ogc.asked import Asked, Sort
from app.ogc.collections import COLLECTIONS
from app.ogc.view import view
from app.people.rules import ANONYMOUS
from app.practice.many import generated_sites

EVERYWHERE = BBox(107, 11, 109, 13)
HALF = BBox(107, 11, 108, 13)


@pytest.fixture
def many(database, make):
    """Sites of every kind and shape, one in five without its text."""
    said = ("code", "name", "kind", "geometry", "state", "location_status", "location_accuracy_m", "due_on")
    for row in islice(generated_sites(40, 7), 40):
        make.site(**{name: row[name] for name in said})
    ready.fill(database)
    with database.write() as db:
        db.execute(text("UPDATE site SET due_on = '2020-01-01' WHERE id % 5 = 1"))
        db.execute(text("UPDATE site SET state = 'closed' WHERE id % 7 = 1"))
    ready.fill(database)
    with database.write() as db:
        db.execute(text("UPDATE site SET feature = NULL WHERE id % 5 = 0"))
    return database


def test_walks_are_the_same_both_ways(many):
    for collection in ("sites", "sites-flood"):
        for asked in ({}, {"boxes": (HALF,)}, {"boxes": (EVERYWHERE,), "limit": 5}, {"limit": 3}):
            walk_both_ways(many, collection, asked)


def walk_both_ways(many, collection, asked):
    seen, wanted, today = view(COLLECTIONS[collection], ANONYMOUS), Asked(**asked), clock.today()
    walked, ends = [], []
    with many.read() as db:
        while not ends or ends[-1] is not None:
            assert quick.suits(seen, wanted)
            rows = queries.page(db, seen, wanted, today=today)

            found = quick.page(db.connection(), seen, wanted, today=today)

            assert [tuple(row[:2]) for row in found] == [(row._key, row._text) for row in rows]
            counted = () if wanted.boxes else (queries.count(db, seen, wanted, today=today),)
            assert all(tuple(row[2:]) == counted for row in found)
            piece = reading.piece(db, seen, wanted, today=today)
            walked += piece.texts
            ends.append(piece.after)
            wanted = Asked(**asked, after=piece.after)
        matched = queries.count(db, seen, Asked(**asked), today=today)
        assert asked.get("boxes") or quick.count(db.connection(), seen) == matched
    assert len(walked) == len(set(walked)) == matched > 3


def test_one_is_the_same_both_ways(many):
    seen, today = view(COLLECTIONS["sites"], ANONYMOUS), clock.today()
    with many.read() as db:
        codes = db.scalars(text("SELECT code FROM site")).all()
        for code in [*codes, "TH-NOWHERE"]:
            row = queries.one(db, seen, code, Asked(), today=today)

            found = quick.one(db.connection(), seen, code, today=today)

            assert [tuple(each) for each in found] == ([] if row is None else [(row._key, row._text)])


def test_what_is_asked_otherwise_goes_the_long_way(many):
    seen = view(COLLECTIONS["sites"], ANONYMOUS)
    field = seen.field("name")
    otherwise = [
        {"offset": 3},
        {"sort": (Sort(field),)},
        {"ids": ()},
        {"equal": ((field, "x"),)},
        {"filter": True},
    ]
    otherwise += [
        {"hits": True},
        {"boxes": (HALF, EVERYWHERE)},
        {"outline": HALF.shape()},
        {"shown": frozenset()},
    ]

    assert not any(
        quick.suits(seen, Asked(**each)) for each in [*otherwise, {"crs": 3857}, {"geometry": False}]
    )
    assert not quick.suits(view(COLLECTIONS["signboards"], ANONYMOUS), Asked())


def test_a_reader_notices_a_connection_that_the_server_ended(postgresql_url):
    with Database(postgresql_url) as database:
        with database.read() as db:
            mine = db.scalar(text("SELECT pg_backend_pid()"))
        with database.write() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})

        with database.read() as db:
            assert db.scalar(text("SELECT pg_backend_pid()")) != mine
            assert db.scalar(text("SHOW transaction_read_only")) == "on"
