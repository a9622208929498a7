"""Inspections (append-only), their photos, and the intervals that the board may change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.records import CONDITIONS, INTERNAL, PUBLIC, one_of


class Inspection(Model):
    """One visit to a site, a signboard or a temporary measure. Never changed: a correction is a new row.

    `happened_at` orders visits: the phone's `seen_at`, or the server's `received_at` where the phone's clock
    cannot be believed (`clock_doubtful`). `content_sha256` is taken over the RFC 8785 bytes as received.
    """

    __tablename__ = "inspection"
    __table_args__ = (
        one_of("condition", CONDITIONS),
        one_of("suggested_condition", (*CONDITIONS, "none")),
        one_of("position_source", ("gps", "map", "site")),
        CheckConstraint(
            "(CASE WHEN site_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN signboard_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN measure_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_place",
        ),
        Index("ix_inspection_site", "site_id", "happened_at"),
        Index("ix_inspection_signboard", "signboard_id", "happened_at"),
        Index("ix_inspection_measure", "measure_id", "happened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, info=PUBLIC)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    signboard_id: Mapped[int | None] = mapped_column(ForeignKey("signboard.id"))
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"))
    seen_at: Mapped[datetime] = mapped_column(info=PUBLIC)
    received_at: Mapped[datetime] = mapped_column(index=True, info=PUBLIC)
    happened_at: Mapped[datetime] = mapped_column()
    clock_doubtful: Mapped[bool] = mapped_column(info=PUBLIC)
    condition: Mapped[str] = mapped_column(info=PUBLIC)
    suggested_condition: Mapped[str] = mapped_column(info=INTERNAL)
    suggestion: Mapped[list[Any]] = mapped_column(info=INTERNAL)
    rule_version: Mapped[str] = mapped_column(info=INTERNAL)
    form_version: Mapped[str] = mapped_column(info=INTERNAL)
    context: Mapped[dict[str, Any]] = mapped_column(info=INTERNAL)
    answers: Mapped[dict[str, Any]] = mapped_column(info=INTERNAL)
    measurements: Mapped[dict[str, Any]] = mapped_column(info=INTERNAL)
    note: Mapped[str | None] = mapped_column(info=INTERNAL)
    position_lon: Mapped[float | None] = mapped_column(info=INTERNAL)
    position_lat: Mapped[float | None] = mapped_column(info=INTERNAL)
    position_accuracy_m: Mapped[float | None] = mapped_column(info=INTERNAL)
    position_age_s: Mapped[float | None] = mapped_column(info=INTERNAL)
    position_source: Mapped[str | None] = mapped_column(info=INTERNAL)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection.id"), unique=True, info=PUBLIC)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    content_sha256: Mapped[str] = mapped_column(info=INTERNAL)
    receipt: Mapped[dict[str, Any]] = mapped_column(info=INTERNAL)


class Photo(Model):
    """A photo of an inspection or of a proposed position: named by the hash of the bytes sent, stored re-encoded.

    `sent_bytes` is how many bytes were sent; null for photos from before that was kept.
    """

    __tablename__ = "photo"
    __table_args__ = (
        UniqueConstraint("inspection_id", "sha256"),
        UniqueConstraint("position_id", "sha256"),
        CheckConstraint("(inspection_id IS NULL) <> (position_id IS NULL)", name="one_record"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection.id"), info=PUBLIC)
    position_id: Mapped[UUID | None] = mapped_column(ForeignKey("position_proposal.id"), info=INTERNAL)
    sha256: Mapped[str] = mapped_column(index=True, info=PUBLIC)
    sent_bytes: Mapped[int | None] = mapped_column(info=INTERNAL)
    stored_sha256: Mapped[str]
    thumbnail_sha256: Mapped[str]
    width: Mapped[int] = mapped_column(info=PUBLIC)
    height: Mapped[int] = mapped_column(info=PUBLIC)
    received_at: Mapped[datetime] = mapped_column(info=PUBLIC)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    taken_at: Mapped[datetime | None] = mapped_column(info=INTERNAL)
    taken_lon: Mapped[float | None] = mapped_column(info=INTERNAL)
    taken_lat: Mapped[float | None] = mapped_column(info=INTERNAL)
    published: Mapped[bool] = mapped_column(default=False, info=PUBLIC)


class IntervalChange(Model):
    """Days between visits that the board has changed; what stands in no row is as `due.INTERVALS` has it.

    `key` is a kind, for slides a kind and its risk (`slide/high`). `source` says by what decision it was changed.
    """

    __tablename__ = "interval_change"
    __table_args__ = (
        CheckConstraint("rainy_days > 0", name="rainy_days"),
        CheckConstraint("dry_days > 0", name="dry_days"),
        CheckConstraint("holidays_days > 0", name="holidays_days"),
    )

    key: Mapped[str] = mapped_column(primary_key=True, info=PUBLIC)
    rainy_days: Mapped[int] = mapped_column(info=PUBLIC)
    dry_days: Mapped[int | None] = mapped_column(info=PUBLIC)
    holidays_days: Mapped[int | None] = mapped_column(info=PUBLIC)
    source: Mapped[str] = mapped_column(info=PUBLIC)
