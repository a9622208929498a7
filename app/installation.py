"""What the database knows of itself: whether it is practice data, and when it was seeded."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import Model


class InstallationFact(Model):
    """One key and its value."""

    __tablename__ = "installation"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


def fact(db: Session, key: str) -> str | None:
    """The value kept under `key`, or None."""
    row = db.get(InstallationFact, key)
    return row.value if row else None


def set_fact(db: Session, key: str, value: str) -> None:
    """Keep `value` under `key`."""
    db.merge(InstallationFact(key=key, value=value))
    db.flush()
