"""One geometry column and its predicates, for PostGIS and for plain SQLite.

Shapely geometries go in and out. PostGIS keeps `geometry(Geometry, 4326)` under a GiST index; SQLite keeps WKB, with
the edges of every geometry in columns beside it and an R*Tree table `<table>_rtree` over them, kept by triggers that
read these columns only, so that any SQLite tool can write. The migrations make both indexes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import shapely
from geoalchemy2 import Geometry as PostGisGeometry
from shapely import lib as geos
from shapely.geometry.base import BaseGeometry
from shapely.io import DecodingErrorOptions
from sqlalchemy import Boolean, ColumnElement, Dialect, Double, LargeBinary, TypeDecorator, bindparam
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, validates
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import BindParameter
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from app.geojson import BBox

__all__ = [
    "BBox",
    "Geometry",
    "Located",
    "MaybeLocated",
    "Predicate",
    "box_values",
    "columns_of",
    "edges",
    "in_tree",
    "intersects_bbox",
    "metres_per_degree",
    "numbers",
    "register",
    "within_metres",
]

WGS84: Final = 4326
BROKEN_AS_NULL: Final = int(DecodingErrorOptions.ignore)
"""What another tool wrote into the SQLite file and is no geometry is read as none: one row must not end a whole list.

PostGIS takes nothing of the kind.
"""
SEMI_MAJOR_AXIS_M: Final = 6_378_137.0
ECCENTRICITY_SQUARED: Final = 0.006_694_379_990_141_316
EDGES: Final = ("west", "south", "east", "north")


class Geometry(TypeDecorator[BaseGeometry]):
    """A column of Shapely geometries in WGS84, longitude first."""

    impl = LargeBinary
    cache_ok = True
    spatial_index = False  # GeoAlchemy2 looks for it here and would make a second index

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`geometry(Geometry, 4326)` on PostgreSQL, a blob on SQLite."""
        if dialect.name == "postgresql":
            return PostGisGeometry("GEOMETRY", srid=WGS84, spatial_index=False)
        return dialect.type_descriptor(LargeBinary())

    def process_bind_param(self, value: BaseGeometry | BBox | None, dialect: Dialect) -> Any:
        """To the driver. A box becomes a geometry only here, since SQLite never asks for one: its edges do."""
        if value is None:
            return None
        if isinstance(value, BBox):
            value = value.shape()
        if dialect.name == "postgresql":
            return shapely.to_wkb(shapely.set_srid(value, WGS84), hex=True, include_srid=True)
        return shapely.to_wkb(value, byte_order=1)

    def bind_all(self, values: Sequence[BaseGeometry | None], dialect: Dialect) -> list[Any]:
        """As `process_bind_param`, for a whole column."""
        if dialect.name == "postgresql":
            return list(shapely.to_wkb(shapely.set_srid(values, WGS84), hex=True, include_srid=True))
        return list(shapely.to_wkb(values, byte_order=1))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], BaseGeometry | None]:
        """From the driver's bytes, without the detours of the decorator and of GeoAlchemy2's element."""
        del coltype
        return _from_ewkb if dialect.name == "postgresql" else _from_wkb


def _from_wkb(value: bytes | None) -> BaseGeometry | None:
    """By Shapely's own ufunc, since its wrapper takes longer than the reading. None, too, for what is no WKB."""
    return None if value is None else geos.from_wkb(value, BROKEN_AS_NULL)


def _from_ewkb(value: bytes | None) -> BaseGeometry | None:
    return None if value is None else geos.set_srid(geos.from_wkb(bytes(value), BROKEN_AS_NULL), 0)


GeometryColumn = (
    InstrumentedAttribute[BaseGeometry]
    | InstrumentedAttribute[BaseGeometry | None]
    | ColumnElement[BaseGeometry]
    | ColumnElement[BaseGeometry | None]
)
"""A record's attribute, or its table's column for statements that do without the ORM."""


def _edge(place: int) -> Callable[[DefaultExecutionContext], float | None]:
    """A column default: one edge of the geometry in the same row, for inserts that bypass the ORM."""

    def edge(context: DefaultExecutionContext) -> float | None:
        shape = (context.current_parameters or {}).get("geometry")
        return None if shape is None else float(shape.bounds[place])

    return edge


def edges(shape: BaseGeometry) -> dict[str, float]:
    """The columns beside a geometry, for rows that are inserted in bulk (their defaults take longer)."""
    return dict(zip(EDGES, shape.bounds, strict=True))


def _keep_edges(record: Any, shape: BaseGeometry | None) -> BaseGeometry | None:
    for name, value in (edges(shape) if shape is not None else dict.fromkeys(EDGES)).items():
        setattr(record, name, value)
    return shape


class Located:
    """A record with a geometry. Its edges in degrees follow it: on assignment, and on insert by default.

    An UPDATE statement of one's own that sets `geometry` must set the four edges too.
    """

    geometry: Mapped[BaseGeometry] = mapped_column(Geometry, info={"see": "public"})
    west: Mapped[float] = mapped_column(Double, default=_edge(0))
    south: Mapped[float] = mapped_column(Double, default=_edge(1))
    east: Mapped[float] = mapped_column(Double, default=_edge(2))
    north: Mapped[float] = mapped_column(Double, default=_edge(3))

    @validates("geometry")
    def _follow(self, _name: str, shape: BaseGeometry) -> BaseGeometry | None:
        return _keep_edges(self, shape)


class MaybeLocated:
    """A record that may have a geometry; as `Located`, with nulls."""

    geometry: Mapped[BaseGeometry | None] = mapped_column(Geometry, info={"see": "public"})
    west: Mapped[float | None] = mapped_column(Double, default=_edge(0))
    south: Mapped[float | None] = mapped_column(Double, default=_edge(1))
    east: Mapped[float | None] = mapped_column(Double, default=_edge(2))
    north: Mapped[float | None] = mapped_column(Double, default=_edge(3))

    @validates("geometry")
    def _follow(self, _name: str, shape: BaseGeometry | None) -> BaseGeometry | None:
        return _keep_edges(self, shape)


def intersects_bbox(column: GeometryColumn, bbox: BBox | None = None) -> ColumnElement[bool]:
    """Whether the geometry and the box share a point, edges included; exact on both databases.

    Without `bbox` the statement can be built once and kept: it takes the box with each execution, as `box_values`.
    """
    if bbox is None:
        edges_of_box: list[BindParameter[float]] = [
            bindparam(f"box_{name}", type_=Double()) for name in EDGES
        ]
        return _IntersectsBox(*columns_of(column), *edges_of_box, bindparam("box", type_=Geometry()))
    shape = bindparam(None, bbox, Geometry(), unique=True)
    return _IntersectsBox(*columns_of(column), *numbers(bbox), shape)


def box_values(bbox: BBox) -> dict[str, Any]:
    """The box of a statement that was built without one."""
    return {"box": bbox, **{f"box_{name}": float(getattr(bbox, name)) for name in EDGES}}


def within_metres(column: GeometryColumn, lon: float, lat: float, metres: float) -> ColumnElement[bool]:
    """Whether the geometry comes within `metres` of a point, alike on both databases to a micrometre.

    Distance is measured on a plane that touches the ellipsoid at the point: degrees times the metres of one degree
    there. Up to 10 km the error against the geodesic is below 0.1 % between 6° and 24° of latitude.
    """
    east_m, north_m = metres_per_degree(lat)
    reach = BBox(lon - metres / east_m, lat - metres / north_m, lon + metres / east_m, lat + metres / north_m)
    affine = (east_m, north_m, -lon * east_m, -lat * north_m, metres)
    return _WithinMetres(*columns_of(column), *numbers(reach.grown(1e-9)), *numbers(affine))


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres on the WGS84 ellipsoid of one degree eastward and one degree northward at a latitude."""
    latitude = math.radians(lat)
    flattening = 1 - ECCENTRICITY_SQUARED * math.sin(latitude) ** 2
    across = SEMI_MAJOR_AXIS_M / math.sqrt(flattening)
    along = SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED) / flattening**1.5
    return math.radians(across * math.cos(latitude)), math.radians(along)


def columns_of(column: Any) -> list[ColumnElement[Any]]:
    """The geometry column and those of its table that the indexes need."""
    geometry = getattr(column, "expression", column)
    return [geometry, *(geometry.table.c[name] for name in ("id", *EDGES))]


def numbers(values: tuple[float, ...]) -> list[BindParameter[float]]:
    """Bound values."""
    return [bindparam(None, float(value), Double(), unique=True) for value in values]


class Predicate(FunctionElement[bool]):
    """A spatial condition. SQLAlchemy would append `= 1` for SQLite, which hides the R*Tree from its planner."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> Predicate:  # noqa: ARG002
        """Itself, without `= 1`."""
        return self


class _IntersectsBox(Predicate):
    inherit_cache = True


class _WithinMetres(Predicate):
    inherit_cache = True


def in_tree(element: Predicate, parts: list[str]) -> str:
    """SQL: the stored edges may meet the box, by the R*Tree (float32, rounded outward)."""
    table: Any = next(iter(element.clauses)).table
    tree = f"{getattr(table, 'element', table).name}_rtree"
    key, (w, s, e, n) = parts[1], parts[6:10]
    touching = f"west <= {e} AND east >= {w} AND south <= {n} AND north >= {s}"
    found = f"SELECT id FROM {tree} WHERE {touching}"  # noqa: S608 - our own names, bound values # nosec B608
    return f"{key} IN ({found})"


@compiles(_IntersectsBox, "sqlite")
def _intersects_box_sqlite(element: _IntersectsBox, compiler: SQLCompiler, **kw: Any) -> str:
    parts = [compiler.process(clause, **kw) for clause in list(element.clauses)[:10]]
    geometry, _key, west, south, east, north, w, s, e, n = parts
    inside = f"{west} >= {w} AND {east} <= {e} AND {south} >= {s} AND {north} <= {n}"
    beside = f"{west} > {e} OR {east} < {w} OR {south} > {n} OR {north} < {s}"
    exact = f"taluy_intersects_box({geometry}, {w}, {s}, {e}, {n})"
    return f"({in_tree(element, parts)} AND CASE WHEN {inside} THEN 1 WHEN {beside} THEN 0 ELSE {exact} END)"


@compiles(_IntersectsBox, "postgresql")
def _intersects_box_postgis(element: _IntersectsBox, compiler: SQLCompiler, **kw: Any) -> str:
    clauses = list(element.clauses)
    return f"ST_Intersects({compiler.process(clauses[0], **kw)}, {compiler.process(clauses[10], **kw)})"


@compiles(_WithinMetres, "sqlite")
def _within_metres_sqlite(element: _WithinMetres, compiler: SQLCompiler, **kw: Any) -> str:
    parts = [compiler.process(clause, **kw) for clause in element.clauses]
    *affine, metres = parts[10:]
    return f"({in_tree(element, parts)} AND taluy_distance_m({parts[0]}, {', '.join(affine)}) <= {metres})"


@compiles(_WithinMetres, "postgresql")
def _within_metres_postgis(element: _WithinMetres, compiler: SQLCompiler, **kw: Any) -> str:
    parts = [compiler.process(clause, **kw) for clause in element.clauses]
    geometry, (w, s, e, n), (a, d, x, y, metres) = parts[0], parts[6:10], parts[10:]
    plane = f"ST_Affine({geometry}, {a}, 0, 0, {d}, {x}, {y})"
    origin = f"ST_SetSRID(ST_MakePoint(0, 0), {WGS84})"
    envelope = f"ST_MakeEnvelope({w}, {s}, {e}, {n}, {WGS84})"
    return f"({geometry} && {envelope} AND ST_Distance({plane}, {origin}) <= {metres})"


def register(connection: Any) -> None:
    """Give an sqlite3 connection the exact half of the predicates."""
    connection.create_function("taluy_intersects_box", 5, _intersects_box, deterministic=True)
    connection.create_function("taluy_distance_m", 5, _distance_m, deterministic=True)


@lru_cache(maxsize=64)
def _box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    return BBox(west, south, east, north).shape()


def _intersects_box(wkb: bytes, west: float, south: float, east: float, north: float) -> bool:
    return bool(shapely.intersects(_from_wkb(wkb), _box(west, south, east, north)))  # none meets nothing


def _distance_m(wkb: bytes, a: float, d: float, x: float, y: float) -> float | None:
    shape = _from_wkb(wkb)
    if shape is None:
        return None
    plane = shapely.transform(shape, lambda lonlat: lonlat * (a, d) + (x, y))
    return float(shapely.distance(plane, _ORIGIN))


_ORIGIN: Final = shapely.Point(0, 0)
