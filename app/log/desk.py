"""The log at work in one installation: signing its head, writing it out, checking it where it lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from app import clock
from app.db import Database
from app.errors import NotFound
from app.i18n import N_
from app.keys import signing_key
from app.log import entry_queries, queries
from app.log.checkpoint import checkpoint, fingerprint, public_hex
from app.log.export import lines
from app.log.witnesses import check_keys

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.log.verify import Whole
    from app.log.witnesses import Outside
    from app.settings import Settings

FRESH: Final = timedelta(minutes=1)


@dataclass
class Signer:
    """Signs the head of the log, once a minute for each head: a flood of questions costs no more than looking it up."""

    data_dir: Path

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._last: tuple[str, datetime, dict[str, Any]] | None = None

    def checkpoint(self, db: Session, *, now: datetime) -> dict[str, Any]:
        """The signed checkpoint of the log as it stands. Raises `NotFound` where nothing is logged yet."""
        seq, entry_hash = queries.head(db)
        if seq == 0:
            raise NotFound(N_("Nothing is logged yet, so there is nothing to sign."), code="log-empty")
        with self._lock:
            last = self._last
            if last is None or last[0] != entry_hash or not timedelta() <= now - last[1] < FRESH:
                made = checkpoint(signing_key(self.data_dir), seq, entry_hash, signed_at=clock.rfc3339(now))
                last = self._last = (entry_hash, now, made)
        return last[2]


@cache
def signer(data_dir: Path) -> Signer:
    """The one of this process for an installation."""
    return Signer(data_dir)


def export(settings: Settings, out: Path) -> int:
    """Write the log as it stands at one moment to `out`, whole or not at all; gives the number of its entries."""
    key = signing_key(settings.data_dir)
    with Database(settings.database, settings.data_dir) as database, database.read() as db:
        entry_queries.one_moment(db)
        seq, entry_hash = queries.head(db)
        with NamedTemporaryFile(dir=out.absolute().parent, prefix=f".{out.name}-", delete=False) as file:
            try:
                made = lines(
                    entry_queries.exported(db),
                    key,
                    seq=seq,
                    entry_hash=entry_hash,
                    signed_at=clock.rfc3339(clock.now()),
                )
                file.writelines(made)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(out)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    return seq


def check(settings: Settings, held: Outside) -> Whole:
    """Check the log in the database. Raises `Broken`."""
    public = public_hex(signing_key(settings.data_dir))
    check_keys(public, held)
    with Database(settings.database, settings.data_dir) as database, database.read() as db:
        entry_queries.one_moment(db)
        return entry_queries.check(db, held, key=fingerprint(public))
