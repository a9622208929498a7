"""Which parts of the log were erased, and which of these a later entry accounts for."""

from bisect import bisect_right
from collections.abc import Sequence

from app.log.chain import Range


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
