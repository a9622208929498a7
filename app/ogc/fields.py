"""What a collection is made of: its fields with their SQL, and the helpers that write them."""

from collections.abc import Callable, Mapping
from collections.abc import Collection as AnyOf
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from sqlalchemy import (
    Boolean,
    Date,
    Double,
    Float,
    FromClause,
    Integer,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    select,
)
from sqlalchemy import cast as as_type
from sqlalchemy.sql.elements import ColumnElement

from app.columns import UtcDateTime
from app.geometry import Geometry, GeometryColumn
from app.i18n import N_
from app.inspections.schemas import Condition
from app.records import LOCATION_STATUSES, Scope
from app.units.model import Unit

Type = Literal["string", "integer", "number", "boolean", "date", "date-time"]
Role = Literal["id", "primary-instant", "primary-interval-start", "primary-interval-end"]
Column = ColumnElement[Any]

TODAY: Final = bindparam("today", type_=Date())
"""The local date of the request, for what changes with the calendar."""


@dataclass(frozen=True)
class Field:
    """One property of a collection's features: its SQL, who may see it, what a schema says of it.

    `title` is an English message id. `role` is its `x-ogc-role`.
    """

    name: str
    type: Type
    title: str
    column: Column
    see: Scope = "public"
    role: Role | None = None
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One collection. `covers` says which rows belong to units; callers of those see more of them.

    `ready` is the column with a feature's text for everybody, where one is kept; `tally` the name of its count.
    `named` gives the condition for features' ids; texts that cannot be one name nothing. `until`: the second of `times`
    is the first day after the feature's time, not its last. `unplaced`: some rows have no geometry.
    """

    id: str
    title: str
    description: str
    source: FromClause
    key: Column
    feature_id: Column
    named: Callable[[AnyOf[str]], ColumnElement[bool]]
    geometries: tuple[GeometryColumn, ...]
    fields: tuple[Field, ...]
    covers: Callable[[AnyOf[int]], ColumnElement[bool]]
    tally: str
    times: tuple[str, str] | None = None
    until: bool = False
    unplaced: bool = False
    where: ColumnElement[bool] | None = None
    ready: Column | None = None

    @property
    def geometry(self) -> ColumnElement[Any]:
        """The geometry of a row, whichever table it stands in."""
        first, *others = (cast("Column", geometry) for geometry in self.geometries)
        return func.coalesce(first, *others, type_=Geometry()) if others else first


UNIT = cast("Table", Unit.__table__)
UNIT_KEY: Final[Column] = UNIT.c.code + func.coalesce(literal("@") + as_type(UNIT.c.valid_from, Text()), "")
"""A unit's id: its code, with the day on which it began where there is one, since codes are used again."""

TITLES: Final[Mapping[str, str]] = {
    "code": N_("Code"),
    "name": N_("Name"),
    "address": N_("Address"),
    "kind": N_("Kind"),
    "risk_level": N_("Risk level"),
    "risk_rated_at": N_("Rated on"),
    "risk_reason": N_("Reason of the rating"),
    "state": N_("State"),
    "state_reason": N_("Reason of the state"),
    "households_at_risk": N_("Households at risk"),
    "people_at_risk": N_("People at risk"),
    "households_moved_out": N_("Households moved out"),
    "people_moved_out": N_("People moved out"),
    "location_status": N_("How the position is known"),
    "location_accuracy_m": N_("Accuracy of the position, metres"),
    "location_note": N_("Note on the position"),
    "condition": N_("Condition at the last visit"),
    "last_inspected_at": N_("Last visit"),
    "due_on": N_("Next visit due on"),
    "overdue": N_("Overdue"),
    "units": N_("Codes of the units"),
    "unit_names": N_("Names of the units"),
    "version": N_("Version"),
    "created_at": N_("Registered at"),
    "updated_at": N_("Changed at"),
    "site": N_("Code of the site"),
    "wording": N_("Wording"),
    "id": N_("Identifier"),
    "place": N_("Code of the place"),
    "seen_at": N_("Seen at"),
    "received_at": N_("Received at"),
    "clock_doubtful": N_("The phone's clock is doubtful"),
    "suggested_condition": N_("Condition that the readings suggest"),
    "note": N_("Note"),
    "corrects": N_("Corrects the inspection"),
    "unit": N_("Code of the unit"),
    "status": N_("Status"),
    "starts_on": N_("Starts on"),
    "expires_on": N_("Expires on"),
    "quantity": N_("Quantity"),
    "quantity_unit": N_("Unit of the quantity"),
    "responsible": N_("Responsible body"),
    "period_from": N_("From year"),
    "period_to": N_("To year"),
    "addressee": N_("Addressee"),
    "reason": N_("Reason"),
    "valid_from": N_("Valid from"),
    "valid_to": N_("Valid to"),
    "accuracy_m": N_("Accuracy of the outline, metres"),
}
_TYPES: Final[tuple[tuple[tuple[type[Any], ...], Type], ...]] = (
    ((UtcDateTime,), "date-time"),
    ((Date,), "date"),
    ((Boolean,), "boolean"),
    ((Double, Float), "number"),
    ((Integer,), "integer"),
    ((Text, Uuid), "string"),
)


def _type(column: Column) -> Type:
    return next(name for kinds, name in _TYPES if isinstance(column.type, kinds))


def field(name: str, column: Column, *enum: str, **more: Any) -> Field:
    """A field whose type its column says, and who sees it too, unless `more` says otherwise."""
    see: Scope = getattr(column, "info", {}).get("see", "public")
    return Field(name, _type(column), TITLES[name], column, **{"see": see, "enum": enum, **more})


def own(table: FromClause, *names: str, **enums: tuple[str, ...]) -> tuple[Field, ...]:
    """The columns of `table` as fields under their own names."""
    return tuple(field(name, table.c[name], *enums.get(name, ())) for name in names)


POSITION: Final = ("location_status", "location_accuracy_m", "location_note")
INSPECTED: Final = ("condition", "last_inspected_at")
VERSION: Final = ("version", "created_at", "updated_at")
ENUMS: Final[dict[str, tuple[str, ...]]] = {
    "location_status": LOCATION_STATUSES,
    "condition": get_args(Condition),
}


def due(table: FromClause, closed: ColumnElement[bool]) -> tuple[Field, Field]:
    """When the next visit is due (never, once closed; null: never inspected, due now), and whether that is past."""
    due_on = case((closed, null()), else_=table.c.due_on)
    overdue = func.coalesce(table.c.due_on < TODAY, false()) & ~closed
    return (
        Field("due_on", "date", TITLES["due_on"], due_on),
        Field("overdue", "boolean", TITLES["overdue"], overdue),
    )


def _joined(part: Column, links: Table, owner: Column) -> Column:
    """A part of each of the units that `links` names for a row, joined by commas in the order they were registered."""
    linked = (
        select(part.label("part"))
        .join_from(links, UNIT, UNIT.c.id == links.c.unit_id)
        .where(links.c[links.name.replace("_unit", "_id")] == owner)
        .order_by(UNIT.c.id)
        .correlate(owner.table)
        .subquery()
    )
    return select(func.aggregate_strings(linked.c.part, ",")).scalar_subquery()


def unit_fields(links: Table, owner: Column) -> tuple[Field, Field]:
    """Ids and names of the units that `links` names for a row; the ids are those of the collection of units."""
    return (
        Field("units", "string", TITLES["units"], _joined(UNIT_KEY, links, owner)),
        Field("unit_names", "string", TITLES["unit_names"], _joined(UNIT.c.name, links, owner)),
    )
