"""The catalogues say everything that the code can say, once, in the words of the house."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import Environment

from app import errors

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
TEMPLATES = [*APP.rglob("*.html"), *APP.rglob("*.j2"), *(ROOT / "map_templates").rglob("*.*")]
SCRIPTS = [*APP.rglob("*.js")]
CATALOGUES = sorted((APP / "locale" / "vi").glob("*.po"))
MARKERS = {"N_", "_", "gettext", "translate"}
PROBLEMS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.Problem)
}
BRACES = re.compile(r"\{[a-z_]*\}")


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file, locale="vi", abort_invalid=True) if message.id]


def every_message() -> list[tuple[Path, Message]]:
    return [(path, message) for path in CATALOGUES for message in messages(path)]


def said_in_python(path: Path) -> Iterator[str]:
    """First arguments of markers and of problems, and the titles of problems."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if (
                name in MARKERS | PROBLEMS
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield first.value


def said_in_template(path: Path) -> Iterator[str]:
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    for _, _, message in environment.extract_translations(path.read_text("utf-8")):
        yield from (part for part in (message if isinstance(message, tuple) else [message]) if part)


def said() -> dict[str, str]:
    """Every message id that code or a template asks for, with the file that does."""
    found = {getattr(errors, name).title: "app/errors.py" for name in PROBLEMS}
    for path in APP.rglob("*.py"):
        found |= dict.fromkeys(said_in_python(path), str(path.relative_to(ROOT)))
    for path in TEMPLATES:
        found |= dict.fromkeys(said_in_template(path), str(path.relative_to(ROOT)))
    found.pop("", None)
    return found


def test_there_are_catalogues():
    assert [path.stem for path in CATALOGUES] != []


def test_everything_that_is_said_has_a_vietnamese_translation():
    known = {str(message.id) for _, message in every_message() if message.string}

    missing = {text: file for text, file in said().items() if text not in known}

    assert missing == {}


def test_nothing_is_translated_that_nobody_says():
    """An id counts as used where it is a whole string in Python, or stands somewhere in a template or script."""
    strings = set(said())
    for path in APP.rglob("*.py"):
        tree = ast.walk(ast.parse(path.read_text("utf-8")))
        strings |= {
            node.value for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    text = "\n".join(path.read_text("utf-8") for path in (*TEMPLATES, *SCRIPTS))

    unused = [
        f"{path.name}: {message.id}"
        for path, message in every_message()
        if message.id not in strings and str(message.id) not in text
    ]

    assert unused == []


def test_one_english_sentence_has_one_vietnamese_one():
    translations: dict[str, set[str]] = {}
    for _, message in every_message():
        translations.setdefault(str(message.id), set()).add(str(message.string))

    assert {text: both for text, both in translations.items() if len(both) > 1} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_names_no_message_twice(path):
    ids = re.findall(r'^msgid (".*"(?:\n".*")*)', path.read_text("utf-8"), re.MULTILINE)

    assert sorted({text for text in ids if ids.count(text) > 1}) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_translations_are_calm_composed_and_complete(path):
    wrong = []
    for message in messages(path):
        text = str(message.string)
        if "!" in text or "vui lòng" in text.casefold():
            wrong.append(("loud", text))
        if not unicodedata.is_normalized("NFC", text):
            wrong.append(("not NFC", text))
        if sorted(BRACES.findall(text)) != sorted(BRACES.findall(str(message.id))):
            wrong.append(("other braces", text))
        if message.fuzzy or not text:
            wrong.append(("not translated", str(message.id)))

    assert wrong == []
