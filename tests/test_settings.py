"""Production refuses what is only good for trying out: every fault at once, a line each, no secret among them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import URL

from app import installation, keys
from app.main import create_app
from app.production import faults, is_guessed, is_nowhere
from app.settings import Settings, UnfitForProduction
from tests.running import running

ROOT = Path(__file__).resolve().parent.parent
GOOD = "c4f0b2d98e6a7153f02b"
ANYWHERE = "0.0.0.0"  # noqa: S104 - refused, not bound


def fit(folder: Path, **other: object) -> Settings:
    """Settings that production takes."""
    return Settings(
        **{"env": "production", "base_url": "https://soha.lamdong.gov.vn", "data_dir": folder, "tile_url": ""}
        | other
    )


def variables(settings: Settings) -> list[str]:
    return [fault.variable for fault in faults(settings)]


def key(folder: Path, name: str, *, size: int = 200, mode: int = 0o600) -> Path:
    path = folder / keys.FOLDER / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(b"k" * size)
    path.chmod(mode)
    return path


def test_a_fit_installation_has_no_fault(tmp_path):
    key(tmp_path, keys.SIGNING)
    key(tmp_path, keys.SEALING, size=44)

    assert variables(fit(tmp_path, database_url=f"postgresql+psycopg://taluy:{GOOD}@db.lan/taluy")) == []


@pytest.mark.parametrize(
    "password",
    [
        *("password", "changeme", "change-me", "secret", "example", "taluy", "postgres", "admin", "123456"),
        *("Password1!", "CHANGE_ME_2026", "mật khẩu", "phuong6", "registry", "127.0.0.1", "aaaaaaaaaaaa"),
        *(
            "<password>",
            "${DB_PASSWORD}",
            "{{ password }}",
            "your-password",
            "tálủy-2026",
            "xxxxxxxx",
            "short1a",
        ),
    ],
)
def test_an_example_password_of_the_database_is_refused(tmp_path, password):
    address = URL.create("postgresql+psycopg", "phuong6", password, "127.0.0.1", 5432, "registry")

    assert variables(fit(tmp_path, database_url=address.render_as_string(hide_password=False))) == [
        "TALUY_DATABASE_URL"
    ]


@pytest.mark.parametrize("password", [GOOD, "bảy-con-vịt-bơi-qua-suối", "mKx9vQ2tZr"])
def test_a_password_of_ones_own_is_taken(tmp_path, password):
    assert not is_guessed(password, "taluy", "taluy", "db.lan")


def passwords_in_documents() -> set[str]:
    """Every password of an address and every value of a password's variable in what people copy from."""
    documents = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "data").rglob("*.md"),
        ROOT / "Makefile",
    ]
    text = "\n".join(path.read_text("utf-8") for path in documents)
    description = create_app(Settings(tile_url="")).openapi()
    found = re.findall(r"://[^\s/:@'\"`]+:([^\s/@'\"`]+)@", text)
    found += re.findall(r"(?i)password[\"']?\s*[=:]\s*[\"']?([^\s\"'`,|;]{3,})", text)
    found += re.findall(r"'password': '([^']+)'", str(description))
    return {unquote(password) for password in found}


def test_every_password_of_our_own_documents_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("TALUY_DATA_DIR", str(tmp_path))
    known = passwords_in_documents()

    assert "password" in known
    assert [password for password in known if not is_guessed(password)] == []


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://taluy:@db.lan/taluy",
        "postgresql+psycopg://taluy@db.lan/taluy",
        "postgresql+psycopg://taluy@db.lan/taluy?password=taluy",
    ],
)
def test_a_database_on_the_network_without_a_password_is_refused(tmp_path, monkeypatch, address):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert variables(fit(tmp_path, database_url=address)) == ["TALUY_DATABASE_URL"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg:///taluy",
        "postgresql+psycopg://taluy@/taluy?host=/var/run/postgresql",
        "postgresql+psycopg://taluy@db.lan/taluy?sslcert=client.pem",
        "sqlite:////srv/taluy/taluy.sqlite",
    ],
)
def test_a_database_that_knows_who_asks_needs_none(tmp_path, monkeypatch, address):
    for name in ("PGPASSWORD", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert variables(fit(tmp_path, database_url=address)) == []


def test_the_password_of_the_environment_counts(tmp_path, monkeypatch):
    settings = fit(tmp_path, database_url="postgresql+psycopg://taluy@db.lan/taluy")

    monkeypatch.setenv("PGPASSWORD", "postgres")
    refused = variables(settings)
    monkeypatch.setenv("PGPASSWORD", GOOD)

    assert (refused, variables(settings)) == (["TALUY_DATABASE_URL"], [])


@pytest.mark.parametrize("address", ["", "http://soha.lamdong.gov.vn", "http://192.168.1.20:8000"])
def test_plain_http_is_refused(tmp_path, address):
    assert variables(fit(tmp_path, base_url=address)) == ["TALUY_BASE_URL"]


def test_plain_http_on_this_machine_is_no_exception(tmp_path):
    found = [fault.says for fault in faults(fit(tmp_path, base_url="http://127.0.0.1:8000"))]

    assert len(found) == 2
    assert len(set(found)) == 2


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "127.0.0.1",
            "[::1]",
            ANYWHERE,
            "[::]",
            "example.com",
            "taluy.example.vn",
            "a.example",
        ),
        *("registry.your-ward.vn", "taluy.test", "x.localhost", "taluy.invalid"),
    ],
)
def test_a_host_that_nobody_reaches_is_refused(tmp_path, host):
    assert variables(fit(tmp_path, base_url=f"https://{host}")) == ["TALUY_BASE_URL"]


def test_hosts_of_our_documents_are_refused_but_addresses_of_an_office_are_not():
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))
    hosts = set(re.findall(r"TALUY_BASE_URL=https://([^\s:/]+)", text))

    assert hosts != set()
    assert [host for host in hosts if not is_nowhere(host)] == []
    assert not any(map(is_nowhere, ("192.168.1.20", "taluy.local", "soha.lamdong.gov.vn", "2001:db8::1")))


@pytest.mark.parametrize("host", [ANYWHERE, "::", "192.168.1.20"])
def test_an_open_port_needs_https_or_a_named_proxy(tmp_path, host):
    certificate, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    private.write_bytes(b"k" * 200)
    private.chmod(0o600)

    assert variables(fit(tmp_path, host=host)) == ["TALUY_HOST"]
    assert variables(fit(tmp_path, host=host, tls_cert=certificate, tls_key=private)) == []
    assert variables(fit(tmp_path, host=host, trusted_proxies="192.168.1.2")) == []


def test_debug_is_refused(tmp_path):
    assert variables(fit(tmp_path, log_level="debug")) == ["TALUY_LOG_LEVEL"]


@pytest.mark.parametrize(
    ("name", "size"),
    [(keys.SIGNING, 0), (keys.SIGNING, 99), (keys.SEALING, 43), (keys.UNLOCKING, 31), ("other", 31)],
)
def test_a_key_file_that_holds_no_key_is_refused(tmp_path, name, size):
    key(tmp_path, name, size=size)

    assert variables(fit(tmp_path)) == ["TALUY_DATA_DIR"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_can_read_is_refused(tmp_path, mode):
    path = key(tmp_path, keys.SIGNING, mode=mode)

    found = list(faults(fit(tmp_path)))

    assert [fault.variable for fault in found] == ["TALUY_DATA_DIR"]
    assert f"chmod 600 {path}" in found[0].line()


def test_the_private_key_of_https_may_be_its_groups_but_not_everybodys(tmp_path):
    private = tmp_path / "key.pem"
    private.write_bytes(b"k" * 200)
    settings = fit(tmp_path, tls_cert=tmp_path / "cert.pem", tls_key=private)

    private.chmod(0o640)
    taken = variables(settings)
    private.chmod(0o644)

    assert (taken, variables(settings)) == ([], ["TALUY_TLS_KEY"])


def test_the_keys_that_the_service_makes_are_fit(tmp_path):
    keys.signing_key(tmp_path)
    keys.sealer(tmp_path)

    assert len(list((tmp_path / keys.FOLDER).iterdir())) == 2
    assert variables(fit(tmp_path)) == []


def test_practice_data_is_refused_in_production_with_everything_else_at_once(
    database, database_url, tmp_path
):
    with database.write() as db:
        installation.set_fact(db, "practice", "yes")
    settings = fit(tmp_path, base_url="http://localhost:8000", log_level="debug")

    with pytest.raises(UnfitForProduction) as refused:
        create_app(settings.model_copy(update={"database_url": database_url}))

    named = [line.partition(":")[0] for line in refused.value.lines]
    assert named[-4:] == ["TALUY_BASE_URL", "TALUY_BASE_URL", "TALUY_LOG_LEVEL", "TALUY_DATABASE_URL"]
    assert "luyện tập" in refused.value.lines[-1]


def test_practice_data_that_comes_later_is_refused_when_the_service_starts(sqlite_url, tmp_path):
    app = create_app(fit(tmp_path, database_url=sqlite_url))
    with app.state.database.write() as db:
        installation.set_fact(db, "practice", "yes")

    with pytest.raises(UnfitForProduction), TestClient(app):
        pass


def test_in_development_nothing_of_this_keeps_the_service_from_starting(sqlite_url, tmp_path):
    create_app(Settings(database_url=sqlite_url, data_dir=tmp_path, log_level="debug", host=ANYWHERE))


def serve(folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TALUY_", "PG"))}
    given = {f"TALUY_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "serve"],
        env=kept | given | {"TALUY_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_command_ends_with_a_line_for_each_fault_and_says_no_secret(tmp_path):
    done = serve(
        tmp_path,
        env="production",
        base_url="http://localhost:8000",
        host=ANYWHERE,
        log_level="debug",
        database_url="postgresql+psycopg://taluy:hunter2@127.0.0.1:1/taluy",
    )

    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in lines] == [
        "TALUY_DATABASE_URL",
        "TALUY_BASE_URL",
        "TALUY_BASE_URL",
        "TALUY_HOST",
        "TALUY_LOG_LEVEL",
    ]
    assert all("{" not in line and line.endswith((".", "https://.")) for line in lines)
    assert "mật khẩu" in lines[0].casefold()
    assert "hunter2" not in done.stdout + done.stderr


def test_settings_that_cannot_be_are_all_named_without_their_values(tmp_path):
    done = serve(tmp_path, port="hunter2-port", env="staging", session_days="0")

    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in lines] == ["TALUY_PORT", "TALUY_ENV", "TALUY_SESSION_DAYS"]
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://a.vn", "https://", "https://a.vn/taluy", "https://a.vn?x=1", "https://me:secret@a.vn"),
        *("https://a.vn:99999", "a.vn", "https://a b.vn"),
    ],
)
def test_the_public_address_is_an_origin(address):
    with pytest.raises(ValidationError):
        Settings(base_url=address)


@pytest.mark.parametrize(
    "address", ["postgresql://taluy@a.vn/taluy", "mysql://a.vn/x", "taluy.sqlite", "://"]
)
def test_the_database_is_one_of_two_kinds(address):
    with pytest.raises(ValidationError):
        Settings(database_url=address)


def test_a_fit_installation_starts_in_production(tmp_path):
    with running(tmp_path, env="production", base_url="https://soha.lamdong.gov.vn") as service:
        assert service.process.poll() is None
