"""The spatial predicates agree: SQLite, PostGIS and Shapely by itself, on whatever hypothesis draws."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ClauseElement, ColumnElement, Executable, Select, delete, insert, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from app.db import Database
from app.geometry import BBox, intersects_bbox, metres_per_degree, within_metres
from app.sites.model import Site
from tests import cluster

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
WEST, SOUTH = 108.0, 11.5
STEP = 1 / 64
SAME_M = 1e-6


@dataclass
class Both:
    """The same sites in an SQLite and in a PostGIS database."""

    databases: tuple[Database, Database]

    def keep(self, *shapes: BaseGeometry) -> None:
        """Replace all sites by these."""
        rows = [row(number, shape) for number, shape in enumerate(shapes, 1)]
        for database in self.databases:
            with database.write() as db:
                db.execute(delete(Site))
                db.execute(insert(Site), rows)

    def found(self, condition: ColumnElement[bool]) -> list[set[int]]:
        """Numbers of the sites that meet the condition, by each database."""
        answers = []
        for database in self.databases:
            with database.read() as db:
                answers.append(set(db.scalars(select(Site.id).where(condition))))
        return answers


def row(number: int, shape: BaseGeometry) -> dict[str, object]:
    """A site as a plain row; its edges follow by default."""
    return {
        "id": number,
        "code": f"T-{number}",
        "name": "made up",
        "search": "",
        "kind": "slide",
        "state": "active",
        "location_status": "surveyed",
        "location_accuracy_m": 5,
        "created_at": NOW,
        "updated_at": NOW,
        "geometry": shape,
    }


@pytest.fixture(scope="module")
def both(
    sqlite_template: Path, postgis: cluster.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    """One database of each kind for all examples: `keep` replaces what they hold."""
    path = tmp_path_factory.mktemp("predicates") / "taluy.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    opened = Database(f"sqlite:///{path}"), Database(postgis.create("predicates", "migrated"))
    yield Both(opened)
    for database in opened:
        database.dispose()
    postgis.drop("predicates")


def degrees(low: float, high: float) -> st.SearchStrategy[float]:
    """Any number between, and often one on a grid, so that edges meet exactly."""
    on_grid = st.integers(0, round((high - low) / STEP)).map(lambda steps: low + steps * STEP)
    return st.one_of(on_grid, st.floats(low, high, allow_subnormal=False))


POSITIONS = st.tuples(degrees(WEST, WEST + 1), degrees(SOUTH, SOUTH + 1))
POINTS = POSITIONS.map(shapely.Point)
LINES = st.lists(POSITIONS, min_size=2, max_size=6, unique=True).map(shapely.LineString)
TRIANGLES = (
    st.lists(POSITIONS, min_size=3, max_size=3, unique=True).map(shapely.Polygon).filter(lambda t: t.is_valid)
)
SIZES = st.integers(4, 32).map(lambda steps: steps * STEP)


@st.composite
def bent(draw: st.DrawFn) -> BaseGeometry:
    """An L: most of its box is not in it."""
    (x, y), size = draw(POSITIONS), draw(SIZES)
    arm = size * draw(st.sampled_from((1 / 4, 1 / 8)))
    ring = [
        (x, y),
        (x + size, y),
        (x + size, y + arm),
        (x + arm, y + arm),
        (x + arm, y + size),
        (x, y + size),
    ]
    return shapely.Polygon(ring)


@st.composite
def holed(draw: st.DrawFn) -> BaseGeometry:
    """A box with a hole: its middle is not in it."""
    (x, y), size = draw(POSITIONS), draw(SIZES)
    rim = size / 4
    hole = shapely.box(x + rim, y + rim, x + size - rim, y + size - rim)
    return shapely.box(x, y, x + size, y + size).difference(hole)


MANY = st.one_of(
    st.lists(POSITIONS, min_size=1, max_size=4, unique=True).map(shapely.MultiPoint),
    st.lists(LINES, min_size=1, max_size=3).map(shapely.MultiLineString),
)
SHAPES = st.lists(st.one_of(POINTS, LINES, TRIANGLES, bent(), holed(), MANY), min_size=1, max_size=8)


@st.composite
def boxes(draw: st.DrawFn) -> BBox:
    """A box in view, sometimes without width or height."""
    (x, y), (u, v) = draw(POSITIONS), draw(POSITIONS)
    return BBox(min(x, u), min(y, v), max(x, u), max(y, v))


EXAMPLES = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
L_SHAPE = shapely.Polygon([(108, 12), (109, 12), (109, 12.1), (108.1, 12.1), (108.1, 13), (108, 13)])


@EXAMPLES
@given(shapes=SHAPES, box=boxes())
@example(shapes=[L_SHAPE], box=BBox(108.5, 12.5, 108.6, 12.6))
@example(shapes=[L_SHAPE], box=BBox(109, 12.1, 109.5, 12.6))
@example(shapes=[shapely.Point(108.1, 12.1)], box=BBox(108.1, 12.1, 108.1, 12.1))
@example(shapes=[shapely.Point(108.100000001, 12.1)], box=BBox(108, 12, 108.1, 12.2))
def test_a_box_finds_what_shares_a_point_with_it(both: Both, shapes: list[BaseGeometry], box: BBox) -> None:
    both.keep(*shapes)

    on_sqlite, on_postgis = both.found(intersects_bbox(Site.geometry, box))

    by_shapely = {number for number, shape in enumerate(shapes, 1) if shapely.intersects(shape, box.shape())}
    assert on_sqlite == on_postgis == by_shapely


def metres_by_shapely(shape: BaseGeometry, lon: float, lat: float) -> float:
    """The distance on the plane, put together anew."""
    east, north = metres_per_degree(lat)
    plane = shapely.transform(shape, lambda lonlat: (lonlat - (lon, lat)) * (east, north))
    return float(plane.distance(shapely.Point(0, 0)))


@EXAMPLES
@given(shapes=SHAPES, point=POSITIONS, metres=st.floats(0.01, 50_000))
@example(shapes=[L_SHAPE], point=(108.5, 12.5), metres=30_000)
@example(shapes=[shapely.Point(108.5, 12.5)], point=(108.5, 12.5), metres=0.01)
def test_a_distance_finds_what_comes_so_near(
    both: Both, shapes: list[BaseGeometry], point: tuple[float, float], metres: float
) -> None:
    apart = {number: metres_by_shapely(shape, *point) for number, shape in enumerate(shapes, 1)}
    near = {number for number, distance in apart.items() if distance <= metres}
    undecided = {number for number, distance in apart.items() if abs(distance - metres) < SAME_M}
    both.keep(*shapes)

    on_sqlite, on_postgis = both.found(within_metres(Site.geometry, *point, metres))

    assert on_sqlite - undecided == on_postgis - undecided == near - undecided


@given(
    lon=st.floats(102, 118),
    lat=st.floats(6.1, 23.9),
    bearing=st.floats(0, 360),
    metres=st.floats(1, 10_000),
)
def test_distances_up_to_ten_kilometres_are_right_to_a_thousandth(
    lon: float, lat: float, bearing: float, metres: float
) -> None:
    there_lon, there_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, bearing, metres)

    assert metres_by_shapely(shapely.Point(there_lon, there_lat), lon, lat) == pytest.approx(metres, rel=1e-3)


def test_conditions_combine_and_turn_round(both: Both) -> None:
    both.keep(shapely.Point(108.1, 12.1), shapely.Point(108.9, 12.9), L_SHAPE)
    box = BBox(108, 12, 108.5, 12.5)

    inside = intersects_bbox(Site.geometry, box)
    assert both.found(~inside) == [{2}, {2}]
    assert both.found(inside & ~within_metres(Site.geometry, 108.1, 12.1, 1)) == [set(), set()]
    assert both.found(inside | (Site.id == 2)) == [{1, 2, 3}, {1, 2, 3}]


def test_geometries_come_back_as_they_were_kept(both: Both) -> None:
    shapes = [shapely.Point(108.4257081, 11.9588931), L_SHAPE, shapely.MultiPoint([(108, 12), (108.5, 12.5)])]
    both.keep(*shapes)

    for database in both.databases:
        with database.read() as db:
            kept = db.scalars(select(Site).order_by(Site.id)).all()
        assert [site.geometry for site in kept] == shapes
        assert [(site.west, site.south, site.east, site.north) for site in kept] == [s.bounds for s in shapes]


def test_moving_a_geometry_moves_its_edges_and_its_place_in_the_index(both: Both) -> None:
    both.keep(shapely.Point(108.1, 12.1))
    for database in both.databases:
        with database.write() as db:
            db.scalars(select(Site)).one().geometry = shapely.Point(109.1, 12.1)

    assert both.found(intersects_bbox(Site.geometry, BBox(108, 12, 108.5, 12.5))) == [set(), set()]
    assert both.found(intersects_bbox(Site.geometry, BBox(109, 12, 109.5, 12.5))) == [{1}, {1}]


def test_any_sqlite_tool_can_write_and_the_index_follows(both: Both) -> None:
    both.keep(shapely.Point(108.1, 12.1), shapely.Point(108.2, 12.2))
    sqlite, _postgis = both.databases
    with sqlite.write() as db:
        db.execute(text("UPDATE site SET west = 110, east = 110 WHERE id = 1"))
        db.execute(text("DELETE FROM site WHERE id = 2"))
        indexed = db.execute(text("SELECT id, west FROM site_rtree")).all()

    assert indexed == [(1, 110.0)]


class Explain(Executable, ClauseElement):
    """How the database would go about a statement."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def explain(element: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    word = "EXPLAIN QUERY PLAN" if compiler.dialect.name == "sqlite" else "EXPLAIN"
    return f"{word} {compiler.process(element.statement, **kw)}"


def test_a_box_and_a_kind_are_looked_up_by_place(both: Both) -> None:
    box = BBox(108, 12, 109, 13)
    wanted = (
        select(Site.id).where(intersects_bbox(Site.geometry, box), Site.kind == "slide").order_by(Site.id)
    )
    sqlite, postgis = both.databases

    with sqlite.read() as db:
        steps = " / ".join(step.detail for step in db.execute(Explain(wanted)))
    with postgis.read() as db:
        db.execute(text("SET LOCAL enable_seqscan = off"))
        # Unordered: in a nearly empty table the order alone makes the primary key look cheap.
        lines = " / ".join(line for (line,) in db.execute(Explain(wanted.order_by(None))))

    assert "SEARCH site USING INTEGER PRIMARY KEY" in steps
    assert "site_rtree VIRTUAL TABLE INDEX" in steps
    assert "ix_site_geometry" in lines
