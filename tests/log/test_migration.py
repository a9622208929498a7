"""Down to the log without a chain and up again: nothing but random keys, and the hashes made with them, differs."""

import json
from typing import Any

from sqlalchemy import text

from app import clock, migrating
from app.db import Database, downgrade, migrate
from app.log import entry_queries
from app.log import queries as log
from app.log.verify import Outside
from app.people.model import Person
from app.seed import seed

BEFORE = "20261123_02"
RANDOM = {"prev_hash", "entry_hash", "header", "who_key", "what_key"}
PARTS = "SELECT name, CAST(sum(n) AS INTEGER) AS n FROM tally GROUP BY name HAVING sum(n) <> 0"
"""A count is the sum of its parts, which are put together at random on PostgreSQL."""


def tables(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table; of the log what is not random, JSON as what it says."""
    found = {}
    with database.read() as db:
        for table in (*migrating_tables(), "log_entry", "log_detail"):
            what = PARTS if table == "tally" else f"SELECT * FROM {table}"  # noqa: S608 - our own names
            rows = [dict(row._mapping) for row in db.execute(text(what))]
            for row in rows:
                if table.startswith("log_"):
                    erased = {name: row[name] is None for name in RANDOM & set(row)}
                    row |= {**erased, "what": row.get("what") and json.loads(row["what"])}
            found[table] = sorted(rows, key=lambda row: json.dumps(row, default=str, sort_keys=True))
    return found


def migrating_tables() -> list[str]:
    """The other tables."""
    from app.models import Model

    return [table.name for table in Model.metadata.sorted_tables if not table.name.startswith("log_")]


def test_a_populated_log_goes_down_and_up_again(database: Database, database_url: str) -> None:
    with database.write() as db:
        seed(db)
        people = []
        for number in (1, 2):
            person = Person(
                name=f"Người thử {number}",
                name_key=str(number),
                role="board",
                password_hash="",
                created_at=clock.now(),
            )
            db.add(person)
            db.flush()
            people.append(person.id)
        for number in range(30):
            log.append(
                db,
                "change",
                f"TH-{number}" if number % 3 else f"person:{people[0]}",
                at=clock.now(),
                by=people[number % 2],
                before={"name": "Hồ \\ “cũ”\n"} if number % 4 else None,
                after={"name": "Hồ\tmới", "quantity": 5.0, "n": number, "deep": {"b": [1, None], "a": True}},
            )
        log.erase(db, people[0], at=clock.now(), by=people[1])
        log.append_added(
            db, [(f"TH-9-{number}", {"name": "x"}) for number in range(3000)], at=clock.now(), by=None
        )
    before = tables(database)
    database.dispose()

    downgrade(database_url, BEFORE)
    with database.read() as db:
        rows = db.execute(text("SELECT person_id, before, after FROM log_entry ORDER BY seq")).all()
    database.dispose()
    migrate(database_url)

    assert len(rows) == len(before["log_entry"])
    assert tables(database) == before
    migrating.check(database_url)
    with database.read() as db:
        found = entry_queries.check(db, Outside(), key="")
    assert found.seq == len(rows)
    with database.write() as db:
        assert log.append(db, "change", "TH-1", at=clock.now(), by=None) == found.seq + 1


def test_numbers_that_were_never_used_are_filled_and_receipts_keep_theirs(
    database: Database, database_url: str
) -> None:
    database.dispose()
    downgrade(database_url, BEFORE)
    with database.write() as db:
        for seq, about in ((2, "TH-2"), (5, "TH-5"), (6, "TH-6")):
            db.execute(
                text(
                    "INSERT INTO log_entry (seq, at, verb, about, after) VALUES (:seq, :at, 'inspect', :about, :after)"
                ),
                {
                    "seq": seq,
                    "at": "2026-01-02T03:04:05.678Z",
                    "about": about,
                    "after": '{"inspection": "x"}',
                },
            )
    database.dispose()

    migrate(database_url)

    with database.read() as db:
        rows = db.execute(text("SELECT seq, verb, about FROM log_entry ORDER BY seq")).all()
        assert entry_queries.check(db, Outside(), key="").seq == 6
    assert [tuple(row) for row in rows] == [
        (1, "gap", "log"),
        (2, "inspect", "TH-2"),
        (3, "gap", "log"),
        (4, "gap", "log"),
        (5, "inspect", "TH-5"),
        (6, "inspect", "TH-6"),
    ]
    database.dispose()
    downgrade(database_url, BEFORE)
    with database.read() as db:
        assert db.scalars(text("SELECT seq FROM log_entry ORDER BY seq")).all() == [2, 5, 6]
