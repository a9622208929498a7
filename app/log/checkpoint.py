"""Signed checkpoints: what the head of the log was at a moment, to be kept where no administrator can reach it.

A checkpoint is Ed25519 over the RFC 8785 form of {"entry_hash", "key", "log", "seq", "signed_at", "v"}. Whoever keeps
one can prove later whether the log was rewritten before it. The same key signs receipts of inspections and of proposed
positions: Ed25519 over the RFC 8785 form of the other members.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from app.log.chain import GENESIS, HEX

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LOG: Final = "taluy"
VERSION: Final = 1
SIGNED: Final = frozenset({"entry_hash", "key", "log", "seq", "signed_at", "v"})
SIGNATURE_HEX: Final = 128
SIGNING: Final = frozenset({"key", "signature", "v"})
RECEIPT: Final = {"content_sha256": str, "id": str, "log_seq": int, "place": str, "received_at": str}


def public_hex(key: Ed25519PrivateKey) -> str:
    """The raw public key, hexadecimal."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def fingerprint(public: str) -> str:
    """What people compare: the SHA-256 of the raw public key, hexadecimal."""
    return sha256(bytes.fromhex(public)).hexdigest()


def grouped(digest: str) -> str:
    """A hash in groups of four, as it is read out and compared."""
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def sign(key: Ed25519PrivateKey, value: object) -> str:
    """The signature of the RFC 8785 form of `value`, hexadecimal."""
    return key.sign(rfc8785.dumps(value)).hex()  # type: ignore[arg-type] # JSON of our own making


def checkpoint(key: Ed25519PrivateKey, seq: int, entry_hash: str, *, signed_at: str) -> dict[str, Any]:
    """A signed checkpoint of a log whose last entry is `seq`."""
    public = public_hex(key)
    said = {
        "entry_hash": entry_hash,
        "key": fingerprint(public),
        "log": LOG,
        "seq": seq,
        "signed_at": signed_at,
        "v": VERSION,
    }
    return {"checkpoint": said, "public_key": public, "signature": sign(key, said)}


def is_signed(public: object, value: object, signature: object) -> bool:
    """Whether `signature` is the one of `value` by the key `public`. Never raises, whatever these are."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not (isinstance(public, str) and HEX.fullmatch(public) and isinstance(signature, str)):
        return False
    if len(signature) != SIGNATURE_HEX or signature != signature.lower():
        return False
    try:
        loaded = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        loaded.verify(bytes.fromhex(signature), rfc8785.dumps(value))  # type: ignore[arg-type] # checked: it raises
    except (ValueError, InvalidSignature):
        return False
    return True


def is_checkpoint(value: object) -> bool:
    """Whether `value` is a whole checkpoint, signed by the key that it names."""
    if not isinstance(value, Mapping) or set(value) != {"checkpoint", "public_key", "signature"}:
        return False
    said, public = value["checkpoint"], value["public_key"]
    if not isinstance(said, Mapping) or set(said) != SIGNED:
        return False
    right = (
        said["log"] == LOG
        and type(said["v"]) is int
        and said["v"] == VERSION
        and type(said["seq"]) is int
        and said["seq"] >= 0
        and all(isinstance(said[name], str) for name in ("entry_hash", "key", "signed_at"))
        and bool(HEX.fullmatch(said["entry_hash"]))
        and (said["seq"] > 0 or said["entry_hash"] == GENESIS)
    )
    return right and is_signed(public, said, value["signature"]) and said["key"] == fingerprint(str(public))


def signed_receipt(key: Ed25519PrivateKey, said: Mapping[str, Any]) -> dict[str, Any]:
    """`said`, the members of a receipt, with the key's fingerprint and its signature of all the others."""
    whole = {**said, "key": fingerprint(public_hex(key)), "v": VERSION}
    return dict(sorted({**whole, "signature": sign(key, whole)}.items()))


def is_receipt(value: object) -> bool:
    """Whether `value` has the form of a receipt, which names an entry of the log.

    Receipts from before they were signed have none of `key`, `signature` and `v`.
    """
    if not isinstance(value, Mapping) or any(
        type(value.get(name)) is not kind for name, kind in RECEIPT.items()
    ):
        return False
    if SIGNING.isdisjoint(value):
        return bool(value["log_seq"] > 0)
    return (
        set(value) == RECEIPT.keys() | SIGNING
        and value["log_seq"] > 0
        and type(value["v"]) is int
        and value["v"] == VERSION
        and isinstance(value["key"], str)
    )


def is_receipt_signed(value: Mapping[str, Any], public: str) -> bool:
    """Whether a receipt that names a key carries the signature of the one with `public`, hexadecimal."""
    said = {name: each for name, each in value.items() if name != "signature"}
    return is_signed(public, said, value["signature"]) and value["key"] == fingerprint(public)
