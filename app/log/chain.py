"""How entries are bound together: headers, hashes and commitments, as pure functions.

An entry's header is the RFC 8785 form of {"about", "at", "prev", "seq", "v", "verb", "what", "who"}. `prev` is the
SHA-256 of the header before; `who` and `what` are HMAC-SHA256 of who did it and what was changed, under keys of 32
random bytes kept beside them. Without its key a commitment says nothing about what it covers, so forgetting key and
content erases them, and the chain still holds. All hashes and keys are lower-case hexadecimal.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson
import rfc8785

VERSION: Final = 1
GENESIS: Final = "0" * 64
"""What stands for the hash of the entry before the first."""
ERASE: Final = "erase"
"""The verb of an entry that names the entries whose parts were erased."""
HEX: Final = re.compile(r"[0-9a-f]{64}")
MEMBERS: Final = ("about", "at", "prev", "seq", "v", "verb", "what", "who")

_SIMPLE: Final = re.compile(r"[ !#-\[\]-~]*")
"""Text that stands in JSON as it is."""

Range = tuple[int, int]
"""The first and the last of some entries in a row."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is hashed of one entry."""

    seq: int
    prev: str
    at: str
    verb: str
    about: str
    who: str
    what: str

    def text(self) -> str:
        """The RFC 8785 form. Written out, since an import makes ten thousands a second; a test compares it."""
        return (
            f'{{"about":{quoted(self.about)},"at":{quoted(self.at)},"prev":"{self.prev}","seq":{self.seq},'
            f'"v":{VERSION},"verb":{quoted(self.verb)},"what":"{self.what}","who":"{self.who}"}}'
        )


def quoted(text: str) -> str:
    """`text` as RFC 8785 writes it."""
    return f'"{text}"' if _SIMPLE.fullmatch(text) else rfc8785.dumps(text).decode()


def composed(text: str) -> str:
    """`text` in NFC, the only form that is hashed: the same word in NFD has another hash."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def digest(header: str) -> str:
    """The hash of an entry."""
    return sha256(header.encode()).hexdigest()


def commitment(key: bytes, text: str) -> str:
    """What a header says of `text` without giving it away."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def who_text(person_id: int | None) -> str:
    """Who did it, as it is committed to; None: nobody signed in, such as the command line."""
    return f'{{"person":{"null" if person_id is None else int(person_id)}}}'


def what_text(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """The fields before and after, as they are kept and committed to: text, never parsed and written again."""
    kept = {
        "after": None if after is None else dict(after),
        "before": None if before is None else dict(before),
    }
    return composed(orjson.dumps(kept).decode())


def header_of(text: str) -> Header | None:
    """The header that `text` is, to the byte; None where it is not the one form that a header has."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict) or tuple(found) != MEMBERS:
        return None
    seq, texts = found["seq"], (found["at"], found["verb"], found["about"])
    if type(seq) is not int or not all(isinstance(value, str) for value in texts):
        return None
    hashes = (found["prev"], found["who"], found["what"])
    if not all(isinstance(value, str) and HEX.fullmatch(value) for value in hashes):
        return None
    header = Header(seq, found["prev"], *texts, found["who"], found["what"])
    return header if header.text() == text == composed(text) else None


def ranges(numbers: Iterable[int]) -> list[Range]:
    """Rising numbers as ranges of neighbours.

    >>> ranges([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    found: list[Range] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def ranges_of(value: object, *, before: int) -> Sequence[Range] | None:
    """The ranges that an erasing entry names, all `before` it; None where they are not well formed."""
    if not isinstance(value, list):
        return None
    found: list[Range] = []
    last = 0
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not all(type(end) is int for end in pair):  # noqa: PLR2004
            return None
        first, end = pair
        if not last < first <= end < before:
            return None
        found.append((first, end))
        last = end
    return found
