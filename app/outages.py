"""Failures of what the database stands on, in words of ours: it is away, busy for too long, or its disk is full."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.errors import OutOfSpace, Problem, Unavailable
from app.i18n import N_

_AWAY: Final = N_("The database is not answering. Nothing was changed. Try again in a few seconds.")
_FULL: Final = N_("The server's disk is full. Nothing was changed. Tell the administrator.")
_AGAIN_S: Final = "2"

_AWAY_STATES: Final = ("08", "57", "53", "40", "55P03")
_FULL_STATE: Final = "53100"
_AWAY_WORDS: Final = (
    "database is locked",
    "database table is locked",
    "interrupted",
    "unable to open database file",
)
_FULL_WORDS: Final = "database or disk is full"


def _problem_of(error: SQLAlchemyError) -> Problem | None:
    """The problem that a failure of the database's surroundings is; None for a mistake of ours."""
    away = Unavailable(_AWAY, headers={"Retry-After": _AGAIN_S})
    if isinstance(error, NoConnectionError):
        return away
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    words = str(error.orig)
    if state == _FULL_STATE or _FULL_WORDS in words:
        return OutOfSpace(_FULL)
    lost = error.connection_invalidated or (state or "").startswith(_AWAY_STATES)
    unreached = state is None and type(error.orig).__module__.startswith("psycopg") and _is_operational(error)
    return away if lost or unreached or words.startswith(_AWAY_WORDS) else None


def _is_operational(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout")


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn failures of the database's surroundings into problems; mistakes of ours pass as they are."""
    try:
        yield
    except SQLAlchemyError as error:
        problem = _problem_of(error)
        if problem is None:
            raise
        raise problem from error
