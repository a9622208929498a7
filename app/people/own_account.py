"""What people do with their own second factor, after proving once more who they are."""

from sqlalchemy.orm import Session

from app import journal
from app.errors import Forbidden, Unprocessable
from app.i18n import N_
from app.people import account_queries, queries, rules, second_factor
from app.people.desk import Desk, too_late
from app.people.model import Person
from app.people.rules import Caller, Way
from app.people.second_factor import Pending


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
