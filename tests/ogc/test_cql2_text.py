"""CQL2 text becomes the tree that the standard's JSON is: its own examples, and what real clients send."""

import json
from typing import Any

import pytest

from app.errors import BadRequest
from app.ogc.cql2.text import parse
from app.ogc.cql2.tree import from_json

YES, NO = True, False


def op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


def p(name: str) -> dict[str, str]:
    return {"property": name}


a, b, v, foo, bar, x = map(p, ("a", "b", "value", "foo", "bar", "x"))
geometry = p("geometry")
TRIANGLE = {"type": "Polygon", "coordinates": [[[-10.0, -10.0], [10.0, -10.0], [10.0, 10.0], [-10.0, -10.0]]]}
SPAN = {"interval": [p("starts_at"), p("ends_at")]}

TREES = [
    # where other libraries went wrong
    ("a <> 3 OR a = 4 AND b = 'x'", op("or", op("<>", a, 3), op("and", op("=", a, 4), op("=", b, "x")))),
    ("(a <> 3 OR a = 4) AND b = 'x'", op("and", op("or", op("<>", a, 3), op("=", a, 4)), op("=", b, "x"))),
    ("NOT a = 1 AND b = 2", op("and", op("not", op("=", a, 1)), op("=", b, 2))),
    ("NOT (a = 1 AND b = 2)", op("not", op("and", op("=", a, 1), op("=", b, 2)))),
    ("NOT a = 1 OR NOT NOT b", op("or", op("not", op("=", a, 1)), op("not", op("not", b)))),
    ("a = 1 + 2 * 3", op("=", a, op("+", 1, op("*", 2, 3)))),
    ("a = (1 + 2) * 3", op("=", a, op("*", op("+", 1, 2), 3))),
    ("a - 1 - 2 > 0", op(">", op("-", op("-", a, 1), 2), 0)),
    ("a - (1 - 2) > 0", op(">", op("-", a, op("-", 1, 2)), 0)),
    ("8 / 4 / 2 = 2 ^ 3 * 5", op("=", op("/", op("/", 8, 4), 2), op("*", op("^", 2, 3), 5))),
    ("a-1>-1", op(">", op("-", a, 1), -1)),
    ("-2 ^ 2 = 4", op("=", op("^", -2, 2), 4)),
    (
        "CASEI(ACCENTI(a)) = ACCENTI(CASEI('Đ'))",
        op("=", op("casei", op("accenti", a)), op("accenti", op("casei", "Đ"))),
    ),
    ("a BETWEEN 1 AND 2 AND b = 3", op("and", op("between", a, 1, 2), op("=", b, 3))),
    ("a BETWEEN 1 + 1 AND 2 OR b", op("or", op("between", a, op("+", 1, 1), 2), b)),
    # the standard
    ("city='Toronto'", op("=", p("city"), "Toronto")),
    ("balance-150.0 > 0", op(">", op("-", p("balance"), 150.0), 0)),
    ("updated >= date('1970-01-01')", op(">=", p("updated"), {"date": "1970-01-01"})),
    ("geometry IS NOT NULL", op("not", op("isNull", geometry))),
    ("name LIKE 'Smith%'", op("like", p("name"), "Smith%")),
    ("depth BETWEEN 100.0 and 150.0", op("between", p("depth"), 100.0, 150.0)),
    ("city IN ('Toronto','New York')", op("in", p("city"), ["Toronto", "New York"])),
    ("category NOT IN (1,2,3,4)", op("not", op("in", p("category"), [1, 2, 3, 4]))),
    (
        "CASEI(road_class) IN (CASEI('Οδος'),CASEI('Straße'))",
        op("in", op("casei", p("road_class")), [op("casei", "Οδος"), op("casei", "Straße")]),
    ),
    (
        "ACCENTI(etat_vol) = ACCENTI('débárquér')",
        op("=", op("accenti", p("etat_vol")), op("accenti", "débárquér")),
    ),
    (
        "S_INTERSECTS(geometry,POINT(36.319836 32.288087))",
        op("s_intersects", geometry, {"type": "Point", "coordinates": [36.319836, 32.288087]}),
    ),
    (
        "T_INTERSECTS(event_time, INTERVAL('1969-07-16T05:32:00Z', '..'))",
        op("t_intersects", p("event_time"), {"interval": ["1969-07-16T05:32:00Z", ".."]}),
    ),
    ("landsat:scene_id = 'LC8'", op("=", p("landsat:scene_id"), "LC8")),
    (
        "eo:cloud_cover=0.1 OR eo:cloud_cover=0.2",
        op("or", op("=", p("eo:cloud_cover"), 0.1), op("=", p("eo:cloud_cover"), 0.2)),
    ),
    ("owner NOT LIKE '%Mike%'", op("not", op("like", p("owner"), "%Mike%"))),
    ("swimming_pool = true", op("=", p("swimming_pool"), YES)),
    ("NOT (floors<5) OR pool=true", op("or", op("not", op("<", p("floors"), 5)), op("=", p("pool"), YES))),
    ("T_BEFORE(built, DATE('2015-01-01'))", op("t_before", p("built"), {"date": "2015-01-01"})),
    (
        "T_DURING(INTERVAL(starts_at, ends_at), INTERVAL('2005-01-10', '2010-02-10'))",
        op("t_during", SPAN, {"interval": ["2005-01-10", "2010-02-10"]}),
    ),
    (
        "T_FINISHEDBY(INTERVAL(starts_at, ends_at), INTERVAL('..', '2010-02-10'))",
        op("t_finishedBy", SPAN, {"interval": ["..", "2010-02-10"]}),
    ),
    (
        "t_metby(INTERVAL(starts_at, ends_at), INTERVAL(\"starts_at\", 'ends_at'))",
        op("t_metBy", SPAN, {"interval": [p("starts_at"), "ends_at"]}),
    ),
    (
        "S_WITHIN(location,BBOX(-118,33.8,-117.9,34))",
        op("s_within", p("location"), {"bbox": [-118, 33.8, -117.9, 34]}),
    ),
    (
        'S_INTERSECTS("geometry", BBOX(-128.1, -1.1, -99999.0, 180.0, 90.0, 100000.0))',
        op("s_intersects", geometry, {"bbox": [-128.1, -1.1, -99999.0, 180.0, 90.0, 100000.0]}),
    ),
    (
        "S_INTERSECTS(geometry,POLYGON((-10.0 -10.0,10.0 -10.0,10.0 10.0,-10.0 -10.0)))",
        op("s_intersects", geometry, TRIANGLE),
    ),
    (
        "S_EQUALS(POLYGON ((\n -10.0 -10.0, 10.0 -10.0,\n 10.0 10.0, -10.0 -10.0)), geometry)",
        op("s_equals", TRIANGLE, geometry),
    ),
    (
        "S_DISJOINT(geometry, MULTIPOLYGON (((1 1, 2 1, 2 2, 1 1)), ((3 3, 4 3, 4 4, 3 3))))",
        op(
            "s_disjoint",
            geometry,
            {
                "type": "MultiPolygon",
                "coordinates": [[[[1, 1], [2, 1], [2, 2], [1, 1]]], [[[3, 3], [4, 3], [4, 4], [3, 3]]]],
            },
        ),
    ),
    (
        "S_TOUCHES(geometry, MULTILINESTRING ((-1.9 -0.9, 75.2 1.5), (1 1, 2 2)))",
        op(
            "s_touches",
            geometry,
            {"type": "MultiLineString", "coordinates": [[[-1.9, -0.9], [75.2, 1.5]], [[1, 1], [2, 2]]]},
        ),
    ),
    (
        "S_CROSSES(geometry, LINESTRING Z (1 2 3, 4 5 6))",
        op("s_crosses", geometry, {"type": "LineString", "coordinates": [[1, 2, 3], [4, 5, 6]]}),
    ),
    (
        "S_OVERLAPS(MULTIPOINT ((180.0 -0.5), (179.0 1)), geometry)",
        op("s_overlaps", {"type": "MultiPoint", "coordinates": [[180.0, -0.5], [179.0, 1]]}, geometry),
    ),
    (
        "S_OVERLAPS(geometry, MULTIPOINT(1 2, 3 4))",
        op("s_overlaps", geometry, {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
    ),
    (
        "S_EQUALS(GEOMETRYCOLLECTION (POINT (1.9 2), LINESTRING (1 1, 0 0)), geometry)",
        op(
            "s_equals",
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [1.9, 2]},
                    {"type": "LineString", "coordinates": [[1, 1], [0, 0]]},
                ],
            },
            geometry,
        ),
    ),
    ('"value" IS NULL OR "value" BETWEEN 10 AND 20', op("or", op("isNull", v), op("between", v, 10, 20))),
    ("NOT \"value\" IN ('a', 'b', 'c')", op("not", op("in", v, ["a", "b", "c"]))),
    ('Foo("geometry") = TRUE', op("=", op("Foo", geometry), YES)),
    ("FALSE <> Bar(geometry, 100, 'a', FALSE)", op("<>", NO, op("Bar", geometry, 100, "a", NO))),
    ("0 = (foo % 2)", op("=", 0, op("%", foo, 2))),
    ("1 = (foo div 2)", op("=", 1, op("div", foo, 2))),
    (
        'value = - foo * 2.0 + "bar" / 6.1234 - "x" ^ 2.0',
        op("=", v, op("-", op("+", op("*", op("*", -1, foo), 2.0), op("/", bar, 6.1234)), op("^", x, 2.0))),
    ),
    ("\"name\" LIKE CASEI('FOO%')", op("like", p("name"), op("casei", "FOO%"))),
    # spelling
    (
        r"a = 'dell''Avvento' OR a = 'dell\'Avvento'",
        op("or", op("=", a, "dell'Avvento"), op("=", a, "dell'Avvento")),
    ),
    (r"a = '\a\b\t\n\v\f\r'", op("=", a, "\a\b\t\n\v\f\r")),
    (r"a LIKE '50\%' OR a LIKE 'C:\\_'", op("or", op("like", a, r"50\%"), op("like", a, r"C:\_"))),
    ('"weird ""name""" = 1', op("=", p('weird "name"'), 1)),
    (
        "vị_trí = 'Suối' AND date = 1 AND point = 2",
        op("and", op("=", p("vị_trí"), "Suối"), op("=", p("date"), 1), op("=", p("point"), 2)),
    ),
    (
        "android = orange AND notes LIKE 'x'",
        op("and", op("=", p("android"), p("orange")), op("like", p("notes"), "x")),
    ),
    (
        "a = .5 OR a = 5. OR a = 1E3 OR a = +2.5e-3",
        op("or", *(op("=", a, number) for number in (0.5, 5.0, 1000.0, 0.0025))),
    ),
    # as QGIS writes it
    ("(\"due_on\" >= DATE('2026-11-01'))", op(">=", p("due_on"), {"date": "2026-11-01"})),
    (
        "((a = 1) AND (NOT (\"b_c\" LIKE 'x%')))",
        op("and", op("=", a, 1), op("not", op("like", p("b_c"), "x%"))),
    ),
    (
        "(CASEI(name) NOT LIKE CASEI('%suối%'))",
        op("not", op("like", op("casei", p("name")), op("casei", "%suối%"))),
    ),
    ('("a_b" IS NOT NULL)', op("not", op("isNull", p("a_b")))),
    ("(( - (a)) < ( - (5)))", op("<", op("*", -1, a), -5)),
    ("a NOT BETWEEN 1 AND 2", op("not", op("between", a, 1, 2))),
    ("a NOT IN (1,2)", op("not", op("in", a, [1, 2]))),
    (
        "S_INTERSECTS(geometry,BBOX(108.3,11.9,108.5,12))",
        op("s_intersects", geometry, {"bbox": [108.3, 11.9, 108.5, 12]}),
    ),
    # as GDAL writes it
    (
        "(kind = 'slide') AND ((name IS NULL))",
        op("and", op("=", p("kind"), "slide"), op("isNull", p("name"))),
    ),
    ("NOT ((a > 1) OR (b <= 2.5))", op("not", op("or", op(">", a, 1), op("<=", b, 2.5)))),
]


@pytest.mark.parametrize(("text", "tree"), TREES, ids=[text for text, _ in TREES])
def test_text_becomes_the_standards_tree(text: str, tree: Any) -> None:
    got = parse(text)

    assert got == tree
    assert json.dumps(got) == json.dumps(tree)  # true is no 1, 1.0 is written with its point
    assert from_json(json.dumps(tree)) == got


UNREAD = [
    ("a = ", "ends too early"),
    ("a = 1 AND", "ends too early"),
    ("", "empty"),
    ("  \n ", "empty"),
    ("a == 1", "line 1, column 4"),
    ("a = 1\n  AND AND b = 2", "line 2, column 7"),
    ("a = 1 = 2", "line 1, column 7"),
    ("a = 'open", "line 1, column 5"),
    ("a = 2 ^ 3 ^ 4", "line 1, column 11"),
    ("a = $1", "line 1, column 5"),
    ("a = 1; DROP TABLE site", "line 1, column 6"),
    ("a ILIKE 'x'", "line 1, column 3"),
    ("a IN ()", "line 1, column 7"),
    ("a = NULL", "line 1, column 5"),
    ("a = 1 OR AND (b = 2)", "line 1, column 10"),
    ("POINT(1)", "line 1, column 7"),
    ("S_INTERSECTS(geometry, POLYGON((1 1, 2 2, 3 'x')))", "line 1, column 43"),
    ("S_INTERSECTS(geometry, POINT EMPTY)", "line 1, column 30"),
    (")", "line 1, column 1"),
    ("a = " + "9" * 401, "more than 400 digits"),
]


@pytest.mark.parametrize(("text", "words"), UNREAD, ids=[text[:40] for text, _ in UNREAD])
def test_what_cannot_be_read_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(text)

    assert words in refused.value.sentence()
