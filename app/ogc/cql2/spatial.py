"""Spatial predicates in SQL: PostGIS by its functions, SQLite by the R*Tree and GEOS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean, ColumnElement, bindparam, case, false, func, not_, or_, true

from app.errors import BadRequest
from app.geojson import WORLD, BBox
from app.geometry import Geometry, GeometryColumn, columns_of, numbers
from app.i18n import N_
from app.ogc.cql2.elements import FOUND, TESTED
from app.ogc.cql2.functions import PREDICATES
from app.ogc.cql2.literals import check_simple
from app.ogc.cql2.text import Tree
from app.ogc.cql2.tree import Shaped

Condition = ColumnElement[bool]
INTERSECTS, DISJOINT = "s_intersects", "s_disjoint"
_WORLD: Final = WORLD.grown(1e-9)
"""With room for what a projection rounds."""
_TURNED: Final = {"s_contains": "s_within", "s_within": "s_contains"}
"""The other operators say the same both ways round."""
_OF_ITSELF: Final = ("s_contains", "s_equals", "s_intersects", "s_within")


class Where:
    """The geometry columns of a collection, of which a row has one at most, and how literals become like them."""

    def __init__(
        self,
        geometries: Sequence[GeometryColumn],
        transform: Callable[[BaseGeometry], BaseGeometry] | None,
    ) -> None:
        self.geometries, self.transform = geometries, transform

    def condition(self, op: str, left: Tree, right: Tree, *, positive: bool) -> Condition:
        """The condition of a spatial operator; `positive` as in `app.ogc.cql2.sql`."""
        if op == DISJOINT:
            return not_(self.condition(INTERSECTS, left, right, positive=False))
        if "property" in left and "property" in right:
            there = or_(*(geometry.is_not(None) for geometry in self.geometries))
            return case((there, true() if op in _OF_ITSELF else false()))
        if "property" in right:
            op, left, right = _TURNED.get(op, op), right, left
        shapes = self.shapes(right)
        if "property" in left:
            return or_(*(self.meets(op, shape, positive=positive) for shape in shapes))
        meets = PREDICATES[op]
        return true() if any(meets(b, a) for a in self.shapes(left) for b in shapes) else false()

    def meets(self, op: str, shape: BaseGeometry, *, positive: bool) -> Condition:
        """Whether the geometry of a row meets a literal."""
        kinds = FOUND if positive else TESTED
        each: list[Any] = [
            kinds[op](
                *columns_of(geometry),
                *numbers(shape.bounds),
                bindparam(None, shape, Geometry(), unique=True),
            )
            for geometry in self.geometries
        ]
        if len(each) == 1 or positive:
            return or_(*each)
        return func.coalesce(*each, type_=Boolean())

    def shapes(self, node: Tree) -> list[BaseGeometry]:
        """A literal's geometries in longitude and latitude, one of each dimension."""
        if isinstance(node, Shaped):
            return [self.transformed(shape) for shape in _joined(node.shapes)]
        west, south, east, north = node["bbox"]
        if west <= east:
            return [self.transformed(BBox(west, south, east, north).shape())]
        if self.transform is not None:
            raise BadRequest(N_("A BBOX runs from its smaller to its larger first coordinate."))
        _check_within_world((east, south, west, north))
        return [
            shapely.MultiPolygon(
                [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
            )
        ]

    def transformed(self, shape: BaseGeometry) -> BaseGeometry:
        """In longitude and latitude, and still simple. Raises `BadRequest` (/conf/filter/filter-crs-wgs84)."""
        if self.transform is None:
            _check_within_world(shape.bounds)
            return shape
        moved = self.transform(shape)
        _check_within_world(moved.bounds)
        if "Polygon" in moved.geom_type:
            check_simple(moved)
        return moved


def _check_within_world(bounds: Sequence[float]) -> None:
    """Refuse what has no longitude or latitude; infinite and NaN compare false."""
    west, south, east, north = bounds
    if not (_WORLD.holds(west, south) and _WORLD.holds(east, north)):
        raise BadRequest(
            N_(
                "A geometry of the filter lies outside its coordinate system; without filter-crs it is in degrees."
            )
        )


def _joined(shapes: Sequence[BaseGeometry]) -> Sequence[BaseGeometry]:
    """The members of a collection, joined where they are alike; databases take no collections."""
    if len(shapes) == 1:
        return shapes
    dimensions: dict[int, list[BaseGeometry]] = {}
    for shape in shapes:
        dimensions.setdefault(int(shapely.get_dimensions(shape)), []).append(shape)
    return [shapely.union_all(alike) for alike in dimensions.values()]
