"""Putting the practice set into a database of its own, through the same doors as real visits and photos."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from os import urandom
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, installation
from app.db import Database
from app.inspections import photo_intake, photo_queries, queries, visits
from app.inspections.model import Inspection
from app.inspections.schemas import InspectionIn
from app.people import account_queries, passwords
from app.people import queries as people
from app.people.rules import Caller
from app.positions import arrivals
from app.positions.schemas import PositionIn
from app.practice.generate import PracticePhoto, PracticeSet, practice_set
from app.practice.positions import positions
from app.receipts import Sign, signer
from app.seed import seed
from app.seed_files import Seed, read
from app.seeding import PRACTICE
from app.sent.rules import content_sha256
from app.settings import Settings
from app.units.model import Unit

SEED: Final = 1


@dataclass(frozen=True)
class Kept:
    """A photo that went through the decoder and lies on disk."""

    photo: PracticePhoto
    sha256: str
    taken: photo_intake.Renditions
    stored: str
    thumbnail: str


def load(database: Database, settings: Settings, *, until: date | None = None, number: int = SEED) -> str:
    """Fill a migrated database that holds nothing yet; one line saying what was added.

    `until` is the last day of the set, by default yesterday. A second call adds nothing.
    """
    with database.read() as db:
        if installation.fact(db, PRACTICE) is not None:
            return "Practice database: nothing added."
    return put(database, settings, practice_set(number, until or clock.today() - timedelta(days=1)))


def put(database: Database, settings: Settings, found: PracticeSet) -> str:
    """Put one set into an empty database: all of it or nothing."""
    kept = _keep(found.photos, settings.data_dir / "photos")
    with database.write() as db:
        installation.set_fact(db, PRACTICE, found.until.isoformat())
        _places(db, found)
        officers = _officers(db, found)
        sign = signer(settings.data_dir)
        inspections = _visits(db, found, officers, sign)
        _photos(db, kept, inspections)
        _positions(db, found, next(iter(officers.values())), sign)
    return (
        f"Practice set: {len(found.sites)} sites, {len(found.signboards)} signboards, "
        f"{len(found.measures)} measures, {len(found.visits)} inspections, {len(kept)} photos."
    )


def _keep(drawn: list[PracticePhoto], folder: Path) -> list[Kept]:
    """Draw and take in every photo, a few at once."""

    def one(photo: PracticePhoto) -> Kept:
        data = photo.jpeg()
        taken = photo_intake.take_in(data)
        stored, thumbnail = (photo_intake.store(folder, each) for each in (taken.photo, taken.thumbnail))
        return Kept(photo, sha256(data).hexdigest(), taken, stored, thumbnail)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, drawn))


def _places(db: Session, found: PracticeSet) -> None:
    """The real units with the invented places; no document speaks of any of them."""
    seed(
        db,
        Seed(
            units=read().units,
            documents=[],
            sites=list(found.sites),
            signboards=found.signboards,
            proposals=found.proposals,
            measures=list(found.measures),
            facts=[],
        ),
    )


def _officers(db: Session, found: PracticeSet) -> dict[str, Caller]:
    """Accounts that nobody can sign in to: without a known password, and closed."""
    today = select(Unit.id).where(Unit.valid_to.is_(None))
    unit_ids = list(db.scalars(today))
    nobody_knows = passwords.HASHER.hash(urandom(32).hex())
    callers = {}
    for name in found.officers:
        at = clock.now()
        person = people.add(db, name, role="officer", password_hash=nobody_knows, unit_ids=unit_ids, at=at)
        account_queries.disable(db, person, at=at, by=None)
        callers[name] = Caller(person.id, name, "officer", frozenset(unit_ids))
    return callers


def _visits(
    db: Session, found: PracticeSet, officers: Mapping[str, Caller], sign: Sign
) -> dict[UUID, Inspection]:
    """Record every visit as if it had just arrived, then recompute each place once."""
    places: dict[str, queries.Place] = {}
    stored: dict[UUID, Inspection] = {}
    for each in found.visits:
        code = each.body["place"]
        if code not in places:
            places[code] = queries.place(db, code)
        place = places[code]
        body = InspectionIn.model_validate(each.body)
        row = visits.as_inspection(
            db,
            each.id,
            body,
            place,
            content_sha256(each.body),
            by=officers[each.officer],
            at=each.received_at,
            sign=sign,
        )
        stored[each.id] = row
        db.add(row)
    db.flush()
    for place in places.values():
        queries.refresh(db, place.record)
    return stored


def _positions(db: Session, found: PracticeSet, officer: Caller, sign: Sign) -> None:
    for each in positions(found.sites, found.until):
        body, sha = PositionIn.model_validate(each.body), content_sha256(each.body)
        arrivals.receive(db, each.id, body, sha, by=officer, at=each.received_at, sign=sign)


def _photos(db: Session, kept: list[Kept], inspections: Mapping[UUID, Inspection]) -> None:
    for each in kept:
        seen = inspections[each.photo.inspection_id]
        at = seen.received_at + timedelta(minutes=1)
        by = Caller(seen.person_id, role="officer")
        of = photo_queries.of_visit(db, seen)
        photo_queries.add(
            db, each.sha256, of, each.taken, stored=each.stored, thumbnail=each.thumbnail, by=by, at=at
        )
        if each.photo.published:
            photo_queries.publish(db, each.sha256, of, published=True, at=at, by=seen.person_id)
