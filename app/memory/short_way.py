"""How an answer in memory is given again, and the shortest way to it: a head that came byte by byte as one before.

What of a request decides about its answer follows from the bytes of its head alone, on a connection that waits for one
(`app.door.serving` sees to that). So the front learns each head whose answer it gave from memory, and the next time
the protocol writes that answer at once. Whether it still holds is asked in the same way on both ways.
"""

import secrets
from typing import Final, NamedTuple

from app.memory.answers import Count, Kept, Key, Memory
from app.memory.changes import Changes
from app.memory.freshness import NOT_MODIFIED, OK, is_since, matches

PIECE: Final = 256 * 1024
"""As much of a body as is handed to a connection before it has taken what came before."""
LONGEST_HEAD: Final = 2_048
BESIDE: Final = 512
"""Bytes that a head takes in memory beside its own."""
REASON: Final = {OK: b"HTTP/1.1 200 OK\r\n", NOT_MODIFIED: b"HTTP/1.1 304 Not Modified\r\n"}


class Asked(NamedTuple):
    """A request that may be answered from memory; `id` is what a named proxy calls it."""

    key: Key
    known: bytes
    since: bytes
    id: str = ""


class Said(NamedTuple):
    """What is answered: 200 or 304, with the headers of this answer alone."""

    status: int
    own: list[tuple[bytes, bytes]]
    body: bytes


class Recall:
    """The memory of one service, `budget` bytes of answers and heads; 0 for none."""

    def __init__(self, changes: Changes, budget: int) -> None:
        self.changes = changes
        self.memory = Memory(budget)
        self.count = Count()
        self._heads: dict[bytes, Asked] = {}
        self._heads_size = 0

    def learn(self, head: bytes, asked: Asked) -> None:
        """From now on `head` means `asked`: the only thing that its bytes can mean."""
        if len(head) > LONGEST_HEAD or head in self._heads:
            return
        self._heads_size += len(head) + BESIDE
        if self._heads_size > self.memory.budget // 16:
            self._heads, self._heads_size = {}, len(head) + BESIDE
        self._heads[head] = asked

    def at_once(self, head: bytes, date: bytes) -> bytes | None:
        """The whole answer to a head that was learnt, `date` being its Date line; None where there is none."""
        asked = self._heads.get(head)
        if asked is None:
            return None
        seen = self.changes.look()
        kept = self.memory.find(seen.token, asked.key)
        if kept is None or len(kept.body) > PIECE:
            return None
        said = self.answer(asked, kept, seen.modified, at_once=True)
        lines = kept.lines if said.status == OK else kept.unchanged_lines
        own = [part for name, value in said.own for part in (name, b": ", value, b"\r\n")]
        return b"".join((REASON[said.status], date, lines, *own, b"\r\n", said.body))

    def answer(
        self, asked: Asked, kept: Kept, modified: str, *, bare: bool = False, at_once: bool = False
    ) -> Said:
        """What `kept` is to `asked`, counted as answered; `bare` for HEAD."""
        said = _answer(asked, kept, modified)
        body = b"" if bare else said.body
        self.count.add(len(body), unchanged=said.status == NOT_MODIFIED, at_once=at_once)
        return said._replace(body=body) if bare else said


def _answer(asked: Asked, kept: Kept, modified: str) -> Said:
    own = [(b"x-request-id", (asked.id or secrets.token_hex(8)).encode())]
    if kept.tag and _is_unchanged(asked, kept.tag, modified):
        return Said(NOT_MODIFIED, own, b"")
    if kept.tag and modified:
        own.append((b"last-modified", modified.encode()))
    return Said(OK, own, kept.body)


def _is_unchanged(asked: Asked, tag: str, modified: str) -> bool:
    if asked.known:
        return matches(asked.known.decode("latin-1"), tag)
    return bool(asked.since) and is_since(asked.since.decode("latin-1"), modified)
