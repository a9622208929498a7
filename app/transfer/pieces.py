"""The features of a GeoJSON file one after the other, however large it is, without holding it whole.

Only the frame is read here; each feature comes out as its own text, to be parsed (and refused) by itself.
"""

import re
from collections.abc import Iterator
from typing import IO, Final

from app.errors import Unprocessable
from app.i18n import N_

CHUNK: Final = 1 << 16
MAX_FEATURE: Final = 2_000_000
"""Characters; 10,000 vertices take a quarter of it."""
UNFINISHED: Final = '"'
MARK: Final = re.compile(rf'"[^"\\]*(?:\\.[^"\\]*)*"|[{{}}\[\]]|{UNFINISHED}', re.DOTALL)
LIST, FEATURE = 2, 3
"""How deep the list of features lies, and what is in it."""


class Frame:
    """What is known so far of the object around the features."""

    def __init__(self) -> None:
        self.depth = 0
        self.in_list = False
        self.lists = 0
        self._name = ""
        self._is_collection = False

    def step(self, mark: str) -> None:
        """Take one mark in."""
        if mark[0] == '"':
            if self.depth == 1:
                self._is_collection |= (self._name, mark) == ('"type"', '"FeatureCollection"')
                self._name = mark
        elif mark in "{[":
            if mark == "[" and self.depth == 1 and self._name == '"features"':
                self.in_list = True
                self.lists += 1
            self.depth += 1
        else:
            self.depth -= 1
            self.in_list &= self.depth >= LIST

    @property
    def whole(self) -> bool:
        """Whether one FeatureCollection was read to its end."""
        return self._is_collection and self.lists == 1 and self.depth == 0


def features(file: IO[str]) -> Iterator[str]:
    """The text of each feature. Raises `Unprocessable` where the file is no FeatureCollection or is cut off."""
    frame, text, done, start = Frame(), "", 0, -1
    while chunk := file.read(CHUNK):
        text += chunk
        for mark in MARK.finditer(text, done):
            if mark.group() == UNFINISHED:
                break
            if frame.in_list and frame.depth == LIST:
                _check_between(text[done : mark.start()], mark.group())
                start = mark.start()
            frame.step(mark.group())
            done = mark.end()
            if frame.in_list and frame.depth == LIST and start >= 0:
                yield text[start:done]
                start = -1
        text, done, start = _without_read(text, done, start if frame.in_list else -1)
    if not frame.whole:
        raise Unprocessable(N_("The file is no GeoJSON FeatureCollection, or its end is missing."))


def _check_between(text: str, mark: str) -> None:
    if text.strip(" \t\r\n,") or mark not in "{]":
        raise Unprocessable(N_("The list of features holds something that is no feature."))


def _without_read(text: str, done: int, start: int) -> tuple[str, int, int]:
    """Drop what is read, but not the feature that is open."""
    if start >= 0:
        text, done, start = text[start:], done - start, 0
    else:
        text, done = text[done:], 0
    if len(text) > MAX_FEATURE:
        raise Unprocessable(N_("One feature of the file is larger than {most} characters."), most=MAX_FEATURE)
    return text, done, start
