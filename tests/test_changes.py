"""Whether anything was committed since: no two states have the same token, whoever writes, however they die."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from stat import S_IMODE
from tempfile import TemporaryDirectory

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from app import clock
from app.db import Database
from app.errors import Conflict
from app.installation import set_fact
from app.memory.changes import Changes, Seen, Shared, Token

CHANGE = "INSERT INTO unit (code, name) VALUES ('99999', 'Phường thử')"
LISTENING = "FROM pg_stat_activity WHERE application_name = 'taluy changes' AND datname = %s"
SECOND = 1.0
WRITER = """
import sys
from pathlib import Path
from sqlalchemy import text
from app.db import Database
{before}
database = Database(sys.argv[1], Path(sys.argv[2]))
{hook}
with database.write() as db:
    db.execute(text(sys.argv[3]))
"""
KILLED = "database.changes.renew = lambda: os.kill(os.getpid(), signal.SIGKILL)"


def until(true: Callable[[], bool], seconds: float = 60) -> float:
    """Wait for a condition; gives after how long somebody still looked in vain: a slow machine looks seldom."""
    began, in_vain = time.monotonic(), 0.0
    while True:
        looks = time.monotonic() - began
        if true():
            return in_vain
        in_vain = looks
        assert in_vain < seconds, "it never came true"
        time.sleep(0.005)


def surely(changes: Changes) -> Token:
    """A token that may come again: who listens may fall silent for a moment where others need the processor."""
    looks: list[Seen] = []

    def sure() -> bool:
        looks.append(changes.look())
        return looks[-1].sure

    until(sure)
    return looks[-1].token


@pytest.fixture
def watched(database: Database, tmp_path: Path) -> Iterator[Changes]:
    """The changes of the database as the service sees them, listening; nothing was written before."""
    changes = Changes(database.url, tmp_path)
    assert surely(changes) == surely(changes)
    yield changes
    changes.close()


def write(database: Database) -> None:
    with database.write() as db:
        set_fact(db, "told", str(time.monotonic()))


def other_process(database: Database, folder: Path, hook: str = "") -> int:
    """Change a unit from another process of this installation; gives its exit code."""
    program = WRITER.format(before="import os, signal", hook=hook)
    url = database.url.render_as_string(hide_password=False)
    return subprocess.run([sys.executable, "-c", program, url, str(folder), CHANGE], check=False).returncode


def foreign(database: Database) -> None:
    """Change a unit as somebody who has never heard of us."""
    if database.dialect == "sqlite":
        with closing(sqlite3.connect(str(database.url.database), isolation_level=None)) as connection:
            connection.execute(CHANGE)
    else:
        with psycopg.connect(database.url.set(drivername="postgresql").render_as_string()) as connection:
            connection.execute(CHANGE)


def test_every_commit_changes_the_token_before_anybody_goes_on(database, watched, tmp_path):
    with Database(str(database.url), tmp_path) as ours:
        seen = {watched.token()}
        for _ in range(50):
            write(ours)
            seen.add(watched.token())

    assert len(seen) == 51


def test_reading_and_giving_up_change_nothing(database, watched, tmp_path):
    before = surely(watched)

    def give_up(ours: Database) -> None:
        with ours.write() as db:
            set_fact(db, "half", "done")
            raise Conflict

    with Database(str(database.url), tmp_path) as ours:
        with pytest.raises(Conflict):
            give_up(ours)
        with ours.read() as db:
            db.execute(text("SELECT count(*) FROM unit"))

    assert surely(watched) == before


def test_a_commit_that_breaks_may_have_arrived(sqlite_url, tmp_path):
    def break_at_the_end(database: Database) -> None:
        with database.write() as db:
            db.execute(text("PRAGMA defer_foreign_keys=ON"))
            db.execute(text("INSERT INTO site_unit (site_id, unit_id) VALUES (-1, -1)"))

    with Database(sqlite_url, tmp_path) as database:
        number = Shared(tmp_path / "run" / "changes")
        before = number.value()
        with pytest.raises(IntegrityError):
            break_at_the_end(database)

        assert number.value() != before


def test_another_process_tells_by_the_file_alone(database, watched, tmp_path):
    number = Shared(tmp_path / "run" / "changes")
    before = number.value(), surely(watched)

    assert other_process(database, tmp_path) == 0

    assert number.value() != before[0]
    assert watched.token() != before[1]


def test_a_writer_killed_between_commit_and_telling_is_overheard(database, watched, tmp_path):
    number = Shared(tmp_path / "run" / "changes")
    before = number.value(), surely(watched)

    assert other_process(database, tmp_path, KILLED) == -signal.SIGKILL

    assert until(lambda: watched.token() != before[1]) < SECOND
    assert number.value() == before[0]
    until(lambda: watched.look().sure)


def test_who_knows_nothing_of_us_is_overheard(database, watched):
    for _ in range(20):
        before = surely(watched)
        foreign(database)
        if database.dialect == "sqlite":
            assert watched.token() != before
        else:
            assert until(lambda before=before: watched.token() != before) < SECOND


@contextmanager
def nobody_connects(postgis, name: str) -> Iterator[None]:
    """The thread that listens is quick: it must not be there again before anybody looks."""
    postgis.admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    yield
    postgis.admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_nothing_is_sure_while_nobody_listens(postgresql_url, postgis, tmp_path):
    name = make_url(postgresql_url).database
    changes = Changes(make_url(postgresql_url), tmp_path)
    with nobody_connects(postgis, name):
        assert not changes.look().sure
    before = surely(changes)
    with nobody_connects(postgis, name):
        assert postgis.admin.execute(f"SELECT pg_terminate_backend(pid) {LISTENING}", [name]).rowcount == 1
        waited = until(lambda: not changes.look().sure)
        tokens = {changes.token() for _ in range(100)}

    assert waited < SECOND
    assert len(tokens) == 100
    assert surely(changes) not in {before, *tokens}
    changes.close()


def test_a_connection_that_is_silent_counts_as_lost(postgresql_url, postgis, tmp_path):
    changes = Changes(make_url(postgresql_url), tmp_path)
    until(lambda: changes.look().sure)
    name = make_url(postgresql_url).database
    (pid,) = postgis.admin.execute(f"SELECT pid {LISTENING}", [name]).fetchone()
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    try:
        assert until(lambda: not changes.look().sure) < SECOND + 0.5
    finally:
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
    until(lambda: changes.look().sure)
    changes.close()


def test_closed_it_ends_its_thread_and_begins_again_when_asked(postgresql_url, postgis, tmp_path):
    changes, name = Changes(make_url(postgresql_url), tmp_path), make_url(postgresql_url).database
    before = surely(changes)
    thread = changes._overheard._thread

    with nobody_connects(postgis, name):
        changes.close()

        assert not thread.is_alive()
        assert not changes.look().sure
    assert surely(changes) != before
    changes.close()


def test_the_file_is_made_once_by_whoever_is_first(tmp_path):
    path = tmp_path / "data" / "run" / "changes"
    with ThreadPoolExecutor(16) as pool:
        shared = list(pool.map(lambda _: Shared(path), range(16)))
        list(pool.map(Shared.value, shared))
    seen = {each.value() for each in shared}
    shared[3].renew()

    assert len(seen) == 1
    assert {each.value() for each in shared}.isdisjoint(seen)
    assert len({each.value() for each in shared}) == 1
    assert (path.stat().st_size, S_IMODE(path.stat().st_mode)) == (8, 0o600)
    assert S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_was_removed_or_emptied_is_found_again_by_everybody(tmp_path):
    path = tmp_path / "run" / "changes"
    first, second = Shared(path), Shared(path)
    seen = [first.value()]
    for spoil in (path.unlink, lambda: path.write_bytes(b""), lambda: path.replace(tmp_path / "elsewhere")):
        spoil()
        second.renew()
        assert first.value() == second.value()
        assert first.value() not in seen
        seen.append(first.value())


def test_two_that_write_at_once_leave_what_nobody_saw(tmp_path):
    path, rounds = tmp_path / "run" / "changes", 200
    shared = [Shared(path) for _ in range(4)]

    def alternate(mine: Shared) -> list[tuple[int, int]]:
        pairs = []
        for _ in range(rounds):
            before = mine.value()
            mine.renew()
            pairs.append((before, mine.value()))
        return pairs

    with ThreadPoolExecutor(4) as pool:
        pairs = [pair for found in pool.map(alternate, shared) for pair in found]

    assert len(pairs) == 4 * rounds
    assert all(before != after for before, after in pairs)


@pytest.mark.parametrize("spoilt", ["folder", "link"])
def test_without_the_file_nothing_is_sure_and_everything_is_kept(sqlite_url, tmp_path, spoilt):
    path = tmp_path / "run" / "changes"
    path.parent.mkdir()
    path.mkdir() if spoilt == "folder" else path.symlink_to(tmp_path / "elsewhere")
    with Database(sqlite_url, tmp_path) as database:
        write(database)
        looks = [database.changes.look() for _ in range(10)]
        with database.read() as db:
            kept = db.scalar(text("SELECT count(*) FROM installation WHERE key = 'told'"))

    assert not any(look.sure or look.modified for look in looks)
    assert len({look.token for look in looks}) == 10
    assert kept == 1
    assert not (tmp_path / "elsewhere").exists()


def test_midnight_in_vietnam_is_a_change(database, watched, monkeypatch):
    late = datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)
    tokens = []
    for moment in (late, late + timedelta(milliseconds=999), late + timedelta(seconds=1)):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        tokens.append(surely(watched))

    assert tokens[0] == tokens[1] != tokens[2]


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["write", "first", "second"]), st.integers(0, 1_700)),
        min_size=1,
        max_size=30,
    )
)
def test_no_two_states_carry_the_same_moment(steps):
    """Of two processes that look whenever they like, to the millisecond: a later state has a later moment."""
    now = datetime(2026, 11, 23, 3, 0, 0, tzinfo=UTC)
    version, said = 0, {}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now)
        path = Path(folder, "a.sqlite")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE told (x)")
        watching = {
            name: Changes(make_url(f"sqlite:///{path}"), Path(folder)) for name in ("first", "second")
        }
        for who, wait_ms in steps:
            now += timedelta(milliseconds=wait_ms)
            if who == "write":
                version += 1
                watching["first"].renew()
            elif modified := watching[who].look().modified:
                moment = parsedate_to_datetime(modified)
                assert moment <= now
                assert all(earlier < moment for older, earlier in said.items() if older < version)
                said[version] = max(moment, said.get(version, moment))
        for changes in watching.values():
            changes.close()


def test_looking_is_cheap(sqlite_url, tmp_path):
    """No more than a few times of what SQLite itself takes to say its version, on whichever machine."""
    changes = Changes(make_url(sqlite_url), tmp_path)
    with closing(sqlite3.connect(make_url(sqlite_url).database)) as plain:
        ways = [changes.look, lambda: plain.execute("PRAGMA data_version").fetchone()]
        looking, asking = (min(each) for each in zip(*(map(_seconds, ways) for _ in range(20)), strict=True))
    changes.close()

    assert looking < 10 * asking


def _seconds(do: Callable[[], object]) -> float:
    """Of the processor."""
    began = time.thread_time()
    for _ in range(200):
        do()
    return time.thread_time() - began
