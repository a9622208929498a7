"""What must be true when somebody manages accounts: values in, an error out."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final, Literal, get_args

from app.errors import Conflict, PreconditionFailed, Unprocessable
from app.i18n import N_
from app.people.rules import FIELD, Caller, Role

State = Literal["open", "invited", "closed"]

NOT_JOINED: Final = ""
"""The password hash of somebody who has not chosen a password yet: it opens for nobody."""
ROLES: Final[tuple[str, ...]] = get_args(Role)


def state_of(password_hash: str, *, closed: bool) -> State:
    """Whether an account can be used, waits for its owner to choose a password, or is closed."""
    if closed:
        return "closed"
    return "open" if password_hash else "invited"


def mark_of(role: str, unit_ids: Iterable[int], state: State) -> str:
    """What a form remembers of the account that it showed, so that a change made meanwhile is noticed."""
    return sha256(repr((role, sorted(unit_ids), state)).encode()).hexdigest()[:16]


def check_unchanged(seen: str, mark: str) -> None:
    """Raise `PreconditionFailed` where the account is not any more what the form showed."""
    if seen != mark:
        raise PreconditionFailed(
            N_("Somebody changed this account after you read it. See what it is now, then change it again.")
        )


def check_role(role: str) -> None:
    """Raise `Unprocessable` for a role that does not exist."""
    if role not in ROLES:
        raise Unprocessable(N_("Choose a role."), code="role-needed", pointer="/role")


def check_units(role: str, unit_ids: frozenset[int], known: Iterable[int]) -> None:
    """Raise `Unprocessable` for a unit that is not among the `known`, or none for a role that works in units."""
    if not unit_ids <= set(known):
        raise Unprocessable(
            N_("No unit with this code exists on that day."), code="no-such-unit", pointer="/units"
        )
    if role in FIELD and role != "administrator" and not unit_ids:
        raise Unprocessable(
            N_("Choose the units this person works for, one at least."), code="unit-needed", pointer="/units"
        )


def check_sure(*, sure: bool) -> None:
    """Raise `Unprocessable` where nobody said that they mean it."""
    if not sure:
        raise Unprocessable(N_("Tick that you mean it."), code="not-sure", pointer="/sure")


def check_not_own(caller: Caller, person_id: int) -> None:
    """Raise `Conflict` where somebody would lock themselves out by an act that is meant for others."""
    if caller.person_id == person_id:
        raise Conflict(
            N_(
                "This is your own account. Change your password and second factor on the page of your account."
            ),
            code="own-account",
        )
