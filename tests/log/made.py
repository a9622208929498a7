"""Logs made for tests without a database: entries, erasures, and what somebody with a key could forge."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.log.chain import GENESIS, Header, commitment, digest, what_text, who_text
from app.log.checkpoint import checkpoint, fingerprint, public_hex
from app.log.export import lines

AT = "2026-11-23T04:05:06.789Z"
SHA = "5e" * 32
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


@dataclass
class Entry:
    """One entry with everything that is kept of it."""

    verb: str
    about: str
    person: int | None
    what: str | None
    at: str = AT
    who_key: str | None = field(default_factory=lambda: secrets.token_hex(32))
    what_key: str | None = field(default_factory=lambda: secrets.token_hex(32))
    header: str = ""

    def follow(self, seq: int, prev: str) -> str:
        """Take the place after `prev`; gives the entry's hash."""
        assert None not in (self.who_key, self.what_key, self.what)
        self.header = Header(
            seq=seq,
            prev=prev,
            at=self.at,
            verb=self.verb,
            about=self.about,
            who=commitment(bytes.fromhex(self.who_key or ""), who_text(self.person)),
            what=commitment(bytes.fromhex(self.what_key or ""), self.what or ""),
        ).text()
        return digest(self.header)

    def line(self) -> dict[str, Any]:
        """The members of its line in an export."""
        return {
            "header": self.header,
            "person": self.person,
            "what": self.what,
            "what_key": self.what_key,
            "who_key": self.who_key,
        }


def entry(verb: str, about: str, person: int | None = None, after: Mapping[str, Any] | None = None) -> Entry:
    """An entry that is not yet in a log."""
    return Entry(verb, about, person, what_text(None, after))


def ordinary() -> list[Entry]:
    """A small log: places, a visit, accounts, Vietnamese, quotes and line breaks."""
    return [
        entry(
            "add", "P6-ST-01", None, {"name": "Hẻm 31 “đầu dốc”", "kind": "slide", "address": 'a\n"b"\\c\t'}
        ),
        entry(
            "change",
            "P6-ST-01",
            1,
            {"risk_level": "high", "geometry": {"type": "Point", "coordinates": [108.4, 11.9]}},
        ),
        entry("add", "person:7", 1, {"role": "officer", "units": [1]}),
        entry(
            "inspect", "P6-ST-01", 7, {"inspection": "11111111-1111-4111-8111-111111111111", "sha256": SHA}
        ),
        entry("photo", "P6-ST-01", 7, {"sha256": SHA}),
        entry("change", "person:7", 1, {"role": "board"}),
    ]


def chained(entries: Iterable[Entry]) -> list[Entry]:
    """The same, each bound to the one before."""
    prev, found = GENESIS, list(entries)
    for seq, one in enumerate(found, 1):
        prev = one.follow(seq, prev)
    return found


def erased() -> list[Entry]:
    """A log in which person 7 was erased, and that was said."""
    said = {"who": [[4, 5]], "what": [[3, 3], [6, 6]]}
    log = chained(
        [*ordinary(), entry("erase", "person:7", 1, said), entry("add", "P6-ST-02", 1, {"name": "Khác"})]
    )
    for seq in (4, 5):
        log[seq - 1].person = log[seq - 1].who_key = None
    for seq in (3, 6):
        log[seq - 1].what = log[seq - 1].what_key = None
    return log


def export(log: list[Entry], key: Ed25519PrivateKey = KEY) -> bytes:
    """The log as `taluy log export` writes it, signed by `key`."""
    return b"".join(written(log, key))


def written(log: list[Entry], key: Ed25519PrivateKey = KEY) -> Iterator[bytes]:
    """The lines of the export."""
    entry_hash = digest(log[-1].header) if log else GENESIS
    return lines((one.line() for one in log), key, seq=len(log), entry_hash=entry_hash, signed_at=AT)


def signed(log: list[Entry], seq: int, key: Ed25519PrivateKey = KEY) -> dict[str, Any]:
    """A checkpoint of the log when `seq` was its head."""
    return checkpoint(key, seq, digest(log[seq - 1].header), signed_at=AT)


def fingerprint_of(key: Ed25519PrivateKey) -> str:
    """The fingerprint of a key."""
    return fingerprint(public_hex(key))


RECEIPT = {
    "content_sha256": SHA,
    "id": "11111111-1111-4111-8111-111111111111",
    "log_seq": 4,
    "place": "P6-ST-01",
    "received_at": AT,
}
