"""Photos under way in pieces: a file each, whose own length says how much of it has arrived.

`uploads/<person>/<record>.<sha256>.<length>`: the name holds all that is known of it, so nothing can contradict it.
Each piece is written under a lock of the file, where the file ends at that moment; what is said of it is on the disk
first. A connection that died, or another process, can neither tear a file nor hold up who goes on with it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path
from secrets import choice
from typing import Final
from uuid import UUID

from app.errors import Conflict, NotFound, TooLarge
from app.i18n import N_
from app.inspections.photo_intake import make_folder, room_on_disk, sync_folder

FOLDER: Final = "uploads"
KEPT: Final = timedelta(days=7)
"""How long an upload that nobody goes on with is kept."""
MOST: Final = 20
"""Of one person, unfinished: 240 MB of disk."""


@dataclass(frozen=True)
class Upload:
    """One upload: its file and the length that it will have."""

    path: Path
    length: int

    def offset(self) -> int:
        """How much has arrived and lies on the disk for good. Raises `NotFound`.

        A file that is there whole has not become a photo yet (it would be gone): one byte of it is asked for again, so
        that whoever sends it finishes what was cut short between the last byte and the photo.
        """
        with self._locked() as file:
            os.fsync(file)
            return self._next(file)

    def append(self, offset: int, piece: bytes) -> int:
        """Write what arrives at `offset`; gives where the next piece begins (the length, with the last one).

        Raises `NotFound`, `Conflict` where the file goes on elsewhere, `TooLarge` past its length, `OutOfSpace`.
        """
        with self._locked() as file:
            if offset != (there := self._next(file)):
                os.fsync(file)
                raise wrong_offset(there)
            self.check_end(offset + len(piece))
            with room_on_disk():
                os.ftruncate(file, offset)
                done = 0
                while done < len(piece):
                    done += os.pwrite(file, piece[done:], offset + done)
        return offset + len(piece)

    def check_end(self, end: int) -> None:
        """Raise `TooLarge` for bytes past the length."""
        if end > self.length:
            raise TooLarge(N_("More bytes than the upload was announced with."), code="past-the-end")

    def read(self) -> bytes:
        """All of it. Raises `NotFound`."""
        with self._locked() as file:
            return b"".join(iter(lambda: os.read(file, 1 << 20), b""))

    def drop(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)

    def expires(self) -> datetime | None:
        """When it is forgotten if nobody goes on with it; None where it is gone."""
        with suppress(FileNotFoundError):
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC) + KEPT
        return None

    def _next(self, file: int) -> int:
        return min(os.fstat(file).st_size, self.length - 1)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            file = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            raise gone() from None
        try:
            flock(file, LOCK_EX)
            if os.fstat(file).st_nlink == 0:  # dropped while we waited
                raise gone()
            yield file
        finally:
            os.close(file)


def gone() -> NotFound:
    """For an upload that is not there: the client begins again."""
    return NotFound(N_("There is no such upload, or it is over. Begin it again."), code="no-such-upload")


def wrong_offset(there: int) -> Conflict:
    """For bytes that do not follow those that are there."""
    return Conflict(
        N_("The upload goes on elsewhere; Upload-Offset says where."),
        code="wrong-offset",
        headers={"Upload-Offset": str(there)},
    )


def folder_of(data_dir: Path, person_id: int) -> Path:
    """Where somebody's uploads lie."""
    return data_dir / FOLDER / str(person_id)


def find(folder: Path, record_id: UUID, digest: str) -> Upload | None:
    """The upload of this photo of this record, if one is under way."""
    found = next(folder.glob(f"{record_id}.{digest}.*"), None)
    return Upload(found, int(found.suffix[1:])) if found else None


def begin(folder: Path, record_id: UUID, digest: str, length: int, *, now: datetime) -> Upload:
    """An upload of `length` bytes, or the one that is under way. Raises `OutOfSpace`."""
    known = find(folder, record_id, digest)
    if known is not None and known.length == length:
        return known
    if known is not None:  # of two lengths for one hash one is wrong; the hash tells at the end
        known.drop()
    _tidy(folder, now)
    made = Upload(folder / f"{record_id}.{digest}.{length}", length)
    with room_on_disk():
        make_folder(folder)
        os.close(os.open(made.path, os.O_WRONLY | os.O_CREAT, 0o600))
        sync_folder(folder)
    return made


def _tidy(folder: Path, now: datetime) -> None:
    """Make room for one more: of this person's the too old and the oldest go, of one other's the too old."""
    with suppress(FileNotFoundError):
        others = [each for each in folder.parent.iterdir() if each != folder]
        for path in _by_age(choice(others)) if others else ():
            _drop_old(path, now)
    mine = [path for path in _by_age(folder) if not _drop_old(path, now)]
    for path in mine[: max(0, len(mine) - MOST + 1)]:
        path.unlink(missing_ok=True)


def _by_age(folder: Path) -> list[Path]:
    ages = []
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                ages.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(ages)]


def _drop_old(path: Path, now: datetime) -> bool:
    with suppress(FileNotFoundError):
        if now.timestamp() - path.stat().st_mtime <= KEPT.total_seconds():
            return False
        path.unlink()
    return True


def forget(data_dir: Path, person_id: int) -> None:
    """Take somebody's unfinished uploads away: nothing hidden in a photo has been taken out of them yet."""
    for path in _by_age(folder_of(data_dir, person_id)):
        path.unlink(missing_ok=True)
