"""The registered places."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.geometry import Located
from app.records import (
    INTERNAL,
    PRIVATE,
    PUBLIC,
    Inspected,
    Positioned,
    Versioned,
    condition_check,
    one_of,
    position_checks,
)

COUNTS = ("households_at_risk", "people_at_risk", "households_moved_out", "people_moved_out")


class Site(Located, Positioned, Inspected, Versioned, Model):
    """A hazard site. Closed, never deleted. `risk_level` is a person's rating, null until somebody rated it.

    `feature` is its GeoJSON for everybody, kept ready by `app.ogc.ready`; null where that waits to be made.
    """

    __tablename__ = "site"
    __table_args__ = (
        one_of("kind", ("slide", "flood", "drowning")),
        one_of("risk_level", ("low", "medium", "high", "very_high")),
        one_of("state", ("active", "watch", "closed")),
        *(CheckConstraint(f"{count} >= 0", name=count) for count in COUNTS),
        *position_checks(),
        condition_check(),
        Index(
            "ix_site_unready",
            "id",
            postgresql_where=text("feature IS NULL"),
            sqlite_where=text("feature IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True, info=PUBLIC)
    name: Mapped[str] = mapped_column(info=PUBLIC)
    address: Mapped[str | None] = mapped_column(info=PUBLIC)
    search: Mapped[str]
    feature: Mapped[str | None]
    kind: Mapped[str] = mapped_column(info=PUBLIC)
    risk_level: Mapped[str | None] = mapped_column(info=PUBLIC)
    risk_rated_at: Mapped[datetime | None] = mapped_column(info=PUBLIC)
    risk_reason: Mapped[str | None] = mapped_column(info=PUBLIC)
    risk_rated_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=INTERNAL)
    state: Mapped[str] = mapped_column(default="active", info=PUBLIC)
    state_reason: Mapped[str | None] = mapped_column(info=PUBLIC)
    households_at_risk: Mapped[int | None] = mapped_column(info=PRIVATE)
    people_at_risk: Mapped[int | None] = mapped_column(info=PRIVATE)
    households_moved_out: Mapped[int | None] = mapped_column(info=PRIVATE)
    people_moved_out: Mapped[int | None] = mapped_column(info=PRIVATE)


class SiteUnit(Model):
    """A place lies in one unit, or on the border of several."""

    __tablename__ = "site_unit"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
