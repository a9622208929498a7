"""Who may do what. The table is data: routes name a verb, and a verb names the roles that have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from app.errors import Forbidden, Unauthorized, Unprocessable
from app.i18n import N_

Role = Literal["viewer", "officer", "board", "administrator"]
Reach = Literal["public", "internal", "write"]
Channel = Literal["browser", "device"] | Reach
Verb = Literal[
    "read",
    "sign_in",
    "own_account",
    "hand_in",
    "read_internal",
    "read_private",
    "inspect",
    "edit_places",
    "publish",
    "read_log",
    "manage_people",
]

EVERYBODY: Final = frozenset({None, "viewer", "officer", "board", "administrator"})
KNOWN: Final = EVERYBODY - {None}
FIELD: Final = frozenset({"officer", "board", "administrator"})
BOARD: Final = frozenset({"board", "administrator"})

MAY: Final[Mapping[Verb, frozenset[str | None]]] = MappingProxyType(
    {
        "read": EVERYBODY,
        "sign_in": EVERYBODY,
        "own_account": KNOWN,
        "hand_in": KNOWN,
        "read_internal": FIELD,
        "read_private": BOARD,
        "inspect": FIELD,
        "edit_places": BOARD,
        "publish": BOARD,
        "read_log": BOARD,
        "manage_people": frozenset({"administrator"}),
    }
)

_PUBLIC: Final[frozenset[Verb]] = frozenset({"read"})
_INTERNAL: Final[frozenset[Verb]] = _PUBLIC | {"read_internal"}
_WRITE: Final[frozenset[Verb]] = _INTERNAL | {"read_private", "inspect", "edit_places", "publish"}

CHANNELS: Final[Mapping[Channel, frozenset[Verb]]] = MappingProxyType(
    {
        "browser": frozenset(MAY),
        "device": _WRITE | {"sign_in"},
        "write": _WRITE,
        "internal": _INTERNAL,
        "public": _PUBLIC,
    }
)
"""What can be reached by the way the caller came: a browser, a phone, or a tool's token of one of three scopes. The
role decides as well."""

UNFINISHED: Final[frozenset[Verb]] = frozenset({"read", "sign_in", "own_account"})
"""What is left to somebody whose role must have a second factor, until they have one."""

REACHES: Final[tuple[Reach, ...]] = ("public", "internal", "write")
"""The scopes of a tool's token, each with what the one before it has."""

WHO_MAY: Final[Mapping[Verb, str]] = MappingProxyType(
    {
        "read_internal": N_("Field officers, the board and administrators may read this."),
        "read_private": N_("The board and administrators of the unit may read this."),
        "inspect": N_("Field officers and the board may log inspections."),
        "edit_places": N_("Only the board may change places."),
        "publish": N_("Only the board may publish photos."),
        "read_log": N_("Only the board and administrators may read the history."),
        "manage_people": N_("Only administrators manage accounts."),
    }
)

MIN_PASSWORD, MAX_PASSWORD = 12, 128
MAX_NAME = 80


@dataclass(frozen=True)
class Caller:
    """Who is asking: anonymous (`person_id` None), or a person with a role in some units.

    `unfinished`: their role must have a second factor, and they have none yet. `token_id`: the token of a phone or a
    tool that they came with.
    """

    person_id: int | None = None
    name: str = ""
    role: Role | None = None
    unit_ids: frozenset[int] = field(default_factory=frozenset)
    channel: Channel = "browser"
    unfinished: bool = False
    token_id: int | None = None

    def may(self, verb: Verb) -> bool:
        """Whether the caller's role has `verb` (in their own units), and the way they came reaches it."""
        finished = verb in UNFINISHED or not self.unfinished
        return finished and self.role in MAY[verb] and verb in CHANNELS[self.channel]

    def covers(self, unit_ids: frozenset[int]) -> bool:
        """Whether one of `unit_ids` is the caller's, themselves or by succession."""
        return bool(self.unit_ids & unit_ids)

    def scope(self, unit_ids: frozenset[int]) -> Literal["public", "internal", "private"]:
        """How much of a record of these units the caller may see."""
        if not self.covers(unit_ids):
            return "public"
        if self.may("read_private"):
            return "private"
        return "internal" if self.may("read_internal") else "public"


ANONYMOUS: Final = Caller()


@dataclass(frozen=True)
class Way:
    """How somebody came to sign in: from which address, when, whether by a browser, in place of which session.

    `device` is the secret by which a browser that signed in before is known again.
    """

    address: str
    at: datetime
    by_browser: bool = False
    replaces: str | None = None
    device: str = ""


def reaches_of(role: str | None) -> tuple[Reach, ...]:
    """The scopes that a tool's token of somebody with `role` may have; the last is the widest."""
    if role in MAY["edit_places"]:
        return REACHES
    return REACHES[:2] if role in MAY["read_internal"] else REACHES[:1]


def check_reach(scope: Reach, role: str | None) -> None:
    """Raise `Forbidden` for a token wider than what its owner's role may have."""
    if scope not in reaches_of(role):
        raise Forbidden(
            N_("Your role may not have a token that reaches so far."), code="scope-too-wide", pointer="/scope"
        )


def reach_of(scope: Reach, role: str | None) -> Reach:
    """How far a token of `scope` reaches today: no further than its owner's role lets a new one."""
    offered = reaches_of(role)
    return scope if scope in offered else offered[-1]


def needs_second_factor(setting: str, role: str | None) -> bool:
    """Whether people with `role` must have a second factor; `setting` is TALUY_SECOND_FACTOR."""
    return setting == "required" and role in BOARD


def check_finished(caller: Caller) -> None:
    """Raise `Forbidden` for somebody who lacks the second factor that their role must have."""
    if caller.unfinished:
        raise Forbidden(
            N_("Your role needs a second factor. Set it up on the page of your account first."),
            code="second-factor-needed",
        )


def check_may(caller: Caller, verb: Verb) -> None:
    """Raise `Unauthorized` for somebody unknown, `Forbidden` for somebody whose role lacks `verb`."""
    if caller.may(verb):
        return
    if caller.role is None:
        raise Unauthorized(N_("Sign in first, then do this again."))
    if caller.role not in MAY[verb]:
        raise Forbidden(WHO_MAY.get(verb, ""))
    if verb not in UNFINISHED:
        check_finished(caller)
    raise Forbidden(
        N_("This token does not reach that. Sign in on a page, or take another token."), code="scope"
    )


def check_covers(caller: Caller, unit_ids: frozenset[int]) -> None:
    """Raise `Forbidden` where none of the record's units is the caller's."""
    if not caller.covers(unit_ids):
        raise Forbidden(N_("This place belongs to another unit."), code="other-unit")


def check_password(password: str, *, common: bool) -> None:
    """Raise `Unprocessable` for a password that is too short, too long, or `common` (among the first guessed).

    Source: OWASP ASVS 5.0, 6.2; NIST SP 800-63B.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Unprocessable(
            N_("A password has {least} to {most} characters."),
            code="password-length",
            pointer="/password",
            least=MIN_PASSWORD,
            most=MAX_PASSWORD,
        )
    if common:
        raise Unprocessable(
            N_("This password is among the first that are guessed. Choose another, such as four words."),
            code="password-common",
            pointer="/password",
        )


def check_name(name: str) -> None:
    """Raise `Unprocessable` for an account name that is empty, too long, or holds what cannot be seen.

    Two names that look alike would be two people who look alike: no zero-width, no writing backwards, no line ends.
    """
    if not 1 <= len(name) <= MAX_NAME:
        raise Unprocessable(N_("A name has 1 to {most} characters."), pointer="/name", most=MAX_NAME)
    if not name.isprintable():
        raise Unprocessable(
            N_("The name holds characters that cannot be seen. Type it instead of copying it."),
            pointer="/name",
        )
