"""What the front keeps in memory: answers, within a budget of bytes, and how often they were given."""

from collections import OrderedDict
from time import monotonic
from typing import Any, Final

from app import journal
from app.memory.changes import Token

AROUND: Final = 6_144
"""Bytes that an answer takes beside its body and its key."""
TOLD_EVERY_S: Final = 60.0

Key = tuple[Any, ...]


Headers = list[tuple[bytes, bytes]]


class Kept:
    """An answer in memory, with the headers of the 304 in its place; `tag` is empty where none may be compared."""

    __slots__ = ("body", "headers", "lines", "tag", "unchanged", "unchanged_lines")

    def __init__(self, headers: Headers, unchanged: Headers, body: bytes, tag: str) -> None:
        self.headers, self.unchanged, self.body, self.tag = headers, unchanged, body, tag
        self.lines, self.unchanged_lines = _lines(headers), _lines(unchanged)


def _lines(headers: Headers) -> bytes:
    """Headers as they stand on the wire."""
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers)


class Memory:
    """Answers made from one state of the database, at most `budget` bytes of them."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.most = budget // 8
        self.size = 0
        self.gathered = 0
        self._token: Token = ()
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def find(self, token: Token, key: Key) -> Kept | None:
        """The answer to `key`; another token than before empties the memory."""
        if token != self._token:
            self._kept.clear()
            self._token, self.size = token, 0
            return None
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, token: Token, key: Key, kept: Kept) -> None:
        """Keep an answer that was begun when `token` was the last."""
        if token != self._token or len(kept.body) > self.most:
            return
        before = self._kept.pop(key, None)
        self.size += _size(key, kept) - (_size(key, before) if before else 0)
        self._kept[key] = kept
        while self.size > self.budget * 3 // 4:
            self.size -= _size(*self._kept.popitem(last=False))

    def may_gather(self, size: int) -> bool:
        """Whether there is room for `size` more bytes of answers that are not complete."""
        return self.gathered + size <= self.budget // 4


def _size(key: Key, kept: Kept) -> int:
    return len(kept.body) + AROUND + sum(len(part) for part in key if isinstance(part, bytes))


class Count:
    """What was answered from memory since the journal last said so."""

    def __init__(self) -> None:
        self._answers, self._at_once, self._unchanged, self._bytes = 0, 0, 0, 0
        self._told_at = monotonic()

    def add(self, size: int, *, unchanged: bool, at_once: bool) -> None:
        """Count one answer, `at_once` where the request was not even parsed, and tell if it is time."""
        self._answers += 1
        self._at_once += at_once
        self._unchanged += unchanged
        self._bytes += size
        if monotonic() - self._told_at > TOLD_EVERY_S:
            self.tell()

    def tell(self) -> None:
        """Write what was counted down, and begin again."""
        if self._answers:
            journal.note(
                "repeated",
                answers=self._answers,
                at_once=self._at_once,
                unchanged=self._unchanged,
                bytes=self._bytes,
            )
        self._answers, self._at_once, self._unchanged, self._bytes = 0, 0, 0, 0
        self._told_at = monotonic()
