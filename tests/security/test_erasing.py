"""Erasing a person: no byte of them is left in the database, what they saw is, and the log still verifies."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from app import clock
from app.archive import postgres
from app.archive.compacting import compact
from app.cli import cli
from app.inspections.model import Inspection, Photo
from app.log.commands import log
from app.log.model import LogDetail, LogEntry
from app.models import Model
from app.people import account_queries, token_queries
from app.people.model import BrowserSession, Invite, Person, PersonUnit, RecoveryCode, Token
from app.people.queries import by_name
from app.throttle import Throttled
from tests.make import Make, inspection_id

NAME = "Trương Thị Xạ Kỳ Thử"
PHONE = "Máy xạ kỳ"
LON, LAT = 108.4271953, 11.9523847


@pytest.fixture
def taluy(settings, monkeypatch):
    """Run `taluy` on this test's database and give its output; fails the test for another exit code."""
    monkeypatch.setenv("TALUY_DATABASE_URL", settings.database)
    monkeypatch.setenv("TALUY_DATA_DIR", str(settings.data_dir))

    def run(*words: str, given: str | None = None, code: int = 0) -> str:
        done = CliRunner().invoke(cli, words, input=given, catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture
def observer(make: Make, sign_in, database):
    """An officer with everything that an account can have, two inspections, a position and photos; gives the id."""
    place = make.site()
    stranger = make.person("administrator")
    with database.write() as db:
        person = by_name(db, make.person("officer"))
        person.name, person.name_key = NAME, NAME.casefold()
        person_id = person.id
    phone = sign_in(NAME)
    where = {"lon": LON, "lat": LAT, "accuracy_m": 6, "age_s": 3, "source": "gps"}
    for note in ("Nước rỉ ở chân mái", ""):
        body = make.inspection_body(place, note=note, position=where)
        visit = inspection_id()
        assert phone.put(f"/api/inspections/{visit}", json=body).status_code == 201
    sha, data = make.photo()
    assert phone.put(f"/api/photos/{sha}", params={"inspection": visit}, content=data).status_code == 201
    position, (sha, data) = inspection_id(), make.photo((120, 90, 60))
    measured = make.position_body(place, note="Đứng cạnh cột điện")
    assert phone.put(f"/api/positions/{position}", json=measured).status_code == 201
    assert phone.put(f"/api/photos/{sha}", params={"position": position}, content=data).status_code == 201
    now = clock.now()
    with database.write() as db:
        db.execute(update(Photo).values(taken_lon=LON, taken_lat=LAT, taken_at=now))
        person = db.get_one(Person, person_id)
        person.totp_sealed, person.totp_step = "gAAAAAxakysealed", 5
        db.add(RecoveryCode(person_id=person_id, code_sha256="c" * 64))
        token_queries.add(db, "secret", person_id, kind="device", name=PHONE, days=9, at=now)
        account_queries.invite(db, "link", person, purpose="reset", at=now, days=1, by=None)
        account_queries.note(db, person, "change", at=now, by=by_name(db, stranger).id, after={"name": NAME})
    return person_id


def stored(url: str) -> bytes:
    """Every byte of an SQLite database's files, or the dump of a PostgreSQL one."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    program = postgres.find("pg_dump", 15)
    address = url.replace("postgresql+psycopg", "postgresql")
    return subprocess.run([program, "--inserts", address], capture_output=True, check=True).stdout


def traces(kept: bytes) -> list[str]:
    words = (NAME, NAME.casefold(), PHONE, "Xạ Kỳ", "xạ kỳ", "xakysealed", str(LON), str(LAT))
    return [word for word in words if word.encode() in kept]


def test_no_byte_of_the_person_is_left(taluy, observer, database, settings):
    database.dispose()
    assert {NAME, PHONE, "xakysealed"} <= set(traces(stored(settings.database)))

    said = taluy("person", "erase", NAME, given=f"{NAME}\n")

    database.dispose()
    assert traces(stored(settings.database)) == []
    assert f"Đã xóa {observer}" in said
    assert "2 lượt kiểm tra, 2 ảnh" in said
    assert "2 ghi chú" in said
    assert "docs/operations.md" in said
    assert "Chạy lại lệnh" not in said


def test_the_account_is_nobodys_and_its_ways_in_are_gone(taluy, observer, database, client):
    taluy("person", "erase", NAME, "--yes")

    with database.read() as db:
        person = db.get_one(Person, observer)
        assert (person.name, person.password_hash) == (f"Đã xóa {observer}", "")
        assert person.disabled_at is not None
        assert person.erased_at is not None
        assert person.totp_sealed is None
        for model in (BrowserSession, Token, RecoveryCode, Invite, PersonUnit):
            assert db.scalar(select(func.count()).where(model.person_id == observer)) == 0
    for name in (NAME, f"Đã xóa {observer}"):
        tried = client.post("/api/session", json={"name": name, "password": "bon con meo xanh la"})
        assert tried.status_code == 401
    assert client.get("/api/session", headers={"Authorization": "Bearer secret"}).status_code == 401


def test_no_count_of_sign_ins_tells_a_guesser_who_was_here(taluy, observer, database):
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Throttled)) > 0

    taluy("person", "erase", NAME, "--yes")

    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(Throttled)) == 0


def test_every_table_that_knows_people_was_thought_of(taluy, observer, database):
    """A new table that points at people holds nothing of somebody erased, or stands here with its reason."""
    stays = {
        "inspection.person_id": "what was seen belongs to the ward; the observer is the empty account",
        "photo.person_id": "as its inspection or its position",
        "position_proposal.person_id": "where a place is belongs to the ward; who measured is the empty account",
        "position_proposal.decided_by_id": "as a rating",
        "site.risk_rated_by_id": "a rating stays; who made it is the empty account",
    }
    taluy("person", "erase", NAME, "--yes")

    pointing = {
        f"{table.name}.{column.name}": column
        for table in Model.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column is Person.__table__.c.id
    }
    with database.read() as db:
        left = {
            where
            for where, column in pointing.items()
            if db.scalar(select(column).where(column == observer).limit(1))
        }
    assert set(stays) <= set(pointing)
    assert left <= set(stays)


def test_the_inspections_stay_without_where_somebody_stood(taluy, observer, database, board):
    before = board.get("/api/inspections").json()["inspections"]

    taluy("person", "erase", NAME, "--yes")

    after = board.get("/api/inspections").json()["inspections"]
    stood = {name for name in before[0] if name.startswith("position_")}
    assert len(stood) == 5
    for old, new in zip(before, after, strict=True):
        assert {**old, "observer": f"Đã xóa {observer}", **dict.fromkeys(stood)} == new
    with database.read() as db:
        taken = db.execute(select(Photo.taken_lon, Photo.taken_lat, Photo.taken_at)).all()
    assert taken == [(None, None, None)] * 2
    (proposal,) = board.get("/api/positions").json()["positions"]
    assert proposal["proposed_by"] == f"Đã xóa {observer}"


def test_the_log_verifies_and_says_that_somebody_was_erased(taluy, observer, database, settings, tmp_path):
    taluy("person", "erase", NAME, "--yes")

    with database.read() as db:
        erasing = db.scalars(select(LogEntry).where(LogEntry.verb == "erase")).all()
        who = db.scalar(select(func.count()).where(LogDetail.person_id == observer))
    assert [entry.about for entry in erasing] == [f"person:{observer}"]
    assert who == 0
    out = tmp_path / "log.jsonl"
    for words in (["export", str(out)], ["verify", str(out)]):
        done = CliRunner().invoke(log, words, obj=settings, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    assert traces(out.read_bytes()) == []


def test_once_more_changes_nothing(taluy, observer, database):
    taluy("person", "erase", NAME, "--yes")
    with database.read() as db:
        entries = db.scalar(select(func.count()).select_from(LogEntry))
        person = db.get_one(Person, observer)

    said = taluy("person", "erase", f"Đã xóa {observer}", "--yes")

    assert "0 lượt kiểm tra, 0 ảnh" in said
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(LogEntry)) == entries
        assert db.get_one(Person, observer).erased_at == person.erased_at


def test_what_came_in_while_erasing_goes_with_the_next_run(taluy, observer, database, make):
    taluy("person", "erase", NAME, "--yes")
    with database.write() as db:
        db.execute(update(Inspection).values(position_lon=LON, position_lat=LAT))

    said = taluy("person", "erase", f"Đã xóa {observer}", "--yes")

    assert "2 lượt kiểm tra" in said
    with database.read() as db:
        assert db.scalar(select(func.count()).where(Inspection.position_lon.is_not(None))) == 0


def test_another_name_typed_changes_nothing(taluy, observer, database):
    said = taluy("person", "erase", NAME, given="Người khác\n", code=1)

    assert "Tên không khớp" in said
    with database.read() as db:
        assert db.get_one(Person, observer).name == NAME


def test_an_unknown_name_is_told_in_a_line(taluy, observer):
    said = taluy("person", "erase", "Không có ai", "--yes", code=1)

    assert len(said.strip().splitlines()) == 1
    assert "Traceback" not in said


def test_the_last_administrator_is_not_erased(taluy, make, database):
    name = make.person("administrator")

    said = taluy("person", "erase", name, "--yes", code=1)

    assert "Error" in said
    with database.read() as db:
        assert by_name(db, name).erased_at is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_that_a_reader_still_looks_at_are_told(database, settings, observer, monkeypatch):
    monkeypatch.setattr("app.archive.compacting.BUSY_S", 0.2)
    with database.read() as db:
        db.execute(select(Person)).all()

        assert compact(settings.database) is False

    database.dispose()
    assert compact(settings.database) is True
