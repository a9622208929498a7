"""Accounts that a hand-in speaks of, held while it writes."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.model import Person


def hold(db: Session, person_ids: Iterable[int | None]) -> dict[int, Person]:
    """These accounts, which nobody changes or erases until the end of the transaction; taken before anything else."""
    wanted = {one for one in person_ids if one is not None}
    found = select(Person).where(Person.id.in_(wanted)).order_by(Person.id)
    held = db.scalars(
        found.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    )
    return {person.id: person for person in held}
