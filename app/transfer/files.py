"""Rows out of a file that somebody sent: CSV or GeoJSON, told apart by what is in it."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

from app.errors import BadRequest, Problem, Unprocessable
from app.i18n import N_
from app.strict_json import loads
from app.transfer import columns, pieces

SNIFFED: Final = 1 << 16
MAX_CELL: Final = 2_000_000
DELIMITERS: Final = ",;\t"


@dataclass(frozen=True)
class Row:
    """One record as the file names it: `number` as a spreadsheet counts (CSV) or the feature's place (GeoJSON).

    `named` holds only what the row says something about. `problem` is why the row cannot be read, if so.
    """

    number: int
    named: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None


def rows(file: IO[bytes]) -> Iterator[Row]:
    """Each row of the file. Raises `Unprocessable` where the file as a whole cannot be read."""
    buffered = io.BufferedReader(file, SNIFFED)  # type: ignore[type-var] # any readable stream of bytes will do
    start = buffered.peek(SNIFFED)[:SNIFFED]
    _check_text(start)
    text = io.TextIOWrapper(buffered, encoding="utf-8-sig", newline="")
    is_json = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")
    try:
        yield from _features(text) if is_json else _table(text)
    except UnicodeDecodeError:
        raise Unprocessable(
            N_("The file is not UTF-8 text. In the spreadsheet choose “CSV UTF-8” when saving."),
            code="not-utf-8",
        ) from None


def _check_text(start: bytes) -> None:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unprocessable(
            N_("The file is not UTF-8 text. In the spreadsheet choose “CSV UTF-8” when saving.")
        )
    if b"\x00" in start or start[:4] == b"PK\x03\x04":
        raise Unprocessable(
            N_(
                "The file is no text. Import takes CSV (UTF-8) and GeoJSON; save a spreadsheet as “CSV UTF-8” first."
            )
        )
    if not start.strip():
        raise Unprocessable(N_("The file is empty."))


def _features(text: IO[str]) -> Iterator[Row]:
    for number, piece in enumerate(pieces.features(text), 1):
        try:
            yield Row(number, _named(loads(piece.encode())))
        except Problem as problem:
            yield Row(number, problem=problem)
        except UnicodeEncodeError:
            yield Row(number, problem=BadRequest("The text holds characters that cannot be stored."))


def _named(feature: object) -> dict[str, Any]:
    """What a feature says; its id is its code where the properties hold none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if (
        not isinstance(feature, dict)
        or feature.get("type") != "Feature"
        or not isinstance(properties, dict | None)
    ):
        raise BadRequest(N_("This is no GeoJSON feature."))
    named: dict[str, Any] = {}
    for name, value in (properties or {}).items():
        place = columns.field_of(name)
        if place in named:
            raise BadRequest(N_("Two columns are both read as {field}. Keep one of them."), field=place)
        named[place] = value
    if isinstance(feature.get("id"), str):
        named.setdefault("code", feature["id"])
    if feature.get("geometry") is not None:
        named["geometry"] = feature["geometry"]
    return named


def _table(text: IO[str]) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    head = text.readline(SNIFFED)
    delimiter = max(DELIMITERS, key=head.count)
    fields = _header(next(csv.reader([head], delimiter=delimiter, strict=True), []))
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 1
    try:
        for number, cells in enumerate(reader, 2):
            if any(cell.strip() for cell in cells):
                yield _row(number, fields, cells)
    except csv.Error:
        raise Unprocessable(
            N_(
                "The table cannot be read after row {number}: a quotation mark is open, or a cell is too large."
            ),
            number=number,
        ) from None


def _header(cells: list[str]) -> list[str]:
    fields = [columns.field_of(cell) for cell in cells]
    if "code" not in fields:
        raise Unprocessable(
            N_("The first row holds no column called code. It names the columns: code, name, kind, …")
        )
    for place in fields:
        if place and fields.count(place) > 1:
            raise Unprocessable(N_("Two columns are both read as {field}. Keep one of them."), field=place)
    return fields


def _row(number: int, fields: list[str], cells: list[str]) -> Row:
    if len(cells) > len(fields):
        return Row(number, problem=BadRequest(N_("The row has more cells than the first row has columns.")))
    read = {place: columns.read_cell(place, cell) for place, cell in zip(fields, cells, strict=False)}
    return Row(number, {place: value for place, value in read.items() if value is not None})
