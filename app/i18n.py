"""Vietnamese first, English by a switch: message ids are English, catalogues are `app/locale/<lang>/*.po`."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

LANGUAGES = ("vi", "en")
LOCALE_DIR = Path(__file__).parent / "locale"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark `message` for translation without translating it here."""
    return message


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every message of `language` by its English id; English has none, the id is the text."""
    messages: dict[str, str] = {}
    for path in sorted((LOCALE_DIR / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    messages[str(message.id)] = str(message.string)
    return messages


def translate(message: str, language: str) -> str:
    """`message` in `language`; the English text itself where no translation is known."""
    return catalogue(language).get(message, message)


def language_of(request: HTTPConnection) -> str:
    """The language the caller asked for: `?lang=`, the cookie, a clear Accept-Language; else Vietnamese."""
    for asked in (request.query_params.get("lang"), request.cookies.get("taluy_lang")):
        if asked in LANGUAGES:
            return str(asked)
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    wants_json = "html" not in request.headers.get("accept", "")
    return "en" if wants_json and first.startswith("en") else LANGUAGES[0]
