"""Measures at a site or of a whole ward, and works proposals."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.geometry import Located
from app.records import (
    PUBLIC,
    Inspected,
    Positioned,
    Versioned,
    condition_check,
    one_of,
    position_checks,
)

STATUSES = ("proposed", "ordered", "in_progress", "done", "expired")


class Measure(Inspected, Versioned, Model):
    """Something done or ordered against the danger, at a site or for a whole unit."""

    __tablename__ = "measure"
    __table_args__ = (
        one_of("status", STATUSES),
        CheckConstraint("site_id IS NOT NULL OR unit_id IS NOT NULL", name="somewhere"),
        CheckConstraint("quantity >= 0", name="quantity"),
        condition_check(),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True, info=PUBLIC)
    kind: Mapped[str] = mapped_column(info=PUBLIC)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    status: Mapped[str] = mapped_column(info=PUBLIC)
    starts_on: Mapped[date | None] = mapped_column(info=PUBLIC)
    expires_on: Mapped[date | None] = mapped_column(info=PUBLIC)
    quantity: Mapped[float | None] = mapped_column(info=PUBLIC)
    quantity_unit: Mapped[str | None] = mapped_column(info=PUBLIC)
    responsible: Mapped[str | None] = mapped_column(info=PUBLIC)
    note: Mapped[str | None] = mapped_column(info=PUBLIC)


class Proposal(Located, Positioned, Versioned, Model):
    """Works that exceed local means, proposed upward."""

    __tablename__ = "proposal"
    __table_args__ = (
        one_of("status", STATUSES),
        CheckConstraint("period_from <= period_to", name="period"),
        *position_checks(),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True, info=PUBLIC)
    name: Mapped[str] = mapped_column(info=PUBLIC)
    period_from: Mapped[int | None] = mapped_column(info=PUBLIC)
    period_to: Mapped[int | None] = mapped_column(info=PUBLIC)
    addressee: Mapped[str | None] = mapped_column(info=PUBLIC)
    status: Mapped[str] = mapped_column(default="proposed", info=PUBLIC)
    reason: Mapped[str | None] = mapped_column(info=PUBLIC)


class ProposalUnit(Model):
    """The units a proposal concerns."""

    __tablename__ = "proposal_unit"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
