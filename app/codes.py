"""Codes name one record among all places, boards, measures and proposals."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Unprocessable
from app.i18n import N_
from app.measures.model import Measure, Proposal
from app.signboards.model import Signboard
from app.sites.model import Site
from app.text import CODE

HOLDERS = (Site, Signboard, Measure, Proposal)


def taken(db: Session, code: str) -> bool:
    """Whether some record has `code` already."""
    return bool(db.scalar(select(or_(*(exists().where(holder.code == code) for holder in HOLDERS)))))


def claim(db: Session, code: str) -> None:
    """Make sure that `code` is well formed and free. Raises `Unprocessable` or `Conflict`."""
    if not CODE.fullmatch(code):
        raise Unprocessable(
            N_("A code has 2 to 4 parts of capital letters and digits with hyphens, such as P6-ST-05."),
            code="bad-code",
            pointer="/code",
        )
    if taken(db, code):
        raise Conflict(N_("This code is already used by another record."), code="code-taken", pointer="/code")
