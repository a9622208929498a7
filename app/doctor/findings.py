"""What a check may say, and what it may look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, cast
from urllib.parse import quote

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.orm import Session

import app.models  # noqa: F401 - every table, since foreign keys name tables
from app.db import STATEMENT_MS
from app.outages import in_our_words
from app.settings import Settings

State = Literal["ok", "warning", "wrong"]
LOOK_S: Final = 5


@dataclass(frozen=True)
class Finding:
    """What is so, and how to mend it: message ids with braces, filled from `values`. Never a secret."""

    state: State
    says: str
    mend: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


def ok(says: str, **values: object) -> Finding:
    """Nothing to do."""
    return Finding("ok", says, values=values)


def warning(says: str, mend: str, **values: object) -> Finding:
    """It works, but somebody should look at it."""
    return Finding("warning", says, mend, values)


def wrong(says: str, mend: str, **values: object) -> Finding:
    """It does not work, or is not safe."""
    return Finding("wrong", says, mend, values)


def worst(findings: Iterable[Finding]) -> State:
    """The worst state among them."""
    states = {finding.state for finding in findings}
    return "wrong" if "wrong" in states else "warning" if "warning" in states else "ok"


@dataclass
class Patient:
    """The installation as the checks see it: settings, environment, this moment, and the database to read only."""

    settings: Settings
    environment: Mapping[str, str]
    now: datetime

    @property
    def in_production(self) -> bool:
        """Whether people rely on it."""
        return self.settings.env == "production"

    @cached_property
    def address(self) -> URL:
        """The database's address."""
        return make_url(self.settings.database)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of ours."""
        return self.address.get_backend_name() == "sqlite"

    def serious(self, says: str, mend: str, **values: object) -> Finding:
        """Wrong in production, a warning where nobody relies on it."""
        return (wrong if self.in_production else warning)(says, mend, **values)

    @cached_property
    def _engine(self) -> Engine:
        if not self.is_sqlite:
            options = (
                f"-c timezone=UTC -c statement_timeout={STATEMENT_MS} -c default_transaction_read_only=on"
            )
            wait = {"options": options, "connect_timeout": LOOK_S}
            return create_engine(self.address, poolclass=NullPool, connect_args=wait)
        path = quote(self.address.database or "")
        how = {"mode": "ro", "uri": "true"}
        if not Path(f"{self.address.database}-wal").exists():
            how["immutable"] = "1"  # nobody writes now; otherwise SQLite would leave files of its own behind
        file = URL.create("sqlite", database=f"file:{path}", query=how)
        engine = create_engine(file, poolclass=NullPool, connect_args={"timeout": LOOK_S})
        event.listen(engine, "connect", _read_only)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that cannot write. Raises `Unavailable` where the database does not answer."""
        with in_our_words(), Session(self._engine, autoflush=False) as session:
            yield session

    def without_secrets(self, text: str) -> str:
        """`text` in one line, without the database's password."""
        line = " ".join(text.split())
        for secret in (self.address.password, self.address.query.get("password")):
            line = line.replace(cast("str", secret), "…") if secret else line
        return line


def _read_only(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")
