"""Making an archive: the database first, then the photos, which only ever grow."""

import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import IO, Final

from sqlalchemy import inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.archive import manifest, postgres, sqlite
from app.archive.manifest import DUMPS, NAME, PHOTOS, Manifest, Member
from app.db import Database
from app.errors import Conflict, NotFound
from app.i18n import N_
from app.log.desk import Signer
from app.outputs import dump
from app.settings import Settings

FAST: Final = 1
"""Photos and database dumps are compressed already; more effort costs minutes and gains a hundredth."""
KEYS: Final = "keys"


@dataclass(frozen=True)
class Made:
    """What was made. `damaged` are photos whose bytes are no longer what their name says: kept as they are."""

    manifest: Manifest
    keys: Path | None
    checkpoint: Path | None
    damaged: list[str] = field(default_factory=list)


def engine_of(url: str) -> tuple[str, ModuleType]:
    """The kind of a database and the module that copies it."""
    kind = make_url(url).get_backend_name()
    return (kind, postgres) if kind == "postgresql" else ("sqlite", sqlite)


def keys_file(target: Path) -> Path:
    """Where the keys of a backup lie: beside it, never in it."""
    return target.with_name(f"{target.name}.keys.tar")


def checkpoint_file(target: Path) -> Path:
    """Where the signed head of the log lies that the backup holds: beside it, to be taken elsewhere."""
    return target.with_name(f"{target.name}.checkpoint.json")


def backup(settings: Settings, target: Path, follow: Callable[[int, int], None]) -> Made:
    """Write one archive; `follow` is told bytes done and bytes in all. Raises `Conflict` where it is there already."""
    _check_free(target)
    _check_free(keys_file(target))
    _check_free(checkpoint_file(target))
    kind, engine = engine_of(settings.database)
    signed = _signed(settings, kind)  # before the copy, so that it lies in it
    has_keys = (settings.data_dir / KEYS).is_dir()
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".taluy-backup-") as folder:
        dumped = Path(folder) / "dump"
        revision, counts = engine.dump(settings.database, dumped)
        files = {DUMPS[kind]: dumped, **photos(settings.data_dir / PHOTOS)}
        members = [manifest.member_of(name, path) for name, path in files.items()]
        about = Manifest(
            format=manifest.FORMAT,
            app_version=version("taluy"),
            database=kind,
            revision=revision,
            created_at=clock.rfc3339(clock.now()),
            counts=counts,
            keys_apart=has_keys,
            members=members,
        )
        with _appearing(target) as file:
            _pack(file, about, files, follow)
    keys = _keys(settings.data_dir / KEYS, keys_file(target)) if has_keys else None
    checkpoint = _checkpoint(signed, checkpoint_file(target)) if signed else None
    return Made(about, keys, checkpoint, [one.name for one in members if not _is_whole(one)])


def photos(folder: Path) -> dict[str, Path]:
    """Every stored photo by its name in an archive; files that are still being written are left out."""
    found = sorted(folder.glob("[0-9a-f][0-9a-f]/*.jpg")) if folder.is_dir() else []
    return {
        f"{PHOTOS}/{path.parent.name}/{path.name}": path
        for path in found
        if len(path.stem) == 62 and not path.name.startswith(".")  # noqa: PLR2004 - a SHA-256 without its folder
    }


def _is_whole(member: Member) -> bool:
    """Whether a photo still is what its name says."""
    if not member.name.startswith(PHOTOS):
        return True
    return member.name.removesuffix(".jpg").replace("/", "").endswith(member.sha256)


def _pack(
    file: IO[bytes], about: Manifest, files: dict[str, Path], follow: Callable[[int, int], None]
) -> None:
    total, done = sum(member.size for member in about.members), 0
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=FAST, format=tarfile.PAX_FORMAT) as tar:
        data = about.model_dump_json(indent=1).encode()
        tar.addfile(_entry(NAME, len(data)), io.BytesIO(data))
        for member in about.members:
            with files[member.name].open("rb") as content:
                tar.addfile(_entry(member.name, member.size), content)
            done += member.size
            follow(done, total)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(clock.now().timestamp())
    return entry


def _keys(folder: Path, target: Path) -> Path:
    with _appearing(target) as file, tarfile.open(fileobj=file, mode="w") as tar:
        tar.add(folder, arcname=KEYS)
    return target


def _signed(settings: Settings, kind: str) -> bytes | None:
    """The signed head of the log; None where there is no log of today's form, which is for the copy to say."""
    if kind == "sqlite" and not sqlite.file_of(settings.database).is_file():
        return None
    try:
        with Database(settings.database, settings.data_dir) as database, database.read() as db:
            if "entry_hash" not in {
                column["name"] for column in inspect(db.connection()).get_columns("log_entry")
            }:
                return None
            return dump(Signer(settings.data_dir).checkpoint(db, now=clock.now())) + b"\n"
    except (SQLAlchemyError, NotFound):
        return None


def _checkpoint(signed: bytes, target: Path) -> Path:
    with _appearing(target) as file:
        file.write(signed)
    return target


def _check_free(target: Path) -> None:
    if target.exists():
        raise Conflict(
            N_("{path} is there already. A backup never overwrites: choose another name."), path=target
        )


@contextmanager
def _appearing(target: Path) -> Iterator[IO[bytes]]:
    """A file for its owner only that takes its name when it is whole and on disk. Raises `Conflict`."""
    handle, name = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, target)  # unlike a rename, it never overwrites
        except FileExistsError:
            _check_free(target)
        except OSError:  # a file system without links
            _check_free(target)
            temporary.replace(target)
        _sync(target.absolute().parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
