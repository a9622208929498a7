"""What one request for items wants, once it is read: plain values, checked against the collection's fields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.geojson import BBox
from app.ogc.fields import Field


@dataclass(frozen=True)
class Sort:
    """One member of `sortby`; nulls come last either way."""

    field: Field
    descending: bool = False


@dataclass(frozen=True)
class Period:
    """A span of time, both ends in it; None: open."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Asked:
    """A request for items.

    `after` is where the last page ended: the values of `sort`, then the key. `bbox` is in CRS84. `filter` is a CQL2
    tree as `app.ogc.cql2.tree` checked it. `shown` names the properties to answer with (None: all). `crs` and
    `filter_crs` are EPSG codes, 0 for CRS84.
    """

    limit: int = 100
    offset: int = 0
    after: tuple[Any, ...] | None = None
    bbox: BBox | None = None
    period: Period | None = None
    ids: tuple[str, ...] = ()
    equal: tuple[tuple[Field, Any], ...] = ()
    filter: Any = None
    filter_crs: int = 0
    sort: tuple[Sort, ...] = ()
    shown: frozenset[str] | None = None
    crs: int = 0
    hits: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it asks for some rows only, so that they have to be counted."""
        return bool(self.bbox or self.period or self.ids or self.equal or self.filter is not None)
