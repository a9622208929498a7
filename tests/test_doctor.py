"""`taluy doctor` finds what is wrong, says how to mend it, changes nothing and says no secret."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import clock, installation, keys
from app.archive import postgres
from app.db import Database
from app.doctor import checks, machine, storage
from app.doctor.checks import CHECKS, Check, examine
from app.doctor.findings import Patient, worst
from app.errors import Unavailable
from app.inspections.model import Photo
from app.inspections.photo_intake import path_of
from app.log import queries as log
from app.people import queries as people
from app.people.model import Person
from app.seed import seed
from app.settings import Settings
from tests.make import inspection_id
from tests.running import prepare, running

NOW = clock.now()
PASSWORD_OF_DATABASE = "bo-cau-trang-tren-mai-ngoi"


def patient(settings: Settings, **environment: str) -> Patient:
    return Patient(settings, environment, clock.now())


def look(name: str, at: Patient) -> list[tuple[str, str, str]]:
    """State, sentence and way out of every finding of one check, in English."""
    check = next(one for one in CHECKS if one.name == name)
    return [
        (found.state, found.says.format(**found.values), found.mend.format(**found.values))
        for found in check.look(at)
    ]


def states(name: str, at: Patient) -> list[str]:
    return [state for state, _says, _mend in look(name, at)]


@pytest.fixture
def seeded(database: Database, settings: Settings) -> Settings:
    """The settings of an installation that holds the ward's places."""
    settings.data_dir.mkdir(mode=0o700)
    with database.write() as db:
        seed(db)
    return settings


def certificate(
    folder: Path,
    *,
    days: int = 90,
    names: tuple[str, ...] = ("soha.lamdong.gov.vn",),
    other_key: bool = False,
) -> dict[str, object]:
    """Settings with a certificate for `names` that ends in so many days."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    known = [x509.IPAddress(ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .sign(private, hashes.SHA256())
    )
    shown = ec.generate_private_key(ec.SECP256R1()) if other_key else private
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(shown.private_bytes(*form))
    paths[1].chmod(0o600)
    return {"tls_cert": paths[0], "tls_key": paths[1], "base_url": "https://soha.lamdong.gov.vn"}


# As a whole


def test_every_check_says_something_and_has_a_name_of_its_own(seeded):
    found = list(examine(patient(seeded)))

    assert [check for check, _findings in found] == list(CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS) == len({check.title for check in CHECKS})
    assert [check.name for check, findings in found if not findings] == []
    assert [
        finding.says
        for _check, findings in found
        for finding in findings
        if finding.state != "ok" and not finding.mend
    ] == []


def test_a_check_that_fails_says_so_without_its_words_and_the_others_go_on(settings):
    def broken(_patient: Patient) -> list[object]:
        raise ValueError(PASSWORD_OF_DATABASE)

    found = list(examine(patient(settings), [Check("broken", "Broken", broken), CHECKS[0]]))

    assert [worst(findings) for _check, findings in found] == ["wrong", "ok"]
    assert PASSWORD_OF_DATABASE not in repr(found)


def command(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TALUY_", "PG"))}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "doctor", *words],
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    return {
        str(path): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in (folder, *sorted(folder.rglob("*")))
    }


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A folder in which everything is in order, and its environment."""
    folder = tmp_path_factory.mktemp("healthy") / "data"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TALUY_")},
        "TALUY_DATA_DIR": str(folder),
        "TALUY_ENV": "production",
        "TALUY_BASE_URL": "https://soha.lamdong.gov.vn",
        "TALUY_TRUSTED_PROXIES": "127.0.0.1",
        "TALUY_SECOND_FACTOR": "required",
        "TALUY_TILE_URL": "",
        "TALUY_PORT": "0",
    }
    prepare(environment)
    keys.signing_key(folder)
    sealed = keys.sealer(folder).encrypt(b"secret").decode()
    with Database(f"sqlite:///{folder / 'taluy.sqlite'}") as opened, opened.write() as db:
        person = people.add(
            db, "Người thử", role="administrator", password_hash="x", unit_ids=[], at=clock.now(), by=None
        )
        person.totp_sealed = sealed
    return folder, environment


def test_a_healthy_installation_has_nothing_wrong(healthy):
    folder, environment = healthy
    before = snapshot(folder)

    done = command(environment, "--json")

    found = {one["check"]: one for one in json.loads(done.stdout)["checks"]}
    assert (done.returncode, done.stderr) == (0, "")
    assert {name for name, one in found.items() if one["state"] != "ok"} - {"account"} == {"backups"}
    assert snapshot(folder) == before


def test_people_read_a_line_for_each_check_and_a_way_out(healthy):
    _folder, environment = healthy
    done = command(environment | {"TALUY_BASE_URL": "http://localhost:8000", "TALUY_PROT": "1"})

    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert sum(line.startswith(("ổn", "lưu ý", "sai")) for line in lines) >= len(CHECKS)
    assert [line for line in lines if line.startswith("sai")] != []
    assert all(
        after.strip().startswith("→") for line, after in pairwise(lines) if line.startswith(("lưu ý", "sai"))
    )
    assert "{" not in done.stdout
    assert lines[-1].endswith("mục sai.")


def test_a_database_that_is_away_is_said_and_everything_else_is_looked_at(tmp_path):
    environment = {
        "TALUY_DATA_DIR": str(tmp_path),
        "TALUY_DATABASE_URL": f"postgresql+psycopg://taluy:{PASSWORD_OF_DATABASE}@127.0.0.1:9/taluy",
    }

    done = command(environment, "--json")

    found = json.loads(done.stdout)["checks"]
    wrong = [one["check"] for one in found if one["state"] == "wrong"]
    assert done.returncode == 1
    assert wrong == ["database"]
    assert {one["check"] for one in found} == {check.name for check in CHECKS}
    assert "127.0.0.1" in next(one["says"] for one in found if one["check"] == "database")
    assert PASSWORD_OF_DATABASE not in done.stdout + done.stderr


def test_the_doctor_cannot_write(seeded):
    at = patient(seeded)

    for statement in ("UPDATE person SET role = 'board'", "CREATE TABLE mine (id int)"):
        with pytest.raises((DBAPIError, Unavailable)), at.reading() as db:
            db.execute(text(statement))


def test_a_password_in_what_a_driver_says_is_left_out():
    at = patient(Settings(database_url=f"postgresql+psycopg://taluy:{PASSWORD_OF_DATABASE}@db.lan/taluy"))

    assert at.without_secrets(f"failed\n  for {PASSWORD_OF_DATABASE}") == "failed for …"


# The machine


def test_other_versions_than_the_locked_ones_are_told(settings, tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    lock.write_text("click==0.1 \\\nnot-there==1.0 ; sys_platform == 'win32' \\\n")
    other = look("packages", patient(settings))
    lock.write_text("missing-one==1.0 \\\n")
    missing = look("packages", patient(settings))

    assert [(state, "click" in says, "not-there" in says) for state, says, _ in other] == [
        ("wrong", True, False)
    ]
    assert [(state, "missing-one" in says) for state, says, _ in missing] == [("wrong", True)]


def test_missing_files_for_browsers_are_told(settings, tmp_path, monkeypatch):
    assert states("browser-files", patient(settings)) == ["ok"]
    monkeypatch.setattr(machine, "ROOT", tmp_path)

    assert states("browser-files", patient(settings)) == ["wrong"]


def test_root_is_told(settings):
    assert states("account", patient(settings)) == ["warning" if os.geteuid() == 0 else "ok"]


def test_a_typing_mistake_in_a_variable_is_told_with_the_nearest_name_and_without_its_value(settings):
    at = patient(settings, TALUY_DATABSE_URL=PASSWORD_OF_DATABASE, TALUY_ZZZ="x", TALUY_PORT="1", HOME="/")

    found = look("settings", at)

    assert [(state, "TALUY_DATABASE_URL" in mend) for state, _, mend in found] == [
        ("warning", True),
        ("warning", False),
    ]
    assert PASSWORD_OF_DATABASE not in repr(found)


def test_a_port_that_another_program_holds_is_told(settings, monkeypatch):
    monkeypatch.setattr(machine, "ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(30)
        taken = settings.model_copy(update={"port": other.getsockname()[1]})
        found = look("port", patient(taken))
        free = look("port", patient(settings.model_copy(update={"port": 0})))

    assert [state for state, _, _ in found] == ["wrong"]
    assert f"sport = :{taken.port}" in found[0][2]
    assert [state for state, _, _ in free] == ["ok"]


def test_a_port_that_the_service_holds_is_ours(tmp_path):
    with running(tmp_path) as service:
        here = Settings(port=int(service.environment["TALUY_PORT"]), data_dir=tmp_path)
        found = look("port", patient(here))

    assert [(state, "running" in says) for state, says, _ in found] == [("ok", True)]


def test_an_address_that_this_machine_lacks_is_told(settings):
    assert states("port", patient(settings.model_copy(update={"host": "no such host"}))) == ["wrong"]


def test_a_clock_from_before_this_version_is_told(settings):
    assert states("clock", patient(settings)) == ["ok"]
    assert states("clock", replace(patient(settings), now=NOW.replace(year=2001))) == ["wrong"]


def test_a_clock_that_differs_from_the_databases_is_told(seeded):
    found = {
        minutes: states(
            "database-clock", replace(patient(seeded), now=clock.now() + timedelta(minutes=minutes))
        )
        for minutes in (0, 2, 60)
    }

    here = ["ok"] if seeded.database.startswith("sqlite") else None
    assert found == {0: ["ok"], 2: here or ["warning"], 60: here or ["wrong"]}


def test_an_entry_of_the_log_from_the_future_is_told(seeded, database):
    with database.write() as db:
        log.append(db, "change", "ST-01", at=clock.now() + timedelta(days=365), by=None)

    assert states("database-clock", patient(seeded)) == ["wrong"]


# How people reach it


@pytest.mark.parametrize(("env", "state"), [("production", "wrong"), ("development", "warning")])
def test_what_production_refuses_is_wrong_there_and_a_warning_elsewhere(settings, env, state):
    unfit = settings.model_copy(
        update={"env": env, "base_url": "http://a.vn", "log_level": "debug", "database_url": ""}
    )

    found = look("production", patient(unfit))

    assert [(one, says.partition(":")[0]) for one, says, _ in found] == [
        (state, "TALUY_BASE_URL"),
        (state, "TALUY_LOG_LEVEL"),
    ]
    assert all(mend for _, _, mend in found)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({}, ["ok"]),
        ({"days": 20}, ["warning"]),
        ({"days": -1}, ["wrong"]),
        ({"names": ("other.vn",)}, ["ok", "wrong"]),
        ({"names": ("*.lamdong.gov.vn",)}, ["ok"]),
        ({"names": ("*.gov.vn",)}, ["ok", "wrong"]),
        ({"other_key": True}, ["wrong"]),
    ],
)
def test_a_certificate_is_looked_at(tmp_path, made, expected):
    assert states("certificate", patient(Settings(**certificate(tmp_path, **made)))) == expected


def test_a_certificate_for_an_address_is_looked_at(tmp_path):
    held = certificate(tmp_path, names=("192.168.1.20",))

    here = Settings(**held | {"base_url": "https://192.168.1.20:8000"})
    there = Settings(**held | {"base_url": "https://192.168.1.21:8000"})

    assert (states("certificate", patient(here)), states("certificate", patient(there))) == (
        ["ok"],
        ["ok", "wrong"],
    )


def test_a_certificate_that_is_not_there_is_told(tmp_path):
    gone = Settings(tls_cert=tmp_path / "a.pem", tls_key=tmp_path / "b.pem", base_url="https://a.vn")

    assert states("certificate", patient(gone)) == ["wrong"]


def test_a_proxy_in_front_that_is_not_named_is_told(tmp_path):
    behind = {"base_url": "https://a.vn"}

    assert states("proxies", patient(Settings(**behind))) == ["warning"]
    assert states("proxies", patient(Settings(**behind, env="production"))) == ["wrong"]
    assert states("proxies", patient(Settings(**behind, trusted_proxies="127.0.0.1"))) == ["ok"]
    assert states("proxies", patient(Settings(**certificate(tmp_path)))) == ["ok"]


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("", "ok"),
        ("https://tiles.vn/{z}/{x}/{y}.png", "ok"),
        ("http://tiles.vn/{z}/{x}/{y}.png", "warning"),
        ("https://tiles.vn/", "wrong"),
        ("tiles.vn/{z}/{x}/{y}.png", "wrong"),
    ],
)
def test_the_address_of_map_tiles_is_read_not_fetched(address, state):
    at = patient(Settings(tile_url=address, base_url="https://a.vn"))

    assert states("tiles", at) == [state]


# The disk


def test_a_data_folder_that_is_missing_or_open_is_told(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")

    missing = look("data-folder", patient(settings))
    settings.data_dir.mkdir(mode=0o755)
    settings.data_dir.chmod(0o755)
    opened = look("data-folder", patient(settings))
    settings.data_dir.chmod(0o700)

    assert [state for state, _, _ in missing] == ["wrong"]
    assert [(state, mend) for state, _, mend in opened] == [
        ("warning", f"Run: chmod 700 {settings.data_dir}")
    ]
    assert states("data-folder", patient(settings)) == ["ok"]


def test_a_disk_that_fills_is_told(settings, monkeypatch):
    seen = []
    for low, none in ((0, 0), (10**18, 0), (10**18, 10**18)):
        monkeypatch.setattr(storage, "LOW_BYTES", low)
        monkeypatch.setattr(storage, "NO_BYTES", none)
        seen.append(states("space", patient(settings)))

    assert seen == [["ok"], ["warning"], ["wrong"]]


MOUNTS = """/dev/sda1 / ext4 rw 0 0
nas:/share /srv/with\\040space nfs4 rw 0 0
tmpfs /srv/with\\040space/tmp tmpfs rw 0 0
/dev/sdb1 /again xfs rw 0 0
//nas/x /again cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/taluy", "ext4"),
        ("/srv/with space/taluy", "nfs4"),
        ("/srv/with space/tmp/x", "tmpfs"),
        ("/srv/with spaces", "ext4"),
        ("/again/x", "cifs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(path, kind):
    assert storage.file_system_of(Path(path), MOUNTS) == kind
    assert (kind in storage.OVER_THE_NETWORK) == (kind in ("nfs4", "cifs"))


def test_the_file_system_here_is_found(settings):
    assert states("file-system", patient(settings)) == ["ok"]


def test_keys_are_looked_at(tmp_path):
    settings = Settings(data_dir=tmp_path)
    none = states("keys", patient(settings))
    keys.signing_key(tmp_path)
    keys.sealer(tmp_path)
    keys.unlocking_key(tmp_path)
    good = states("keys", patient(settings))
    path = tmp_path / keys.FOLDER / keys.SIGNING
    kept = path.read_bytes()
    path.write_bytes(b"x" * len(kept))
    no_key = states("keys", patient(settings))
    path.write_bytes(b"")
    empty = states("keys", patient(settings))
    path.write_bytes(kept)
    unlocking = tmp_path / keys.FOLDER / keys.UNLOCKING
    unlocking.write_bytes(b"x" * (keys.KEY_BYTES + 1))
    longer = states("keys", patient(settings))
    unlocking.unlink()
    path.chmod(0o644)

    assert (none, good, no_key, empty, longer) == (["warning"], ["ok"], ["wrong"], ["wrong"], ["wrong"])
    assert states("keys", patient(settings)) == ["wrong"]


def test_the_doctor_makes_no_keys(seeded):
    list(examine(patient(seeded)))

    assert not (seeded.data_dir / keys.FOLDER).exists()


def test_photos_that_are_lost_or_damaged_are_told(settings, database, officer, make):
    sha256, data = make.photo()
    officer.put(f"/api/inspections/{(visit := inspection_id())}", json=make.inspection_body(make.site()))
    sent = officer.put(
        f"/api/photos/{sha256}",
        params={"inspection": visit},
        content=data,
        headers={"Content-Type": "image/jpeg"},
    )
    assert sent.status_code == 201, sent.text
    with database.read() as db:
        row = db.scalars(select(Photo)).one()
        file = path_of(settings.data_dir / "photos", row.stored_sha256)

    whole = states("photos", patient(settings))
    file.write_bytes(b"rust")
    damaged = look("photos", patient(settings))
    file.unlink()
    lost = look("photos", patient(settings))

    assert whole == ["ok"]
    assert [(state, says.split()[-1]) for state, says, _ in (*damaged, *lost)] == [
        ("wrong", "failing."),
        ("wrong", "read."),
    ]
    assert all(f"photos/{file.parent.name}/{file.name}" in mend for _, _, mend in (*damaged, *lost))


# The database


def test_a_database_file_that_is_missing_or_none_is_told(tmp_path):
    settings = Settings(data_dir=tmp_path)
    missing = look("database", patient(settings))
    (tmp_path / "taluy.sqlite").write_bytes(b"this is no database, whatever its name says" * 40)
    other = look("database", patient(settings))

    assert [(state, mend) for state, _, mend in missing] == [("wrong", "Make it with: taluy migrate")]
    assert [state for state, _, _ in other] == ["wrong"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taluy.sqlite"]


def test_a_path_with_odd_letters_is_found(sqlite_url, tmp_path):
    odd = tmp_path / "đường 100%#"
    odd.mkdir()
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), odd / "taluy.sqlite")

    assert states("database", patient(Settings(data_dir=odd))) == ["ok"]
    assert states("tables", patient(Settings(data_dir=odd))) == ["ok"]


@pytest.mark.parametrize(
    ("revision", "way_out"),
    [
        ("20250101_01", "Make a backup, then run: taluy migrate"),
        ("29990101_01", "Use the version"),
        (None, "Run:"),
    ],
)
def test_tables_of_another_version_are_told(seeded, database, revision, way_out):
    with database.write() as db:
        if revision:
            db.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        else:
            db.execute(text("DROP TABLE alembic_version"))

    found = look("tables", patient(seeded))

    assert [(state, mend.startswith(way_out)) for state, _, mend in found] == [("wrong", True)]
    assert {findings[0].says for check, findings in examine(patient(seeded)) if check.needs == "tables"} == {
        checks.NOT_LOOKED.says
    }


def test_places_that_are_missing_and_practice_data_are_told(settings, database):
    empty = look("seed", patient(settings))
    with database.write() as db:
        installation.set_fact(db, "practice", "yes")
    practice = (
        states("seed", patient(settings)),
        states("seed", patient(settings.model_copy(update={"env": "production"}))),
    )

    assert [(state, mend) for state, _, mend in empty] == [("wrong", "Run: taluy seed")]
    assert practice == (["warning"], ["wrong"])


def test_a_damaged_database_file_is_told(sqlite_url, tmp_path):
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 9] = b"\xff" * 4096 * 6
    file.write_bytes(content)

    found = list(
        examine(
            patient(Settings(data_dir=tmp_path)), [c for c in CHECKS if c.name in ("database", "durable")]
        )
    )

    assert "wrong" in {worst(findings) for _check, findings in found}


def test_a_database_file_that_is_not_written_ahead_is_told(sqlite_url, tmp_path):
    with Database(sqlite_url) as opened, opened.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA journal_mode=DELETE")

    assert "wrong" in states("durable", patient(Settings(data_dir=tmp_path)))


def test_a_careless_server_and_a_mighty_role_are_told(postgresql_url, settings):
    """The server of the tests is both: it keeps nothing over a power cut, and its role is its administrator."""
    told = look("durable", patient(Settings(database_url=postgresql_url)))
    strict = states("durable", patient(Settings(database_url=postgresql_url, env="production")))

    assert [(state, mend.split()[0]) for state, _, mend in told] == [("wrong", "Set"), ("warning", "Make")]
    assert "fsync, full_page_writes, synchronous_commit" in told[0][1]
    assert strict == ["wrong", "wrong"]


def test_statements_end_in_time(seeded):
    assert states("time-limit", patient(seeded)) == ["ok"]


def test_a_missing_pg_dump_is_told(seeded, monkeypatch):
    there = states("pg-dump", patient(seeded))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(postgres, "FOLDERS", ())

    found = look("pg-dump", patient(seeded))

    assert there == ["ok"]
    assert [state for state, _, _ in found] == ["ok" if seeded.database.startswith("sqlite") else "wrong"]
    assert seeded.database.startswith("sqlite") or "postgresql-client-" in found[0][2]


# People and the log


def add(db, role: str, **values: object) -> Person:
    name = f"Người thử {role}"
    person = people.add(db, name, role=role, password_hash="x", unit_ids=[], at=clock.now(), by=None)
    for column, value in values.items():
        setattr(person, column, value)
    return person


def test_whether_anybody_can_manage_accounts_is_told(seeded, database):
    seen = [look("administrators", patient(seeded))]
    with database.write() as db:
        people.offer_setup(db, "a token", at=clock.now(), hours=24)
    seen.append(look("administrators", patient(seeded)))
    seen.append(look("administrators", replace(patient(seeded), now=clock.now() + timedelta(hours=25))))
    with database.write() as db:
        add(db, "administrator", password_hash="")
    seen.append(look("administrators", patient(seeded)))
    with database.write() as db:
        db.scalars(select(Person)).one().password_hash = "x"
    seen.append(look("administrators", patient(seeded)))
    with database.write() as db:
        db.scalars(select(Person)).one().disabled_at = clock.now()
        add(db, "officer")
    seen.append(look("administrators", patient(seeded)))

    assert [found[0][0] for found in seen] == ["wrong", "warning", "wrong", "wrong", "ok", "wrong"]
    assert "a token" not in repr(seen)


def test_a_board_without_a_second_factor_is_told(seeded, database):
    required = seeded.model_copy(update={"second_factor": "required"})
    with database.write() as db:
        add(db, "board")
        add(db, "officer")

    optional, without = look("second-factor", patient(seeded)), look("second-factor", patient(required))
    with database.write() as db:
        db.scalars(select(Person).where(Person.role == "board")).one().totp_sealed = "sealed"

    assert [(found[0][0], "1 of 1" in found[0][1]) for found in (optional, without)] == [
        ("warning", True)
    ] * 2
    assert states("second-factor", patient(required)) == ["ok"]


def test_a_key_that_does_not_open_the_second_factors_is_told(seeded, database, tmp_path):
    other = tmp_path / "other"
    none = states("sealing-key", patient(seeded))
    with database.write() as db:
        add(db, "board", totp_sealed=keys.sealer(seeded.data_dir).encrypt(b"secret").decode())

    good = states("sealing-key", patient(seeded))
    keys.sealer(other)
    elsewhere = states("sealing-key", patient(seeded.model_copy(update={"data_dir": other})))
    (other / keys.FOLDER / keys.SEALING).unlink()
    missing = states("sealing-key", patient(seeded.model_copy(update={"data_dir": other})))

    assert (none, good, elsewhere, missing) == (["ok"], ["ok"], ["wrong"], ["wrong"])


def unlock(db, table: str) -> None:
    """What somebody with every right does before rewriting the log."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    else:
        for event in ("update", "delete", "insert"):
            db.execute(text(f"DROP TRIGGER {table}_{event}"))


REWRITES = {
    "header": "UPDATE log_entry SET header = replace(header, 'change', 'charge') WHERE seq = :seq",
    "plain column": "UPDATE log_entry SET about = 'ST-02' WHERE seq = :seq",
    "hash": "UPDATE log_entry SET entry_hash = repeat('0', 63) || '1' WHERE seq = :seq",
    "who": "UPDATE log_detail SET person_id = NULL WHERE seq = :seq",
    "what": "UPDATE log_detail SET what = replace(what, '1', '2') WHERE seq = :seq",
    "detail": "DELETE FROM log_detail WHERE seq = :seq",
    "erasing": "UPDATE log_entry SET header = replace(header, 'erase', 'arese') WHERE seq = :seq + 1",
}


@pytest.mark.parametrize("length", [5, 1_500])
@pytest.mark.parametrize("how", REWRITES)
def test_a_rewritten_entry_among_the_last_is_told(settings, database, how, length):
    with database.write() as db:
        person = add(db, "officer")
        db.flush()
        said = {"at": clock.now(), "by": person.id, "after": {"crack_width_mm": 1}}
        first, _hash = log.head(db)
        log.append_added(db, [("ST-01", {})] * (length - 1), at=clock.now(), by=None)
        seq = log.append(db, "change", "ST-01", **said)
        log.append(
            db, "erase", f"person:{person.id + 1}", at=clock.now(), by=None, after={"who": [], "what": []}
        )
        log.append(db, "change", "ST-01", **said)
    before = look("log", patient(settings))

    with database.write() as db:
        for table in ("log_entry", "log_detail"):
            unlock(db, table)
        statement = REWRITES[how]
        if db.get_bind().dialect.name == "sqlite":
            statement = statement.replace("repeat('0', 63) || '1'", f"'{'0' * 63}1'")
        db.execute(text(statement), {"seq": seq})
    after = look("log", patient(settings))

    assert [state for state, _, _ in before] == ["ok"]
    assert f"last {min(first + length + 2, 1_000)} of {first + length + 2} entries" in before[0][1]
    assert [state for state, _, _ in after] == ["wrong"]
    assert states("log-locked", patient(settings)) == ["wrong"]


def test_an_entry_that_is_gone_is_told(settings, database):
    with database.write() as db:
        log.append_added(db, [("ST-01", {})] * 1_200, at=clock.now(), by=None)
    with database.write() as db:
        for table in ("log_detail", "log_entry"):
            unlock(db, table)
        db.execute(text("DELETE FROM log_detail WHERE seq = 3"))
        db.execute(text("DELETE FROM log_entry WHERE seq = 3"))

    assert states("log", patient(settings)) == ["wrong"]


def test_a_whole_and_locked_log_is_fine(seeded):
    assert (states("log", patient(seeded)), states("log-locked", patient(seeded))) == (["ok"], ["ok"])


def test_an_empty_log_is_fine(settings):
    assert states("log", patient(settings)) == ["ok"]
