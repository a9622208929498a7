"""Text as the registry keeps it: NFC, searchable without diacritics, codes in one spelling."""

import re
import unicodedata

from app.errors import Unprocessable

CODE = re.compile(r"^[A-Z0-9]{1,8}(?:-[A-Z0-9]{1,8}){1,3}$")

_STROKED = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})


def nfc(text: str) -> str:
    """`text` in Unicode NFC. Raises `Unprocessable` for lone surrogates and control characters."""
    if any(unicodedata.category(char) in ("Cs", "Cc") and char not in "\n\t\r" for char in text):
        raise Unprocessable("The text holds characters that cannot be stored.", code="bad-text")
    return unicodedata.normalize("NFC", text)


def search_key(text: str) -> str:
    """`text` for searching: lower case, without diacritics, đ as d, single spaces.

    >>> search_key("Cuối đường  Hai Bà Trưng")
    'cuoi duong hai ba trung'
    """
    bare = "".join(
        char
        for char in unicodedata.normalize("NFD", text.translate(_STROKED))
        if not unicodedata.combining(char)
    )
    return " ".join(bare.casefold().split())
