"""The patterns of LIKE: `%` any text, `_` one character, and a backslash before what is meant as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

MAX_PATTERN: Final = 2_000
"""Characters. SQLite takes 50,000 bytes; folding and spelling as GLOB make up to 36 bytes of one character."""

_TOKEN: Final = re.compile(r"\\.|.", re.DOTALL)
_GLOB: Final = {"%": "*", "_": "?"}
_SPECIAL_IN_GLOB: Final = frozenset("*?[")


def _tokens(pattern: str) -> Iterator[tuple[str, bool]]:
    """Each character, and whether it stands for others. A backslash at the end stands for itself."""
    for token in _TOKEN.findall(pattern):
        yield token[-1], token in _GLOB


def as_like(pattern: str) -> str:
    """As PostgreSQL takes it, which fails on a backslash at the end."""
    return "".join(char if wild or char not in "%_\\" else f"\\{char}" for char, wild in _tokens(pattern))


def as_glob(pattern: str) -> str:
    """As SQLite's GLOB takes it: its LIKE knows no capitals."""
    return "".join(
        _GLOB[char] if wild else f"[{char}]" if char in _SPECIAL_IN_GLOB else char
        for char, wild in _tokens(pattern)
    )
