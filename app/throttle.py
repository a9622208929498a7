"""Slowing down who guesses passwords, codes and links, without shutting out those who share an address with them.

The counters stand in the database, so that several processes count together, and are written in short transactions of
their own, so that they stay when a request's transaction does not. Names and addresses are kept as SHA-256: nobody
reads them in a table or a dump by the eye. It is not keyed, since a key would have to be shared by every process that
counts, while names stand in `person` anyway and a counter goes when its window ends, or when a person is erased.

Windows are fixed, not sliding: one row and one statement a count, the moment of the next try is exact, and what a
window's edge adds (twice the allowance across it) is within what the limits below are meant for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Final, cast

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Table, bindparam, delete, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from app.columns import UtcDateTime
from app.db import Database, Model
from app.errors import TooMany
from app.i18n import N_

PAIR: Final = RateLimitItemPerMinute(8, 15, namespace="account-address")
"""Tries at one account from one address: room for a forgotten password, 32 guesses an hour. ASVS 5.0, 6.3.1."""

ACCOUNT: Final = RateLimitItemPerMinute(40, 60, namespace="account")
"""Tries at one account from all addresses it never signed in from: a net of machines gets 40 guesses an hour.

Addresses from which the account signed in lately are not counted and not stopped, or anybody could lock an officer out
before a storm. Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

DEVICE: Final = RateLimitItemPerMinute(8, 15, namespace="account-device")
"""Tries at one account from a browser that signed in to it before, and this alone is counted for it: a neighbour who
shares the address cannot use up its tries. Source: as above."""

ADDRESS: Final = RateLimitItemPerMinute(300, 15, namespace="address")
"""Wrong sign-ins from one address, of any name. Right ones do not count: 100 officers behind one carrier pass."""

LINKS: Final = RateLimitItemPerMinute(300, 15, namespace="token")
"""Wrong tokens and links from one address, apart from sign-ins: a tool with an ended token stops no officer."""

KNOWN: Final = RateLimitItemPerDay(1, 30, namespace="known")
"""An account signed in rightly from an address: so long it is known there. Each sign-in begins the time anew."""

KNOWN_DEVICE: Final = RateLimitItemPerDay(1, 180, namespace="known-device")
"""An account signed in rightly from a browser, which shows a secret of its own."""

SWEEP_EVERY: Final = timedelta(minutes=5)
SWEEP_AT_MOST: Final = 1000


class Throttled(Model):
    """How often something happened in one window of time, which begins with the first and ends at `expires_at`."""

    __tablename__ = "throttled"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


ROWS: Final = cast("Table", Throttled.__table__)
KEY: Final = ROWS.c.key == bindparam("of")
COUNT: Final = text(
    "INSERT INTO throttled (key, count, expires_at) VALUES (:of, :amount, :ends_at)"
    " ON CONFLICT (key) DO UPDATE SET"
    " count = CASE WHEN throttled.expires_at <= :now THEN 0 ELSE throttled.count END + :amount,"
    " expires_at = CASE WHEN throttled.expires_at <= :now THEN :ends_at ELSE throttled.expires_at END"
    " RETURNING count"
).bindparams(bindparam("now", type_=UtcDateTime()), bindparam("ends_at", type_=UtcDateTime()))
"""One statement, which both databases know, so that no count is lost."""
LOOK: Final = select(ROWS.c.count.label("counted"), ROWS.c.expires_at).where(KEY)
TAKE_BACK: Final = update(ROWS).where(KEY, ROWS.c.count > 0).values(count=ROWS.c.count - 1)
FORGET: Final = delete(ROWS).where(KEY)


class DatabaseStorage(Storage):
    """What `limits` counts in, inside one transaction: `session` reads or writes, `now` is its moment."""

    STORAGE_SCHEME = None

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__()
        self.session = session
        self.now = now

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database raises; `Database` turns it into `Unavailable`."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more; gives the count of the window of `expiry` seconds."""
        ends_at = self.now + timedelta(seconds=expiry)
        given = {"of": key, "amount": amount, "now": self.now, "ends_at": ends_at}
        return int(self.session.execute(COUNT, given).scalar_one())

    def take_back(self, key: str) -> None:
        """Count one less."""
        self.session.execute(TAKE_BACK, {"of": key})

    def get(self, key: str) -> int:
        """The count of a window that has not ended, else 0."""
        row = self.session.execute(LOOK, {"of": key}).first()
        return int(row.counted) if row and row.expires_at > self.now else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; now where there is none."""
        row = self.session.execute(LOOK, {"of": key}).first()
        return (row.expires_at if row else self.now).timestamp()

    def check(self) -> bool:
        """Whether the database answers."""
        return self.session.scalar(select(1)) == 1

    def reset(self) -> int:
        """Forget every count; gives how many there were."""
        found = self.session.scalar(select(func.count()).select_from(ROWS)) or 0
        self.session.execute(delete(ROWS))
        return found

    def clear(self, key: str) -> None:
        """Forget one count."""
        self.session.execute(FORGET, {"of": key})

    def sweep(self) -> None:
        """Remove windows that have ended; rows that somebody counts in at this moment stay for the next time."""
        ended = select(ROWS.c.key).where(ROWS.c.expires_at <= self.now).limit(SWEEP_AT_MOST)
        self.session.execute(delete(ROWS).where(ROWS.c.key.in_(ended.with_for_update(skip_locked=True))))


class Throttle:
    """The limits of this service. Every method may raise `Unavailable`, and none may be called inside a `write()`.

    Counters are always taken in the order pair, address, account, so that transactions never wait in a ring.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = clock.now) -> None:
        self._database = database
        self._now = now
        self._sweep_at = now()

    def attempt(self, name_key: str, address: str, device: str = "") -> None:
        """Count one try at an account before its password is looked at. Raises `TooMany`.

        It counts against the address too, until `succeeded` takes that back, so that tries made at once are all
        counted. Names that nobody has count like others. Who is over a limit already is refused without a write.
        `device` is the secret of the browser, where it has one.
        """
        self._sweep_now_and_then()
        with self._database.read() as session:
            storage = DatabaseStorage(session, self._now())
            known_device = _is_known(storage, KNOWN_DEVICE, name_key, device)
            known = _is_known(storage, KNOWN, name_key, address)
            limits: list[tuple[RateLimitItem, tuple[str, ...]]] = [(PAIR, (name_key, address))]
            if known_device:
                limits = [(DEVICE, (name_key, device))]
            elif not known:
                limits += [(ADDRESS, (address,)), (ACCOUNT, (name_key,))]
            _refuse(max(_wait_s(storage, item, *parts) for item, parts in limits))
        with self._database.write() as session:
            storage = DatabaseStorage(session, self._now())
            if known_device:
                wait_s = _hit(storage, DEVICE, name_key, device)
            elif not (wait_s := _hit(storage, PAIR, name_key, address)):
                crowded_s = _hit(storage, ADDRESS, address)
                wait_s = 0 if known else crowded_s or _hit(storage, ACCOUNT, name_key)
        _refuse(wait_s)

    def succeeded(self, name_key: str, address: str, device: str = "") -> None:
        """The password or code was right: what stood against this account from this address is forgotten."""
        with self._database.write() as session:
            storage = DatabaseStorage(session, self._now())
            if _is_known(storage, KNOWN_DEVICE, name_key, device):
                storage.clear(_key(DEVICE, name_key, device))
            else:
                storage.clear(_key(PAIR, name_key, address))
                storage.take_back(_key(ADDRESS, address))
            _remember(storage, KNOWN, name_key, address)
            if device:
                _remember(storage, KNOWN_DEVICE, name_key, device)

    def failed(self, address: str) -> None:
        """Count one wrong token or link from this address. Raises `TooMany` from the first one past the limit."""
        self._sweep_now_and_then()
        with self._database.read() as session:
            _refuse(_wait_s(DatabaseStorage(session, self._now()), LINKS, address))
        with self._database.write() as session:
            wait_s = _hit(DatabaseStorage(session, self._now()), LINKS, address)
        _refuse(wait_s)

    def _sweep_now_and_then(self) -> None:
        now = self._now()
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_EVERY
        with self._database.write() as session:
            DatabaseStorage(session, now).sweep()


def forget_all(session: Session) -> None:
    """Forget every count: whoever guesses a name could see in them that it was here, and from which address."""
    session.execute(delete(ROWS))


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _key(item: RateLimitItem, *parts: str) -> str:
    return item.key_for(_digest(*parts))


def _is_known(storage: DatabaseStorage, item: RateLimitItem, *parts: str) -> bool:
    return all(parts) and storage.get(_key(item, *parts)) > 0


def _remember(storage: DatabaseStorage, item: RateLimitItem, *parts: str) -> None:
    """Begin the time of what is known anew."""
    storage.clear(_key(item, *parts))
    storage.incr(_key(item, *parts), item.get_expiry())


def _hit(storage: DatabaseStorage, item: RateLimitItem, *parts: str) -> int:
    """Count one; gives the seconds to wait, 0 within the limit."""
    within = FixedWindowRateLimiter(storage).hit(item, _digest(*parts))
    return 0 if within else _left_s(storage, item, *parts)


def _wait_s(storage: DatabaseStorage, item: RateLimitItem, *parts: str) -> int:
    """The seconds to wait where the limit is used up, else 0; counts nothing."""
    within = FixedWindowRateLimiter(storage).test(item, _digest(*parts))
    return 0 if within else _left_s(storage, item, *parts)


def _left_s(storage: DatabaseStorage, item: RateLimitItem, *parts: str) -> int:
    return max(1, ceil(storage.get_expiry(_key(item, *parts)) - storage.now.timestamp()))


def _refuse(wait_s: int) -> None:
    if wait_s:
        raise TooMany(
            N_("Too many tries. Try again in {minutes} minutes."),
            minutes=ceil(wait_s / 60),
            headers={"Retry-After": str(wait_s)},
        )
