"""Accounts and how they prove who they are. Secrets are kept hashed, or sealed where they must be read again."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.records import PRIVATE, one_of

ROLES = ("viewer", "officer", "board", "administrator")


class Person(Model):
    """Somebody who signs in. `name_key` is the name as it is compared (NFC, case folded).

    `password_hash` is empty until an invited person has chosen a password. `totp_sealed` is the secret of the second
    factor, sealed by a key outside the database; `totp_step` the last time step whose code was used.
    """

    __tablename__ = "person"
    __table_args__ = (one_of("role", ROLES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(info=PRIVATE)
    name_key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(info=PRIVATE)
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(info=PRIVATE)
    disabled_at: Mapped[datetime | None] = mapped_column(info=PRIVATE)
    totp_sealed: Mapped[str | None]
    totp_step: Mapped[int | None]
    erased_at: Mapped[datetime | None] = mapped_column(info=PRIVATE)


class PersonUnit(Model):
    """The units a person works for; each covers its predecessors."""

    __tablename__ = "person_unit"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class BrowserSession(Model):
    """A signed-in browser, named by the SHA-256 of its token.

    `by_browser`: the sign-in carried Origin or Sec-Fetch-Site, so every later write must. `awaiting_code`: the
    password was right, the code of the second factor is still to come; such a session is nobody's yet.
    """

    __tablename__ = "browser_session"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    by_browser: Mapped[bool] = mapped_column(default=False)
    awaiting_code: Mapped[bool] = mapped_column(default=False)


class Token(Model):
    """What a phone or a tool shows instead of a cookie, named by the SHA-256 of the secret, which is shown once.

    A `device` is a phone on which one person signed in for a season; a `tool` reaches as far as its `scope`.
    """

    __tablename__ = "token"
    __table_args__ = (
        one_of("kind", ("device", "tool")),
        one_of("scope", ("public", "internal", "write")),
        CheckConstraint("(kind = 'tool') = (scope IS NOT NULL)", name="scope_of_tool"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(info=PRIVATE)
    name: Mapped[str] = mapped_column(info=PRIVATE)
    scope: Mapped[str | None] = mapped_column(info=PRIVATE)
    created_at: Mapped[datetime] = mapped_column(info=PRIVATE)
    expires_at: Mapped[datetime] = mapped_column(info=PRIVATE)
    last_used_at: Mapped[datetime | None] = mapped_column(info=PRIVATE)
    revoked_at: Mapped[datetime | None] = mapped_column(info=PRIVATE)


class RecoveryCode(Model):
    """A code that replaces the second factor once, kept as its SHA-256 (80 random bits, so no slow hash is needed)."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class Invite(Model):
    """A one-time link with which a person chooses a password, named by the SHA-256 of its token."""

    __tablename__ = "invite"
    __table_args__ = (one_of("purpose", ("invite", "reset")),)

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SetupLink(Model):
    """The one-time link that makes the first administrator, named by the SHA-256 of its token."""

    __tablename__ = "setup_link"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
