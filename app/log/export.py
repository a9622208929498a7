"""The log as a file that anybody can check: JSON Lines, each line in RFC 8785 form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson
import rfc8785

from app.log.checkpoint import checkpoint, fingerprint, public_hex, sign
from app.log.verify import FORMAT, VERSION

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HOW: Final = (
    "One line an entry. header: RFC 8785 JSON; its SHA-256 is prev of the next entry (the first has 64 zeros)."
    ' who = HMAC-SHA256(who_key, {"person":ID}), what = HMAC-SHA256(what_key, the text what); null where erased,'
    " which a later entry with the verb erase names. Hexadecimal. The last line: Ed25519 over the RFC 8785 form of"
    " checkpoint.checkpoint, and over that of {checkpoint, sha256}; sha256 is that of all lines before it."
)


def lines(
    entries: Iterator[Mapping[str, Any]], key: Ed25519PrivateKey, *, seq: int, entry_hash: str, signed_at: str
) -> Iterator[bytes]:
    """The lines of an export: what it is, `entries` up to the head `seq`, and the signed end."""
    seen = sha256()
    for line in _before_the_last(entries, key):
        seen.update(line)
        yield line
    signed: dict[str, Any] = {
        "checkpoint": checkpoint(key, seq, entry_hash, signed_at=signed_at),
        "sha256": seen.hexdigest(),
    }
    yield rfc8785.dumps({**signed, "signature": sign(key, signed)}) + b"\n"


def _before_the_last(entries: Iterator[Mapping[str, Any]], key: Ed25519PrivateKey) -> Iterator[bytes]:
    public = public_hex(key)
    about = {"format": FORMAT, "how": HOW, "key": fingerprint(public), "public_key": public, "v": VERSION}
    yield orjson.dumps(about) + b"\n"
    for entry in entries:
        yield orjson.dumps(entry) + b"\n"
