"""The log in the database: one chain whoever writes, nothing changed or deleted, erasing that is accounted for."""

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.log import entry_queries, verify
from app.log import queries as log
from app.log.chain import GENESIS
from app.log.export import lines
from app.log.model import LogDetail, LogEntry
from app.log.witnesses import Broken, Outside
from app.people.model import Person
from tests.log import made

ROOT = Path(__file__).parents[2]
WRITERS = 8
CHANGES = 500
NONE = Outside()


def add_person(db: Session, name: str) -> int:
    """An account that wrote something, by its plainest row."""
    person = Person(name=name, name_key=name, role="officer", password_hash="", created_at=clock.now())
    db.add(person)
    db.flush()
    return person.id


def append_and_fail(db: Session) -> None:
    """Append an entry in a transaction that is not kept."""
    log.append(db, "change", "TH-9", at=clock.now(), by=None)
    raise ValueError("something went wrong afterwards")


def whole(database: Database) -> verify.Whole:
    with database.read() as db:
        return entry_queries.check(db, NONE, key="")


def exported(database: Database) -> bytes:
    with database.read() as db:
        seq, entry_hash = log.head(db)
        entries = entry_queries.exported(db)
        return b"".join(lines(entries, made.KEY, seq=seq, entry_hash=entry_hash, signed_at=made.AT))


def checked(database: Database) -> verify.Whole:
    """The log checked where it lies, and its export."""
    there = whole(database)
    found = verify.verify(io.BytesIO(exported(database)), NONE)
    assert (there.seq, there.entry_hash) == (found.seq, found.entry_hash)
    return found


@pytest.fixture
def written(database: Database) -> Database:
    """A database in which two people wrote three entries each, and one is logged about the other."""
    with database.write() as db:
        people = [add_person(db, f"Người thử {number}") for number in (1, 2)]
        for number in range(3):
            for by in people:
                log.append(
                    db, "change", f"TH-{number}", at=clock.now(), by=by, after={"name": f"Hẻm {number}"}
                )
        log.append(db, "change", f"person:{people[0]}", at=clock.now(), by=people[1], after={"role": "board"})
    return database


def people_of(database: Database) -> list[int]:
    with database.read() as db:
        return list(db.scalars(select(Person.id).order_by(Person.id)))


# Appending -----------------------------------------------------------------------------------------------------------


def test_entries_follow_each_other_from_one(written: Database) -> None:
    with written.read() as db:
        rows = db.execute(
            select(LogEntry.seq, LogEntry.prev_hash, LogEntry.entry_hash).order_by(LogEntry.seq)
        ).all()

    assert [row.seq for row in rows] == list(range(1, 8))
    assert [row.prev_hash for row in rows] == [GENESIS, *(row.entry_hash for row in rows[:-1])]
    assert checked(written).seq == 7


def test_what_is_logged_carries_no_personal_data_in_its_header(written: Database) -> None:
    with written.read() as db:
        headers = db.scalars(select(LogEntry.header)).all()

    for header in headers:
        assert set(json.loads(header)) == {"about", "at", "prev", "seq", "v", "verb", "what", "who"}
        assert "Hẻm" not in header
        assert "role" not in header


def test_a_savepoint_that_was_rolled_back_leaves_no_gap_and_no_fork(database: Database) -> None:
    at = clock.now()
    with database.write() as db:
        assert log.append(db, "add", "TH-1", at=at, by=None) == 1
        with db.begin_nested() as savepoint:
            assert log.append(db, "add", "TH-2", at=at, by=None) == 2
            savepoint.rollback()
        assert log.append(db, "add", "TH-3", at=at, by=None) == 2
        with db.begin_nested():
            assert log.append(db, "add", "TH-4", at=at, by=None) == 3
            with db.begin_nested() as savepoint:
                log.append_added(db, [("TH-5", {}), ("TH-6", {})], at=at, by=None)
                savepoint.rollback()
            assert log.append(db, "add", "TH-7", at=at, by=None) == 4
        assert log.append(db, "add", "TH-8", at=at, by=None) == 5
    with pytest.raises(ValueError, match="afterwards"), database.write() as db:
        append_and_fail(db)
    with database.write() as db:
        assert log.append(db, "add", "TH-10", at=at, by=None) == 6

    assert checked(database).seq == 6


def test_many_at_once_and_one_by_one_make_one_chain(database: Database) -> None:
    at = datetime(2026, 11, 23, 4, 5, 6, 789_999, tzinfo=UTC)
    with database.write() as db:
        log.append(db, "add", "TH-0", at=at, by=None)
        log.append_added(
            db, [(f"TH-{number}", {"name": "\\N\t“”"}) for number in range(1, 5000)], at=at, by=None
        )
        log.append(db, "add", "TH-5000", at=at, by=None)
        log.append_added(db, [], at=at, by=None)

    assert checked(database).seq == 5001


def test_collected_entries_come_at_the_end_in_their_order(database: Database) -> None:
    at = clock.now()
    with database.write() as db, log.collected(db):
        assert log.append(db, "change", "TH-1", at=at, by=None) == 0
        log.append_added(db, [("TH-2", {})], at=at, by=None)
        assert log.head(db) == (0, GENESIS)
    with pytest.raises(ValueError, match="afterwards"), database.write() as db, log.collected(db):
        append_and_fail(db)

    with database.read() as db:
        assert db.scalars(select(LogEntry.about).order_by(LogEntry.seq)).all() == ["TH-1", "TH-2"]
    assert checked(database).seq == 2


def test_text_is_composed_before_it_is_hashed(database: Database) -> None:
    with database.write() as db:
        log.append(db, "add", "TH-1", at=clock.now(), by=None, after={"name": "Ho\u0302\u0300"})

    with database.read() as db:
        assert "Hồ" in (db.scalar(select(LogDetail.what)) or "")
    assert checked(database).seq == 1


def test_eight_processes_at_once_make_one_chain(database: Database, database_url: str) -> None:
    codes = [f"TH-ST-{number}" for number in range(WRITERS)]
    with database.write() as db:
        add_places(db, codes)
    before = whole(database).seq
    command = [sys.executable, "-m", "tests.log.writer", database_url]
    running = [
        subprocess.Popen([*command, code, str(CHANGES)], cwd=ROOT, stderr=subprocess.PIPE) for code in codes
    ]
    said = [each.communicate(timeout=1_000)[1] for each in running]

    assert [each.returncode for each in running] == [0] * WRITERS, said
    assert checked(database).seq == before + WRITERS * CHANGES
    with database.read() as db:
        rows = db.execute(
            select(LogEntry.about, LogDetail.what)
            .join(LogDetail, LogDetail.seq == LogEntry.seq)
            .order_by(LogEntry.seq)
        ).all()
    for code in codes:
        notes = [json.loads(row.what)["after"]["location_note"] for row in rows[before:] if row.about == code]
        assert notes == [f"lần {number}" for number in range(CHANGES)]


def add_places(db: Session, codes: list[str]) -> None:
    from shapely import Point

    from app.sites import queries as sites

    for code in codes:
        values = {
            "code": code,
            "name": "Vị trí thử",
            "kind": "slide",
            "geometry": Point(108.4, 11.9),
            "location_status": "surveyed",
            "location_accuracy_m": 5.0,
        }
        sites.add(db, values, unit_ids=[], at=clock.now(), by=None)


# What the database refuses -------------------------------------------------------------------------------------------

REFUSED = {
    "change an entry": "UPDATE log_entry SET verb = 'add' WHERE seq = 2",
    "change a header": "UPDATE log_entry SET header = 'x'",
    "change nothing of an entry": "UPDATE log_entry SET verb = verb",
    "delete an entry": "DELETE FROM log_entry WHERE seq = 7",
    "delete all entries": "DELETE FROM log_entry",
    "delete a detail": "DELETE FROM log_detail WHERE seq = 7",
    "change who": "UPDATE log_detail SET person_id = 1 WHERE seq = 2",
    "take who away but keep the key": "UPDATE log_detail SET person_id = NULL WHERE seq = 2",
    "take the key away but keep who": "UPDATE log_detail SET who_key = NULL WHERE seq = 2",
    "change what": "UPDATE log_detail SET what = '{}' WHERE seq = 2",
    "take what away but keep the key": "UPDATE log_detail SET what = NULL WHERE seq = 2",
    "change a key": "UPDATE log_detail SET what_key = 'x' WHERE seq = 2",
    "erase one, change the other": "UPDATE log_detail SET person_id = NULL, who_key = NULL, what = '' WHERE seq = 2",
    "renumber": "UPDATE log_detail SET seq = 99 WHERE seq = 7",
    "put an erased part back": "UPDATE log_detail SET who_key = 'x' WHERE who_key IS NULL",
    "erase an erasure": "UPDATE log_detail SET what = NULL, what_key = NULL WHERE seq = 8",
}
ON_SQLITE = {
    "replace an entry": "INSERT OR REPLACE INTO log_entry SELECT 7, prev_hash, entry_hash, 'x', at, verb, about"
    " FROM log_entry WHERE seq = 7",
    "replace by a hash": "REPLACE INTO log_entry SELECT 9, 'x', entry_hash, header, at, verb, about"
    " FROM log_entry WHERE seq = 3",
    "replace a detail": "REPLACE INTO log_detail (seq) VALUES (7)",
    "change or replace": "UPDATE OR REPLACE log_entry SET seq = 1 WHERE seq = 2",
}
ON_POSTGRESQL = {
    "truncate": "TRUNCATE log_entry CASCADE",
    "truncate details": "TRUNCATE log_detail",
    "truncate people": "TRUNCATE person CASCADE",
    "change in passing": "INSERT INTO log_detail (seq) VALUES (7) ON CONFLICT (seq) DO UPDATE SET what = 'x'",
}


def test_the_database_refuses_to_change_or_delete_what_was_logged(written: Database) -> None:
    with written.write() as db:
        log.erase(db, people_of(written)[0], at=clock.now(), by=None)
    before = exported(written)
    tried = REFUSED | (ON_SQLITE if written.dialect == "sqlite" else ON_POSTGRESQL)

    for what, statement in tried.items():
        with pytest.raises(DBAPIError) as refused, written.write() as db:
            db.execute(text(statement))
        assert "append-only" in str(refused.value) or "log_detail refuses" in str(refused.value), what

    assert exported(written).splitlines()[:-1] == before.splitlines()[:-1]


def test_the_log_cannot_be_forked(written: Database) -> None:
    fork = (
        "INSERT INTO log_entry SELECT 8, prev_hash, 'x', header, at, verb, about FROM log_entry WHERE seq = 3"
    )

    with pytest.raises(DBAPIError), written.write() as db:
        db.execute(text(fork))


# Erasing -------------------------------------------------------------------------------------------------------------


def test_a_person_can_be_erased_and_the_log_still_holds(written: Database) -> None:
    first, second = people_of(written)
    before = checked(written)

    with written.write() as db:
        seq = log.erase(db, first, at=clock.now(), by=second)

    found = checked(written)
    assert (found.seq, seq) == (before.seq + 1, before.seq + 1)
    with written.read() as db:
        details = db.scalars(select(LogDetail).order_by(LogDetail.seq)).all()
        about = db.scalar(select(LogEntry.about).where(LogEntry.seq == seq))
    assert [each.seq for each in details if each.who_key is None] == [1, 3, 5]
    assert [each.seq for each in details if each.what_key is None] == [7]
    assert first not in [each.person_id for each in details]
    assert "board" not in "".join(each.what or "" for each in details)
    assert about == f"person:{first}"
    assert json.loads(details[-1].what or "") == {
        "before": None,
        "after": {"who": [[1, 1], [3, 3], [5, 5]], "what": [[7, 7]]},
    }


def test_both_can_be_erased_one_after_the_other_and_twice(written: Database) -> None:
    first, second = people_of(written)
    for person in (first, second, first):
        with written.write() as db:
            log.erase(db, person, at=clock.now(), by=second)

    assert checked(written).seq == 10
    with written.write() as db:
        log.erase(db, second, at=clock.now(), by=None)
    assert checked(written).seq == 11


def test_erasing_that_nobody_logged_is_found(written: Database) -> None:
    with written.write() as db:
        db.execute(text("UPDATE log_detail SET person_id = NULL, who_key = NULL WHERE seq = 3"))

    with pytest.raises(Broken) as found:
        whole(written)

    assert (found.value.seq, found.value.line) == (3, None)


# What is found where the database itself was tampered with -----------------------------------------------------------

TAMPERED: dict[str, tuple[str, int]] = {
    "UPDATE log_entry SET verb = 'add' WHERE seq = 4": ("columns", 4),
    "UPDATE log_entry SET about = 'TH-9' WHERE seq = 4": ("columns", 4),
    "UPDATE log_entry SET entry_hash = 'x' WHERE seq = 7": ("columns", 7),
    "UPDATE log_detail SET what = replace(what, '1', '2') WHERE seq = 3": ("what was changed", 3),
    "UPDATE log_detail SET person_id = 2 WHERE seq = 1": ("who did it", 1),
    "UPDATE log_entry SET header = replace(header, 'TH-1', 'TH-2') WHERE seq = 4": ("columns", 4),
    "UPDATE log_entry SET header = replace(header, 'TH-1', 'TH-2'), about = 'TH-2' WHERE seq = 4": (
        "columns",
        4,
    ),
    "UPDATE log_entry SET prev_hash = 'x' WHERE seq = 4": ("columns", 4),
    "UPDATE log_entry SET header = header || ' ' WHERE seq = 4": ("one form", 4),
    "DELETE FROM log_detail WHERE seq = 2": ("are gone", 2),
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_whoever_turns_the_refusals_off_is_still_found(written: Database, statement: str) -> None:
    with written.write() as db:
        refusals_off(db)
        db.execute(text(statement))

    with pytest.raises(Broken) as found:
        whole(written)

    word, seq = TAMPERED[statement]
    assert word in found.value.reason
    assert found.value.seq == seq


def refusals_off(db: Session) -> None:
    """What an administrator of the database can do."""
    if db.get_bind().dialect.name == "postgresql":
        for table in ("log_entry", "log_detail"):
            db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    for (name,) in db.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'log%'")
    ).all():
        db.execute(text(f"DROP TRIGGER {name}"))
