"""The desk where people prove who they are: by password, then where they have one by a second factor.

Shared by the API, the pages and the phone. Every way in is throttled before a password is hashed, and answers alike and
as late for an unknown name as for a wrong password.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app import journal
from app.db import Database
from app.errors import NotFound, Unauthorized, Unprocessable
from app.i18n import N_
from app.keys import unlock_key
from app.people import account_queries, passwords, queries, rules, second_factor
from app.people import token_queries as tokens
from app.people.model import Person
from app.people.rules import Way
from app.settings import Settings
from app.throttle import Throttle
from app.units import queries as units

USED_UP: Final = N_("This link has been used or has ended. Ask the administrator for a new one.")
SETUP_USED_UP: Final = N_("This set-up link has been used or has ended. Restart the service for a new one.")
CODE_MINUTES: Final = 10


def too_late() -> Unauthorized:
    """What somebody is told who waited too long before the code."""
    return Unauthorized(N_("Too much time has passed. Sign in again."), code="sign-in-again")


@dataclass(frozen=True)
class Opened:
    """A browser session that was opened; nobody's until the code of the second factor has come.

    `unfinished`: the person's role must have a second factor, and they have none yet.
    """

    token: str
    awaiting_code: bool = False
    unfinished: bool = False


@dataclass(frozen=True)
class Desk:
    """Knows the database, the gate before the hashing, the limits and the settings."""

    database: Database
    gate: passwords.Gate
    throttle: Throttle
    settings: Settings

    async def sign_in(
        self, name: str, password: str, code: str | None, way: Way, *, waits: bool = False
    ) -> Opened:
        """Open a browser session; one that waits for the `code` which the person needs where that may come later."""
        person = await self._proven(name, password, way)
        awaiting = waits and person.totp_sealed is not None and not code
        if not awaiting:
            await self._with_code(person, code, way)
        return await self._opened(person, way, awaiting_code=awaiting)

    async def add_code(self, token: str, code: str, way: Way) -> Opened:
        """Finish a sign-in that waits for its code: the session gets a new token."""

        def finish() -> str:
            idle = timedelta(minutes=CODE_MINUTES)
            with self.database.read() as db:
                found = queries.session(db, token, at=way.at, idle=idle, awaiting_code=True)
            if found is None:
                raise too_late()
            self.use_code(found[0].id, code, way)
            return self._open(found[0], way, finishes=token)

        return Opened(await self.gate.run(finish))

    async def add_device(
        self, name: str, password: str, code: str | None, device: str, way: Way
    ) -> dict[str, Any]:
        """Sign a phone in for a season. The token stands in this answer and nowhere else."""
        person = await self._proven(name, password, way)
        await self._with_code(person, code, way)

        def store() -> dict[str, Any]:
            secret = tokens.new_secret()
            with self.database.write() as db:
                _check_still(db, person)
                days = self.settings.device_days
                kept = tokens.add(db, secret, person.id, kind="device", name=device, days=days, at=way.at)
                answer = {"id": kept.id, "device": kept.name, "token": secret, "expires_at": kept.expires_at}
            journal.note("device_added", person=person.id, device=answer["id"])
            opens = urlsafe_b64encode(unlock_key(self.settings.data_dir, person.id)).rstrip(b"=").decode()
            holder = {"id": person.id, "name": person.name, "role": person.role}
            return answer | {"person": holder, "unlock_key": opens}

        return await self.gate.run(store)

    async def set_up(self, token: str, name: str, password: str, way: Way) -> Opened:
        """Make the first administrator by the one-time link and sign them in. Raises `NotFound` for a used-up link."""

        def check() -> None:
            with self.database.read() as db:
                is_open = queries.setup_is_open(db, token, at=way.at)
            if not is_open:
                self.throttle.failed(way.address)
                raise NotFound(SETUP_USED_UP)

        def store(password_hash: str) -> Person:
            with self.database.write() as db:
                if not queries.use_setup(db, token, at=way.at):
                    raise NotFound(SETUP_USED_UP)
                everywhere = units.valid_ids(db, on=way.at.date())
                return queries.add(
                    db,
                    name,
                    role="administrator",
                    password_hash=password_hash,
                    unit_ids=everywhere,
                    at=way.at,
                    by=None,
                )

        await self.gate.run(check)
        person = await self._with_password(name, password, store)
        return await self._opened(person, way)

    async def join(self, token: str, password: str, way: Way) -> Opened:
        """Choose a password by an invitation or a reset link and sign in. Raises `NotFound` for a used-up link."""

        def who() -> Person:
            with self.database.read() as db:
                person = account_queries.invited(db, token, at=way.at)
            if person is None:
                self.throttle.failed(way.address)
                raise NotFound(USED_UP)
            return person

        def store(password_hash: str) -> Person:
            with self.database.write() as db:
                person = account_queries.use_invite(db, token, at=way.at)
                if person is None:
                    raise NotFound(USED_UP)
                account_queries.set_password(db, person, password_hash, at=way.at, by=person.id)
                return person

        person = await self.gate.run(who)
        person = await self._with_password(person.name, password, store)
        return await self._opened(person, way, awaiting_code=person.totp_sealed is not None)

    async def change_password(self, person_id: int, old: str, new: str, token: str, way: Way) -> None:
        """Change the own password; every other session, phone and token of the person ends."""
        person = await self.prove(person_id, old, way)

        def store(password_hash: str) -> Person:
            with self.database.write() as db:
                _check_still(db, person)
                kept = account_queries.get(db, person_id)
                account_queries.set_password(db, kept, password_hash, at=way.at, by=person_id, but=token)
            return kept

        await self._with_password(person.name, new, store)

    async def prove(self, person_id: int, password: str, way: Way, *, code: str | None = None) -> Person:
        """Somebody who is signed in proves it again before what matters; `code` where that is asked as well.

        Raises `TooMany`, and `Unprocessable` beside the field that is wrong.
        """

        def who() -> Person:
            with self.database.read() as db:
                return account_queries.get(db, person_id)

        person = await self.gate.run(who)
        try:
            await self._proven(person.name, password, way)
            if code is not None:
                await self.gate.run(self.use_code, person_id, code, way)
        except Unauthorized as problem:
            if problem.code == "wrong-code":
                raise Unprocessable(problem.detail, code=problem.code, pointer="/code") from None
            raise Unprocessable(
                N_("This is not your password."), code="wrong-password", pointer="/password"
            ) from None
        if code is None and person.totp_sealed is not None:
            await self.gate.run(self.throttle.succeeded, person.name_key, way.address, way.device)
        return person

    async def _with_code(self, person: Person, code: str | None, way: Way) -> None:
        if person.totp_sealed is None:
            return
        if not code:
            raise Unauthorized(N_("The code of your second factor is needed as well."), code="code-needed")
        await self.gate.run(self.use_code, person.id, code, way)

    async def _proven(self, name: str, password: str, way: Way) -> Person:
        """The person whose name and password these are. Raises `TooMany`, `Unauthorized`."""
        key = queries.name_key(name)

        def find() -> Person | None:
            self.throttle.attempt(key, way.address, way.device)
            with self.database.read() as db:
                return queries.by_name(db, name)

        async with self.gate.turn():
            person = await self.gate.run(find)
            right = await self.gate.verify(password, person.password_hash if person else None)
        if person is None or not right or person.disabled_at is not None:
            journal.note("sign_in_refused", person=person.id if person else None)
            raise Unauthorized(N_("The name or the password is not right."), code="wrong-sign-in")
        if person.totp_sealed is None:  # else the code clears the count, or guessing codes were free
            await self.gate.run(self.throttle.succeeded, key, way.address, way.device)
        return person

    async def _with_password(self, name: str, password: str, store: Callable[[str], Person]) -> Person:
        rules.check_name(name)
        rules.check_password(password, common=await self.gate.run(passwords.is_common, password, name))
        return await self.gate.run(store, await self.gate.hash(password))

    def use_code(self, person_id: int, code: str, way: Way) -> None:
        """Use a code of the second factor up. Raises `TooMany`, `Unauthorized`."""
        with self.database.read() as db:
            key = account_queries.get(db, person_id).name_key
        self.throttle.attempt(f"code:{key}", way.address, way.device)
        with self.database.write() as db:
            right = second_factor.use(db, person_id, code, data_dir=self.settings.data_dir, at=way.at)
        if not right:
            journal.note("sign_in_refused", person=person_id, factor="second")
            raise Unauthorized(
                N_("The code is not right, or was used already. Wait for the next one."),
                code="wrong-code",
                pointer="/code",
            )
        self.throttle.succeeded(f"code:{key}", way.address, way.device)
        self.throttle.succeeded(key, way.address, way.device)

    async def _opened(self, person: Person, way: Way, *, awaiting_code: bool = False) -> Opened:
        token = await self.gate.run(self._open, person, way, awaiting_code=awaiting_code)
        return Opened(token, awaiting_code, self.is_unfinished(person))

    def is_unfinished(self, person: Person) -> bool:
        """Whether the person's role must have a second factor, and they have none yet."""
        return person.totp_sealed is None and rules.needs_second_factor(
            self.settings.second_factor, person.role
        )

    def _open(
        self, person: Person, way: Way, *, awaiting_code: bool = False, finishes: str | None = None
    ) -> str:
        """Open a session with a fresh token, which ends the one that the browser had, and the one it `finishes`."""
        token = queries.new_token()
        lasts = (
            timedelta(minutes=CODE_MINUTES) if awaiting_code else timedelta(days=self.settings.session_days)
        )
        with self.database.write() as db:
            _check_still(db, person)
            if finishes and not queries.close_session(db, finishes):
                raise too_late()
            if way.replaces:
                queries.close_session(db, way.replaces)
            queries.open_session(
                db,
                token,
                person.id,
                at=way.at,
                ends_at=way.at + lasts,
                by_browser=way.by_browser,
                awaiting_code=awaiting_code,
            )
        if not awaiting_code:
            journal.note("signed_in", person=person.id)
        return token


def _check_still(db: Session, person: Person) -> None:
    """Raise `Unauthorized` where the account was closed or its password changed since `person` was read."""
    if not queries.is_still(db, person):
        raise Unauthorized(N_("Your account was changed just now. Sign in again."), code="sign-in-again")
