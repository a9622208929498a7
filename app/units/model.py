"""Administrative units; a code may be used again by another unit later, so the key is code and valid_from."""

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.geometry import MaybeLocated
from app.records import PUBLIC


class Unit(MaybeLocated, Model):
    """A ward or commune, valid from a day (inclusive, null: always was) to a day (exclusive, null: still is)."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(index=True, info=PUBLIC)
    name: Mapped[str] = mapped_column(info=PUBLIC)
    valid_from: Mapped[date | None] = mapped_column(info=PUBLIC)
    valid_to: Mapped[date | None] = mapped_column(info=PUBLIC)
    accuracy_m: Mapped[float | None] = mapped_column(info=PUBLIC)
    note: Mapped[str | None] = mapped_column(info=PUBLIC)


class UnitSuccession(Model):
    """Which unit became part of which."""

    __tablename__ = "unit_succession"

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
