"""Warning signboards."""

from sqlalchemy import ForeignKey
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


class Signboard(Located, Positioned, Inspected, Versioned, Model):
    """A warning board at a site. `state` is `unknown` until somebody has looked."""

    __tablename__ = "signboard"
    __table_args__ = (
        one_of("state", ("sound", "damaged", "missing", "unknown")),
        *position_checks(),
        condition_check(),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True, info=PUBLIC)
    name: Mapped[str] = mapped_column(info=PUBLIC)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    state: Mapped[str] = mapped_column(default="unknown", info=PUBLIC)
    wording: Mapped[str | None] = mapped_column(info=PUBLIC)
