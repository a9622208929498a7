"""Our scripts as they go out: without comments and indentation, every line still at its number.

What a phone loads over a bad network is a third smaller; nothing is renamed or joined, so that an error names the
line that stands in the file.
"""

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<space>[ \t]+)
    |(?P<line>\n)
    |(?P<word>[\w$#]+)
    |(?P<sign>.)""",
    re.DOTALL | re.VERBOSE,
)
_PATTERN: Final = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_BEFORE_PATTERN: Final = frozenset("(,=:[!&|?{};+-*%<>~^") | {
    "return",
    "typeof",
    "case",
    "of",
    "in",
    "await",
    "",
}
"""What stands before a slash that begins a regular expression; after anything else it divides."""


def without_comments(code: str) -> str:
    """`code` of a module without comments and without spaces that keep nothing apart.

    Raises `ValueError` where a string, a template or a comment has no end.
    """
    bare, _ = _read(code, 0, inside=False)
    return "\n".join(line.strip(" \t") for line in bare.split("\n")).replace(_KEPT_LINE, "\n")


_KEPT_LINE: Final = "\x00"
"""Stands for a line break within a template, whose spaces are text."""


def _read(code: str, start: int, *, inside: bool) -> tuple[str, int]:
    """What is left of `code` from `start` to its end, or where `inside` a template to the brace that closes it."""
    out: list[str] = []
    at, before, depth = start, "", 0
    while at < len(code):
        if code[at] == "`":
            text, at = _template(code, at)
            out.append(text)
            before = "`"
            continue
        if code[at] == "/" and code[at + 1 : at + 2] not in ("/", "*") and before in _BEFORE_PATTERN:
            found = _PATTERN.match(code, at)
        else:
            found = _TOKEN.match(code, at)
        if found is None or found[0] in ('"', "'") or (found[0] == "/" and code[at + 1 : at + 2] == "*"):
            raise ValueError(f"no end of what begins at {at}")
        at = found.end()
        kind, text = found.lastgroup, found[0]
        if kind == "comment":
            out.append("\n" * text.count("\n") or " ")
            continue
        if kind == "space":
            text = " " if _parts(before, code[at : at + 1]) else ""
        if kind not in ("space", "line"):
            before = text
        depth += (text == "{") - (text == "}")
        if inside and depth < 0:
            return "".join(out), at
        out.append(text)
    if inside:
        raise ValueError("a template has no end")
    return "".join(out), at


def _parts(before: str, after: str) -> bool:
    """Whether the space between what ends with `before` and begins with `after` keeps two words or signs apart."""
    last = before[-1:]
    if _is_word(last):
        return _is_word(after) or after in ("/", ".")
    return (last == after and last in "+-") or "/" in (last, after)


def _is_word(char: str) -> bool:
    return char.isalnum() or char in ("_", "$", "#", "\\")


def _template(code: str, start: int) -> tuple[str, int]:
    """The template that begins at `start`, its text untouched, and where it ends."""
    out, at = ["`"], start + 1
    while at < len(code):
        if code[at] == "`":
            return "".join([*out, "`"]), at + 1
        if code.startswith("${", at):
            value, at = _read(code, at + 2, inside=True)
            out.append("${" + value.replace("\n", _KEPT_LINE) + "}")
            continue
        length = 2 if code[at] == "\\" else 1
        out.append(code[at : at + length].replace("\n", _KEPT_LINE))
        at += length
    raise ValueError("a template has no end")
