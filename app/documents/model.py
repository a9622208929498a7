"""Provenance: which document says what about which field, word for word and how surely."""

import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.records import PUBLIC, one_of


class Document(Model):
    """A paper or a data set that facts rest on. `key` is our own short name for it in the seed files."""

    __tablename__ = "document"
    __table_args__ = (one_of("date_status", ("certain", "conflicting", "unknown")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str | None] = mapped_column(info=PUBLIC)
    date: Mapped[datetime.date | None] = mapped_column(info=PUBLIC)
    date_status: Mapped[str] = mapped_column(info=PUBLIC)
    date_note: Mapped[str | None] = mapped_column(info=PUBLIC)
    title: Mapped[str] = mapped_column(info=PUBLIC)
    issuer: Mapped[str | None] = mapped_column(info=PUBLIC)
    kind: Mapped[str | None] = mapped_column(info=PUBLIC)


class Fact(Model):
    """One statement about one field of one record (`about` is its code, or a unit's code and first day)."""

    __tablename__ = "fact"
    __table_args__ = (
        one_of("certainty", ("certain", "conflicting", "inferred")),
        Index("ix_fact_about", "about", "field"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    about: Mapped[str] = mapped_column(info=PUBLIC)
    field: Mapped[str] = mapped_column(info=PUBLIC)
    value: Mapped[str | None] = mapped_column(info=PUBLIC)
    quote: Mapped[str | None] = mapped_column(info=PUBLIC)
    certainty: Mapped[str] = mapped_column(info=PUBLIC)
    note: Mapped[str | None] = mapped_column(info=PUBLIC)
