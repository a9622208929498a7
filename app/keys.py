"""Keys of an installation: files in `data_dir/keys`, outside the database and apart from its backups.

Each is made when it is first needed, readable by its owner only. `cryptography` is imported by those who use a key,
since it would weigh on every server process.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FOLDER: Final = "keys"
SIGNING: Final = "log-ed25519.pem"
SEALING: Final = "second-factor.key"
UNLOCKING: Final = "unlock.key"
KEY_BYTES: Final = 32


@cache
def signing_key(data_dir: Path) -> Ed25519PrivateKey:
    """The key that signs checkpoints of the log. Raises `ValueError` for a file that holds no such key."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    def fresh() -> bytes:
        return Ed25519PrivateKey.generate().private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        )

    key = form.load_pem_private_key(_kept(data_dir / FOLDER / SIGNING, fresh), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{SIGNING} is no Ed25519 key")  # noqa: TRY004 - the file's value is wrong
    return key


@cache
def sealer(data_dir: Path) -> Fernet:
    """What seals secrets that must be read again, such as second factors. Raises `ValueError` for a broken key file."""
    from cryptography.fernet import Fernet

    return Fernet(_kept(data_dir / FOLDER / SEALING, Fernet.generate_key))


@cache
def unlocking_key(data_dir: Path) -> bytes:
    """32 bytes from which everybody's unlock key is derived. Raises `ValueError` for a broken key file."""
    key = _kept(data_dir / FOLDER / UNLOCKING, lambda: secrets.token_bytes(KEY_BYTES))
    if len(key) != KEY_BYTES:
        raise ValueError(f"{UNLOCKING} is no key of {KEY_BYTES} bytes")
    return key


def unlock_key(data_dir: Path, person_id: int) -> bytes:
    """32 bytes that open what a phone keeps sealed for a person: the same for them every time, other for everybody."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), length=KEY_BYTES, salt=None, info=f"taluy-unlock-1:{person_id}".encode())
    return derived.derive(unlocking_key(data_dir))


def _kept(path: Path, fresh: Callable[[], bytes]) -> bytes:
    """The bytes of a key file, made if there is none: whole and on the disk before it has its name, made only once."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".") as file:
        file.write(fresh())
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its key is the one
            os.link(file.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path.read_bytes()
