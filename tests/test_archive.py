"""Backup and restore through the command line, each from one real database into another of its kind."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, inspect, select, text

from app import clock
from app.archive import postgres
from app.archive.backup import keys_file
from app.cli import cli
from app.db import Database
from app.errors import Unavailable
from app.inspections.model import Inspection, Photo
from app.inspections.photo_intake import path_of
from app.log import queries as log
from app.log.model import LogEntry
from app.models import Model
from app.settings import Settings
from tests.make import inspection_id

Taluy = Callable[..., Result]


def run(settings: Settings, *arguments: object) -> Result:
    environment = {"TALUY_DATABASE_URL": settings.database_url, "TALUY_DATA_DIR": str(settings.data_dir)}
    found = CliRunner().invoke(cli, [str(one) for one in arguments], env=environment)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An empty place with a database of the same kind."""
    folder = tmp_path / "elsewhere"
    if settings.database_url.startswith("sqlite"):
        yield Settings(database_url="", data_dir=folder)
    else:
        server = request.getfixturevalue("postgis")
        yield Settings(database_url=server.create("elsewhere"), data_dir=folder)
        server.drop("elsewhere")


@pytest.fixture
def visited(officer: Any, make: Any) -> list[str]:
    """A registry with an inspection and two photos; gives the hashes of the bytes that were sent."""
    visit = inspection_id()
    assert officer.put(f"/api/inspections/{visit}", json=make.inspection_body("P6-NL-01")).status_code == 201
    sent = [make.photo(colour) for colour in ((90, 120, 80), (30, 20, 200))]
    for sha256, data in sent:
        answer = officer.put(
            f"/api/photos/{sha256}?inspection={visit}", content=data, headers={"Content-Type": "image/jpeg"}
        )
        assert answer.status_code == 201, answer.text
    return [sha256 for sha256, _ in sent]


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, as text."""
    with Database(url) as database, database.read() as db:
        return {
            table.name: sorted(tuple(map(str, row)) for row in db.execute(select(table)))
            for table in Model.metadata.sorted_tables
        }


def stored(settings: Settings) -> dict[str, str]:
    folder = settings.data_dir / "photos"
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.jpg")
    }


def test_a_backup_comes_back_whole_in_an_empty_place(settings, visited, elsewhere, tmp_path):
    archive = tmp_path / "taluy.tar.gz"

    made = run(settings, "backup", archive)
    restored = run(elsewhere, "restore", archive)

    assert made.exit_code == 0, made.output
    assert restored.exit_code == 0, restored.output
    before, after = rows(settings.database), rows(elsewhere.database)
    assert after == before
    assert len(after["site"]) == 6
    assert (len(after["inspection"]), len(after["photo"])) == (1, 2)
    assert stored(elsewhere) == stored(settings)
    assert len(stored(elsewhere)) >= 2
    with Database(elsewhere.database) as database, database.read() as db:
        for photo in db.scalars(select(Photo)):
            assert path_of(elsewhere.data_dir / "photos", photo.stored_sha256).is_file()


def test_the_restored_place_takes_new_records(settings, visited, elsewhere, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    run(settings, "backup", archive)
    run(elsewhere, "restore", archive)
    path = tmp_path / "in.csv"
    path.write_text(
        "code,name,kind,lon,lat,location_status,location_accuracy_m\nP6-ST-20,Mới,slide,108.43,11.95,surveyed,5\n",
        encoding="utf-8",
    )

    found = run(elsewhere, "import", path, "--unit", "24787", "--apply")

    assert found.exit_code == 0, found.output
    with Database(elsewhere.database) as database, database.read() as db:
        tables = inspect(db.connection()).get_table_names()
        near = db.scalar(text("SELECT count(*) FROM site WHERE code = 'P6-ST-20'"))
    assert near == 1
    assert ("site_rtree" in tables) == settings.database_url.startswith("sqlite")


def test_a_backup_under_writing_holds_one_moment(settings, visited, elsewhere, database, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    writing, enough = threading.Event(), threading.Event()
    written: list[str] = []

    def write() -> None:
        while not enough.is_set():
            with database.write() as db:
                for half in ("a", "b"):
                    log.append(db, f"half {half}", f"TH-{len(written)}", at=clock.now(), by=None)
            written.append("both")
            writing.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert writing.wait(120)
    try:
        made = run(settings, "backup", archive)
    finally:
        enough.set()
        writer.join()
    restored = run(elsewhere, "restore", archive)

    assert (made.exit_code, restored.exit_code) == (0, 0), made.output + restored.output
    with Database(elsewhere.database) as other, other.read() as db:
        halves = [
            db.scalar(select(func.count()).where(LogEntry.verb == verb)) for verb in ("half a", "half b")
        ]
        seqs = db.scalars(select(LogEntry.seq).order_by(LogEntry.seq)).all()
    assert halves[0] == halves[1]
    assert 1 <= halves[0] <= len(written)
    with database.read() as db:
        first = db.scalars(select(LogEntry.seq).order_by(LogEntry.seq).limit(len(seqs))).all()
    assert seqs == first


def test_a_backup_says_what_is_in_it_and_is_for_its_owner_only(settings, visited, tmp_path):
    archive = tmp_path / "taluy.tar.gz"

    run(settings, "backup", archive)

    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
        for member in manifest["members"]:
            assert hashlib.sha256(tar.extractfile(member["name"]).read()).hexdigest() == member["sha256"]
    assert names[0] == "manifest.json"
    assert sorted(names[1:]) == sorted(member["name"] for member in manifest["members"])
    assert (manifest["format"], manifest["counts"]["site"], manifest["counts"]["inspection"]) == (1, 6, 1)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_backup_never_overwrites(settings, app, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    archive.write_bytes(b"yesterday's")

    found = run(settings, "backup", archive)

    assert found.exit_code == 1
    assert str(archive) in found.output
    assert archive.read_bytes() == b"yesterday's"


def test_keys_lie_apart_from_the_backup(settings, app, elsewhere, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    keys = settings.data_dir / "keys"
    keys.mkdir(parents=True)
    (keys / "log.pem").write_bytes(b"a secret that no backup holds")

    made = run(settings, "backup", archive)
    restored = run(elsewhere, "restore", archive, "--keys", keys_file(archive))

    assert str(keys_file(archive)) in made.output
    assert keys_file(archive).stat().st_mode & 0o077 == 0
    assert b"a secret that no backup holds" not in gzip.decompress(archive.read_bytes())
    assert restored.exit_code == 0, restored.output
    copied = elsewhere.data_dir / "keys" / "log.pem"
    assert copied.read_bytes() == b"a secret that no backup holds"
    assert copied.stat().st_mode & 0o077 == 0


def test_a_photo_that_rotted_on_the_disk_is_named(settings, visited, tmp_path):
    with Database(settings.database) as database, database.read() as db:
        photo = db.scalars(select(Photo).order_by(Photo.id)).first()
    path_of(settings.data_dir / "photos", photo.stored_sha256).write_bytes(b"rot")

    made = run(settings, "backup", tmp_path / "taluy.tar.gz")

    assert made.exit_code == 0
    assert photo.stored_sha256[2:] in made.output


def test_nothing_is_restored_over_something(settings, visited, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    run(settings, "backup", archive)
    before, photos = rows(settings.database), stored(settings)

    found = run(settings, "restore", archive)

    assert found.exit_code == 1
    assert "trống" in found.output
    assert (rows(settings.database), stored(settings)) == (before, photos)


def test_a_file_of_keys_writes_nothing_outside_its_folder(settings, app, elsewhere, tmp_path):
    archive, hostile = tmp_path / "taluy.tar.gz", tmp_path / "hostile.tar"
    run(settings, "backup", archive)
    with tarfile.open(hostile, "w") as tar:
        for name in (
            "keys/../up",
            "../out",
            "/keys/absolute",
            "keys/..",
            "keys/sub/../../up",
            "keys/log.pem",
        ):
            entry = tarfile.TarInfo(name)
            entry.size = 4
            tar.addfile(entry, io.BytesIO(b"evil"))
        link = tarfile.TarInfo("keys/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)

    restored = run(elsewhere, "restore", archive, "--keys", hostile)

    assert restored.exit_code == 0
    assert [path.name for path in (elsewhere.data_dir / "keys").iterdir()] == ["log.pem"]
    assert not (elsewhere.data_dir / "up").exists()
    assert not (elsewhere.data_dir.parent / "out").exists()


def test_photos_that_are_there_already_are_never_mixed_with_others(settings, app, elsewhere, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    run(settings, "backup", archive)
    (elsewhere.data_dir / "photos" / "ab").mkdir(parents=True)

    found = run(elsewhere, "restore", archive)

    assert found.exit_code == 1
    assert "photos" in found.output


def repacked(archive: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The archive with its members changed, as somebody hostile or a bad disk would."""
    target = archive.with_name("changed.tar.gz")
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for entry in old:
            changed = change(entry.name, old.extractfile(entry).read())
            if changed is not None:
                entry.name, entry.size = changed[0], len(changed[1])
                new.addfile(entry, io.BytesIO(changed[1]))
    return target


def _with_manifest(data: bytes, **values: Any) -> bytes:
    return json.dumps(json.loads(data) | values).encode()


CHANGES: dict[str, Callable[[str, bytes], tuple[str, bytes] | None]] = {
    "a bit of a photo": lambda name, data: (name, data[:-1] + b"\0" if name.startswith("photos") else data),
    "a bit of the database": lambda name, data: (
        name,
        data[:-9] + b"123456789" if "database" in name else data,
    ),
    "no database": lambda name, data: None if name.startswith("database") else (name, data),
    "no manifest": lambda name, data: None if name == "manifest.json" else (name, data),
    "a path out of the folder": lambda name, data: (name.replace("photos", "../../photos"), data),
    "a member more": lambda name, data: (name.replace("photos/", "photos/x"), data),
    "another format": lambda name, data: (
        name,
        _with_manifest(data, format=99) if name == "manifest.json" else data,
    ),
    "a newer version": lambda name, data: (
        name,
        _with_manifest(data, revision="29990101_01") if name == "manifest.json" else data,
    ),
    "another kind": lambda name, data: (
        name,
        data.replace(b'"sqlite"', b'"X"')
        .replace(b'"postgresql"', b'"sqlite"')
        .replace(b'"X"', b'"postgresql"')
        if name == "manifest.json"
        else data,
    ),
    "no JSON": lambda name, data: (name, b"{" if name == "manifest.json" else data),
}


def test_an_archive_that_is_not_what_it_says_restores_nothing(settings, visited, elsewhere, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    run(settings, "backup", archive)
    for what, change in CHANGES.items():
        found = run(elsewhere, "restore", repacked(archive, change))

        assert found.exit_code == 1, what
        assert found.output.count("\n") == 1, what
        assert list(elsewhere.data_dir.iterdir()) == [], what
    assert run(elsewhere, "restore", archive).exit_code == 0


def test_a_file_that_is_no_archive_is_refused_in_one_line(settings, app, elsewhere, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    run(settings, "backup", archive)
    whole = archive.read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2], gzip.compress(b"text")):
        archive.write_bytes(content)

        found = run(elsewhere, "restore", archive)

        assert found.exit_code == 1, content[:20]
        assert found.output.count("\n") == 1
        assert list(elsewhere.data_dir.iterdir()) == []


@pytest.fixture
def ward_databases(postgis: Any) -> Iterator[tuple[str, str, str]]:
    """Addresses of three databases of an account that is no superuser: two with PostGIS, one without."""
    postgis.admin.execute("CREATE ROLE ward LOGIN")
    names = ("ward_1", "ward_2", "ward_bare")
    addresses = [postgis.create(name) for name in names]
    for name in names:
        postgis.admin.execute(f"ALTER DATABASE {name} OWNER TO ward")
    for name in names[:2]:
        with psycopg.connect(postgis.libpq(name), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")
    yield tuple(address.replace("postgres@", "ward@") for address in addresses)
    for name in names:
        postgis.drop(name)
    postgis.admin.execute("DROP ROLE ward")


def test_an_ordinary_account_of_postgresql_backs_up_and_restores(ward_databases, tmp_path):
    first, second, bare = (
        Settings(database_url=url, data_dir=tmp_path / name)
        for name, url in zip(("first", "second", "bare"), ward_databases, strict=True)
    )
    archive = tmp_path / "taluy.tar.gz"
    assert run(first, "migrate").exit_code == 0
    assert run(first, "seed").exit_code == 0

    found = [run(first, "backup", archive), run(second, "restore", archive), run(bare, "restore", archive)]

    assert [one.exit_code for one in found] == [0, 0, 1], [one.output for one in found]
    assert rows(second.database) == rows(first.database)
    assert "CREATE EXTENSION postgis" in found[2].output
    assert not (bare.data_dir / "photos").exists()


def test_a_backup_without_a_database_says_so(settings, tmp_path):
    empty = Settings(database_url="", data_dir=tmp_path / "empty")

    found = run(empty, "backup", tmp_path / "taluy.tar.gz")

    assert found.exit_code == 1
    assert "taluy.sqlite" in found.output
    assert not (tmp_path / "taluy.tar.gz").exists()


def test_a_missing_pg_dump_is_named_with_how_to_get_it():
    with pytest.raises(Unavailable, match="postgresql-client-99"):
        postgres.find("pg_dump", 99)


def test_a_password_is_never_an_argument_of_a_program():
    address = postgres._address("postgresql+psycopg://ward:s%40cret@127.0.0.1:5433/taluy?sslmode=require")

    assert address == "postgresql://ward@127.0.0.1:5433/taluy?sslmode=require"


def test_the_inspection_that_came_back_is_the_one_that_went(settings, visited, elsewhere, tmp_path):
    archive = tmp_path / "taluy.tar.gz"
    run(settings, "backup", archive)
    run(elsewhere, "restore", archive)

    receipts = []
    for place in (settings, elsewhere):
        with Database(place.database) as database, database.read() as db:
            receipts.append(db.scalars(select(Inspection.receipt)).all())

    assert receipts[0] == receipts[1]
