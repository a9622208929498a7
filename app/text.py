"""Text as the registry keeps it: NFC, searchable without diacritics, codes in one spelling."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from app.errors import Unprocessable

CODE = re.compile(r"^[A-Z0-9]{1,8}(?:-[A-Z0-9]{1,8}){1,3}$")

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_ETH = str.maketrans({"ð": "d", "Ð": "D"})


def nfc(text: str) -> str:
    """`text` in Unicode NFC. Raises `Unprocessable` for lone surrogates and control characters."""
    if text.isascii() and text.isprintable():
        return text
    if _UNSTORABLE.search(text):
        raise Unprocessable("The text holds characters that cannot be stored.", code="bad-text")
    return unicodedata.normalize("NFC", text)


def nfc_texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Members as they are kept: text in NFC, everything else as it is. Raises `Unprocessable` as `nfc` does."""
    return {name: nfc(value) if isinstance(value, str) else value for name, value in values.items()}


def search_key(text: str) -> str:
    """`text` for searching: lower case, without diacritics, đ as d, single spaces.

    >>> search_key("Cuối đường  Hai Bà Trưng")
    'cuoi duong hai ba trung'
    """
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text)).replace("đ", "d").replace("Đ", "D")
    if not bare.isascii():  # rare here, and slow: eth for đ, other scripts with marks of their own
        bare = "".join(char for char in bare.translate(_ETH) if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
