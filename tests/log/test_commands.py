"""`taluy log export` and `taluy log verify`, as they are run, and the checkpoint that anybody can fetch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from app import clock
from app.cli import cli
from app.db import Database
from app.keys import signing_key
from app.log import desk
from app.log import queries as log
from app.log.checkpoint import fingerprint, grouped, is_checkpoint, public_hex
from app.settings import Settings
from tests.log import made
from tests.make import Make, inspection_id

TALUY = Path(sys.executable).parent / "taluy"


def run(settings: Settings, *arguments: object) -> Result:
    environment = {"TALUY_DATABASE_URL": settings.database, "TALUY_DATA_DIR": str(settings.data_dir)}
    return CliRunner().invoke(cli, [str(each) for each in ("log", *arguments)], env=environment)


@pytest.fixture
def exported(settings: Settings, app: FastAPI, tmp_path: Path) -> Path:
    """The log of the ward's places as a file."""
    assert app.state.settings is settings
    out = tmp_path / "log.jsonl"
    found = run(settings, "export", out)
    assert found.exit_code == 0, found.output
    return out


def alone(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """The command in a folder of its own, with no setting and no database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TALUY_")}
    command = [str(TALUY), "log", "verify", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_an_export_is_checked_with_nothing_but_the_file(
    exported: Path, settings: Settings, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    key = fingerprint(public_hex(signing_key(settings.data_dir)))

    found = alone(empty, exported, "--key", grouped(key))

    lines = exported.read_bytes().splitlines()
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith(f"OK: {len(lines) - 2} dòng")
    assert grouped(key) in found.stdout
    assert grouped(orjson.loads(lines[-1])["checkpoint"]["checkpoint"]["entry_hash"]) in found.stdout
    assert exported.stat().st_mode & 0o077 == 0
    assert list(empty.iterdir()) == []


def test_the_first_bad_entry_is_printed(exported: Path, tmp_path: Path) -> None:
    lines = exported.read_bytes().splitlines(keepends=True)
    members = orjson.loads(lines[5])
    members["what"] = members["what"].replace("name", "nome")
    lines[5] = orjson.dumps(members) + b"\n"
    exported.write_bytes(b"".join(lines))

    found = alone(tmp_path, exported)

    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("Sai ở dòng số 5 của sổ ghi, dòng 6 của tệp: ")
    assert len(found.stderr.splitlines()) == 1


def test_the_database_is_checked_where_it_lies(
    exported: Path, settings: Settings, database: Database
) -> None:
    whole = run(settings, "verify")
    with database.write() as db:
        if database.dialect == "postgresql":
            db.execute(text("ALTER TABLE log_entry DISABLE TRIGGER USER"))
        else:
            db.execute(text("DROP TRIGGER log_entry_update"))
        db.execute(text("UPDATE log_entry SET verb = 'change' WHERE seq = 3"))

    found = run(settings, "verify")

    assert (whole.exit_code, whole.output[:3]) == (0, "OK:"), whole.output
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.startswith("Sai ở dòng số 3 của sổ ghi: ")


def test_a_receipt_and_a_checkpoint_are_found_in_the_log(
    exported: Path, settings: Settings, officer: TestClient, make: Make, tmp_path: Path
) -> None:
    receipt = officer.put(f"/api/inspections/{inspection_id()}", json=make.inspection_body("P6-ST-01")).json()
    signed = officer.get("/api/log/checkpoint").json()
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    (tmp_path / "checkpoint.json").write_text(json.dumps(signed))
    held = ("--receipt", tmp_path / "receipt.json", "--checkpoint", tmp_path / "checkpoint.json")

    old = run(settings, "verify", exported, *held)
    run(settings, "export", exported)
    new = run(settings, "verify", exported, *held)
    there = run(settings, "verify", *held)
    unsigned = {name: each for name, each in receipt.items() if name not in ("key", "signature", "v")}
    (tmp_path / "receipt.json").write_text(json.dumps(unsigned))
    before = run(settings, "verify", *held)
    (tmp_path / "receipt.json").write_text(json.dumps({**unsigned, "place": "P6-ST-02"}))
    wrong = run(settings, "verify", *held)
    (tmp_path / "receipt.json").write_text(json.dumps({**receipt, "place": "P6-ST-02"}))
    forged = run(settings, "verify", *held)

    assert signed["checkpoint"]["seq"] >= receipt["log_seq"]
    assert (old.exit_code, new.exit_code, there.exit_code) == (1, 0, 0), new.output + there.output
    assert wrong.exit_code == 1
    assert f"receipt.json: ký bằng khóa {grouped(receipt['key'])}" in there.output
    assert (before.exit_code, "receipt.json: không có chữ ký" in before.output) == (0, True), before.output
    assert wrong.stderr.startswith(f"Sai ở dòng số {receipt['log_seq']} của sổ ghi: ")
    assert (forged.exit_code, "chữ ký của biên nhận receipt.json không đúng" in forged.stderr) == (1, True)


def test_anybody_can_fetch_the_signed_head(
    client: TestClient, database: Database, settings: Settings
) -> None:
    answer = client.get("/api/log/checkpoint")

    found = answer.json()
    with database.read() as db:
        head = log.head(db)
    assert answer.status_code == 200
    assert is_checkpoint(found)
    assert (found["checkpoint"]["seq"], found["checkpoint"]["entry_hash"]) == head
    assert found["public_key"] == public_hex(signing_key(settings.data_dir))
    assert set(found) | set(found["checkpoint"]) == {
        *("checkpoint", "public_key", "signature"),
        *("entry_hash", "key", "log", "seq", "signed_at", "v"),
    }


def test_the_head_is_signed_anew_when_it_moved_and_not_for_every_question(
    client: TestClient, database: Database
) -> None:
    first, again = (client.get("/api/log/checkpoint").json() for _ in range(2))
    with database.write() as db:
        log.append(db, "change", "P6-ST-01", at=clock.now(), by=None)

    moved = client.get("/api/log/checkpoint").json()

    assert again == first
    assert moved["checkpoint"]["seq"] == first["checkpoint"]["seq"] + 1


def test_a_head_that_stays_is_signed_once_a_minute(database: Database, tmp_path: Path) -> None:
    signer, now = desk.Signer(tmp_path), clock.now()
    with database.write() as db:
        log.append(db, "change", "P6-ST-01", at=now, by=None)

    with database.read() as db:
        stamps = [
            signer.checkpoint(db, now=now + after)["checkpoint"]["signed_at"]
            for after in (desk.FRESH * 0, desk.FRESH * 0.9, desk.FRESH, desk.FRESH * 0.5)
        ]

    assert stamps == [
        clock.rfc3339(now + after) for after in (desk.FRESH * 0, desk.FRESH * 0, desk.FRESH, desk.FRESH * 0.5)
    ]


def test_an_empty_log_has_no_checkpoint(settings: Settings, database: Database) -> None:
    from app.main import create_app

    assert database.dialect in settings.database
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        answer = client.get("/api/log/checkpoint")

    assert (answer.status_code, answer.json()["code"]) == (404, "log-empty")


def test_a_broken_file_ends_with_one_line(settings: Settings, tmp_path: Path) -> None:
    for data in (b"", b"\n", b"{}\n", b"\xff\n", b"[" * 100_000, made.export(made.erased())[:-1]):
        (tmp_path / "log.jsonl").write_bytes(data)

        found = run(settings, "verify", tmp_path / "log.jsonl")

        assert (found.exit_code, found.stdout) == (1, "")
        assert len(found.stderr.splitlines()) == 1
