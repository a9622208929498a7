"""Unmistakable words and numbers in every column that is not public, and how to recognise them in an answer.

What is planted follows from the tables themselves: a new table or column is planted without anybody thinking of it,
and where no value is known for it, `plant` fails.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from shapely import Point
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Session

from app.columns import UtcDateTime
from app.geometry import EDGES, Geometry
from app.models import Model

UNIT = "99001"
SITE, SIGNBOARD, MEASURE, PROPOSAL = "TH-CN-01", "TH-CN-02", "TH-CN-03", "TH-CN-04"
VISIT = UUID("5eaf00d0-0000-4000-8000-000000000001")
SHOWN_PHOTO, HIDDEN_PHOTO = "5ea0" * 16, "b1dd" * 16

PUBLIC_BY_NATURE: Mapping[str, str] = {
    **{f"{table}.id": "counted up; it stands in the cursor of a page" for table in ("site", "signboard")},
    **{f"{table}.id": "counted up; it stands in the cursor of a page" for table in ("measure", "proposal")},
    **{f"{table}.id": "counted up, names nothing" for table in ("unit", "document", "fact", "photo")},
    "log_entry.seq": "counted up without a gap; it stands in receipts",
    "log_entry.entry_hash": "the last one stands in the signed checkpoint; it covers commitments under random keys",
    "site.search": "made of the code, the name and the address",
    "inspection.happened_at": "seen_at or received_at, both public; it stands in the cursor of a page",
    **{
        f"{table}.{edge}": "an edge of the public geometry"
        for table in ("site", "signboard", "proposal", "unit")
        for edge in EDGES
    },
    "alembic_version.version_num": "Alembic's own",
}
"""Columns that nobody declared public but that say nothing beyond what is: each with its reason."""

SAID: Mapping[str, Any] = {
    "unit.code": UNIT,
    "unit.valid_from": None,
    "unit.valid_to": None,
    "site.code": SITE,
    "site.name": "Vị trí công khai",
    "site.search": "vi tri cong khai",
    "site.due_on": date(2026, 1, 2),
    "signboard.code": SIGNBOARD,
    "measure.code": MEASURE,
    "measure.kind": "sandbags",
    "measure.starts_on": date(2026, 1, 2),
    "measure.expires_on": None,
    "proposal.code": PROPOSAL,
    "proposal.period_from": 2027,
    "proposal.period_to": 2028,
    "fact.about": SITE,
    "fact.field": "address",
    "inspection.id": VISIT,
    "inspection.signboard_id": None,
    "inspection.measure_id": None,
    "inspection.corrects_id": None,
    "inspection.seen_at": datetime(2026, 1, 2, 3, tzinfo=UTC),
    "inspection.happened_at": datetime(2026, 1, 2, 3, tzinfo=UTC),
    "inspection.answers": {"crack_change": "PLANTED"},
    "inspection.measurements": {"crack_gauge_mm": {"PLANTED": 1}},
    "inspection.context": {"light": "PLANTED"},
    "inspection.receipt": {
        "id": str(VISIT),
        "place": SITE,
        "content_sha256": "PLANTED",
        "received_at": "2026-01-02T03:00:00.000Z",
        "log_seq": 1,
    },
    "position_proposal.signboard_id": None,
    "position_proposal.status": "refused",
    "position_proposal.decision": {
        place: {
            "geometry": {"type": "Point", "coordinates": [108.43, 11.95]},
            "location_status": "surveyed",
            "location_accuracy_m": 3,
            "location_note": "PLANTED",
            "version": 1,
        }
        for place in ("before", "after")
    },
    "position_proposal.receipt": {
        "id": str(VISIT),
        "place": SITE,
        "content_sha256": "PLANTED",
        "received_at": "2026-01-02T03:00:00.000Z",
        "log_seq": 1,
    },
    "photo.position_id": None,
    "photo.sha256": HIDDEN_PHOTO,
    "photo.published": False,
    "token.kind": "tool",
    "token.scope": "internal",
    "interval_change.key": "practice/canary",
    "log_detail.what": '{"after":{"name":"PLANTED"},"before":null}',
}
"""Values that a table's checks or the code ask for; PLANTED is replaced by the column's word."""

_ONE_OF = re.compile(r"^(\w+) IN \((.*)\)$")


@dataclass(frozen=True)
class Canary:
    """What was planted in one column, and every way in which it could come out."""

    where: str
    forms: tuple[str, ...]

    def found_in(self, text: str) -> bool:
        """Whether `text`, in lower case but for what is base64, holds it."""
        return any(form in text for form in self.forms)


@dataclass
class Planter:
    """Fills one row of every table and remembers what must not come out."""

    canaries: list[Canary] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    ids: dict[tuple[str, str], Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def row(self, table: Table) -> dict[str, Any]:
        """A value for every column of `table`."""
        values = {column.name: self.value(table, column) for column in table.columns}
        for column in table.columns:
            self.ids[table.name, column.name] = values[column.name]
        return {name: value for name, value in values.items() if name not in EDGES or value is not None}

    def value(self, table: Table, column: Column[Any]) -> Any:
        """What goes into one column: a public value, the parent's key, or a canary."""
        where = f"{table.name}.{column.name}"
        words = allowed(table).get(column.name)
        said = {**SAID, **self.given}
        if column.foreign_keys and where not in said:
            (key,) = column.foreign_keys
            value = self.ids[key.column.table.name, key.column.name]
        elif where in said and "PLANTED" not in str(said[where]):
            value = said[where]
        elif words:
            value = words[0]
        elif isinstance(column.type, Boolean):
            value = False
        elif is_open(column, where):
            value = None if column.name in EDGES else plain(column, where)
        else:
            value = self.plant(column, where)
        return value

    def plant(self, column: Column[Any], where: str) -> Any:
        """A canary of the column's type. Raises `LookupError` for a type that nobody thought of."""
        self.number += 1
        word = f"qzx{self.number:03d}kanari"
        if where in SAID:
            value, forms = _replaced(SAID[where], word), word_forms(word)
        else:
            value, forms = unmistakable(column, where, self.number, word)
        self.remember(where, *forms)
        return value

    def remember(self, where: str, *forms: str) -> None:
        """Note that none of `forms` may come out."""
        self.canaries.append(Canary(where, forms))
        self.words[where] = forms[0]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All forms at once: a page is searched in one go."""
        return re.compile(any_of({form for canary in self.canaries for form in canary.forms}))

    def found_in(self, text: str, *, allowed: frozenset[str] = frozenset()) -> set[str]:
        """The columns whose canary stands in `text`."""
        plainly = unescaped(text)
        seen = [each for each in (text, plainly, plainly.casefold()) if self.pattern.search(each)]
        found = {each.where for each in self.canaries if any(each.found_in(one) for one in seen)}
        return found - allowed


def any_of(forms: set[str]) -> str:
    """A pattern of all `forms`; those that begin alike are one branch, or each would be tried at every letter."""
    if "" in forms:
        return ""
    rests: dict[str, set[str]] = {}
    for form in forms:
        rests.setdefault(form[0], set()).add(form[1:])
    branches = [re.escape(first) + any_of(rest) for first, rest in sorted(rests.items())]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def unescaped(text: str) -> str:
    """`text` without the escapes of HTML, JSON and addresses."""
    return unquote(unescape(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)))


def is_open(column: Column[Any], where: str) -> bool:
    """Whether everybody may read the column."""
    return column.info.get("see") == "public" or where in PUBLIC_BY_NATURE


def allowed(table: Table) -> dict[str, list[str]]:
    """The words that a column is confined to by its own check."""
    found = {}
    for check in table.constraints:
        match = isinstance(check, CheckConstraint) and _ONE_OF.match(str(check.sqltext))
        if match:
            found[match[1]] = [word.strip().strip("'") for word in match[2].split(",")]
    return found


def _replaced(value: Any, word: str) -> Any:
    if isinstance(value, Mapping):
        return {_replaced(name, word): _replaced(inner, word) for name, inner in value.items()}
    return value.replace("PLANTED", word) if isinstance(value, str) else value


def word_forms(word: str) -> tuple[str, ...]:
    """A word of ASCII letters and digits reads alike under every escape but these."""
    shifted = (b64encode(b"\0" * k + word.encode()).decode()[4 if k else 0 : -4] for k in range(3))
    return (word, word.encode().hex(), *shifted)


def number_forms(number: int) -> tuple[str, ...]:
    """A number as JSON, as Vietnamese and as English pages write it."""
    grouped = f"{number:,}"
    return (str(number), grouped, *(grouped.replace(",", mark) for mark in (".", "\u00a0", "\u202f", " ")))


def day_forms(moment: datetime) -> tuple[str, ...]:
    """A day as the API, the pages, HTTP and Unix write it."""
    day, month, year = moment.day, moment.month, moment.year
    return (
        moment.date().isoformat(),
        f"{day:02d}/{month:02d}/{year}",
        f"{day}/{month}/{year}",
        f"{day:02d}/{month}/{year}",
        moment.strftime("%d %b %Y").casefold(),
        moment.strftime("%d %B %Y").casefold(),
        str(int(moment.timestamp())),
    )


def unmistakable(column: Column[Any], where: str, n: int, word: str) -> tuple[Any, tuple[str, ...]]:
    """The `n`-th canary as a value of the column's type, and its forms. Raises `LookupError`."""
    moment = datetime(2061, 1, 1, 5, tzinfo=UTC) + timedelta(days=n)
    number = 71_300_000 + n * 1009
    degrees = f"{113.6 + n / 10_000:.4f}"
    written = (degrees, degrees.replace(".", ","))
    number_of_phone = UUID(int=0x5EAF00D1 << 96 | n)
    known: dict[type, tuple[Any, tuple[str, ...]]] = {
        Geometry: (Point(float(degrees), 11.95), written),
        Uuid: (number_of_phone, (str(number_of_phone), number_of_phone.hex)),
        UtcDateTime: (moment, day_forms(moment)),
        Date: (moment.date(), day_forms(moment)),
        JSON: ([{"rule": word}] if where == "inspection.suggestion" else {"x": word}, word_forms(word)),
        Integer: (number, number_forms(number)),
        Float: (float(degrees), written),
        LargeBinary: (word.encode(), word_forms(word)),
        Text: (word, word_forms(word)),
    }
    for kind, found in known.items():
        if isinstance(column.type, kind):
            return found
    raise LookupError(f"{where}: no canary is known for {column.type!r}")


def plain(column: Column[Any], where: str) -> Any:
    """A harmless value of a public column."""
    known: dict[type, Any] = {
        Geometry: Point(108.43, 11.95),
        UtcDateTime: datetime(2026, 1, 2, 3, tzinfo=UTC),
        Date: date(2026, 1, 2),
        Integer: 990_001 if where.endswith(".id") else 3,
        Float: 3.0,
        Uuid: VISIT,
        Text: f"công khai {where}",
    }
    for kind, value in known.items():
        if isinstance(column.type, kind):
            return value
    raise LookupError(f"{where}: no harmless value is known for {column.type!r}")


def plant(db: Session) -> Planter:
    """One row in every table, its private columns full of canaries; and a photo that is public."""
    entry = Model.metadata.tables["log_entry"]
    last = db.scalar(select(func.max(entry.c.seq))) or 0
    planter = Planter(given={"log_entry.seq": last + 1})
    for table in Model.metadata.sorted_tables:
        row = planter.row(table)
        db.execute(insert(table).values(**row))
    photo = Model.metadata.tables["photo"]
    shown = planter.row(photo) | {"id": 990_002, "sha256": SHOWN_PHOTO, "published": True}
    db.execute(insert(photo).values(**shown))
    planter.remember("photo.sha256 of an unpublished photo", HIDDEN_PHOTO)
    return planter


def unplanted() -> Iterator[str]:
    """Columns that hold no canary, since a check, a key or a yes and no leave no room: told by the field lists."""
    for table in Model.metadata.sorted_tables:
        for column in table.columns:
            where = f"{table.name}.{column.name}"
            if is_open(column, where):
                continue
            if column.foreign_keys or column.name in allowed(table) or isinstance(column.type, Boolean):
                yield where
