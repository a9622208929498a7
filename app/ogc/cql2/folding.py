"""CASEI and ACCENTI (OGC 21-065r2, 7.3 and 7.4), by rules that Python and PostgreSQL's ICU share.

CASEI is full case folding, made of the case mappings that both have: small, capital, small again, final sigma as any
other. Over all of Unicode it differs from `str.casefold` in two places: the dotless ı counts as i, and Cherokee folds
to small letters. ACCENTI takes the marks off Latin, Greek and Cyrillic letters, and reads đ as d, as a search does
(`app.text.search_key`); marks of other scripts stay, the Japanese voicing marks among them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MARKS: Final = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Blocks of combining diacritical marks, as a character class."""
BARRED: Final = ("đĐðÐ", "dDdD")
"""Letters that no decomposition takes apart."""

_MARKS: Final = re.compile(f"[{MARKS}]+")
_BARRED: Final = str.maketrans(*BARRED)


def casei(text: str) -> str:
    """`text` without regard to case.

    >>> casei("ΟΔΟΣ") == casei("οδος"), casei("STRASSE") == casei("Straße")
    (True, True)
    """
    if text.isascii():
        return text.lower()
    return text.lower().upper().lower().replace("ς", "σ")


def accenti(text: str) -> str:
    """`text` without diacritics.

    >>> accenti("Cuối đường Hai Bà Trưng")
    'Cuoi duong Hai Ba Trung'
    """
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text)).translate(_BARRED)
    return unicodedata.normalize("NFC", bare)


FOLD: Final = {"casei": casei, "accenti": accenti}
