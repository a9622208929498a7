"""What the database promises: nothing lost, nothing half, nobody waiting for a reader, failures said in words."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from time import monotonic

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from app.db import Database, Db, ReadDb, migrated
from app.errors import Conflict, OutOfSpace, Problem, Unavailable
from app.installation import InstallationFact, fact, set_fact
from app.people.model import Person
from app.sites.model import SiteUnit

WRITERS = 50
EACH = 5


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database."""
    opened = Database(sqlite_url)
    yield opened
    opened.dispose()


def person(created_at: datetime) -> Person:
    return Person(
        name="Người thử", name_key="nguoi thu", role="viewer", password_hash="-", created_at=created_at
    )


def test_what_fails_half_way_leaves_nothing(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as db:
            set_fact(db, "half", "done")
            raise Conflict

    with pytest.raises(Conflict):
        fail_half_way()

    with database.read() as db:
        assert fact(db, "half") is None


def test_fifty_writers_at_once_all_get_through(database: Database) -> None:
    together = Barrier(WRITERS)

    def write(writer: int) -> float:
        together.wait()
        slowest = 0.0
        for turn in range(EACH):
            started = monotonic()
            with database.write() as db:
                db.execute(select(func.count(InstallationFact.key)))
                db.add(InstallationFact(key=f"{writer}/{turn}", value="kept"))
            slowest = max(slowest, monotonic() - started)
        return slowest

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, range(WRITERS)))

    with database.read() as db:
        assert db.scalar(select(func.count(InstallationFact.key))) == WRITERS * EACH


def test_a_reader_does_not_wait_for_a_writer_and_sees_only_what_is_committed(database: Database) -> None:
    with database.write() as writing:
        set_fact(writing, "probe", "new")
        with database.read() as reading:
            assert fact(reading, "probe") is None
    with database.read() as reading:
        assert fact(reading, "probe") == "new"


def test_a_reader_sees_one_moment(sqlite: Database) -> None:
    with sqlite.read() as reading:
        assert fact(reading, "probe") is None
        with sqlite.write() as writing:
            set_fact(writing, "probe", "later")
        assert reading.scalar(select(InstallationFact.value)) is None


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"), database.read() as db:
        db.execute(insert(InstallationFact), {"key": "probe", "value": "written"})


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as db:
        db.add(SiteUnit(site_id=404, unit_id=404))


def test_a_moment_comes_back_in_utc_to_the_millisecond(database: Database) -> None:
    in_vietnam = datetime(2026, 11, 23, 0, 30, 59, 999_999, tzinfo=timezone(timedelta(hours=7)))
    with database.write() as db:
        db.add(person(in_vietnam))

    with database.read() as db:
        kept = db.scalars(select(Person.created_at)).one()
        found = db.scalar(select(func.count(Person.id)).where(Person.created_at <= in_vietnam))

    assert kept == datetime(2026, 11, 22, 17, 30, 59, 999_000, tzinfo=UTC)
    assert kept.tzinfo is UTC
    assert found == 1


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.write() as db:
        db.add(person(datetime(2026, 11, 23, 10, 0)))  # noqa: DTZ001 - the point of the test


def test_sqlite_is_kept_as_decided(sqlite: Database) -> None:
    with sqlite.write() as db:
        kept = {
            name: db.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert kept == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_full_disk_is_said_and_nothing_is_changed(sqlite: Database) -> None:
    with sqlite.write() as db:
        pages = db.scalar(text("PRAGMA page_count"))
        db.execute(text(f"PRAGMA max_page_count = {pages}"))

    with pytest.raises(OutOfSpace), sqlite.write() as db:
        set_fact(db, "big", "x" * 1_000_000)

    with sqlite.read() as db:
        assert fact(db, "big") is None


def test_a_database_held_by_another_program_is_unavailable(sqlite: Database) -> None:
    with sqlite.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(str(sqlite.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable) as refused, sqlite.write() as db:
        set_fact(db, "probe", "kept out")
    other.close()

    assert refused.value.headers == {"Retry-After": "2"}
    with sqlite.write() as db:
        set_fact(db, "probe", "let in")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    away = Database("postgresql+psycopg://postgres@127.0.0.1:9/none")

    with pytest.raises(Unavailable):
        migrated(away)


def test_a_lost_connection_is_unavailable_and_the_next_one_works(postgresql_url: str) -> None:
    database, other = Database(postgresql_url), Database(postgresql_url)

    def lose_the_connection() -> None:
        with database.write() as db:
            mine = db.scalar(text("SELECT pg_backend_pid()"))
            with other.write() as killer:
                killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
            set_fact(db, "probe", "lost")

    with pytest.raises(Unavailable):
        lose_the_connection()
    with database.write() as db:
        set_fact(db, "probe", "kept")
    database.dispose()
    other.dispose()


ENDLESS = {
    "postgresql": "SELECT pg_sleep(30)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
}


def test_an_endless_statement_is_cut_off(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.db.STATEMENT_MS", 1000)  # what comes after it has no longer
    with Database(database_url) as database:
        with pytest.raises(Unavailable), database.read() as db:
            db.execute(text(ENDLESS[database.dialect])).all()
        with database.read() as db:
            assert fact(db, "probe") is None


def test_a_database_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="postgresql"):
        Database("mysql://127.0.0.1/registry")
    with pytest.raises(ValueError, match="file"):
        Database("sqlite://")


class Door:
    """A small service on a database: what the sessions of a request do."""

    def __init__(self, database: Database) -> None:
        self.app = FastAPI()
        self.app.state.database = database

        @self.app.exception_handler(Problem)
        def say(_request: Request, problem: Problem) -> Response:
            return Response(status_code=problem.status)

        @self.app.put("/facts/{key}")
        def keep(key: str, db: Db) -> dict[str, str]:
            set_fact(db, key, "kept")
            return {key: "kept"}

        @self.app.put("/orphans")
        def orphan(db: Db) -> dict[str, str]:
            if db.get_bind().dialect.name == "sqlite":
                db.execute(text("PRAGMA defer_foreign_keys = ON"))
            else:
                for key in ("site", "unit"):
                    alter = f"ALTER TABLE site_unit ALTER CONSTRAINT fk_site_unit_{key}_id"
                    db.execute(text(f"{alter} DEFERRABLE INITIALLY DEFERRED"))
            db.execute(insert(SiteUnit), {"site_id": 404, "unit_id": 404})
            return {"answer": "written"}

        @self.app.put("/refusals/{key}")
        def refuse(key: str, db: Db) -> None:
            set_fact(db, key, "half done")
            raise Conflict

        @self.app.get("/facts/{key}")
        def read(key: str, db: ReadDb) -> dict[str, str | None]:
            return {key: fact(db, key)}

    def client(self) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False)


def test_a_write_is_committed_before_the_reply(database: Database) -> None:
    with Door(database).client() as client:
        assert client.put("/facts/a").status_code == 200
        assert client.get("/facts/a").json() == {"a": "kept"}


def test_a_commit_that_fails_is_not_answered_as_done(database: Database) -> None:
    with Door(database).client() as client:
        assert client.put("/orphans").status_code == 500

    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(SiteUnit)) == 0


def test_a_refusal_undoes_what_was_written_before_it(database: Database) -> None:
    with Door(database).client() as client:
        assert client.put("/refusals/a").status_code == 409
        assert client.get("/facts/a").json() == {"a": None}


def test_more_writing_requests_than_threads_get_through_beside_readers(database: Database) -> None:
    with Door(database).client() as client, ThreadPoolExecutor(80) as phones:
        written = phones.map(lambda number: client.put(f"/facts/{number}").status_code, range(120))
        read = phones.map(lambda number: client.get(f"/facts/{number}").status_code, range(120))
        assert set(written) | set(read) == {200}

    with database.read() as db:
        assert (
            db.scalar(select(func.count(InstallationFact.key)).where(InstallationFact.value == "kept")) == 120
        )
