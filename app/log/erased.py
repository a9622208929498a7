"""Which parts of the log were erased, and which of these a later entry accounts for."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from app.log.chain import Range

PERSON: Final = re.compile(r"person:[1-9][0-9]*")
"""What an entry is about whose content may be erased: nothing else in the log is anybody's own."""


class Erased:
    """Numbers of entries that lack one part and that no entry has named yet, as ranges: few, however long the log."""

    def __init__(self) -> None:
        self._ranges: list[Range] = []

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def first(self) -> int:
        """The first that is not accounted for."""
        return self._ranges[0][0]

    def add(self, seq: int) -> None:
        """Note that `seq` lacks the part; numbers come in rising order."""
        if self._ranges and self._ranges[-1][1] == seq - 1:
            self._ranges[-1] = (self._ranges[-1][0], seq)
        else:
            self._ranges.append((seq, seq))

    def account(self, named: Sequence[Range]) -> bool:
        """Take out what an erasing entry names; False where it names a part that is there or was named before."""
        return all(self._take(first, last) for first, last in named)

    def _take(self, first: int, last: int) -> bool:
        place = bisect_right(self._ranges, (first, last), key=lambda found: (found[0], last)) - 1
        if place < 0 or self._ranges[place][1] < last:
            return False
        start, end = self._ranges[place]
        left = [(start, first - 1)] if start < first else []
        right = [(last + 1, end)] if last < end else []
        self._ranges[place : place + 1] = [*left, *right]
        return True


class Parts:
    """Erased parts of a log: who of any entry, what only of entries about a person, which are erased with them."""

    def __init__(self) -> None:
        self.count = 0
        self._who = Erased()
        self._what: dict[str, Erased] = {}

    def add_who(self, seq: int) -> None:
        """Note that it is not told any more who made `seq`."""
        self.count += 1
        self._who.add(seq)

    def add_what(self, seq: int, about: str) -> bool:
        """Note that it is not told any more what `seq` changed; False where nothing may ever erase that."""
        if not PERSON.fullmatch(about):
            return False
        self.count += 1
        self._what.setdefault(about, Erased()).add(seq)
        return True

    def account(self, about: str, who: Sequence[Range], what: Sequence[Range]) -> bool:
        """Take out what an erasing entry `about` a person names; False where it names what it may not."""
        own = self._what.get(about, Erased())
        return bool(PERSON.fullmatch(about)) and self._who.account(who) and own.account(what)

    def first(self) -> int | None:
        """The first entry with a part that no erasing entry has named; None where there is none."""
        return min((one.first() for one in (self._who, *self._what.values()) if one), default=None)
