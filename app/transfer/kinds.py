"""The kinds of records that a file can bring: how each is read, checked and written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Unprocessable
from app.i18n import N_
from app.inspections import queries as inspections
from app.log import queries as log
from app.signboards import queries as signboards
from app.signboards.model import Signboard
from app.signboards.schemas import SignboardChange, SignboardIn
from app.sites import bulk, rules
from app.sites import queries as sites
from app.sites.model import Site
from app.sites.schemas import SiteChange, SiteIn
from app.transfer.outcomes import Outcome, is_code
from app.wire import In

COMPANIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "geometry": ("location_status", "location_accuracy_m"),
    "risk_level": ("risk_reason",),
    "state": ("state_reason",),
}
"""What a rule wants to hear together with a change."""


@dataclass(frozen=True)
class Context:
    """What the database knows around a batch of rows."""

    unit_ids: Mapping[int, frozenset[int]]
    site_ids: Mapping[str, int]

    def units_of_record(self, record: Site | Signboard) -> frozenset[int]:
        """Ids of the units of a place, or of the place where a board stands."""
        return self.unit_ids.get(record.id if isinstance(record, Site) else record.site_id, frozenset())

    def units_of(self, values: Mapping[str, Any]) -> frozenset[int]:
        """Ids of the units of the place that a row names."""
        return self.unit_ids.get(self.site_ids.get(str(values.get("site")), 0), frozenset())


class Kind(Protocol):
    """One kind of record."""

    name: str
    model: Any
    whole: type[In]
    part: type[In]
    has_units: bool

    def records(self, db: Session, codes: Sequence[str], *, lock: bool) -> dict[str, Any]:
        """The records with these codes."""

    def context(self, db: Session, named: Iterable[Mapping[str, Any]], records: Sequence[Any]) -> Context:
        """What else the rows need to know."""

    def check_whole(self, values: Mapping[str, Any]) -> None:
        """Raise `Unprocessable` where a new record breaks a rule."""

    def together(self, named: Mapping[str, Any], differing: Mapping[str, Any]) -> dict[str, Any]:
        """`differing` with what was said beside it and goes with it. Raises `Unprocessable` for a broken rule."""

    def check_fixed(self, body: Mapping[str, Any], record: Any, context: Context) -> None:
        """Raise `Unprocessable` where a row would change what never changes."""

    def stored(self, values: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """A new record's columns. Raises `Unprocessable`."""

    def add(self, db: Session, outcomes: Sequence[Outcome], *, at: datetime, by: int | None) -> None:
        """Add records."""

    def change(self, db: Session, outcome: Outcome, *, at: datetime, by: int | None) -> None:
        """Change a record."""


def _locked(db: Session, model: Any, codes: Sequence[str], *, lock: bool) -> dict[str, Any]:
    found = select(model).where(model.code.in_(codes)).order_by(model.id)
    return {record.code: record for record in db.scalars(found.with_for_update() if lock else found)}


class Sites:
    """Hazard sites."""

    name: str = "site"
    model: Any = Site
    whole: type[In] = SiteIn
    part: type[In] = SiteChange
    has_units: bool = True

    def records(self, db: Session, codes: Sequence[str], *, lock: bool) -> dict[str, Any]:
        """See `Kind`."""
        return _locked(db, Site, codes, lock=lock)

    def context(self, db: Session, named: Iterable[Mapping[str, Any]], records: Sequence[Any]) -> Context:  # noqa: ARG002
        """See `Kind`."""
        return Context(sites.unit_ids(db, [site.id for site in records]), {})

    def check_whole(self, values: Mapping[str, Any]) -> None:
        """See `Kind`."""
        rules.check_rating(values)
        rules.check_closing(values)

    def together(self, named: Mapping[str, Any], differing: Mapping[str, Any]) -> dict[str, Any]:
        """See `Kind`."""
        changes = _with_companions(named, differing)
        rules.check_position(changes)
        rules.check_rating(changes)
        rules.check_closing(changes)
        return changes

    def check_fixed(self, body: Mapping[str, Any], record: Any, context: Context) -> None:  # noqa: ARG002
        """See `Kind`."""
        if body.get("kind") not in (None, record.kind):
            raise Unprocessable(N_("The kind of a place does not change: it is {kind}."), kind=record.kind)

    def stored(self, values: Mapping[str, Any], context: Context) -> dict[str, Any]:  # noqa: ARG002
        """See `Kind`."""
        return dict(values)

    def add(self, db: Session, outcomes: Sequence[Outcome], *, at: datetime, by: int | None) -> None:
        """See `Kind`."""
        records = [(_columns(outcome), outcome.unit_ids or frozenset()) for outcome in outcomes]
        bulk.add_many(db, records, at=at, by=by)

    def change(self, db: Session, outcome: Outcome, *, at: datetime, by: int | None) -> None:
        """See `Kind`."""
        sites.change(db, outcome.record, _columns(outcome), unit_ids=outcome.unit_ids, at=at, by=by)
        inspections.refresh(db, outcome.record)


class Signboards:
    """Warning signboards; each stands at a site and shares its units."""

    name: str = "signboard"
    model: Any = Signboard
    whole: type[In] = SignboardIn
    part: type[In] = SignboardChange
    has_units: bool = False

    def records(self, db: Session, codes: Sequence[str], *, lock: bool) -> dict[str, Any]:
        """See `Kind`."""
        return _locked(db, Signboard, codes, lock=lock)

    def context(self, db: Session, named: Iterable[Mapping[str, Any]], records: Sequence[Any]) -> Context:
        """See `Kind`."""
        wanted = {code for row in named if is_code(code := row.get("site"))}
        found = db.execute(select(Site.code, Site.id).where(Site.code.in_(wanted)))
        site_ids = {row.code: row.id for row in found}
        ids = {*site_ids.values(), *(board.site_id for board in records)}
        return Context(sites.unit_ids(db, sorted(ids)), site_ids)

    def check_whole(self, values: Mapping[str, Any]) -> None:
        """See `Kind`."""

    def together(self, named: Mapping[str, Any], differing: Mapping[str, Any]) -> dict[str, Any]:
        """See `Kind`."""
        changes = _with_companions(named, differing)
        rules.check_position(changes)
        return changes

    def check_fixed(self, body: Mapping[str, Any], record: Any, context: Context) -> None:
        """See `Kind`."""
        if body.get("site") is not None and context.site_ids.get(str(body["site"])) != record.site_id:
            raise Unprocessable(N_("A board stays at its place: register a new one at the other place."))

    def stored(self, values: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """See `Kind`."""
        kept = dict(values)
        site_id = context.site_ids.get(kept.pop("site"))
        if site_id is None:
            raise Unprocessable(N_("There is no place with this code."))
        return {**kept, "site_id": site_id}

    def add(self, db: Session, outcomes: Sequence[Outcome], *, at: datetime, by: int | None) -> None:
        """See `Kind`."""
        for outcome in outcomes:
            signboards.add(db, outcome.values, at=at, by=by)

    def change(self, db: Session, outcome: Outcome, *, at: datetime, by: int | None) -> None:
        """See `Kind`."""
        log.change(db, outcome.record, outcome.values, at=at, by=by)


def _columns(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in outcome.values.items() if name != "units"}


def _with_companions(named: Mapping[str, Any], differing: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(differing)
    for name, companions in COMPANIONS.items():
        if name in differing:
            found |= {companion: named[companion] for companion in companions if companion in named}
    return found


KINDS: Final[Mapping[str, Kind]] = {"site": Sites(), "signboard": Signboards()}
