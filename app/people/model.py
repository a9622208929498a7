"""Accounts and their sessions. Tokens are kept hashed only."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.records import PRIVATE, one_of

ROLES = ("viewer", "officer", "board", "administrator")


class Person(Model):
    """Somebody who signs in. `name_key` is the name as it is compared (NFC, case folded)."""

    __tablename__ = "person"
    __table_args__ = (one_of("role", ROLES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(info=PRIVATE)
    name_key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(info=PRIVATE)
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(info=PRIVATE)
    disabled_at: Mapped[datetime | None] = mapped_column(info=PRIVATE)


class PersonUnit(Model):
    """The units a person works for; each covers its predecessors."""

    __tablename__ = "person_unit"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class BrowserSession(Model):
    """A signed-in browser, named by the SHA-256 of its token."""

    __tablename__ = "browser_session"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SetupLink(Model):
    """The one-time link that makes the first administrator, named by the SHA-256 of its token."""

    __tablename__ = "setup_link"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
