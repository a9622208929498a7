"""What people do with their own second factor and tokens, after proving once more who they are."""

from typing import Any

from sqlalchemy.orm import Session

from app import journal
from app.errors import Forbidden, Unprocessable
from app.i18n import N_
from app.people import account_queries, queries, rules, second_factor
from app.people import token_queries as tokens
from app.people.desk import Desk, too_late
from app.people.model import Person
from app.people.rules import Caller, Way
from app.people.schemas import TokenIn
from app.people.second_factor import Pending


async def prove(desk: Desk, person_id: int, password: str, code: str | None, way: Way) -> Person:
    """Somebody who is signed in proves it again, by a code too where they have a second factor.

    Raises `TooMany`, and `Unprocessable` beside the field that is wrong.
    """

    def has_factor() -> bool:
        with desk.database.read() as db:
            return account_queries.get(db, person_id).totp_sealed is not None

    if not await desk.gate.run(has_factor):
        return await desk.prove(person_id, password, way)
    if not code:
        raise Unprocessable(
            N_("The code of your second factor is needed as well."), code="code-needed", pointer="/code"
        )
    return await desk.prove(person_id, password, way, code=code)


async def add_token(desk: Desk, caller: Caller, person_id: int, asked: TokenIn, way: Way) -> dict[str, Any]:
    """Make a token for a tool; its secret stands in this answer and nowhere else.

    Raises `Forbidden`, `Conflict`, and as `prove`; `Unauthorized` where the session ended meanwhile.
    """
    rules.check_finished(caller)
    rules.check_reach(asked.scope, caller.role)
    person = await prove(desk, person_id, asked.password, asked.code, way)

    def store() -> dict[str, Any]:
        secret = tokens.new_secret()
        with desk.database.write() as db:
            still = queries.is_still(db, person)
            if not still or not queries.keeps_session(db, person_id, way.replaces or ""):
                raise too_late()  # else a token made while the password is changed would outlive it
            kept = tokens.add(
                db,
                secret,
                person_id,
                kind="tool",
                name=asked.name,
                scope=asked.scope,
                days=asked.days,
                at=way.at,
            )
            made = {"id": kept.id, "name": kept.name, "scope": kept.scope, "expires_at": kept.expires_at}
        journal.note("token_made", person=person_id, token_id=made["id"], scope=asked.scope)
        return made | {"token": secret}

    return await desk.gate.run(store)


async def turn_on(desk: Desk, person_id: int, sealed: str, password: str, code: str, way: Way) -> list[str]:
    """Start asking for codes; gives the recovery codes, shown once. Other sessions of the person end.

    `sealed` is what `second_factor.seal` made; where it replaces a second factor the password was asked before.
    Raises `Unprocessable`, `Conflict`, `TooMany`.
    """
    data_dir = desk.settings.data_dir
    pending = second_factor.unseal(sealed, person_id, data_dir=data_dir, at=way.at)
    if pending is None:
        raise Unprocessable(N_("Too much time has passed. Scan the new QR code."), code="second-factor-late")
    if not pending.replaces:
        await desk.prove(person_id, password, way)

    def store() -> list[str]:
        with desk.database.write() as db:
            person = _held(db, person_id)
            codes = second_factor.turn_on(
                db, person, pending, code, data_dir=data_dir, at=way.at, but=way.replaces
            )
        if codes is None:
            raise Unprocessable(
                N_(
                    "The code is not right. Let the phone set its time by itself, then type the code it shows."
                ),
                code="wrong-code",
                pointer="/code",
            )
        journal.note("second_factor_on", person=person_id)
        return codes

    return await desk.gate.run(store)


async def begin_anew(desk: Desk, person_id: int, password: str, code: str, way: Way) -> str:
    """A sealed secret for another phone, for somebody who has the second factor of before or a recovery code."""
    await desk.prove(person_id, password, way, code=code)
    pending = Pending(second_factor.new_secret(), replaces=True)
    return second_factor.seal(pending, person_id, data_dir=desk.settings.data_dir, at=way.at)


async def turn_off(desk: Desk, caller: Caller, person_id: int, password: str, code: str, way: Way) -> None:
    """Ask for no codes any more. Raises `Forbidden` where the role must have a second factor."""
    if rules.needs_second_factor(desk.settings.second_factor, caller.role):
        raise Forbidden(
            N_("Your role must have a second factor. Move it to another phone instead."),
            code="second-factor-kept",
        )
    await desk.prove(person_id, password, way, code=code)

    def store() -> None:
        with desk.database.write() as db:
            person = _held(db, person_id)
            account_queries.clear_second_factor(db, person, at=way.at, by=person_id, but=way.replaces)
        journal.note("second_factor_off", person=person_id)

    await desk.gate.run(store)


def _held(db: Session, person_id: int) -> Person:
    person = queries.held(db, person_id)
    if person is None:
        raise too_late()
    return person


async def renew_codes(desk: Desk, person_id: int, password: str, code: str, way: Way) -> list[str]:
    """Ten new recovery codes, shown once; those of before end."""
    await desk.prove(person_id, password, way, code=code)

    def store() -> list[str]:
        with desk.database.write() as db:
            person = _held(db, person_id)
            codes = second_factor.new_recovery_codes(db, person)
            account_queries.note(db, person, "recovery_codes", at=way.at, by=person_id)
        return codes

    return await desk.gate.run(store)
