"""What takes its time to arrive: how many of it may be under way, and how many of those in memory at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from app.errors import Unavailable

Loop = asyncio.AbstractEventLoop


@dataclass
class Arrivals:
    """One kind of body: at most `under_way` arrive, `at_once` have their turn; `busy` is said to the others.

    Who arrives holds disk, who waits for a turn neither memory nor a thread, for `wait_s` seconds at most.
    """

    under_way: int
    at_once: int
    busy: str
    again_s: int
    wait_s: float = 20.0
    _coming: set[object] = field(default_factory=set)
    _turns: WeakKeyDictionary[Loop, asyncio.Semaphore] = field(default_factory=WeakKeyDictionary)

    @property
    def nobody(self) -> bool:
        """Whether nothing is under way."""
        return not self._coming

    @contextmanager
    def coming(self) -> Iterator[None]:
        """One body on its way in. Raises `Unavailable` where too many are."""
        if len(self._coming) >= self.under_way:
            raise self._refusal()
        mark = object()
        self._coming.add(mark)
        try:
            yield
        finally:
            self._coming.discard(mark)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of the places in memory. Raises `Unavailable` where none gets free in time."""
        turns = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.at_once))
        try:
            async with asyncio.timeout(self.wait_s):
                await turns.acquire()
        except TimeoutError:
            raise self._refusal() from None
        try:
            yield
        finally:
            turns.release()

    def _refusal(self) -> Unavailable:
        return Unavailable(self.busy, headers={"Retry-After": str(self.again_s)})
