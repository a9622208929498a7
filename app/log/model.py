"""The log: one row a change, in the transaction of the change."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.records import PRIVATE


class LogEntry(Model):
    """Who did what to which record, with the fields before and after."""

    __tablename__ = "log_entry"

    seq: Mapped[int] = mapped_column(primary_key=True, info=PRIVATE)
    at: Mapped[datetime] = mapped_column(info=PRIVATE)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=PRIVATE)
    verb: Mapped[str] = mapped_column(info=PRIVATE)
    about: Mapped[str] = mapped_column(index=True, info=PRIVATE)
    before: Mapped[dict[str, Any] | None] = mapped_column(info=PRIVATE)
    after: Mapped[dict[str, Any] | None] = mapped_column(info=PRIVATE)
