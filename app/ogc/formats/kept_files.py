"""Files that take long to make, kept in a folder under the hash of what they were made from."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from app import clock
from app.errors import OutOfSpace
from app.i18n import N_

MAX_BYTES: Final = 512 * 1024**2
SCRATCH: Final = ".making-"
ABANDONED_S: Final = 3600
"""After so long a scratch is one that a process left behind when it was ended."""
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Kept:
    """The files in `folder`, together at most `most` bytes: those that nobody took for longest go first.

    Several processes may share it, and whoever likes may empty it.
    """

    folder: Path
    most: int = MAX_BYTES

    def path(self, name: str) -> Path:
        """Where a file is."""
        return self.folder / f"{name}.gpkg"

    def has(self, name: str) -> bool:
        """Whether it is there."""
        return self.path(name).is_file()

    def opened(self, name: str) -> IO[bytes] | None:
        """The file, which stays readable even if it is taken away meanwhile; None where it is not there."""
        path = self.path(name)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        with suppress(OSError):
            os.utime(path)
        return file

    def take(self, made: Path, name: str) -> None:
        """Keep a file that was made in this folder's scratch."""
        made.replace(self.path(name))
        self._make_room(name)

    def _make_room(self, newest: str) -> None:
        """Take away what is too much."""
        found = []
        for path in self.folder.glob("*.gpkg"):
            with suppress(FileNotFoundError):
                state = path.stat()
                found.append((path.stem == newest, state.st_mtime_ns, state.st_size, path))
        size = sum(each[2] for each in found)
        for is_newest, _, bytes_, path in sorted(found):
            if size <= self.most or is_newest:
                return
            path.unlink(missing_ok=True)
            size -= bytes_


def _clear_abandoned(folder: Path) -> None:
    for path in folder.glob(f"{SCRATCH}*"):
        with suppress(FileNotFoundError):
            if clock.now().timestamp() - path.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder of one's own in `folder`, gone afterwards. Raises `OutOfSpace` where the disk is full meanwhile."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_abandoned(folder)
        own = Path(tempfile.mkdtemp(dir=folder, prefix=SCRATCH))
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)
    except OSError as error:
        if error.errno in FULL:
            raise OutOfSpace(
                N_("The server's disk is full. The file was not made; ask for it later.")
            ) from error
        raise
