"""Positions that officers propose for sites and signboards, and what the board made of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy import CheckConstraint, Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.geometry import Geometry
from app.records import INTERNAL, one_of

METHODS = ("gps", "corners", "tapped")
STATUSES = ("pending", "accepted", "amended", "refused")


class PositionProposal(Model):
    """Where one person says that a site or a signboard is. Never changed but by the one decision on it.

    `place_version` is the version of the place that the phone knew. `decision` holds, once the place was moved, what
    was there before and after, as GeoJSON and plain values, so that both can be drawn whatever the place becomes.
    """

    __tablename__ = "position_proposal"
    __table_args__ = (
        one_of("method", METHODS),
        one_of("status", STATUSES),
        CheckConstraint("(site_id IS NULL) <> (signboard_id IS NULL)", name="one_place"),
        CheckConstraint("accuracy_m >= 0", name="accuracy_m"),
        CheckConstraint("fixes > 0", name="fixes"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("status <> 'refused' OR reason IS NOT NULL", name="reason"),
        Index("ix_position_proposal_status", "status", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, info=INTERNAL)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    signboard_id: Mapped[int | None] = mapped_column(ForeignKey("signboard.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(info=INTERNAL)
    received_at: Mapped[datetime] = mapped_column(info=INTERNAL)
    geometry: Mapped[BaseGeometry] = mapped_column(Geometry, info=INTERNAL)
    accuracy_m: Mapped[float | None] = mapped_column(Double, info=INTERNAL)
    method: Mapped[str] = mapped_column(info=INTERNAL)
    fixes: Mapped[int | None] = mapped_column(info=INTERNAL)
    note: Mapped[str | None] = mapped_column(info=INTERNAL)
    place_version: Mapped[int] = mapped_column(info=INTERNAL)
    status: Mapped[str] = mapped_column(default="pending", info=INTERNAL)
    reason: Mapped[str | None] = mapped_column(info=INTERNAL)
    decided_at: Mapped[datetime | None] = mapped_column(info=INTERNAL)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decision: Mapped[dict[str, Any] | None] = mapped_column(info=INTERNAL)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    content_sha256: Mapped[str] = mapped_column(info=INTERNAL)
    receipt: Mapped[dict[str, Any]] = mapped_column(info=INTERNAL)
