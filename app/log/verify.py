"""Checking that a log is whole: entry by entry, in constant memory, without service, database or settings.

What is checked holds for whoever made the export: headers are hashed anew, commitments compared, erased parts
accounted for by a later entry. Who signed is only as sure as the key: compare its fingerprint with one kept elsewhere
(`keys`), or hold the log against checkpoints and receipts that the other side could not change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any, Final

import orjson
import rfc8785

from app.i18n import N_
from app.log.chain import ERASE, GENESIS, HEX, Header, commitment, digest, header_of, ranges_of, who_text
from app.log.checkpoint import fingerprint, is_checkpoint, is_signed
from app.log.erased import Parts
from app.log.witnesses import Broken, Outside, check_keys

FORMAT: Final = "taluy-log"
VERSION: Final = 1
LINE: Final = ("header", "person", "what", "what_key", "who_key")
LAST_LINE: Final = ("checkpoint", "sha256", "signature")
LONGEST_LINE: Final = 1 << 24
RECEIVED: Final = {"inspect": "inspection", "propose": "position"}
"""Verbs of entries that a receipt names, and under which name such an entry has the record's id."""

FORM: Final = N_("the line is not in the one form that an export has")
CUT: Final = N_("the file ends without its signed last line: its end was cut off")
SIGNATURE: Final = N_("the signature of the last line is wrong")


@dataclass(frozen=True)
class Detail:
    """Who and what of an entry, as they are kept beside its header."""

    person: int | None
    who_key: str | None
    what: str | None
    what_key: str | None


@dataclass(frozen=True)
class Whole:
    """A log in which nothing was wrong, and how many parts were `erased` with people's data."""

    seq: int
    entry_hash: str
    key: str
    erased: int = 0


class Chain:
    """The check of entries in their order."""

    def __init__(self, outside: Outside) -> None:
        self.seq = 0
        self.entry_hash = GENESIS
        self.erased = Parts()
        self._checkpoints: dict[int, list[tuple[str, str]]] = {}
        self._receipts: dict[int, list[tuple[str, Mapping[str, Any]]]] = {}
        self._last_watched = (0, "")
        for name, value in outside.checkpoints.items():
            said = value["checkpoint"]
            self._checkpoints.setdefault(said["seq"], []).append((name, said["entry_hash"]))
            self._last_watched = max(self._last_watched, (said["seq"], name))
        for name, value in outside.receipts.items():
            self._receipts.setdefault(value["log_seq"], []).append((name, value))
            self._last_watched = max(self._last_watched, (value["log_seq"], name))

    def add(self, text: str, detail: Detail) -> Header:
        """Check the next entry. Raises `Broken`."""
        seq = self.seq + 1
        header = header_of(text)
        if header is None:
            raise Broken(N_("the header is not in the one form that a header has"), seq=seq)
        if header.seq != seq:
            raise Broken(
                N_("the entry's number is {found}, not the one that follows"), seq=seq, found=header.seq
            )
        if header.prev != self.entry_hash:
            raise Broken(N_("it does not continue the entry before it"), seq=seq)
        self._check_who(header, detail)
        self._check_what(header, detail)
        self.seq, self.entry_hash = seq, digest(text)
        self._check_outside(header, detail)
        return header

    def end(self) -> None:
        """Check what only the whole log can tell. Raises `Broken`."""
        unsaid = self.erased.first()
        if unsaid is not None:
            raise Broken(N_("a part of it was erased, and no later entry says so"), seq=unsaid)
        watched, name = self._last_watched
        if watched > self.seq:
            raise Broken(
                N_("{name} knows entry {watched}, but the log ends before it"),
                seq=self.seq,
                name=name,
                watched=watched,
            )

    def _check_who(self, header: Header, detail: Detail) -> None:
        if detail.who_key is None and detail.person is None:
            self.erased.add_who(header.seq)
        elif not _covers(header.who, detail.who_key, who_text(detail.person)):
            raise Broken(N_("who did it is not what the header commits to"), seq=header.seq)

    def _check_what(self, header: Header, detail: Detail) -> None:
        if detail.what_key is None and detail.what is None:
            if header.verb == ERASE:
                raise Broken(N_("an entry that accounts for erasing was itself erased"), seq=header.seq)
            if not self.erased.add_what(header.seq, header.about):
                raise Broken(N_("what was changed is gone, and is no person's data to erase"), seq=header.seq)
        elif detail.what is None or not _covers(header.what, detail.what_key, detail.what):
            raise Broken(N_("what was changed is not what the header commits to"), seq=header.seq)
        elif header.verb == ERASE:
            self._account(header, _after(detail.what))

    def _account(self, header: Header, said: Mapping[str, Any]) -> None:
        who, what = (ranges_of(said.get(part), before=header.seq) for part in ("who", "what"))
        if who is None or what is None or not self.erased.account(header.about, who, what):
            raise Broken(
                N_("it says that parts were erased which are there, or are not this person's"), seq=header.seq
            )

    def _check_outside(self, header: Header, detail: Detail) -> None:
        for name, entry_hash in self._checkpoints.get(header.seq, ()):
            if entry_hash != self.entry_hash:
                raise Broken(
                    N_("the checkpoint {name} knows another entry here: the log was rewritten"),
                    seq=header.seq,
                    name=name,
                )
        for name, receipt in self._receipts.get(header.seq, ()):
            said = _after(detail.what or "")
            record = said.get(RECEIVED.get(header.verb, ""))
            found = (header.about, header.at, record, said.get("sha256"))
            if found != tuple(receipt[name] for name in ("place", "received_at", "id", "content_sha256")):
                raise Broken(
                    N_("the receipt {name} is for another record: the log was rewritten"),
                    seq=header.seq,
                    name=name,
                )


def _covers(committed: str, key: str | None, text: str) -> bool:
    if not isinstance(key, str) or not HEX.fullmatch(key):
        return False
    return commitment(bytes.fromhex(key), text) == committed


def _after(what: str) -> Mapping[str, Any]:
    try:
        after = orjson.loads(what)["after"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {}
    return after if isinstance(after, dict) else {}


def verify(file: IO[bytes], held: Outside) -> Whole:
    """Check an export, line by line. Raises `Broken` for the first thing that is wrong."""
    chain, seen, number = Chain(held), sha256(), 1
    try:
        line = _line(file)
        key, public = _first(line)
        check_keys(public, held)
        while True:
            seen.update(line)
            number += 1
            line = _line(file)
            found = _parsed(line, seq=number - 1)
            if tuple(found) != LINE:
                break
            chain.add(found.pop("header"), _detail(found, seq=number - 1))
        _check_last(found, line, public, seen.hexdigest())
        said = found["checkpoint"]["checkpoint"]
        if (said["seq"], said["entry_hash"]) != (chain.seq, chain.entry_hash):
            raise Broken(N_("the last line is signed for another entry, {seq}"), seq=said["seq"])  # noqa: TRY301
        if file.read(1):
            number += 1
            raise Broken(N_("something follows the signed last line"))  # noqa: TRY301
        chain.end()
    except Broken as broken:
        broken.line = number if broken.seq is None else broken.seq + 1
        raise
    return Whole(chain.seq, chain.entry_hash, key, chain.erased.count)


def _line(file: IO[bytes]) -> bytes:
    line = file.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Broken(CUT if len(line) < LONGEST_LINE else FORM)
    return line


def _parsed(line: bytes, *, seq: int | None = None) -> dict[str, Any]:
    """The members of a line, which is the one text that they can be written as."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Broken(FORM, seq=seq) from None
    if not isinstance(found, dict) or orjson.dumps(found, option=orjson.OPT_SORT_KEYS) != line[:-1]:
        raise Broken(FORM, seq=seq)
    return found


def _first(line: bytes) -> tuple[str, str]:
    """Fingerprint and key of the first line."""
    found = _parsed(line)
    if found.get("format") != FORMAT or type(found.get("v")) is not int or found["v"] != VERSION:
        raise Broken(N_("this is no export of a log, or one of a newer version"))
    key, public = found.get("key"), found.get("public_key")
    if not isinstance(public, str) or not HEX.fullmatch(public) or key != fingerprint(public):
        raise Broken(N_("the fingerprint is not that of the key"))
    return fingerprint(public), public


def _detail(found: Mapping[str, Any], *, seq: int) -> Detail:
    texts = (found["who_key"], found["what"], found["what_key"])
    person = found["person"]
    if not (person is None or type(person) is int) or any(not isinstance(text, str | None) for text in texts):
        raise Broken(FORM, seq=seq)
    return Detail(person, *texts)


def _check_last(found: Mapping[str, Any], line: bytes, public: str, seen: str) -> None:
    if tuple(found) != LAST_LINE or rfc8785.dumps(dict(found)) != line[:-1]:
        raise Broken(FORM)
    signed = {name: found[name] for name in ("checkpoint", "sha256")}
    if not is_checkpoint(found["checkpoint"]) or found["checkpoint"]["public_key"] != public:
        raise Broken(SIGNATURE)
    if not is_signed(public, signed, found["signature"]):
        raise Broken(SIGNATURE)
    if found["sha256"] != seen:
        raise Broken(N_("the file was changed: its SHA-256 is not the signed one"))
