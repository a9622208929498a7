"""What one request for items wants, once it is read: plain values, checked against the collection's fields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

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

    `after` is where the last page ended: the values of `sort`, then the key. `boxes` are in CRS84, several where a box
    crosses the antimeridian; `outline` is what a box of another system looks like there. `filter` is a CQL2 tree as
    `app.ogc.cql2.tree` checked it. `shown` names the properties to answer with (None: all), `geometry` says whether
    geometries belong to the answer. `crs` and `filter_crs` are EPSG codes, 0 for CRS84. `limited`: the caller named the
    limit.
    """

    limit: int = 100
    limited: bool = False
    offset: int = 0
    after: tuple[Any, ...] | None = None
    boxes: tuple[BBox, ...] = ()
    outline: BaseGeometry | None = None
    period: Period | None = None
    ids: tuple[str, ...] | None = None
    equal: tuple[tuple[Field, Any], ...] = ()
    filter: Any = None
    filter_crs: int = 0
    sort: tuple[Sort, ...] = ()
    shown: frozenset[str] | None = None
    geometry: bool = True
    crs: int = 0
    hits: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it asks for some rows only, so that they have to be counted."""
        some = self.boxes or self.period or self.equal or self.ids is not None or self.filter is not None
        return bool(some)
