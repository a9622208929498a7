"""Codes name one record among all places, boards, measures and proposals."""

from sqlalchemy import exists, select, union_all
from sqlalchemy.orm import Session

from app.errors import Conflict, Unprocessable
from app.i18n import N_
from app.measures.model import Measure, Proposal
from app.signboards.model import Signboard
from app.sites.model import Site
from app.text import CODE

HOLDERS = (Site, Signboard, Measure, Proposal)
HELD = union_all(*(select(holder.code) for holder in HOLDERS)).subquery()


def taken(db: Session, *codes: str) -> bool:
    """Whether some record has one of `codes` already."""
    return bool(db.scalar(select(exists().where(HELD.c.code.in_(codes)))))


def claim(db: Session, *codes: str) -> None:
    """Make sure that `codes` are well formed, free and differ. Raises `Unprocessable` or `Conflict`."""
    if not all(CODE.fullmatch(code) for code in codes):
        raise Unprocessable(
            N_("A code has 2 to 4 parts of capital letters and digits with hyphens, such as P6-ST-05."),
            code="bad-code",
            pointer="/code",
        )
    if len(set(codes)) < len(codes) or taken(db, *codes):
        raise Conflict(N_("This code is already used by another record."), code="code-taken", pointer="/code")
