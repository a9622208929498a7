"""Hashing passwords: Argon2id behind a gate, so that many sign-ins at once neither fill memory nor starve others."""

import asyncio
import os
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
"""Argon2id with 19 MiB and two passes. Source: OWASP Password Storage Cheat Sheet."""


class Gate:
    """Lets `max(1, cores - 1)` hashings run at once; the others wait without holding a thread."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(max(1, (os.cpu_count() or 2) - 1))

    async def hash(self, password: str) -> str:
        """The hash to keep of `password`."""
        async with self._places:
            return await asyncio.to_thread(HASHER.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether `password` belongs to the hash `kept`; takes like time where there is none."""
        async with self._places:
            right = await asyncio.to_thread(HASHER.verify, password, kept or nobody())
        return right and kept is not None


@cache
def nobody() -> str:
    """A hash that no password was ever given for: what an unknown name is checked against."""
    return HASHER.hash(os.urandom(32).hex())


def is_common(password: str, name: str) -> bool:
    """Whether `password` is among the first million that guessers try, looked up offline (zxcvbn, score under 2)."""
    from zxcvbn import zxcvbn

    known = ["matkhau", "mat", "khau", "taluy", "dalat", "lamdong", "phuong", *name.split()]
    return bool(zxcvbn(password[:72], user_inputs=known)["score"] < 2)  # noqa: PLR2004 - zxcvbn's scale 0 to 4
