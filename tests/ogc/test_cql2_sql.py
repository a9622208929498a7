"""A filter finds the same on SQLite, on PostGIS and by plain Python, as JSON and as text."""

import json
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Select, func, insert, select
from sqlalchemy.dialects import sqlite

from app.db import Database
from app.errors import BadRequest
from app.geometry import Geometry
from app.ogc.collections import SITES, VISITS
from app.ogc.cql2.sql import condition
from app.ogc.cql2.text import parse
from app.ogc.cql2.tree import checked
from app.ogc.fields import UNIT
from app.sites.model import Site
from tests import cluster
from tests.ogc.cql2_plainly import meets, written

FIELDS = {
    field.name: field for field in SITES.fields if field.see == "public" or field.name == "people_at_risk"
}
SITE: Any = Site.__table__
GEOMETRIES = (UNIT.c.geometry, SITE.c.geometry)
"""As of a visit: in tables of their own, one of them or none."""
FROM = UNIT.outerjoin(SITE, SITE.c.id == UNIT.c.id)
FIRST = 1001
EXAMPLES = int(os.environ.get("CQL2_EXAMPLES", "150"))
TODAY = date(2026, 11, 23)
TEXTS = [
    "",
    "Suối",
    "suối",
    "SUỐI CẠN",
    "Đường Hai Bà Trưng",
    "duong hai ba trung",
    "Straße",
    "STRASSE",
    "ΟΔΟΣ",
    "οδός",
]
TEXTS += [
    "İzmir",
    "100%",
    "1_0",
    "a\\b",
    "a*[b]?c",
    "o'clock",
    "\U0001f30a!",
    "\uffee",
    "か\u3099".replace("か\u3099", "が"),
]
DAYS = [date(2026, 11, day) for day in (1, 2, 22, 23)] + [date(1999, 12, 31)]
MOMENTS = [datetime(2026, 11, 1, 16, 59, 59, 999_000, UTC), datetime(2026, 11, 1, 17, 0, tzinfo=UTC)]
MOMENTS += [datetime(2026, 11, day, 3, 30, tzinfo=UTC) for day in (2, 22)] + [
    datetime(1999, 12, 31, tzinfo=UTC)
]
SHAPES = [
    shapely.Point(108.25, 12.25),
    shapely.Point(108.5, 12.5),
    shapely.LineString([(108, 12), (108.5, 12.5), (109, 12)]),
    shapely.box(108.25, 12.25, 108.75, 12.75),
    shapely.Polygon([(108, 12), (109, 12), (109, 12.125), (108.125, 12.125), (108.125, 13), (108, 13)]),
    shapely.MultiPoint([(108.25, 12.25), (108.875, 12.875)]),
    shapely.box(108, 12, 109, 13).difference(shapely.box(108.25, 12.25, 108.75, 12.75)),
]


def site(number: int, random: Any) -> dict[str, Any]:
    """A row that differs from the others in every column, often by a null."""

    def some(values: list[Any]) -> Any:
        return random.choice([None, *values])

    return {
        "id": number,
        "code": f"{random.choice('abZđ')}-{number}",
        "name": TEXTS[number % len(TEXTS)],
        "address": some(TEXTS),
        "search": "",
        "kind": random.choice(["slide", "flood"]),
        "risk_level": some(["low", "high"]),
        "risk_rated_at": some(MOMENTS),
        "risk_reason": some(TEXTS),
        "state": random.choice(["active", "closed"]),
        "people_at_risk": some([0, 1, 2, 7, 40]),
        "location_status": "surveyed",
        "location_accuracy_m": random.choice([0, 0.5, 3, 1e-200, 1e200, 12.25]),
        "last_inspected_at": some(MOMENTS),
        "due_on": some(DAYS),
        "version": random.choice([1, 2, 3]),
        "created_at": MOMENTS[0],
        "updated_at": random.choice(MOMENTS),
        "geometry": random.choice(SHAPES),
    }


def unit(number: int, shape: Any) -> dict[str, Any]:
    return {"id": number, "code": f"{number}", "name": "made up", "geometry": shape}


class World:
    """The same rows in both databases, and in memory."""

    def __init__(self, databases: tuple[Database, Database], rows: dict[int, dict[str, Any]]) -> None:
        self.databases, self.rows = databases, rows

    def found(self, filter_: ColumnElement[bool]) -> list[list[int]]:
        """Numbers of the rows that each database finds."""
        return [run(database, chosen(UNIT.c.id).where(filter_)) for database in self.databases]

    def by(self, tree: Any) -> list[int]:
        """What both databases find, which is the same, and the same for its text."""
        fields = {name: FIELDS[name] for name in FIELDS}
        spoken = parse(written(tree))
        assert spoken == tree
        lite, post = self.found(condition(checked(spoken, fields), fields, GEOMETRIES))
        assert lite == post
        return lite

    def text(self, filter_: str) -> list[int]:
        """What both databases find for a text, which is the same."""
        lite, post = self.found(condition(checked(parse(filter_), FIELDS), FIELDS, GEOMETRIES))
        assert lite == post
        return lite


def chosen(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(FROM).where(UNIT.c.id >= FIRST).order_by(UNIT.c.id)


def run(database: Database, statement: Select[Any]) -> list[Any]:
    with database.read() as db:
        return list(db.scalars(statement, {"today": TODAY}))


def held(database: Database) -> dict[int, dict[str, Any]]:
    """The rows as a reader gets them."""
    shape = func.coalesce(*GEOMETRIES, type_=Geometry()).label("geometry")
    columns = [field.column.label(field.name) for field in FIELDS.values()]
    with database.read() as db:
        rows = db.execute(chosen(UNIT.c.id.label("number"), shape, *columns), {"today": TODAY})
        return {row["number"]: dict(row) for row in rows.mappings()}


@pytest.fixture(scope="module")
def world(
    sqlite_template: Path, postgis: cluster.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    path = tmp_path_factory.mktemp("cql2") / "taluy.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    databases = Database(f"sqlite:///{path}"), Database(postgis.create("cql2", "migrated"))
    chance = random.Random(20261123)
    sites = [site(number, chance) for number in range(FIRST, FIRST + 40)]
    units = [unit(number, None) for number in range(FIRST, FIRST + 43)]
    units += [unit(FIRST + 43 + place, shape) for place, shape in enumerate(SHAPES)]
    for database in databases:
        with database.write() as db:
            db.execute(insert(UNIT), units)
            db.execute(insert(SITE), sites)
    lite, post = map(held, databases)
    assert lite == post
    assert len(lite) == 50
    yield World(databases, lite)
    for database in databases:
        database.dispose()
    postgis.drop("cql2")


def prop(*names: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(names).map(lambda name: {"property": name})


def op(names: Any, *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.sampled_from([names] if isinstance(names, str) else list(names))
    return st.tuples(named, st.tuples(*args)).map(lambda drawn: {"op": drawn[0], "args": [*drawn[1]]})


WORDS = st.one_of(st.sampled_from(TEXTS), st.text("aAđĐốßσς%_\\*[]'\"x ", max_size=4)).map(
    lambda word: word.replace("\x00", "")
)
TEXT = st.one_of(
    prop("name", "address", "code", "risk_level", "risk_reason", "units"),
    WORDS,
    op(("casei", "accenti"), st.one_of(prop("name", "address"), WORDS)),
    op("casei", op("accenti", prop("name", "risk_reason"))),
)
NUMBERS = st.one_of(
    st.integers(-3, 9), st.sampled_from([0.5, -2.5, 1e9, 12.25, 0.1, 1e-200, 1e200, 1.5e308, 2**60, 10**30])
)
NUMBER = st.recursive(
    st.one_of(prop("people_at_risk", "version", "location_accuracy_m"), NUMBERS),
    lambda inner: op(("+", "-", "*", "/", "%", "div", "^"), inner, inner),
    max_leaves=4,
)
STAMPS = st.one_of(
    st.sampled_from(MOMENTS), st.sampled_from(MOMENTS).map(lambda at: at - timedelta(hours=9))
).map(lambda at: at.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
DATES = st.sampled_from(DAYS).map(date.isoformat)
TIME = st.one_of(
    prop("due_on", "last_inspected_at", "risk_rated_at", "updated_at"),
    DATES.map(lambda day: {"date": day}),
    STAMPS.map(lambda at: {"timestamp": at}),
)
TRUTH = st.one_of(prop("overdue"), st.booleans())


def in_order(ends: tuple[Any, Any]) -> bool:
    return not all(isinstance(end, str) and end != ".." for end in ends) or ends[0][:10] < ends[1][:10]


ENDS = st.one_of(DATES, STAMPS, prop("due_on", "last_inspected_at", "risk_rated_at"), st.just(".."))
INTERVAL = st.tuples(ENDS, ENDS).filter(in_order).map(lambda ends: {"interval": [*ends]})
BOXES = st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 6), st.integers(1, 6)).map(
    lambda box: {
        "bbox": [108 + box[0] / 8, 12 + box[1] / 8, 108 + (box[0] + box[2]) / 8, 12 + (box[1] + box[3]) / 8]
    }
)
SHAPE = st.one_of(st.sampled_from(SHAPES).map(lambda shape: json.loads(shapely.to_geojson(shape))), BOXES)
RELATIONS = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
OF_INTERVALS = ("t_contains", "t_during", "t_finishedBy", "t_finishes", "t_meets", "t_metBy")
OF_INTERVALS += ("t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts")
COMPARED = ("=", "<>", "<", ">", "<=", ">=")
SPATIAL = (
    "s_contains",
    "s_crosses",
    "s_disjoint",
    "s_equals",
    "s_intersects",
    "s_overlaps",
    "s_touches",
    "s_within",
)
ABOUT_SHAPES = op(SPATIAL, prop("geometry"), SHAPE) | op(SPATIAL, SHAPE, prop("geometry"))


def listed(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return op("in", of, st.lists(of, min_size=1, max_size=3))


SCALARS = (TEXT, NUMBER, TIME, TRUTH)
PREDICATE = st.one_of(
    *(op(COMPARED, of, of) for of in SCALARS),
    *(listed(of) for of in SCALARS),
    *(op("between", of, of, of) for of in SCALARS[:3]),
    op("like", TEXT, st.one_of(WORDS, op(("casei", "accenti"), WORDS))),
    op("isNull", st.one_of(*SCALARS, prop("geometry"))),
    op(RELATIONS, TIME | INTERVAL, TIME | INTERVAL),
    op(OF_INTERVALS, INTERVAL, INTERVAL),
    op("t_during", TIME, INTERVAL),
    op("t_contains", INTERVAL, TIME),
    ABOUT_SHAPES,
    TRUTH,
)
TREES = st.recursive(
    PREDICATE,
    lambda inner: st.one_of(
        op("not", inner),
        op(("and", "or"), inner, inner),
        op(("and", "or"), inner, inner, inner),
        op("isNull", inner.filter(lambda tree: isinstance(tree, dict) and "op" in tree)),
    ),
    max_leaves=6,
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREES)
@example(tree={"op": "=", "args": [{"op": "/", "args": [{"property": "version"}, 0]}, 1]})
@example(tree={"op": "like", "args": [{"property": "name"}, "a\\"]})
@example(
    tree={
        "op": "like",
        "args": [{"op": "casei", "args": [{"property": "name"}]}, {"op": "casei", "args": ["A\\\\B"]}],
    }
)
def test_a_filter_finds_the_same_everywhere(world: World, tree: Any) -> None:
    note(json.dumps(tree))
    plainly = [number for number, row in world.rows.items() if meets(tree, row) is True]
    outside = [number for number, row in world.rows.items() if meets(tree, row) is False]

    assert world.by(tree) == plainly
    assert world.by({"op": "not", "args": [tree]}) == outside


SPOKEN = """name version people_at_risk due_on updated_at overdue units geometry "kind" nobody
    AND OR NOT = <> < > <= >= + - * / % ^ div LIKE BETWEEN IN IS NULL TRUE FALSE ( ) ( ) ,
    1 0 -1 2.5 1e308 1e-308 1e999 9223372036854775808 '' 'a' '%'
    '2026-11-23' '2026-11-23T08:00:00Z' '..' '\\' '\\%'
    CASEI( ACCENTI( S_WITHIN( S_DISJOINT( T_AFTER( T_DURING( INTERVAL( DATE(
    TIMESTAMP( POINT( BBOX( POLYGON(( pg_sleep("""
SAID = st.one_of(
    st.lists(st.sampled_from(SPOKEN.split()), max_size=12).map(" ".join),
    st.tuples(TREES.map(written), st.integers(0, 200), st.sampled_from(SPOKEN.split())).map(
        lambda drawn: f"{drawn[0][: drawn[1]]} {drawn[2]} {drawn[0][drawn[1] :]}"
    ),
    st.tuples(TREES.map(written), st.integers(0, 200), st.integers(0, 9)).map(
        lambda drawn: drawn[0][: drawn[1]] + drawn[0][drawn[1] + drawn[2] :]
    ),
)


@settings(max_examples=EXAMPLES * 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=SAID)
def test_whatever_is_said_is_answered_alike_or_refused(world: World, said: str) -> None:
    with suppress(BadRequest):
        world.text(said)


def names(world: World, filter_: str) -> set[str]:
    """Of the sites that a text finds."""
    return {world.rows[number]["name"] for number in world.text(filter_)}


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("name = 'suối'", {"suối"}),
        ("CASEI(name) = CASEI('SUỐI')", {"Suối", "suối"}),
        ("CASEI(name) LIKE CASEI('SUỐI%')", {"Suối", "suối", "SUỐI CẠN"}),
        ("ACCENTI(name) LIKE ACCENTI('SUỐI%')", {"SUỐI CẠN"}),
        ("CASEI(ACCENTI(name)) = 'duong hai ba trung'", {"Đường Hai Bà Trưng", "duong hai ba trung"}),
        ("ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('ĐƯỜNG%'))", {"Đường Hai Bà Trưng", "duong hai ba trung"}),
        ("CASEI(name) = CASEI('straSSe')", {"Straße", "STRASSE"}),
        ("CASEI(name) IN (CASEI('οδος'), 'x')", {"ΟΔΟΣ"}),
        ("CASEI(ACCENTI(name)) = CASEI('ΟΔΟΣ')", {"ΟΔΟΣ", "οδός"}),
        ("CASEI(name) = CASEI('İZMIR')", {"İzmir"}),
        ("CASEI('DIYARBAKIR') = CASEI('dıyarbakır') AND name = 'İzmir'", {"İzmir"}),
        ("CASEI(ACCENTI(name)) = 'izmir'", {"İzmir"}),
        (r"name LIKE '%\%'", {"100%"}),
        (r"name LIKE '_\__'", {"1_0"}),
        (r"name LIKE '%\\\\%'", {"a\\b"}),
        ("name LIKE 'a*[b]?c'", {"a*[b]?c"}),
        ("name LIKE '_!'", {"\U0001f30a!"}),
        ("name LIKE 'が'", {"が"}),
        ("ACCENTI(name) = ACCENTI('か')", set()),
        ("name >= '\uffee'", {"\U0001f30a!", "\uffee"}),
        ("name < '1'", {""}),
        ("name LIKE ''", {""}),
        ("name = 'o''clock'", {"o'clock"}),
        ("name = 'Suo\u0302\u0301i'", {"Suối"}),
    ],
)
def test_texts_are_folded_and_matched_alike(world: World, filter_: str, expected: set[str]) -> None:
    there = {row["name"] for row in world.rows.values()}
    assert expected <= there | {""}, "the rows hold what this test looks for"

    assert names(world, filter_) == expected & there


@pytest.mark.parametrize(
    ("filter_", "as_well"),
    [
        # a moment lies on its day in Vietnam
        (
            "updated_at = DATE('2026-11-02')",
            "updated_at >= '2026-11-01T17:00:00Z' AND updated_at < '2026-11-02T17:00:00Z'",
        ),
        ("updated_at > '2026-11-01'", "updated_at >= '2026-11-01T17:00:00Z'"),
        ("updated_at <= '2026-11-01'", "updated_at < TIMESTAMP('2026-11-02T00:00:00+07:00')"),
        ("due_on = '2026-11-01T17:00:00Z'", "due_on = '2026-11-02'"),
        ("due_on IN ('2026-11-01T17:00:00Z', '2026-11-23')", "due_on IN ('2026-11-02', '2026-11-23')"),
        # an interval of days holds them from their first to their last moment
        (
            "T_DURING(updated_at, INTERVAL('2026-11-01','2026-11-02'))",
            "updated_at BETWEEN '2026-11-01' AND '2026-11-02' AND updated_at <> '2026-10-31T17:00:00Z'",
        ),
        ("T_INTERSECTS(updated_at, DATE('2026-11-02'))", "updated_at = '2026-11-02'"),
        ("T_AFTER(updated_at, DATE('2026-11-02'))", "updated_at > '2026-11-02'"),
        ("T_BEFORE(updated_at, DATE('2026-11-02'))", "updated_at < '2026-11-02'"),
        ("T_AFTER(due_on, '2026-11-01')", "due_on > '2026-11-01'"),
        # open ends
        ("T_INTERSECTS(due_on, INTERVAL('..','..'))", "due_on IS NOT NULL"),
        ("NOT T_INTERSECTS(due_on, INTERVAL('..','2026-11-02'))", "due_on > '2026-11-02'"),
        ("T_DURING(due_on, INTERVAL('2026-11-02','..'))", "due_on > '2026-11-02'"),
        ("T_AFTER(due_on, INTERVAL('2026-11-02','..'))", "FALSE"),
        # both ends of what time there is
        ("updated_at > DATE('9999-12-31') OR updated_at < DATE('0001-01-01')", "FALSE"),
        ("updated_at BETWEEN DATE('0001-01-01') AND DATE('9999-12-31')", "updated_at IS NOT NULL"),
        ("updated_at < TIMESTAMP('2026-11-01T17:00:00.0009Z')", "updated_at < '2026-11-01T17:00:00Z'"),
    ],
)
def test_days_and_moments_meet_in_vietnam(world: World, filter_: str, as_well: str) -> None:
    assert world.text(filter_) == world.text(as_well)


NO_VALUE = [
    "1 / 0",
    "0 / 0",
    "1 % 0",
    "1 div 0",
    "0 ^ -1",
    "-8 ^ 0.5",
    "1e200 * 1e200",
    "1e-200 * 1e-200",
    "10 ^ 400",
]
NO_VALUE += [
    "10 ^ -400",
    "1.7e308 + 1.7e308",
    "1e308 - -1e308",
    "1e200 / 1e-200",
    "version / (version - version)",
]


@pytest.mark.parametrize("calculation", NO_VALUE)
def test_a_calculation_without_a_value_is_null(world: World, calculation: str) -> None:
    everywhere = world.text("version IS NOT NULL")

    assert world.text(f"version = {calculation} OR version <> {calculation}") == []
    assert world.text(f"version IS NOT NULL AND ({calculation}) IS NULL") == everywhere


def test_numbers_are_divided_as_numbers(world: World) -> None:
    everything = world.text("TRUE")

    for true in (
        "1 / 2 = 0.5",
        "7 div 2 = 3",
        "-7 div 2 = -3",
        "-7 % 3 = -1",
        "7.5 % 2 = 1.5",
        "2 ^ -1 = 0.5",
    ):
        assert world.text(true) == everything, true
    assert world.text("version / 2 = 0.5") == world.text("version = 1")
    assert world.text("people_at_risk < 99999999999999999999") == world.text("people_at_risk IS NOT NULL")


def test_a_geometry_stands_in_whichever_table_has_it(world: World) -> None:
    with_one = [number for number, row in world.rows.items() if row["geometry"] is not None]

    assert world.text("geometry IS NOT NULL") == with_one
    assert len(with_one) == 47
    assert world.text("S_INTERSECTS(geometry, BBOX(108, 12, 109, 13))") == with_one
    assert world.text("NOT S_INTERSECTS(geometry, BBOX(0, 0, 1, 1))") == with_one
    assert (
        world.text("S_EQUALS(geometry, geometry)")
        == world.text("NOT S_TOUCHES(geometry, geometry)")
        == with_one
    )
    assert world.text("S_INTERSECTS(geometry, BBOX(179, -90, -179, 90))") == []
    assert world.text("S_INTERSECTS(geometry, BBOX(108.5, -90, -179, 90))") == world.text(
        "S_INTERSECTS(geometry, BBOX(108.5, -90, 180, 90))"
    )
    assert world.text("S_INTERSECTS(POINT(1 1), BBOX(0, 0, 2, 2))") == list(world.rows)
    mixed = "GEOMETRYCOLLECTION(POINT(108.5 12.5), LINESTRING(0 0, 1 1), POINT(108.25 12.25))"
    either = "S_INTERSECTS(geometry, POINT(108.5 12.5)) OR S_INTERSECTS(geometry, POINT(108.25 12.25))"
    assert world.text(f"S_INTERSECTS(geometry, {mixed})") == world.text(either)
    assert world.text(f"S_DISJOINT(geometry, {mixed})") == world.text(f"NOT ({either})")


def test_literals_in_another_system_are_moved_first(world: World) -> None:
    fields = FIELDS
    tree = checked(parse("S_WITHIN(geometry, BBOX(8, 2, 9, 3))"), fields)

    def moved(shape: Any) -> Any:
        return shapely.transform(shape, lambda xy: np.add(xy, (100, 10)))

    lite, post = world.found(condition(tree, fields, GEOMETRIES, moved))

    assert lite == post == world.text("S_WITHIN(geometry, BBOX(108, 12, 109, 13))") != []
    with pytest.raises(BadRequest, match="outside its coordinate system"):
        condition(
            tree, fields, GEOMETRIES, lambda shape: shapely.transform(shape, lambda xy: xy * float("inf"))
        )


@pytest.mark.parametrize(
    "shape",
    ["POINT(90 180)", "POINT(-181 0)", "BBOX(1000000, 1000000, 2000000, 2000000)", "BBOX(181, 0, -179, 1)"],
)
def test_what_is_no_longitude_and_latitude_is_refused(shape: str) -> None:
    with pytest.raises(BadRequest, match="without filter-crs it is in degrees"):
        condition(checked(parse(f"S_INTERSECTS(geometry, {shape})"), FIELDS), FIELDS, GEOMETRIES)


def test_the_largest_filters_run_on_both(world: World) -> None:
    everything = world.text("TRUE")
    terms = " OR ".join(f"version = {number}" for number in range(100, 240))
    listed = ", ".join(map(str, range(100, 560)))

    assert world.text(f"{terms} OR version < 4") == world.text("version < 4")
    assert world.text(f"version NOT IN ({listed})") == world.text("version IS NOT NULL")
    assert world.text("NOT (version = 9 AND " * 10 + "FALSE" + ")" * 10) == world.text("version > 0")
    assert world.text("(" * 90 + "TRUE" + ")" * 90) == everything
    assert world.text("(" * 90 + "version = 9" + " OR version < 4)" * 90) == world.text("version < 4")
    assert world.text("0 = " + "(1 - " * 9 + "1" + ")" * 9) == everything
    assert world.text("name = 'x' OR units = 'x' OR 0 = 1" + " - 1" * 7 + " + 6") == everything
    assert world.text("version = 9 OR NOT (name = 'x' AND (" * 5 + "units = 'x'" + "))" * 5) == world.text(
        "version > 0"
    )
    assert world.text("CASEI(ACCENTI(" * 8 + "'Đ'" + "))" * 8 + " = 'd'") == everything
    assert world.text("CASEI(name) LIKE CASEI('" + "%a" * 900 + "')") == []
    ring = ", ".join(f"{100 + step / 200:.3f} {(step % 2) / 100}" for step in range(1_200))
    assert world.text(f"S_INTERSECTS(geometry, LINESTRING({ring}))") == []


def test_a_long_sum_is_refused_before_it_runs() -> None:
    with pytest.raises(BadRequest, match="nested too deeply"):
        checked(parse("0 = 1" + " - 1" * 12), FIELDS)


def plan(database: Database, filter_: str) -> str:
    """How SQLite goes about it."""
    wanted = select(SITE.c.id).where(condition(checked(parse(filter_), FIELDS), FIELDS, (SITE.c.geometry,)))
    compiled = wanted.compile(database.reading_engine)
    values = tuple(compiled.construct_params()[name] for name in compiled.positiontup or ())
    with database.read() as db:
        shown = [shapely.to_wkb(value) if hasattr(value, "geom_type") else value for value in values]
        rows = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(shown))
        return "\n".join(row[-1] for row in rows)


def test_sqlite_asks_its_indexes(world: World) -> None:
    lite, _ = world.databases

    for positive in ("S_INTERSECTS", "S_WITHIN", "S_TOUCHES"):
        steps = plan(lite, f"name <> 'x' AND {positive}(geometry, BBOX(108, 12, 108.1, 12.1))")
        assert "site_rtree VIRTUAL TABLE INDEX" in steps
        assert "SEARCH site USING INTEGER PRIMARY KEY" in steps
    assert "rtree" not in plan(lite, "NOT S_INTERSECTS(geometry, BBOX(108, 12, 108.1, 12.1))")
    assert "sqlite_autoindex_site" in plan(lite, "code = 'a-1'")


def test_statements_are_told_apart_by_what_they_say_not_by_their_values() -> None:
    def key(filter_: str) -> Any:
        return condition(checked(parse(filter_), FIELDS), FIELDS, GEOMETRIES)._generate_cache_key().key

    alike = [
        ("version + 1 = 2", "version + 5 = 7"),
        ("S_WITHIN(geometry, POINT(1 2))", "S_WITHIN(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))"),
        ("CASEI(name) LIKE CASEI('a%')", "CASEI(name) LIKE CASEI('b')"),
    ]
    for one, other in alike:
        assert key(one) == key(other)
    unlike = ["version + 1 = 2", "version - 1 = 2", "version * 1 = 2", "S_WITHIN(geometry, POINT(1 2))"]
    unlike += [
        "S_TOUCHES(geometry, POINT(1 2))",
        "NOT S_WITHIN(geometry, POINT(1 2))",
        "CASEI(name) LIKE 'a'",
    ]
    unlike += ["ACCENTI(name) LIKE 'a'", "name LIKE 'a'", "updated_at > due_on", "name < 'a'", "name = 'a'"]
    assert len({key(filter_) for filter_ in unlike}) == len(unlike)


def test_visits_are_found_by_the_text_of_their_id() -> None:
    fields = {field.name: field for field in VISITS.fields}
    known = "8c4b0f7e-3f0e-4d58-9a53-0f9f3b2f3c11"

    def spelled(filter_: str) -> str:
        return str(
            condition(checked(parse(filter_), fields), fields, VISITS.geometries).compile(
                dialect=sqlite.dialect()
            )
        )

    assert spelled(f"id = '{known}'") == "inspection.id = ?"  # by its index
    assert "substr" in spelled(f"id = '{known.upper()}'")
    assert "substr" in spelled("id LIKE '8c4b%'")
