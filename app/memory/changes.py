"""Whether anything was committed since: what a cache asks before it answers from memory.

`token()` gives two equal values only where nothing was committed in between and the local day is the same. It is
made of three things:

- eight bytes in `data_dir/run/changes`, shared by all processes of this host that use the data folder: every
  commit of theirs writes a fresh random number there (`renew`, see `app.db`) before its reply leaves;
- what the database says of writers who do not know of that file (`app.memory.overheard`);
- today's date in Vietnam, since `overdue` turns at midnight.

**Why nothing stale is served.** A reader takes the token *before* its query and keeps the answer under it; a writer
commits, then renews, then answers. Whoever reads after that answer compares with a token that was taken after the
renewal. An answer kept under a token from before the renewal does not compare equal, since numbers never come back;
one kept under a later token comes from a query that began after the commit. Two writers at once each leave a number
nobody saw before, whichever comes last; had they counted, both could have written the same sum. The commit is renewed
for even where it fails, since a connection that breaks may break after the commit.

A process that is killed between commit and renewal answered nobody, and what it committed is overheard: on SQLite at
once, on PostgreSQL as soon as the server delivers its notification. The same holds for writers on other hosts, for
`psql` and for anything else that opens the file. Where the file cannot be used or nobody listens, no two tokens are
equal: nothing is answered from memory. The file may be removed at any time.
"""

import logging
import mmap
import os
import secrets
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import format_datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from sqlalchemy import URL, Engine

from app import clock, journal
from app.memory.overheard import overhearing

FOLDER: Final = "run"
SIZE: Final = 8
OPENED: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC

Token = tuple[int | date, ...]


class Seen(NamedTuple):
    """One look: the token, and since when it has been this one."""

    token: Token
    modified: str
    """For `Last-Modified`: nothing was changed after it. Empty while nobody can say so, see `Changes.look`."""
    sure: bool = True
    """Whether the token may come again; false where changes could go unseen."""


class Changes:
    """The changes of one database, as one process sees them."""

    def __init__(self, url: URL, data_dir: Path | None = None) -> None:
        """Open nothing yet. Without `data_dir` other processes are only overheard, unless the database is a file."""
        if data_dir is None and url.get_backend_name() == "sqlite":
            data_dir = Path(url.database or "").parent
        self._shared = Shared(data_dir / FOLDER / "changes") if data_dir else Own()
        self._overheard = overhearing(url)
        self._life = secrets.randbits(64)
        self._lock = Lock()
        self._seen = Seen((), "")
        self._whole_s = 0
        self._told = False

    def follow(self, engine: Engine) -> None:
        """Renew with every commit of `engine`, before anybody goes on; with one that breaks too: it may have arrived.

        SQLAlchemy's own event comes before the commit: what was read in between would count as read after it.
        """
        commit = engine.dialect.do_commit

        def commit_and_tell(connection: Any) -> None:
            try:
                commit(connection)
            finally:
                self.renew()

        engine.dialect.do_commit = commit_and_tell  # type: ignore[assignment, method-assign] # ends every transaction

    def renew(self) -> None:
        """Tell every process of this host that something may have been committed."""
        try:
            self._shared.renew()
        except OSError as error:  # the commit stands: the reply must not say otherwise
            journal.note("changes_not_told", level=logging.WARNING, exc_info=error)

    def token(self) -> Token:
        """Equal to an earlier one only where nothing was committed in between, on the same local day."""
        return self.look().token

    def look(self) -> Seen:
        """The token, with the moment since which this process knows that nothing changed.

        That moment is the whole second after the process first saw this state. It is said only once it is past, so
        that no two states carry the same one; clocks of several hosts must agree as far as their callers rely on it.
        """
        now = clock.now()
        state = self._state()
        if state is None:
            return Seen((self._life, secrets.randbits(128)), "", sure=False)
        token: Token = (self._life, *state, clock.local_date(now))
        with self._lock:
            if token != self._seen.token:
                self._seen = Seen(token, "")
                self._whole_s = int(now.timestamp()) + 1
            elif not self._seen.modified and now.timestamp() >= self._whole_s:
                moment = datetime.fromtimestamp(self._whole_s, UTC)
                self._seen = Seen(token, format_datetime(moment, usegmt=True))
            return self._seen

    def _state(self) -> tuple[int, ...] | None:
        try:
            shared = self._shared.value()
        except OSError as error:
            if not self._told:
                journal.note("changes_not_seen", level=logging.WARNING, exc_info=error)
            self._told = True
            return None
        self._told = False
        overheard = self._overheard.look()
        return None if overheard is None else (shared, *overheard)

    def close(self) -> None:
        """Stop listening; asked again, it begins anew."""
        self._overheard.close()


class Own:
    """The number of a process without a data folder."""

    def __init__(self) -> None:
        self._number = secrets.randbits(64)

    def renew(self) -> None:
        """Put another number there."""
        self._number = secrets.randbits(64)

    def value(self) -> int:
        """The number."""
        return self._number


class Shared(Own):
    """The number in a file that several processes have open at once; written by a system call, read from memory.

    Aligned eight bytes are stored and loaded whole. Writing through the map would end the process where the disk is
    full; a system call fails instead.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = os.fspath(path)
        self._lock = Lock()
        self._file = -1
        self._which = (0, 0)
        self._numbers = memoryview(bytes(SIZE)).cast("Q")

    def renew(self) -> None:
        """Put another number there. Raises `OSError`."""
        with self._lock:
            self._open()
            if os.pwrite(self._file, secrets.token_bytes(SIZE), 0) != SIZE:
                raise OSError(f"{self._path}: not written whole")

    def value(self) -> int:
        """The number. Raises `OSError`."""
        with self._lock:
            self._open()
            return int(self._numbers[0])

    def _open(self) -> None:
        """Open the file that has the name now: somebody may have removed it, and others made it anew."""
        with suppress(FileNotFoundError):
            there = os.stat(self._path)  # noqa: PTH116 - asked with every answer, and three times as fast
            if (there.st_dev, there.st_ino) == self._which and there.st_size >= SIZE:
                return
        folder = Path(self._path).parent
        for each in (folder.parent, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, OPENED, 0o600)
        try:
            there = os.fstat(file)
            if there.st_size < SIZE:
                os.pwrite(file, secrets.token_bytes(SIZE), 0)
            numbers = memoryview(mmap.mmap(file, SIZE, prot=mmap.PROT_READ)).cast("Q")
        except BaseException:
            os.close(file)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._which, self._numbers = file, (there.st_dev, there.st_ino), numbers

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)
