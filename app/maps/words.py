"""The words that the map's scripts say: what stands in `say("…")` and `mark("…")`, translated for the page."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.i18n import translate
from app.pages import words

SCRIPTS: Final = Path(__file__).resolve().parent.parent / "static" / "map"
_SAID: Final = re.compile(r"""\b(?:say|mark)\(\s*"((?:[^"\\]|\\.)*)\"""")


def said() -> Iterator[str]:
    """Every message id in the map's scripts."""
    for path in sorted(SCRIPTS.glob("*.js")):
        yield from _SAID.findall(path.read_text(encoding="utf-8"))


@cache
def phrases(language: str) -> dict[str, str]:
    """Message id to text for the scripts; empty for English, where the id is the text."""
    found = {text: translate(text, language) for text in said()}
    return {text: other for text, other in found.items() if text != other}


@cache
def tables(language: str) -> dict[str, dict[str, str]]:
    """What stored words are called on screens, by table; the key of "nothing" is empty."""
    named: dict[str, Mapping[Any, str]] = {
        "kind": words.KINDS,
        "risk": words.RISKS,
        "condition": words.CONDITIONS,
        "state": words.STATES,
        "location": words.LOCATION_STATUSES,
        "meaning": words.LOCATION_MEANING,
        "board": words.BOARD_STATES,
        "status": words.STATUSES,
        "measure": words.MEASURES,
        "field": words.FIELDS,
    }
    return {
        name: {str(key or ""): translate(text, language) for key, text in table.items()}
        for name, table in named.items()
    }
