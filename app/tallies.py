"""How many rows the tables have that GIS tools ask about, kept by triggers: counting 100,000 rows takes 8 times a page.

Source: migration 20261123_05. A count is the sum of its parts, since PostgreSQL's writers add one each.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Table, Text, bindparam, cast, func, select
from sqlalchemy.orm import Session

from app.db import Model

TALLY = Table(
    "tally",
    Model.metadata,
    Column("name", Text, nullable=False, index=True),
    Column("n", BigInteger, nullable=False),
)

ROWS: Final = select(cast(func.coalesce(func.sum(TALLY.c.n), 0), BigInteger)).where(
    TALLY.c.name == bindparam("name")
)


def rows(db: Session, name: str) -> int:
    """How many rows the table `name` has; of sites also those of one kind, as `site/flood`."""
    return int(db.scalar(ROWS, {"name": name}) or 0)
