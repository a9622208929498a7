"""What kept records share: a version for optimistic locking, a position with its certainty, the last visit.

Beside each column stands who may see it (`info=PUBLIC`, `INTERNAL`, `PRIVATE`); `visible` reads that, and every
output goes through it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import CheckConstraint, Column, Double, inspect
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model

Scope = Literal["public", "internal", "private"]
SCOPES: Final[tuple[Scope, ...]] = ("public", "internal", "private")

PUBLIC: Final[dict[Any, Any]] = {"see": "public"}
INTERNAL: Final[dict[Any, Any]] = {"see": "internal"}
PRIVATE: Final[dict[Any, Any]] = {"see": "private"}

LOCATION_STATUSES = ("surveyed", "approximate", "inferred", "unlocated")
CONDITIONS = ("no_change", "worse", "danger", "not_seen")


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A named check that `column` holds one of `values` (or NULL, where the column allows it)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


@cache
def visible(model: type[Model], scope: Scope) -> tuple[str, ...]:
    """Names of the columns of `model` that somebody with `scope` may see; undeclared columns are seen by nobody."""
    allowed = SCOPES[: SCOPES.index(scope) + 1]
    return tuple(
        attribute.key
        for attribute in inspect(model).column_attrs
        if isinstance(attribute.columns[0], Column) and attribute.columns[0].info.get("see") in allowed
    )


class Versioned:
    """Counts its changes, so that two people at once cannot overwrite each other unseen."""

    version: Mapped[int] = mapped_column(default=1, info=PUBLIC)
    created_at: Mapped[datetime] = mapped_column(info=INTERNAL)
    updated_at: Mapped[datetime] = mapped_column(info=PUBLIC)


class Positioned:
    """How surely the geometry is known, and why."""

    location_status: Mapped[str] = mapped_column(info=PUBLIC)
    location_accuracy_m: Mapped[float] = mapped_column(Double, info=PUBLIC)
    location_note: Mapped[str | None] = mapped_column(info=PUBLIC)


class Inspected:
    """The last visit and the next: stored and indexed, recomputed on every write (never from "today")."""

    condition: Mapped[str | None] = mapped_column(info=PUBLIC)
    last_inspected_at: Mapped[datetime | None] = mapped_column(info=PUBLIC)
    due_on: Mapped[date | None] = mapped_column(index=True, info=PUBLIC)


def position_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """What the table of a `Positioned` record checks."""
    return (
        one_of("location_status", LOCATION_STATUSES),
        CheckConstraint("location_accuracy_m >= 0", name="location_accuracy_m"),
    )


def condition_check() -> CheckConstraint:
    """What the table of an `Inspected` record checks."""
    return one_of("condition", CONDITIONS)
