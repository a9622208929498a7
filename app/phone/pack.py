"""What a phone takes along: the places of one's units with what was read there last, the checklists, the ground."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.clock import local_date
from app.hazards import FORM_VERSION, forms
from app.i18n import translate
from app.inspections.last import PRIVATE_CODES, last_readings
from app.log import queries as log
from app.maps.frame import ground
from app.pages.words import MEASURES
from app.people.access import own_person
from app.people.rules import Caller
from app.phone import pack_queries as queries
from app.positions import queries as positions
from app.sites.rules import due
from app.units.model import Unit

FORM: Final = 1
"""Counted up when the pack says something in another way: phones then take it anew."""
PROPOSALS_DAYS: Final = 90


def tag(db: Session, officer: Caller, *, today: date) -> str:
    """What the pack depends on: everything that is known, by its log; the day; who asks."""
    seq, digest = log.head(db)
    parts = (
        FORM,
        FORM_VERSION,
        seq,
        digest,
        today,
        officer.person_id,
        officer.role,
        sorted(officer.unit_ids),
    )
    return sha256(repr(parts).encode()).hexdigest()[:32]


def pack(db: Session, officer: Caller, *, now: datetime, practice: bool) -> dict[str, Any]:
    """As `Pack` in the phone's types says."""
    today, mine = local_date(now), officer.unit_ids
    sites = queries.sites(db, mine)
    boards = queries.signboards(db, mine)
    measures = queries.measures(db, mine)
    units = queries.units(db, mine, on=today)
    codes = {
        **{("site", row.id): row.code for row in sites},
        **{("board", row.id): row.code for row in boards},
        **{("measure", row.id): row.code for row in measures},
    }
    return {
        "made_at": now,
        "units": [{"code": unit.code, "name": unit.name} for unit in units if _exists(unit, today)],
        "places": [
            *(_site(row, today) for row in sites),
            *(_board(row, today) for row in boards),
            *(_measure(row, today) for row in measures),
        ],
        "forms": forms(),
        "ground": _ground(units),
        "practice": practice,
        "last": _last(queries.visits(db, mine), codes, private=officer.may("read_private")),
        "positions": positions.of_person(db, own_person(officer), since=now - timedelta(days=PROPOSALS_DAYS)),
    }


def _exists(unit: Unit, today: date) -> bool:
    return (unit.valid_from is None or unit.valid_from <= today) and (
        unit.valid_to is None or unit.valid_to > today
    )


def _place(row: Row[Any], today: date, **own: Any) -> dict[str, Any]:
    due_on, overdue = due(row.due_on, own["state"], today=today)
    return {
        "code": row.code,
        **own,
        "geometry": row.geometry,
        "location_status": row.location_status,
        "location_accuracy_m": row.location_accuracy_m,
        "condition": row.condition,
        "last_inspected_at": row.last_inspected_at,
        "due_on": due_on,
        "overdue": overdue,
        "version": row.version,
    }


def _site(row: Row[Any], today: date) -> dict[str, Any]:
    return _place(
        row,
        today,
        name=row.name,
        kind=row.kind,
        measure=None,
        site=None,
        risk_level=row.risk_level,
        state=row.state,
    )


def _board(row: Row[Any], today: date) -> dict[str, Any]:
    return _place(
        row, today, name=row.name, kind="signboard", measure=None, site=row.site, risk_level=None, state=None
    )


def _measure(row: Row[Any], today: date) -> dict[str, Any]:
    name = translate(MEASURES[row.kind], "vi")
    return _place(
        row,
        today,
        name=name,
        kind="temporary_measure",
        measure=row.kind,
        site=row.site,
        risk_level=row.risk_level,
        state=None,
    )


def _last(visits: Sequence[Row[Any]], codes: dict[tuple[str, int], str], *, private: bool) -> dict[str, Any]:
    """By code of the place; what is private only as far as an officer sees it, of the last visit."""
    by_code: dict[str, list[Row[Any]]] = {}
    for visit in visits:
        key = next(
            (sort, found)
            for sort, found in (
                ("site", visit.site_id), ("board", visit.signboard_id), ("measure", visit.measure_id),
            )
            if found is not None
        )  # fmt: skip
        if key in codes:
            by_code.setdefault(codes[key], []).append(visit)
    return {code: _readings(found, private=private) for code, found in by_code.items()}


def _readings(visits: Sequence[Row[Any]], *, private: bool) -> dict[str, Any]:
    newest, every = last_readings(visits[:1]), last_readings(visits)
    hidden = frozenset() if private else PRIVATE_CODES
    shown = {code: said for code, said in every.items() if code not in hidden}
    shown |= {code: said for code, said in newest.items() if code in hidden}
    return {"seen_at": visits[0].happened_at, "condition": visits[0].condition, "readings": shown}


def _ground(units: Iterable[Unit]) -> dict[str, Any]:
    outlines = [
        {"name": unit.name, "ring": ring, "accuracy_m": unit.accuracy_m}
        for unit in units
        if unit.geometry is not None
        for ring in _rings(unit.geometry)
    ]
    streams = [
        {"name": stream["name"], "line": stream["line"], "accuracy_m": stream["accuracy_m"]}
        for stream in ground()["streams"]
    ]
    return {"outlines": outlines, "streams": streams}


def _rings(geometry: BaseGeometry) -> list[list[tuple[float, float]]]:
    """Outer rings, to a metre; of what is no area there are none."""
    parts = geometry.geoms if isinstance(geometry, MultiPolygon) else [geometry]
    return [
        [(round(x, 5), round(y, 5)) for x, y in part.exterior.coords]
        for part in parts
        if isinstance(part, Polygon)
    ]
