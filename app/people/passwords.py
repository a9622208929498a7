"""Hashing passwords: Argon2id behind a gate, so that many sign-ins at once neither fill memory nor starve others."""

import os
from asyncio import get_running_loop
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from time import perf_counter
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
HASHER: Final = PasswordHash((Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1),))
"""Argon2id with 19 MiB and two passes. Source: OWASP Password Storage Cheat Sheet."""

CROWD: Final = 20
"""So many who wait for their turn are a storm of sign-ins, not a morning in the office."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


def _nobody() -> str:
    salt, digest = (b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}${digest}"


NOBODY: Final = _nobody()
"""A hash that no password was ever given for: what an unknown name is checked against, at the same cost."""


class Gate:
    """Lets `max(1, cores - 1)` hashings run at once; what else a sign-in does waits for threads of its own too.

    Those who wait hold no thread, and take none from the pages that others ask for.
    """

    def __init__(self) -> None:
        places = max(1, (os.cpu_count() or 2) - 1)
        self._turns = CapacityLimiter(places)
        self._hashing = CapacityLimiter(places)
        self._working = CapacityLimiter(places + 1)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a place to look somebody up and check their password.

        Two hundred at once would be looked up all together, and everybody else would feel it. While a crowd waits, a
        place rests as long as it worked, which delays the next turn, not the answer of this one.
        """
        who = object()
        await self._turns.acquire_on_behalf_of(who)
        began = perf_counter()
        try:
            yield
        finally:
            crowded = self._turns.statistics().tasks_waiting >= CROWD
            rest_s = perf_counter() - began if crowded else 0
            get_running_loop().call_later(rest_s, self._turns.release_on_behalf_of, who)

    async def run(self, work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
        """What `work` gives, run in a thread of the desk."""
        return await to_thread.run_sync(partial(work, *given, **named), limiter=self._working)

    async def hash(self, password: str) -> str:
        """The hash to keep of `password`."""
        return await to_thread.run_sync(HASHER.hash, password, limiter=self._hashing)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether `password` belongs to the hash `kept`; takes like time where there is none."""
        right = await to_thread.run_sync(HASHER.verify, password, kept or NOBODY, limiter=self._hashing)
        return right and bool(kept)


def is_common(password: str, name: str) -> bool:
    """Whether `password` is among the first million that guessers try, looked up offline (zxcvbn, score under 2)."""
    from zxcvbn import zxcvbn

    known = ["matkhau", "mat", "khau", "taluy", "dalat", "lamdong", "phuong", *name.split()]
    return bool(zxcvbn(password[:72], user_inputs=known)["score"] < 2)  # noqa: PLR2004 - zxcvbn's scale 0 to 4
