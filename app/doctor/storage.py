"""What lies on the disk: the data folder, keys, photos."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Final

from sqlalchemy import func, select

from app import keys, production
from app.doctor.findings import Finding, Patient, ok, warning, wrong
from app.i18n import N_
from app.inspections.model import Photo
from app.inspections.photo_intake import path_of

GIGABYTE: Final = 1024**3
LOW_BYTES, NO_BYTES = 2 * GIGABYTE, GIGABYTE // 4
LOW_INODES, NO_INODES = 0.05, 0.01
OTHERS: Final = 0o077
SAMPLE: Final = 100
OVER_THE_NETWORK: Final = frozenset(
    {
        *(
            "nfs",
            "nfs4",
            "cifs",
            "smb3",
            "smbfs",
            "9p",
            "afs",
            "ceph",
            "glusterfs",
            "lustre",
            "davfs",
            "ncpfs",
        ),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.davfs2", "vboxsf", "drvfs"),
    }
)
"""File systems of other machines: SQLite's locks and its write-ahead log do not hold there."""


def existing(path: Path) -> Path:
    """`path`, or the nearest folder above it that is there."""
    path = path.absolute()
    return path if path.exists() else existing(path.parent)


def folder(patient: Patient) -> Iterator[Finding]:
    """Whether the data folder is there, writable, and nobody else's."""
    path = patient.settings.data_dir.absolute()
    if not path.is_dir():
        yield wrong(N_("There is no data folder {path}."), N_("Make it with: taluy migrate"), path=path)
        return
    state = path.stat()
    if not os.access(path, os.W_OK | os.X_OK):
        yield wrong(
            N_("The data folder {path} cannot be written."),
            N_("Run: chown -R {account} {path}"),
            path=path,
            account=os.geteuid(),
        )
    elif S_IMODE(state.st_mode) & OTHERS:
        yield warning(
            N_("Other accounts of this machine get into the data folder {path} ({mode})."),
            N_("Run: chmod 700 {path}"),
            path=path,
            mode=f"{S_IMODE(state.st_mode):04o}",
        )
    else:
        yield ok(N_("The data folder {path} is writable and closed to others."), path=path)


def space(patient: Patient) -> Iterator[Finding]:
    """Free bytes and files on the disk of the data folder."""
    disk = os.statvfs(existing(patient.settings.data_dir))
    free = disk.f_bavail * disk.f_frsize
    files = disk.f_favail / disk.f_files if disk.f_files else 1.0  # some file systems count none
    make = wrong if free < NO_BYTES or files < NO_INODES else warning
    if free < LOW_BYTES:
        yield make(
            N_("The disk has {free} GB left."),
            N_("Make room or take a larger disk: photos are refused when it is full."),
            free=f"{free / GIGABYTE:.1f}",
        )
    if files < LOW_INODES:
        yield make(
            N_("The disk takes few more files ({percent} % left)."),
            N_("Find folders with many small files: du --inodes -d 2 / | sort -n | tail"),
            percent=round(files * 100),
        )
    if free >= LOW_BYTES and files >= LOW_INODES:
        yield ok(N_("The disk has {free} GB left."), free=f"{free / GIGABYTE:.1f}")


def file_system_of(path: Path, mounts: str) -> str:
    """The kind of file system that `path` lies on; `mounts` as /proc/self/mounts has them."""
    kinds: dict[str, str] = {}
    for line in mounts.splitlines():
        _device, point, kind, *_rest = line.split(" ")
        kinds[point.encode().decode("unicode_escape")] = (
            kind  # a space in a name is \\040; the last mount counts
        )
    here = path.absolute()
    return next((kinds[str(above)] for above in (here, *here.parents) if str(above) in kinds), "?")


def file_system(patient: Patient) -> Iterator[Finding]:
    """SQLite needs a disk of this machine."""
    table = Path("/proc/self/mounts")
    if not patient.is_sqlite or not table.is_file():
        yield ok(N_("No matter here."))
        return
    kind = file_system_of(existing(Path(patient.address.database or "").parent), table.read_text("utf-8"))
    if kind in OVER_THE_NETWORK:
        yield wrong(
            N_("The database file lies on a disk of another machine ({kind}): SQLite loses changes there."),
            N_("Move TALUY_DATA_DIR to a disk of this machine, or take PostGIS."),
            kind=kind,
        )
    else:
        yield ok(N_("The database file lies on a disk of this machine ({kind})."), kind=kind)


def key_files(patient: Patient) -> Iterator[Finding]:
    """Keys that exist are keys, and nobody else's."""
    there = production.key_files(patient.settings.data_dir)
    bad = [fault for path in there for fault in production.of_key("TALUY_DATA_DIR", path, closed_to=OTHERS)]
    for fault in bad:
        yield wrong(fault.says, fault.mend, **fault.values)
    for path in there if not bad else ():
        if path.name in (keys.SIGNING, keys.SEALING, keys.UNLOCKING) and not is_key(path):
            yield wrong(
                N_("The key file {path} holds no key."),
                N_("Put it back from the keys of the backup (taluy restore --keys), never by hand."),
                path=path,
            )
            return
    if not there:
        yield warning(
            N_("There are no keys yet; they are made when they are first needed."),
            N_("If there were keys before, put them back from the keys of the backup: taluy restore --keys"),
        )
    elif not bad:
        yield ok(N_("{count} keys; keep a copy of them in another place than the backups."), count=len(there))


def is_key(path: Path) -> bool:
    """Whether a file holds the key that its name says."""
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        content = path.read_bytes()
        if path.name == keys.SEALING:
            Fernet(content)
            return True
        if path.name == keys.UNLOCKING:
            return len(content) == keys.KEY_BYTES
        return isinstance(load_pem_private_key(content, password=None), Ed25519PrivateKey)
    except (OSError, ValueError, TypeError):
        return False


def photos(patient: Patient) -> Iterator[Finding]:
    """Photos of the table against files, by a sample: they are there, and their bytes are what their name says."""
    lost, damaged = [], []
    with patient.reading() as db:
        count = db.scalar(select(func.count()).select_from(Photo)) or 0
        sample = db.execute(
            select(Photo.stored_sha256, Photo.thumbnail_sha256).order_by(func.random()).limit(SAMPLE)
        ).all()
    for sha256 in {name for row in sample for name in row}:
        path = path_of(patient.settings.data_dir / "photos", sha256)
        try:
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                damaged.append(sha256)
        except FileNotFoundError:
            lost.append(sha256)
        except OSError as error:
            (damaged if error.errno == errno.EIO else lost).append(sha256)
    back = N_("Put it back from a backup: photos/{name} in the archive.")
    for says, names in (
        (N_("{count} files of {sample} sampled photos are missing or cannot be read."), lost),
        (N_("{count} files of {sample} sampled photos are damaged: the disk may be failing."), damaged),
    ):
        if names:
            name = f"{names[0][:2]}/{names[0][2:]}.jpg"
            yield wrong(says, back, count=len(names), sample=len(sample), name=name)
    if not lost and not damaged:
        yield ok(
            N_("{count} photos; {sample} of them looked at, all whole."), count=count, sample=len(sample)
        )
