"""Holding rows of a file against the database: what each would add or change. Nothing is written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.codes import HOLDERS
from app.errors import Conflict, Forbidden, Problem, Unprocessable
from app.i18n import N_
from app.people.rules import Caller
from app.text import nfc
from app.transfer import bodies
from app.transfer.files import Row
from app.transfer.grids import Grid
from app.transfer.kinds import Kind
from app.transfer.outcomes import Outcome, is_code, refusal
from app.units import queries as units
from app.wire import UnitRef, changes_of


@dataclass
class Wanted:
    """What the person at the keyboard asked for. `by` is who answers for it in the log."""

    kind: Kind
    grid: Grid | None
    unit: str | None
    by: Caller | None
    today: date
    seen: dict[str, int] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)


class Units:
    """Units by what a file may call them."""

    def __init__(self, db: Session, today: date) -> None:
        brief = units.brief(db)
        self.names = {unit_id: _reference(unit) for unit_id, unit in brief.items()}
        self._exact = {(unit["code"], unit["valid_from"]): unit_id for unit_id, unit in brief.items()}
        self._today = {brief[unit_id]["code"]: unit_id for unit_id in units.valid_ids(db, on=today)}

    def find(self, code: str, since: date | None = None, *, exact: bool = False) -> int:
        """The id of a unit. Raises `Unprocessable`."""
        found = self._exact.get((code, since)) if exact else None
        if found is None and since is None:
            found = self._today.get(code)
        if found is None:
            raise Unprocessable(
                N_("There is no such unit: {unit}."), unit=f"{code}@{since}" if since else code
            )
        return found

    def ids(self, references: Iterable[UnitRef] | None) -> frozenset[int] | None:
        """The ids of the units that a row names; None where it names none."""
        if references is None:
            return None
        return frozenset(
            self.find(one.code, one.valid_from, exact="valid_from" in one.model_fields_set)
            for one in references
        )

    def said(self, unit_ids: Iterable[int]) -> str:
        """Units as a table of ours writes them."""
        return "; ".join(self.names[unit_id] for unit_id in sorted(unit_ids))


def _reference(unit: Mapping[str, object]) -> str:
    return f"{unit['code']}@{unit['valid_from']}" if unit["valid_from"] else str(unit["code"])


def outcomes(
    db: Session, rows: Sequence[Row], wanted: Wanted, known: Units, *, lock: bool = False
) -> list[Outcome]:
    """What becomes of each of `rows`. With `lock`, records to change are locked against other writers."""
    codes = [code for row in rows if is_code(code := row.named.get("code"))]
    records = wanted.kind.records(db, codes, lock=lock)
    elsewhere = _elsewhere(db, codes, wanted.kind)
    context = wanted.kind.context(db, [row.named for row in rows], list(records.values()))
    found = []
    for row in rows:
        try:
            found.append(_outcome(row, wanted, known, records, elsewhere, context))
        except (Problem, ValidationError) as problem:
            found.append(refusal(row.number, row.named.get("code"), problem))
    return found


def _elsewhere(db: Session, codes: Sequence[str], kind: Kind) -> set[str]:
    """Those of `codes` that records of other kinds have."""
    return {
        code
        for holder in HOLDERS
        if holder is not kind.model
        for code in db.scalars(select(holder.code).where(holder.code.in_(codes)))
    }


def _outcome(
    row: Row,
    wanted: Wanted,
    known: Units,
    records: Mapping[str, Any],
    elsewhere: set[str],
    context: Any,
) -> Outcome:
    if row.problem is not None:
        raise row.problem
    wanted.fields.update(row.named)
    code = row.named.get("code")
    _check_once(code, row.number, wanted.seen)
    body = bodies.body(row.named, wanted.kind.name, wanted.grid)
    if code in elsewhere:
        raise Conflict(N_("This code is already used by another record."))
    record = records.get(str(code))
    if record is None:
        return _addition(row.number, body, wanted, known, context)
    return _change(row.number, body, record, wanted, known, context)


def _check_once(code: object, number: int, seen: dict[str, int]) -> None:
    if not isinstance(code, str):
        return
    first = seen.setdefault(code, number)
    if first != number:
        raise Conflict(N_("The code stands in the file already, in row {first}."), first=first)


def _addition(number: int, body: dict[str, Any], wanted: Wanted, known: Units, context: Any) -> Outcome:
    kind = wanted.kind
    read = kind.whole.model_validate(body)
    values: dict[str, Any] = {name: nfc(value) if isinstance(value, str) else value for name, value in read}
    unit_ids = known.ids(values.pop("units", None))
    if kind.has_units and not unit_ids:
        if wanted.unit is None:
            raise Unprocessable(
                N_("The place belongs to no unit: name one in the column units, or add --unit CODE.")
            )
        unit_ids = frozenset({known.find(wanted.unit)})
    kind.check_whole(values)
    stored = kind.stored(values, context)
    _check_covers(wanted.by, unit_ids or context.units_of(values))
    more = {"units": known.said(unit_ids)} if unit_ids else {}
    return Outcome(number, str(values["code"]), "add", {**stored, **more}, unit_ids=unit_ids)


def _change(
    number: int, body: dict[str, Any], record: Any, wanted: Wanted, known: Units, context: Any
) -> Outcome:
    kind = wanted.kind
    kind.check_fixed(body, record, context)
    named = {name: value for name, value in body.items() if name in kind.part.model_fields}
    sent = changes_of(kind.part.model_validate(named))
    values = {name: sent[name] for name in kind.part.model_fields if name in sent}
    unit_ids = known.ids(values.pop("units", None))
    before_ids = context.units_of_record(record)
    moved = unit_ids is not None and unit_ids != before_ids
    differing = {name: value for name, value in values.items() if not _same(getattr(record, name), value)}
    if not differing and not moved:
        return Outcome(number, record.code, "same")
    _check_covers(wanted.by, before_ids)
    before = {name: getattr(record, name) for name in differing}
    together = kind.together(values, differing)
    if moved and unit_ids is not None:
        _check_covers(wanted.by, unit_ids)
        before["units"], together["units"] = known.said(before_ids), known.said(unit_ids)
    return Outcome(
        number, record.code, "change", together, before, unit_ids=unit_ids if moved else None, record=record
    )


def _same(kept: Any, value: Any) -> bool:
    if hasattr(kept, "geom_type") and hasattr(value, "geom_type"):
        return bodies.same_place(kept, value)
    return bool(kept == value)


def _check_covers(by: Caller | None, unit_ids: frozenset[int]) -> None:
    if by is not None and not by.covers(unit_ids):
        raise Forbidden(N_("This place belongs to another unit."))
