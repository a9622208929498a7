"""Reading the reviewed files of `data/seed`: plain records, checked before anything touches a database."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked
from shapely.geometry.base import BaseGeometry

from app.errors import Problem, Unprocessable
from app.geojson import geometry_in
from app.i18n import N_
from app.text import CODE, nfc

FOLDER: Final = Path(__file__).parent.parent / "data" / "seed"
STRICT: Final = ConfigDict(extra="forbid", arbitrary_types_allowed=True, str_strip_whitespace=True)

_LOCAL_DATE: Final = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")


def _iso(value: object) -> object:
    """A day as an officer or a spreadsheet writes it (30/6/2023) in ISO form."""
    found = _LOCAL_DATE.match(value) if isinstance(value, str) else None
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else value


Text = Annotated[str, StringConstraints(min_length=1)]
Code = Annotated[str, StringConstraints(pattern=CODE.pattern)]
UnitRef = Annotated[str, StringConstraints(pattern=r"^\d{5}(@\d{4}-\d{2}-\d{2})?$")]
Day = Annotated[date, BeforeValidator(_iso)]
Status = Literal["proposed", "ordered", "in_progress", "done", "expired"]
LocationStatus = Literal["surveyed", "approximate", "inferred", "unlocated"]
Accuracy = Annotated[float, Field(gt=0)]


@checked(frozen=True, config=STRICT)
class UnitRow:
    """A ward in one period; `predecessors` are references like `ref`."""

    code: Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
    name: Text
    valid_from: Day | None
    valid_to: Day | None
    predecessors: list[UnitRef]
    accuracy_m: Accuracy | None
    note: Text | None
    geometry: BaseGeometry | None

    @property
    def ref(self) -> str:
        """How other files name this unit: its code, and the first day where it has one."""
        return f"{self.code}@{self.valid_from}" if self.valid_from else self.code


@checked(frozen=True, config=STRICT)
class SiteRow:
    """A hazard place. `risk_rated_at` is a day: nobody wrote down the hour."""

    code: Code
    name: Text
    address: Text | None
    kind: Literal["slide", "flood", "drowning"]
    risk_level: Literal["low", "medium", "high", "very_high"] | None
    risk_rated_at: Day | None
    risk_reason: Text | None
    state: Literal["active", "watch", "closed"]
    location_status: LocationStatus
    location_accuracy_m: Accuracy
    location_note: Text | None
    units: Annotated[list[UnitRef], Field(min_length=1)]
    geometry: BaseGeometry


@checked(frozen=True, config=STRICT)
class SignboardRow:
    """A warning board; `site` is the code of its place."""

    code: Code
    name: Text
    site: Code
    state: Literal["sound", "damaged", "missing", "unknown"]
    location_status: LocationStatus
    location_accuracy_m: Accuracy
    location_note: Text | None
    geometry: BaseGeometry


@checked(frozen=True, config=STRICT)
class ProposalRow:
    """Works proposed upward, for the years `period_from` to `period_to`."""

    code: Code
    name: Text
    period_from: int | None
    period_to: int | None
    addressee: Text | None
    status: Status
    reason: Text | None
    location_status: LocationStatus
    location_accuracy_m: Accuracy
    location_note: Text | None
    units: Annotated[list[UnitRef], Field(min_length=1)]
    geometry: BaseGeometry


@checked(frozen=True, config=STRICT)
class MeasureRow:
    """A measure at `site`, or of the whole `unit`."""

    code: Code
    kind: Text
    site: Code | None
    unit: UnitRef | None
    status: Status
    responsible: Text | None
    note: Text | None


@checked(frozen=True, config=STRICT)
class DocumentRow:
    """A source; `key` is our short name for it. A conflicting date is explained in `date_note`."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    number: Text | None
    date: Day | None
    date_status: Literal["certain", "conflicting", "unknown"]
    date_note: Text | None
    title: Text
    issuer: Text | None
    kind: Text | None


@checked(frozen=True, config=STRICT)
class FactRow:
    """What is said of one field; `about` is a record's code, a unit's reference or a document's number."""

    about: Text
    field: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]
    value: Text | None
    quote: Text | None
    certainty: Literal["certain", "conflicting", "inferred"]
    document: Text | None
    note: Text | None


@dataclass(frozen=True)
class Seed:
    """Everything in the folder, in the order of the files."""

    units: list[UnitRow]
    documents: list[DocumentRow]
    sites: list[SiteRow]
    signboards: list[SignboardRow]
    proposals: list[ProposalRow]
    measures: list[MeasureRow]
    facts: list[FactRow]

    def codes(self) -> Iterator[str]:
        """Codes of all records that have one, which must differ."""
        records: Iterable[SiteRow | SignboardRow | ProposalRow | MeasureRow]
        records = chain(self.sites, self.signboards, self.proposals, self.measures)
        return (record.code for record in records)


Row = TypeVar("Row")


def read(folder: Path = FOLDER) -> Seed:
    """The seed in `folder`. Raises `Unprocessable` naming the file, the row and what is wrong with it."""
    seed = Seed(
        units=_rows(UnitRow, folder / "units.geojson"),
        documents=_rows(DocumentRow, folder / "documents.csv"),
        sites=_rows(SiteRow, folder / "sites.geojson"),
        signboards=_rows(SignboardRow, folder / "signboards.geojson"),
        proposals=_rows(ProposalRow, folder / "proposals.geojson"),
        measures=_rows(MeasureRow, folder / "measures.csv"),
        facts=_rows(FactRow, folder / "facts.csv"),
    )
    _check(seed)
    return seed


def _rows(kind: type[Row], path: Path) -> list[Row]:
    reader = TypeAdapter(kind)
    found: list[Row] = []
    raw = _features(path) if path.suffix == ".geojson" else _cells(path)
    for number, values in raw:
        try:
            found.append(reader.validate_python(values))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name = ".".join(str(part) for part in first["loc"]) or "?"
            raise _bad(path, number, f"{name}: {first['msg']}") from None
    return found


def _cells(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows of a table with commas, or semicolons as a Vietnamese spreadsheet saves; empty is None."""
    text = nfc(path.read_text("utf-8-sig"))
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    table = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, restkey="?")
    for row in table:
        yield table.line_num, {name: value or None for name, value in row.items()}


def _features(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Features of a collection, counted from 1: their properties and a checked geometry."""
    try:
        features = json.loads(nfc(path.read_text("utf-8-sig")))["features"]
    except ValueError as error:
        raise _bad(path, 0, str(error)) from None
    for number, feature in enumerate(features, start=1):
        try:
            geometry = geometry_in(feature["geometry"]) if feature["geometry"] else None
        except Problem as problem:
            raise _bad(path, number, problem.sentence()) from None
        yield number, {**feature["properties"], "geometry": geometry}


def _bad(path: Path, row: int, what: str) -> Unprocessable:
    return Unprocessable(
        N_("{file}, row {row}: {what}. Nothing was written."),
        code="bad-seed",
        file=path.name,
        row=row,
        what=what,
    )


def _check(seed: Seed) -> None:
    """What no single row can tell: names that must differ, and names that must exist."""
    codes, units = list(seed.codes()), [unit.ref for unit in seed.units]
    keys = [document.key for document in seed.documents]
    _differ("code", codes)
    _differ("unit", units)
    _differ("key", keys)
    sites = {site.code for site in seed.sites}
    _known("units.geojson", "predecessors", (ref for unit in seed.units for ref in unit.predecessors), units)
    for name, rows in (("sites.geojson", seed.sites), ("proposals.geojson", seed.proposals)):
        _known(name, "units", (ref for row in rows for ref in row.units), units)
    _known("signboards.geojson", "site", (board.site for board in seed.signboards), sites)
    _known("measures.csv", "site", (row.site for row in seed.measures if row.site), sites)
    _known("measures.csv", "unit", (row.unit for row in seed.measures if row.unit), units)
    _known("facts.csv", "document", (fact.document for fact in seed.facts if fact.document), keys)
    numbers = [document.number for document in seed.documents if document.number]
    _known("facts.csv", "about", (fact.about for fact in seed.facts), {*codes, *units, *numbers})
    for row, measure in enumerate(seed.measures, start=2):
        if measure.site is None and measure.unit is None:
            raise _bad(Path("measures.csv"), row, "a measure needs a site or a unit")
    for row, document in enumerate(seed.documents, start=2):
        if document.date_status == "conflicting" and not document.date_note:
            raise _bad(Path("documents.csv"), row, "a conflicting date needs a date_note with both dates")
    for row, fact in enumerate(seed.facts, start=2):
        if not (fact.quote or fact.note):
            raise _bad(Path("facts.csv"), row, "a fact needs a quote, or a note that says how it is known")


def _differ(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unprocessable(
            N_("These names are used twice as {what}: {names}. Nothing was written."),
            code="bad-seed",
            what=what,
            names=", ".join(twice),
        )


def _known(file: str, field: str, used: Iterable[str], known: Iterable[str]) -> None:
    missing = sorted(set(used) - set(known))
    if missing:
        raise Unprocessable(
            N_("{file} names under {field} what is not there: {names}. Nothing was written."),
            code="bad-seed",
            file=file,
            field=field,
            names=", ".join(missing),
        )
