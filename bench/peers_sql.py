"""The ceiling of the database: pgbench with the statements that our service itself sends for an address."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import psycopg
from fastapi.testclient import TestClient
from sqlalchemy import event, make_url

from app.main import create_app
from app.settings import Settings
from bench.peers_wrk import CONNECTIONS, SECONDS

MOST_SCRIPTS: Final = 100


def per_second(address: str, folder: Path, paths: Sequence[str]) -> tuple[float, float]:
    """How often a second the statements of a request run, over eight connections; and how many a request has."""
    url = make_url(address)
    requests = _statements(address, folder, paths[:MOST_SCRIPTS])
    with tempfile.TemporaryDirectory(prefix="taluy-pgbench-") as scripts:
        words: list[str] = []
        for number, statements in enumerate(requests):
            script = Path(scripts, f"{number}.sql")
            script.write_text("".join(f"{statement};\n" for statement in statements))
            words += ["-f", str(script)]
        done = subprocess.run(
            [
                "pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-T", str(int(SECONDS)), *words,
                "-h", str(url.host), "-p", str(url.port), "-U", str(url.username), str(url.database),
            ],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1]), sum(map(len, requests)) / len(requests)


def _statements(address: str, folder: Path, paths: Sequence[str]) -> list[list[str]]:
    """The statements of each path with their values in them, each once it has been asked for before."""
    settings = Settings(database_url=address, data_dir=folder, tile_url="", log_level="warning", cache_mb=0)
    app = create_app(settings)
    seen: list[tuple[str, Any]] = []
    with psycopg.connect(url_for(address)) as connection, TestClient(app, base_url=settings.origin) as client:
        cursor = psycopg.ClientCursor(connection)

        @event.listens_for(app.state.database.reading_engine, "before_cursor_execute")
        def note(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
            seen.append((statement, values))

        client.get(paths[0]).raise_for_status()
        found = []
        for path in paths:
            seen.clear()
            client.get(path).raise_for_status()
            found.append([_one_line(cursor.mogrify(statement, values)) for statement, values in seen])
    return found


def _one_line(statement: str) -> str:
    return " ".join(statement.split())


def url_for(address: str) -> str:
    """As libpq takes it."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
