"""Putting an archive back: into an empty place only, and only when every byte of it is what its manifest says."""

import hashlib
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from alembic.script import ScriptDirectory
from alembic.util import CommandError

from app import migrating
from app.archive import manifest
from app.archive.backup import KEYS, engine_of
from app.archive.manifest import CHUNK, DUMPS, NAME, PHOTOS, Manifest, Member
from app.db import MIGRATIONS
from app.errors import Conflict, OutOfSpace, Unprocessable
from app.i18n import N_
from app.settings import Settings

SPARE: Final = 64 * 1024 * 1024
#: A file below the folder of keys; no part can be `..`. Written by ourselves, since the filters of `tarfile`
#: are not in the Python of Debian 12 (3.11.2).
KEY_NAME: Final = re.compile(rf"{KEYS}(?:/[A-Za-z0-9][A-Za-z0-9._-]*)+")
BROKEN: Final = N_(
    "The backup is damaged: {name} is missing or not what the manifest says. Nothing was restored."
)


def restore(
    settings: Settings, source: Path, follow: Callable[[int, int], None], *, keys: Path | None = None
) -> Manifest:
    """Put database, photos and, where named, keys in place; an older archive is migrated.

    Raises `Conflict` where something is there already, `Unprocessable` for a damaged or foreign archive.
    """
    kind, engine = engine_of(settings.database)
    engine.check_empty(settings.database)
    _check_no_files(settings.data_dir / PHOTOS)
    if keys is not None:
        _check_no_files(settings.data_dir / KEYS)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".taluy-restore-") as folder:
        unpacked = Path(folder)
        about = unpack(source, unpacked, follow, database=kind)
        engine.load(unpacked / DUMPS[kind], settings.database)
        if engine.counts(settings.database) != about.counts:
            raise Unprocessable(
                N_("The restored tables do not hold what the manifest says. Do not use this database.")
            )
        if (unpacked / PHOTOS).is_dir():
            _move(unpacked / PHOTOS, settings.data_dir / PHOTOS)
    if keys is not None:
        _unpack_keys(keys, settings.data_dir)
    if about.revision != migrating.newest():
        migrating.upgrade(settings.database)
    return about


def unpack(source: Path, into: Path, follow: Callable[[int, int], None], *, database: str) -> Manifest:
    """Take an archive apart into an empty folder and hold every member against the manifest."""
    with _opened(source) as tar:
        entries = iter(tar)
        about = _manifest(tar, next(entries, None))
        _check_fits(about, database, into)
        waiting = {member.name: member for member in about.members}
        total, done = sum(member.size for member in about.members), 0
        for entry in entries:
            member = waiting.pop(entry.name, None)
            if member is None or not entry.isfile() or entry.size != member.size:
                raise Unprocessable(BROKEN, name=_shown(entry.name))
            _write(tar.extractfile(entry), into / member.name, member)
            done += member.size
            follow(done, total)
    if waiting:
        raise Unprocessable(BROKEN, name=next(iter(waiting)))
    return about


def _manifest(tar: tarfile.TarFile, first: tarfile.TarInfo | None) -> Manifest:
    if first is None or first.name != NAME or not first.isfile() or first.size > manifest.MOST_BYTES:
        raise Unprocessable(N_("The file is no backup of this registry: its manifest cannot be read."))
    content = tar.extractfile(first)
    return manifest.read(content.read() if content else b"")


def _check_fits(about: Manifest, database: str, into: Path) -> None:
    if about.database != database:
        raise Unprocessable(
            N_(
                "The backup holds a {found} database, TALUY_DATABASE_URL names {wanted}: restore into the same kind."
            ),
            found=about.database,
            wanted=database,
        )
    try:
        known = ScriptDirectory(str(MIGRATIONS)).get_revision(about.revision) is not None
    except CommandError:
        known = False
    if not known:
        raise Unprocessable(
            N_("The backup was made by a newer version ({version}). Install that one, then restore."),
            version=about.app_version,
        )
    needed = sum(member.size for member in about.members) + SPARE
    if shutil.disk_usage(into).free < needed:
        raise OutOfSpace(N_("The disk is too small: {needed} MB are needed."), needed=needed // 1_000_000 + 1)


def _write(content: IO[bytes] | None, path: Path, member: Member) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with path.open("xb") as file:
        while content is not None and (chunk := content.read(CHUNK)):
            found.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if found.hexdigest() != member.sha256:
        raise Unprocessable(BROKEN, name=member.name)


def _move(folder: Path, target: Path) -> None:
    if target.is_dir():
        target.rmdir()  # it is empty: `_check_no_files`
    folder.rename(target)


def _check_no_files(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise Conflict(
            N_("{path} is not empty. Restore into an empty place: set TALUY_DATA_DIR to a new folder."),
            path=folder,
        )


def _unpack_keys(source: Path, into: Path) -> None:
    with _opened(source) as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isfile() and KEY_NAME.fullmatch(entry.name) else None
            if content is None:
                continue
            path = into / entry.name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                shutil.copyfileobj(content, file)


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:*") as tar:
            yield tar
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Unprocessable(N_("The file is no backup of this registry, or it is cut off.")) from None


def _shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= 100 else "?"  # noqa: PLR2004 - one line
