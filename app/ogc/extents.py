"""Where and when a collection's features are, and how many: kept until something is committed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import tallies
from app.geojson import BBox
from app.memory.changes import Changes, Token
from app.ogc.collections import COLLECTIONS
from app.ogc.cql2.functions import first_moment, last_moment
from app.ogc.fields import Collection

DIGITS: Final = 5
"""Of edges in degrees, rounded outward: a metre."""


@dataclass(frozen=True)
class Extent:
    """What a collection spans: `box` is None where nothing has a position.

    `timed`: its features have times, of which each may be unknown. An end that is None is open, as both are where no
    feature tells its time yet.
    """

    count: int
    box: BBox | None = None
    timed: bool = False
    begins: datetime | None = None
    ends: datetime | None = None


class Extents:
    """The extents of all collections, as of the last change that this process knows of."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._kept: tuple[Token, dict[str, Extent]] = ((), {})

    def of(self, db: Session, *ids: str) -> Sequence[Extent]:
        """The extents of the collections named."""
        seen = self._changes.look()  # before anything is read
        token, kept = self._kept
        if token != seen.token:
            kept = {}
        found = {each: kept.get(each) or extent(db, COLLECTIONS[each]) for each in ids}
        if seen.sure:
            self._kept = (seen.token, {**kept, **found})
        return [found[each] for each in ids]


def extent(db: Session, collection: Collection) -> Extent:
    """The extent of `collection`, in one query."""
    edges = [
        func.coalesce(first, *others) if others else first
        for first, *others in (
            [geometry.table.c[edge] for geometry in collection.geometries]
            for edge in ("west", "south", "east", "north")
        )
    ]
    wanted: list[Any] = [func.count(), *map(func.min, edges[:2]), *map(func.max, edges[2:])]
    if collection.times:
        begins, ends = (_column(collection, name) for name in collection.times)
        wanted += [func.min(begins), func.max(ends), func.count(begins), func.count(ends)]
    query = select(*wanted).select_from(collection.source)
    if collection.where is not None:
        query = query.where(collection.where)
    row = tuple(db.execute(query).one())
    return _as_extent(collection, row, tallies.rows(db, collection.tally))


def _column(collection: Collection, name: str) -> Any:
    return next(field.column for field in collection.fields if field.name == name)


def _as_extent(collection: Collection, row: tuple[Any, ...], count: int) -> Extent:
    rows, west, south, east, north = row[:5]
    box = None
    if west is not None:
        scale = 10**DIGITS
        low = (math.floor(edge * scale) / scale for edge in (west, south))
        high = (math.ceil(edge * scale) / scale for edge in (east, north))
        box = BBox(*low, *high)
    if not collection.times:
        return Extent(count, box)
    begins, ends, some_begin, some_end = row[5:9]
    if collection.times[0] != collection.times[1]:  # of an interval, an end that nobody said is open
        begins = begins if some_begin == rows else None
        ends = ends if some_end == rows else None
    return Extent(
        count, box, timed=True, begins=_moment(begins, first_moment), ends=_moment(ends, last_moment)
    )


def _moment(value: date | None, of_day: Callable[[date], datetime]) -> datetime | None:
    return value if value is None or isinstance(value, datetime) else of_day(value)
