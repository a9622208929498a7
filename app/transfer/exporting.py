"""Records as features, page by page, with exactly the fields that the API would show the same reader."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.inspections import queries as inspections
from app.inspections import visits
from app.measures import proposal_routes
from app.measures import queries as measures
from app.outputs import Feature, chosen
from app.people.rules import ANONYMOUS, Caller
from app.records import Scope
from app.signboards import queries as signboards
from app.signboards import routes as signboard_routes
from app.sites import queries as sites
from app.sites import routes as site_routes
from app.units.model import Unit

PAGE: Final = 1000

Read = Callable[[Session, Caller], Iterator[Feature]]


def reader(db: Session, scope: Scope) -> Caller:
    """Somebody who sees the records of every unit as far as `scope` goes."""
    if scope == "public":
        return ANONYMOUS
    everywhere = frozenset(db.scalars(select(Unit.id)))
    return Caller(name="export", role="officer" if scope == "internal" else "board", unit_ids=everywhere)


def _sites(db: Session, caller: Caller) -> Iterator[Feature]:
    after, today = 0, clock.today()
    while rows := sites.page(db, sites.Wanted(after=after, limit=PAGE), today=today)[:PAGE]:
        yield from site_routes.features(db, rows, caller)
        after = rows[-1].id


def _signboards(db: Session, caller: Caller) -> Iterator[Feature]:
    after = 0
    while rows := signboards.page(db, after=after, limit=PAGE)[:PAGE]:
        yield from signboard_routes.features(db, rows, caller)
        after = rows[-1].id


def _proposals(db: Session, caller: Caller) -> Iterator[Feature]:
    after = 0
    while rows := measures.proposals(db, after=after, limit=PAGE)[:PAGE]:
        yield from proposal_routes.features(db, rows, caller)
        after = rows[-1].id


def _measures(db: Session, _caller: Caller) -> Iterator[Feature]:
    after, today = 0, clock.today()
    while True:
        members, more = measures.page(db, site=None, status=None, after=after, limit=PAGE, today=today)
        yield from (_bare(member["code"], member) for member in members)
        if more is None:
            return
        after = more


def _inspections(db: Session, caller: Caller) -> Iterator[Feature]:
    before = None
    while rows := inspections.page(db, before=before, limit=PAGE)[:PAGE]:
        for member in visits.members(db, rows, caller):
            lon, lat = member.get("position_lon"), member.get("position_lat")
            seen_from = Point(lon, lat) if lon is not None and lat is not None else None
            yield _bare(str(member["id"]), member) | {"geometry": seen_from}
        last = rows[-1].Inspection
        before = (last.happened_at, last.id)


def _bare(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": name, "geometry": None, "properties": dict(properties)}


WHAT: Final[Mapping[str, Read]] = {
    "sites": _sites,
    "signboards": _signboards,
    "measures": _measures,
    "proposals": _proposals,
    "inspections": _inspections,
}


def export(db: Session, out: str, *, what: str, form: str, scope: Scope) -> int:
    """Write records to a file (`-` is standard output), whole or not at all; gives how many."""
    count = 0

    def counted() -> Iterator[Feature]:
        nonlocal count
        for feature in WHAT[what](db, reader(db, scope)):
            count += 1
            yield feature

    if db.get_bind().dialect.name == "postgresql":
        db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    with _target(out, private=scope != "public") as file:
        for piece in chosen(form).write(counted()):
            file.write(piece)
    return count


@contextmanager
def _target(out: str, *, private: bool) -> Iterator[IO[bytes]]:
    """A new file that takes its name when it is whole; only its owner reads it unless all of it is public."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(out)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not private:
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
