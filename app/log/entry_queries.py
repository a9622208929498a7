"""Reading the log: all of it in order, for export and check, and pages of it for the board."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select
from sqlalchemy.orm import Session

from app.clock import rfc3339
from app.i18n import N_
from app.log.chain import Header
from app.log.model import LogDetail, LogEntry
from app.log.verify import Chain, Detail, Whole
from app.log.witnesses import Broken, Outside
from app.measures.model import Measure, Proposal, ProposalUnit
from app.people.model import Person, PersonUnit
from app.signboards.model import Signboard
from app.sites.model import Site, SiteUnit

BATCH = 2000
ENTRY = LogEntry.__table__.c
DETAIL = LogDetail.__table__.c
STORED: Select[Any] = (
    select(
        *ENTRY, DETAIL.seq.label("detailed"), DETAIL.person_id, DETAIL.who_key, DETAIL.what, DETAIL.what_key
    )
    .outerjoin(LogDetail, DETAIL.seq == ENTRY.seq)
    .order_by(ENTRY.seq)
)


def one_moment(db: Session) -> None:
    """Let a session that has not asked anything yet see one moment of the database in all its questions."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def stored(db: Session) -> Iterator[Row[Any]]:
    """Every entry with its detail, in order, a batch at a time."""
    last = 0
    while rows := db.execute(STORED.where(ENTRY.seq > last).limit(BATCH)).all():
        yield from cast("list[Row[Any]]", rows)
        last = rows[-1].seq


def exported(db: Session) -> Iterator[Mapping[str, Any]]:
    """Every entry as a line of an export."""
    for row in stored(db):
        yield {
            "header": row.header,
            "person": row.person_id,
            "what": row.what,
            "what_key": row.what_key,
            "who_key": row.who_key,
        }


def check(db: Session, held: Outside, *, key: str) -> Whole:
    """Check the log in the database, and that its plain columns say what the headers say. Raises `Broken`."""
    chain = Chain(held)
    for row in stored(db):
        if row.detailed is None:
            raise Broken(N_("who and what of it are gone"), seq=row.seq)
        header = chain.add(row.header, Detail(row.person_id, row.who_key, row.what, row.what_key))
        _check_columns(row, header, chain.entry_hash)
    chain.end()
    return Whole(chain.seq, chain.entry_hash, key, chain.erased.count)


def _check_columns(row: Row[Any], header: Header, entry_hash: str) -> None:
    columns = (row.seq, row.prev_hash, row.entry_hash, rfc3339(row.at), row.verb, row.about)
    if columns != (header.seq, header.prev, entry_hash, header.at, header.verb, header.about):
        raise Broken(N_("the columns of the table do not say what the header says"), seq=header.seq)


@dataclass(frozen=True)
class Wanted:
    """Which entries: about one code, by one person, before one number; those of some units, or (None) all."""

    place: str = ""
    person: int | None = None
    before: int | None = None
    unit_ids: frozenset[int] | None = None
    limit: int = 50


def page(db: Session, wanted: Wanted) -> Sequence[Row[Any]]:
    """Entries, newest first, with who wrote them; one more than `limit` if more follow."""
    found: Select[Any] = (
        select(*ENTRY, DETAIL.person_id, DETAIL.who_key, DETAIL.what, Person.name.label("person"))
        .join(LogDetail, DETAIL.seq == ENTRY.seq)
        .outerjoin(Person, Person.id == DETAIL.person_id)
        .order_by(ENTRY.seq.desc())
    )
    if wanted.place:
        found = found.where(ENTRY.about == wanted.place)
    if wanted.person is not None:
        found = found.where(DETAIL.person_id == wanted.person)
    if wanted.before is not None:
        found = found.where(ENTRY.seq < wanted.before)
    if wanted.unit_ids is not None:
        found = found.where(_of_units(wanted.unit_ids))
    return db.execute(found.limit(wanted.limit + 1)).all()


def _of_units(unit_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether an entry is about a record of one of these units; accounts and intervals are no such records."""
    site_ids = select(SiteUnit.site_id).where(SiteUnit.unit_id.in_(unit_ids))
    proposal_ids = select(ProposalUnit.proposal_id).where(ProposalUnit.unit_id.in_(unit_ids))
    measures = or_(Measure.unit_id.in_(unit_ids), Measure.site_id.in_(site_ids))
    return or_(
        ENTRY.about.in_(select(Site.code).where(Site.id.in_(site_ids))),
        ENTRY.about.in_(select(Signboard.code).where(Signboard.site_id.in_(site_ids))),
        ENTRY.about.in_(select(Measure.code).where(measures)),
        ENTRY.about.in_(select(Proposal.code).where(Proposal.id.in_(proposal_ids))),
    )


def people(db: Session, unit_ids: frozenset[int] | None) -> Mapping[int, str]:
    """Names by id of the people of some units, or (None) of all, who have written an entry."""
    found = select(Person.id, Person.name).where(exists().where(DETAIL.person_id == Person.id))
    if unit_ids is not None:
        found = found.where(
            Person.id.in_(select(PersonUnit.person_id).where(PersonUnit.unit_id.in_(unit_ids)))
        )
    return {row.id: row.name for row in db.execute(found.order_by(Person.name_key))}


def names(db: Session, person_ids: Collection[int]) -> Mapping[int, str]:
    """Names of people by id."""
    return {
        row.id: row.name
        for row in db.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    }


def site_codes(db: Session, site_ids: Collection[int]) -> Mapping[int, str]:
    """Codes of sites by id."""
    return {row.id: row.code for row in db.execute(select(Site.id, Site.code).where(Site.id.in_(site_ids)))}
