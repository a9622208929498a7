"""Thousands of sites at once are kept exactly as one by one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from shapely import from_wkt
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Conflict, Problem, Unprocessable
from app.geometry import BBox
from app.seed import seed
from app.sites import bulk, queries
from app.units import queries as units

AT = datetime(2026, 11, 23, 4, 5, 6, 789_123, tzinfo=UTC)
SHAPES = (
    "POINT (108.425708 11.958893)",
    "LINESTRING (108.41 11.94, 108.42 11.95, 108.43 11.94)",
    (
        "POLYGON ((108.41 11.94, 108.43 11.94, 108.43 11.96, 108.41 11.94),"
        " (108.42 11.943, 108.425 11.943, 108.425 11.948, 108.42 11.943))"
    ),
    "MULTIPOINT ((108.41 11.94), (108.42 11.95))",
)


def said(code: str, shape: str = SHAPES[0], **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": "Hẻm 31 Nguyễn Đình Chiểu",
        "kind": "slide",
        "location_status": "approximate",
        "location_accuracy_m": 150.0,
        "geometry": from_wkt(shape),
        **more,
    }


RECORDS = [
    *(said(f"T-{number}", shape) for number, shape in enumerate(SHAPES)),
    said(
        "T-10",
        name="Ho\u0302\u0300 \t\\N \\ 'x' \"y\"; --",
        address="sau nhà\nsố 5",
        risk_level="high",
        risk_reason="nứt",
    ),
    said("T-11", state="closed", state_reason="đã kè", people_at_risk=0, households_at_risk=7),
    said("T-12", risk_level="low", risk_rated_at=datetime(2026, 2, 3, 4, 5, tzinfo=UTC), due_on=AT.date()),
]


def kept(db: Session) -> list[list[tuple[Any, ...]]]:
    """What the tables hold, as the driver reads it, without the ids."""
    tables = {
        "site": "SELECT * FROM site WHERE code LIKE 'T-%' ORDER BY code",
        "link": "SELECT code, unit_id FROM site_unit JOIN site ON id = site_id WHERE code LIKE 'T-%' ORDER BY 1, 2",
        "log": "SELECT log_entry.seq, at, verb, about, person_id, what FROM log_entry"
        " JOIN log_detail ON log_detail.seq = log_entry.seq WHERE about LIKE 'T-%' ORDER BY log_entry.seq",
    }
    found = {name: db.execute(text(statement)).all() for name, statement in tables.items()}
    return [[tuple(row)[name != "link" :] for row in rows] for name, rows in found.items()]


def after(db: Session, adding: Callable[[], object]) -> list[list[tuple[Any, ...]]]:
    with db.begin_nested() as savepoint:
        adding()
        found = kept(db)
        savepoint.rollback()
    return found


def test_many_at_once_are_kept_like_one_by_one(db: Session) -> None:
    seed(db)
    ids = sorted(units.brief(db))[:2]

    one_by_one = after(
        db, lambda: [queries.add(db, values, unit_ids=ids, at=AT, by=None) for values in RECORDS]
    )
    at_once = after(db, lambda: bulk.add_many(db, [(values, ids) for values in RECORDS], at=AT, by=None))

    assert [len(rows) for rows in at_once] == [len(RECORDS), 2 * len(RECORDS), len(RECORDS)]
    assert at_once == one_by_one


def test_ids_go_on_after_many_at_once(database: Database) -> None:
    with database.write() as db:
        queries.add(db, said("T-1"), unit_ids=(), at=AT, by=None)
        bulk.add_many(db, [(said("T-2"), ()), (said("T-3"), ())], at=AT, by=None)
    with database.write() as db:
        last = queries.add(db, said("T-4"), unit_ids=(), at=AT, by=None)
        found = queries.page(db, queries.Wanted(), today=AT.date())

    assert [(row.code, row.id) for row in found] == [(f"T-{n}", last.id - 4 + n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("codes", "problem"),
    [(("T-1", "T-1"), Conflict), (("T-1", "T-0"), Conflict), (("T-1", "t 1"), Unprocessable)],
    ids=["twice", "taken", "malformed"],
)
def test_a_code_that_cannot_be_taken_refuses_all(
    db: Session, codes: tuple[str, ...], problem: type[Problem]
) -> None:
    queries.add(db, said("T-0"), unit_ids=(), at=AT, by=None)

    with pytest.raises(problem):
        bulk.add_many(db, [(said(code), ()) for code in codes], at=AT, by=None)

    assert [row[0] for row in kept(db)[0]] == ["T-0"]


def test_a_value_that_the_table_refuses_is_sqlalchemys_error(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as db:
        bulk.add_many(db, [(said("T-1", kind="volcano"), ())], at=AT, by=None)


def test_one_statement_serves_every_box(db: Session) -> None:
    bulk.add_many(db, [(values, ()) for values in RECORDS[:2]], at=AT, by=None)

    def codes(**wanted: Any) -> list[str]:
        return [row.code for row in queries.page(db, queries.Wanted(**wanted), today=AT.date())]

    around_the_point, around_the_end = (
        BBox(108.425, 11.958, 108.426, 11.959),
        BBox(108.40, 11.93, 108.411, 11.941),
    )
    for _ in range(2):
        assert codes(bbox=around_the_point) == ["T-0"]
        assert codes(bbox=around_the_end) == ["T-1"]
        assert codes(bbox=around_the_end, kinds=frozenset({"flood"})) == []
        assert codes(kinds=frozenset({"slide"})) == ["T-0", "T-1"]
        assert len(codes(limit=0)) == 1
