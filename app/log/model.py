"""The log: one row a change, in the transaction of the change, each bound to the one before."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.records import PRIVATE


class LogEntry(Model):
    """What happened to which record and when; `header` is what is hashed, kept to the byte.

    Triggers refuse to change or delete a row. `prev_hash` is the `entry_hash` of the entry before, so that its
    being unique means that the log never forks.
    """

    __tablename__ = "log_entry"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=PRIVATE)
    prev_hash: Mapped[str] = mapped_column(unique=True, info=PRIVATE)
    entry_hash: Mapped[str] = mapped_column(unique=True, info=PRIVATE)
    header: Mapped[str] = mapped_column(info=PRIVATE)
    at: Mapped[datetime] = mapped_column(info=PRIVATE)
    verb: Mapped[str] = mapped_column(info=PRIVATE)
    about: Mapped[str] = mapped_column(index=True, info=PRIVATE)


class LogDetail(Model):
    """Who did it, and the fields before and after: committed to in the header, each with a key of its own.

    Either part may be erased (its value and its key become NULL), and nothing else about a row may change.
    """

    __tablename__ = "log_detail"

    seq: Mapped[int] = mapped_column(
        ForeignKey("log_entry.seq"), primary_key=True, autoincrement=False, info=PRIVATE
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=PRIVATE)
    who_key: Mapped[str | None] = mapped_column(info=PRIVATE)
    what: Mapped[str | None] = mapped_column(info=PRIVATE)
    what_key: Mapped[str | None] = mapped_column(info=PRIVATE)
