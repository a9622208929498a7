"""Finding and changing sites."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from app.codes import claim
from app.errors import NotFound
from app.geojson import WORLD, BBox
from app.geometry import box_values, intersects_bbox
from app.i18n import N_
from app.log import queries as log
from app.records import visible
from app.sites.model import Site, SiteUnit
from app.text import nfc_texts, search_key
from app.units import queries as units

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
TABLE = Site.__table__
LINKS = SiteUnit.__table__
SELECT = select(TABLE.c.id, *(TABLE.c[name] for name in visible(Site, "private")))
"""Plain rows: reading a page of them as records costs twice the time."""


@dataclass(frozen=True)
class Wanted:
    """Which sites are asked for; empty means all. `after` is the id where the last page ended."""

    kinds: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()
    unit: str | None = None
    overdue: bool | None = None
    due: bool = False
    bbox: BBox | None = None
    text: str = ""
    after: int = 0
    limit: int = 100


def _filtered(wanted: Wanted, unit_ids: Iterable[int] | None, *, today: date) -> Select[Any]:
    """The sites that `wanted` matches; the edges of its box come with the execution, by `_box`."""
    found = SELECT
    for column, values in (
        (TABLE.c.kind, wanted.kinds),
        (TABLE.c.risk_level, wanted.risks),
        (TABLE.c.state, wanted.states),
        (TABLE.c.condition, wanted.conditions),
        (TABLE.c.location_status, wanted.locations),
    ):
        if values:
            known = column.in_(values - {"none"})
            found = found.where(or_(known, column.is_(None)) if "none" in values else known)
    if unit_ids is not None:
        linked = select(LINKS.c.site_id).where(LINKS.c.unit_id.in_(unit_ids))
        found = found.where(TABLE.c.id.in_(linked))
    if wanted.overdue is not None:
        late = (TABLE.c.due_on < today) & (TABLE.c.state != "closed")
        found = found.where(late if wanted.overdue else or_(TABLE.c.due_on.is_(None), ~late))
    if wanted.due:
        found = found.where(TABLE.c.state != "closed", or_(TABLE.c.due_on.is_(None), TABLE.c.due_on <= today))
    if wanted.bbox is not None:
        found = found.where(intersects_bbox(TABLE.c.geometry))
    for word in search_key(wanted.text).split():
        found = found.where(TABLE.c.search.contains(word, autoescape=True))
    return found


def _box(wanted: Wanted) -> dict[str, Any]:
    return box_values(wanted.bbox) if wanted.bbox is not None else {}


def _unit_ids(db: Session, wanted: Wanted) -> frozenset[int] | None:
    return None if wanted.unit is None else frozenset(units.ids_for_filter(db, wanted.unit))


@lru_cache(maxsize=256)
def _page(wanted: Wanted, unit_ids: frozenset[int] | None, today: date) -> Select[Any]:
    """Kept, since a map asks the same for one box after the other: building it takes longer than SQLite's search."""
    found = _filtered(wanted, unit_ids, today=today).where(TABLE.c.id > bindparam("after"))
    return found.order_by(TABLE.c.id).limit(bindparam("most", type_=Integer()))


def page(db: Session, wanted: Wanted, *, today: date) -> Sequence[Row[Any]]:
    """One page of sites as plain rows, in the order they were registered; one row more than `limit` if more follow."""
    alike = replace(wanted, bbox=wanted.bbox and WORLD, after=0, limit=0)
    statement = _page(alike, _unit_ids(db, wanted), today)
    return db.execute(statement, {**_box(wanted), "after": wanted.after, "most": wanted.limit + 1}).all()


def _gravest_first(column: Any, values: Sequence[str]) -> ColumnElement[int]:
    """The place of a column's value in `values`, those that are not in it last."""
    return case({value: place for place, value in enumerate(values)}, value=column, else_=len(values))


def _orders(today: date) -> Mapping[str, ColumnElement[Any]]:
    """What a list can be sorted by; the gravest, the oldest and the most overdue come first."""
    return {
        "code": TABLE.c.code,
        "name": TABLE.c.search,
        "risk": _gravest_first(TABLE.c.risk_level, ("very_high", "high", "medium", "low")),
        "condition": _gravest_first(TABLE.c.condition, ("danger", "worse", "not_seen", "no_change")),
        "seen": func.coalesce(TABLE.c.last_inspected_at, LONG_AGO),
        "due": case((TABLE.c.state == "closed", date.max), else_=func.coalesce(TABLE.c.due_on, today)),
    }


def listed(db: Session, wanted: Wanted, *, sort: str, skip: int, today: date) -> Sequence[Row[Any]]:
    """Sites for a list, by `sort` (with - before it: reversed), then by code; one more than `limit` if more follow."""
    order = _orders(today)[sort.removeprefix("-") or "code"]
    by = order.desc() if sort.startswith("-") else order
    found = _filtered(wanted, _unit_ids(db, wanted), today=today).order_by(by, TABLE.c.code)
    return db.execute(found.offset(skip).limit(wanted.limit + 1), _box(wanted)).all()


def how_many(db: Session, wanted: Wanted, *, today: date) -> int:
    """How many sites `wanted` matches."""
    found = _filtered(wanted, _unit_ids(db, wanted), today=today).with_only_columns(TABLE.c.id).subquery()
    return db.scalar(select(func.count()).select_from(found), _box(wanted)) or 0


def urgent(db: Session, *, limit: int, today: date) -> Sequence[Row[Any]]:
    """The sites to deal with first: danger, then worse, then the longest due, then the highest risk."""
    orders = _orders(today)
    graver = _gravest_first(TABLE.c.condition, ("danger", "worse"))
    found = SELECT.where(TABLE.c.state != "closed")
    return db.execute(found.order_by(graver, orders["due"], orders["risk"], TABLE.c.code).limit(limit)).all()


def counts(db: Session, *, today: date) -> Mapping[str, int]:
    """How many open sites are in danger, worse, overdue, never inspected, unlocated, and in all."""
    counted = {
        "danger": Site.condition == "danger",
        "worse": Site.condition == "worse",
        "overdue": Site.due_on < today,
        "never": Site.last_inspected_at.is_(None),
        "unlocated": Site.location_status == "unlocated",
        "places": Site.id.is_not(None),
    }
    sums = [func.count().filter(condition).label(name) for name, condition in counted.items()]
    return dict(db.execute(select(*sums).where(Site.state != "closed")).one()._mapping)  # noqa: SLF001 - public by its docs


def row(db: Session, code: str) -> Row[Any]:
    """One site as a plain row. Raises `NotFound`."""
    found = db.execute(SELECT.where(TABLE.c.code == code)).first()
    if found is None:
        raise NotFound(N_("There is no place with this code."))
    return found


def get(db: Session, code: str) -> Site:
    """The site to change. Raises `NotFound`."""
    site = db.scalar(select(Site).where(Site.code == code).with_for_update())
    if site is None:
        raise NotFound(N_("There is no place with this code."))
    return site


def unit_ids(db: Session, site_ids: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """Ids of the units of each site, for a page of sites (ids rise, so a range finds them)."""
    if not site_ids:
        return {}
    pairs = db.execute(
        select(LINKS.c.site_id, LINKS.c.unit_id)
        .where(LINKS.c.site_id.between(min(site_ids), max(site_ids)))
        .order_by(LINKS.c.site_id, LINKS.c.unit_id)
    )
    found: dict[int, set[int]] = {}
    for site_id, unit_id in pairs:
        found.setdefault(site_id, set()).add(unit_id)
    return {site_id: frozenset(ids) for site_id, ids in found.items()}


def searchable(code: str, name: str, address: str | None) -> str:
    """What a search for words looks through."""
    return search_key(f"{code} {name} {address or ''}")


def stored(kept: Mapping[str, Any], *, at: datetime, by: int | None) -> dict[str, Any]:
    """The columns of a new site of which `kept` is said; a risk that is rated was rated by `by`."""
    row = {**kept, "version": 1, "created_at": at, "updated_at": at}
    row["search"] = searchable(kept["code"], kept["name"], kept.get("address"))
    if kept.get("risk_level"):
        row |= {"risk_rated_at": kept.get("risk_rated_at") or at, "risk_rated_by_id": by}
    return row


def add(
    db: Session, values: Mapping[str, Any], *, unit_ids: Iterable[int], at: datetime, by: int | None
) -> Site:
    """Register a site; many at once: `app.sites.bulk`. Raises `Conflict` where the code is used."""
    kept = nfc_texts(values)
    claim(db, kept["code"])
    site = Site(**stored(kept, at=at, by=by))
    db.add(site)
    db.flush()
    db.add_all(SiteUnit(site_id=site.id, unit_id=unit_id) for unit_id in sorted(unit_ids))
    log.append(
        db, "add", site.code, at=at, by=by, after={name: log.plain(value) for name, value in kept.items()}
    )
    return site


def change(
    db: Session,
    site: Site,
    changes: Mapping[str, Any],
    *,
    unit_ids: Iterable[int] | None = None,
    at: datetime,
    by: int | None,
) -> None:
    """Change a site: rated anew where the risk is said, searchable under its new name."""
    kept = nfc_texts(changes)
    if "risk_level" in kept and (kept["risk_level"], kept.get("risk_reason")) != (
        site.risk_level,
        site.risk_reason,
    ):
        kept |= {"risk_rated_at": at, "risk_rated_by_id": by}
    log.change(db, site, kept, at=at, by=by)
    site.search = searchable(site.code, site.name, site.address)
    if unit_ids is not None:
        _set_units(db, site, set(unit_ids), at=at, by=by)
    db.flush()


def _set_units(db: Session, site: Site, wanted: set[int], *, at: datetime, by: int | None) -> None:
    links = db.scalars(select(SiteUnit).where(SiteUnit.site_id == site.id)).all()
    before = {link.unit_id for link in links}
    if before == wanted:
        return
    for link in links:
        if link.unit_id not in wanted:
            db.delete(link)
    db.add_all(SiteUnit(site_id=site.id, unit_id=unit_id) for unit_id in wanted - before)
    site.version += 1
    site.updated_at = at
    log.append(
        db,
        "change",
        site.code,
        at=at,
        by=by,
        before={"units": sorted(before)},
        after={"units": sorted(wanted)},
    )
