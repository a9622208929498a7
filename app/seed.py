"""Putting the reviewed files into a database: what is missing is added, what is there stays as people left it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.codes import HOLDERS
from app.documents.model import Document, Fact
from app.installation import fact, set_fact
from app.log import queries as log
from app.measures.model import Measure, Proposal, ProposalUnit
from app.seed_files import Seed, read
from app.signboards.model import Signboard
from app.sites import queries as sites
from app.sites.model import Site
from app.units.model import Unit, UnitSuccession

SEEDED = "seeded_at"


def seed(db: Session, files: Seed | None = None) -> dict[str, int]:
    """Add what the files hold and the database lacks; how many of each were added.

    Rows are told apart by natural key: a record's code, a unit's code and first day, a document's key, and for
    facts the group of all facts of one document about one field. A row that exists is never changed.
    """
    files = files or read()
    at = clock.now()
    units, added_units = _units(db, files)
    documents, added_documents = _documents(db, files)
    fresh = set(files.codes()) - _present(db, files.codes())
    added = {
        "units": added_units,
        "documents": added_documents,
        "sites": _sites(db, files, units, fresh, at=at),
        "signboards": _signboards(db, files, fresh, at=at),
        "proposals": _proposals(db, files, units, fresh, at=at),
        "measures": _measures(db, files, units, fresh, at=at),
        "facts": _facts(db, files, documents),
    }
    if fact(db, SEEDED) is None:
        set_fact(db, SEEDED, clock.rfc3339(at))
    return added


def noon(day: date | None) -> datetime | None:
    """Noon in Vietnam: a day without an hour, kept so that it is the same day in UTC."""
    return datetime.combine(day, time(12), tzinfo=clock.LOCAL).astimezone(UTC) if day else None


def _present(db: Session, codes: Iterable[str]) -> set[str]:
    wanted = list(codes)
    return {
        code for holder in HOLDERS for code in db.scalars(select(holder.code).where(holder.code.in_(wanted)))
    }


def _units(db: Session, files: Seed) -> tuple[dict[str, int], int]:
    """Ids of units by their reference, and how many were added."""
    rows = db.execute(select(Unit.id, Unit.code, Unit.valid_from))
    known = {f"{row.code}@{row.valid_from}" if row.valid_from else row.code: row.id for row in rows}
    missing = [unit for unit in files.units if unit.ref not in known]
    for unit in missing:
        record = Unit(**_columns(unit, "predecessors"))
        db.add(record)
        db.flush()
        known[unit.ref] = record.id
    pairs = {(row.predecessor_id, row.successor_id) for row in db.scalars(select(UnitSuccession))}
    wanted = {(known[before], known[unit.ref]) for unit in files.units for before in unit.predecessors}
    db.add_all(
        UnitSuccession(predecessor_id=before, successor_id=after) for before, after in sorted(wanted - pairs)
    )
    db.flush()
    return known, len(missing)


def _documents(db: Session, files: Seed) -> tuple[dict[str, int], int]:
    """Ids of documents by their key, and how many were added."""
    known = {row.key: row.id for row in db.execute(select(Document.id, Document.key))}
    missing = [Document(**asdict(row)) for row in files.documents if row.key not in known]
    db.add_all(missing)
    db.flush()
    return known | {document.key: document.id for document in missing}, len(missing)


def _sites(db: Session, files: Seed, units: Mapping[str, int], fresh: set[str], *, at: datetime) -> int:
    missing = [row for row in files.sites if row.code in fresh]
    for row in missing:
        values = _columns(row, "units") | {"risk_rated_at": noon(row.risk_rated_at)}
        sites.add(db, values, unit_ids={units[ref] for ref in row.units}, at=at, by=None)
    return len(missing)


def _signboards(db: Session, files: Seed, fresh: set[str], *, at: datetime) -> int:
    missing = [row for row in files.signboards if row.code in fresh]
    places = _site_ids(db, (row.site for row in missing))
    for row in missing:
        _add(db, Signboard, _columns(row, "site") | {"site_id": places[row.site]}, at=at)
    return len(missing)


def _proposals(db: Session, files: Seed, units: Mapping[str, int], fresh: set[str], *, at: datetime) -> int:
    missing = [row for row in files.proposals if row.code in fresh]
    for row in missing:
        proposal = _add(db, Proposal, _columns(row, "units"), at=at)
        db.add_all(ProposalUnit(proposal_id=proposal.id, unit_id=units[ref]) for ref in row.units)
    db.flush()
    return len(missing)


def _measures(db: Session, files: Seed, units: Mapping[str, int], fresh: set[str], *, at: datetime) -> int:
    missing = [row for row in files.measures if row.code in fresh]
    places = _site_ids(db, (row.site for row in missing if row.site))
    for row in missing:
        where = {
            "site_id": places[row.site] if row.site else None,
            "unit_id": units[row.unit] if row.unit else None,
        }
        _add(db, Measure, _columns(row, "site", "unit") | where, at=at)
    return len(missing)


def _facts(db: Session, files: Seed, documents: Mapping[str, int]) -> int:
    rows = db.execute(select(Fact.about, Fact.field, Fact.document_id))
    known = {(row.about, row.field, row.document_id) for row in rows}
    added = 0
    for row in files.facts:
        document_id = documents[row.document] if row.document else None
        if (row.about, row.field, document_id) not in known:
            db.add(Fact(**_columns(row, "document"), document_id=document_id))
            added += 1
    db.flush()
    return added


def _site_ids(db: Session, codes: Iterable[str]) -> dict[str, int]:
    rows = db.execute(select(Site.code, Site.id).where(Site.code.in_(list(codes))))
    return {row.code: row.id for row in rows}


def _columns(row: Any, *but: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__ if name not in but}


def _add(db: Session, model: type[Any], values: Mapping[str, Any], *, at: datetime) -> Any:
    record = model(**values, version=1, created_at=at, updated_at=at)
    db.add(record)
    db.flush()
    after = {name: log.plain(value) for name, value in values.items()}
    log.append(db, "add", record.code, at=at, by=None, after=after)
    return record
