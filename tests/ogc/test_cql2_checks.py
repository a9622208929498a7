"""What a filter may not be: every refusal is a 400 with a sentence of ours, in time, and the process lives on."""

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import thread_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadRequest
from app.ogc.cql2.operators import SPELLED
from app.ogc.cql2.text import parse
from app.ogc.cql2.tree import checked, from_json

SOON_S = 3.0
"""Of the processor: what grows without bound takes longer. `python -m bench hostile` measures the 200 ms."""


@dataclass(frozen=True)
class Typed:
    type: str


FIELDS = {
    "name": Typed("string"),
    "version": Typed("integer"),
    "accuracy": Typed("number"),
    "overdue": Typed("boolean"),
    "due_on": Typed("date"),
    "updated_at": Typed("date-time"),
}


def refusal(text: str) -> str:
    with pytest.raises(BadRequest) as refused:
        checked(parse(text), FIELDS)
    return refused.value.sentence()


def refusal_of_json(value: Any) -> str:
    with pytest.raises(BadRequest) as refused:
        checked(value, FIELDS)
    return refused.value.sentence()


WRONG = [
    # names
    ("colour = 'red'", "line 1, column 1: there is no such property here. There are name, version, accuracy"),
    ("name = 'a' AND\n  secret > 1", "line 2, column 3"),
    ("name = 'a' AND \"se cret\" > 1", "line 1, column 16"),
    (
        "pg_sleep(5) = 1",
        "line 1, column 1: there is no such operator or function. There are accenti, casei, s_",
    ),
    ("load_extension('x') IS NULL", "no such operator or function"),
    ("name = upper('x')", "line 1, column 8"),
    ("A_CONTAINS(name, 'x')", "no such operator or function"),
    # types
    ("name = 1", "string and number"),
    ("version = 'one'", "number and string"),
    ("overdue = 'true'", "boolean and string"),
    ("overdue = 1", "boolean and number"),
    ("version IN (1, 'two')", "number and string"),
    ("name BETWEEN 1 AND 2", "string and number"),
    ("overdue BETWEEN FALSE AND TRUE", "no booleans"),
    ("due_on = name", "date and string"),
    ("name = DATE('2026-11-23')", "string and date"),
    ("CASEI(name) = DATE('2026-11-23')", "string and date"),
    ("due_on > 20261123", "date and number"),
    ("due_on + 1 = 2", "+ takes a value of type number, not date"),
    ("name + 1 = 2", "+ takes a value of type number, not string"),
    ("CASEI(version) = 'x'", "casei takes a value of type string, not number"),
    ("CASEI(due_on) LIKE '2026%'", "casei takes a value of type string, not date"),
    ("version LIKE '1%'", "LIKE takes a text, not a value of type number"),
    ("due_on LIKE '2026%'", "not a value of type date"),
    ("name LIKE 1", "pattern of LIKE"),
    ("name LIKE name", "pattern of LIKE"),
    ("name LIKE CASEI(name)", "pattern of LIKE"),
    ("name", "no boolean"),
    ("version AND overdue", "no boolean"),
    ("1", "no CQL2 expression"),
    ("'x'", "no CQL2 expression"),
    ("version + 1", "+ gives a value"),
    ("CASEI(name)", "casei gives a value"),
    ("(version = 1) = TRUE", "= is a condition"),
    ("version + (name = 'x') = 1", "= is a condition"),
    ("T_AFTER(name, DATE('2026-11-23'))", "not a value of type string"),
    ("T_AFTER(due_on, 5)", "not a value of type number"),
    ("T_AFTER(geometry, DATE('2026-11-23'))", "only with spatial functions"),
    ("T_STARTS(due_on, INTERVAL('2026-11-23','..'))", "T_STARTS compares intervals"),
    ("T_DURING(due_on, DATE('2026-11-23'))", "T_DURING compares intervals"),
    ("S_INTERSECTS(name, POINT(1 2))", "takes the property geometry"),
    ("S_INTERSECTS(geometry, name)", "takes the property geometry"),
    ("S_INTERSECTS(geometry, buffer(geometry, 1))", "no such operator or function"),
    ("geometry = 'x'", "only with spatial functions"),
    # numbers of arguments
    ("CASEI(name, name) = 'x'", "casei takes 1 arguments"),
    ("CASEI() = 'x'", "casei takes 1 arguments"),
    ("S_INTERSECTS(geometry)", "s_intersects takes 2 arguments"),
    ("T_AFTER(due_on, due_on, due_on)", "t_after takes 2 arguments"),
    # times
    ("due_on = DATE('2026-02-30')", "has to exist"),
    ("due_on = DATE('0000-01-01')", "has to exist"),
    ("due_on = DATE('26-1-1')", "has to exist"),
    ("due_on = DATE('２０２６-11-23')", "has to exist"),
    ("due_on = 'tomorrow'", "A time is a date"),
    ("updated_at = TIMESTAMP('2026-11-23')", "A timestamp is written"),
    ("updated_at = TIMESTAMP('2026-11-23T25:00:00Z')", "has to exist"),
    ("updated_at > '2026-11-23T08:00:00'", "A time is a date"),
    ("updated_at = TIMESTAMP('0001-01-01T00:00:00+07:00')", "has to exist"),
    ("T_DURING(updated_at, INTERVAL('2026-11-23','2026-11-22'))", "does not end before it starts"),
    ("T_AFTER(updated_at, '..')", "A time is a date"),
    # numbers
    ("version = 1e999", "not finite"),
    ("version = " + "9" * 399, "not finite"),
    # geometries
    ("S_WITHIN(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))", "crosses itself near longitude 1"),
    ("S_WITHIN(geometry, POLYGON((0 0, 1 0, 1 1, 0 1)))", "the last repeats the first"),
    ("S_WITHIN(geometry, LINESTRING(1 1))", "two different positions"),
    ("S_WITHIN(geometry, LINESTRING(1 1, 1 1))", "two different positions"),
    ("S_WITHIN(geometry, BBOX(1, 2, 3))", "A BBOX has four numbers"),
    ("S_WITHIN(geometry, BBOX(1, 2, 3, 1))", "second coordinate"),
    ("S_WITHIN(geometry, POINT(1e300 0))", "within 100,000,000"),
    (
        "S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(1 1, 2 2)))",
        "S_INTERSECTS and S_DISJOINT",
    ),
    ("name LIKE '" + "%" * 2001 + "'", "at most 2000 characters"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text[:50] for text, _ in WRONG])
def test_a_wrong_filter_is_refused_in_our_own_words(text: str, words: str) -> None:
    sentence = refusal(text)

    assert words in sentence
    assert not any(theirs in sentence for theirs in ("pg_sleep", "colour", "secret", "buffer", "tomorrow"))


WRONG_JSON = [
    (None, "no CQL2 expression"),
    ([], "no CQL2 expression"),
    ({}, "no CQL2 expression"),
    ({"op": "and"}, "no CQL2 expression"),
    ({"op": "and", "args": []}, "at least two"),
    ({"op": "and", "args": [True]}, "at least two"),
    ({"op": "or", "args": {"0": True, "1": True}}, "are a list"),
    ({"op": "not", "args": [True, True]}, "takes 1 arguments"),
    ({"op": ["="], "args": [1, 1]}, "no such operator"),
    ({"op": "=", "args": [1]}, "takes 2 arguments"),
    ({"op": "=", "args": [1, 1], "sql": "1=1"}, "no CQL2 expression"),
    ({"op": "=", "args": [{"property": ["name"]}, 1]}, "no such property"),
    ({"op": "=", "args": [{"property": "name", "x": 1}, "a"]}, "no CQL2 expression"),
    ({"op": "=", "args": [{"property": "name"}, None]}, "IS NULL only"),
    ({"op": "=", "args": [{"property": "name"}, "nul\x00"]}, "characters"),
    ({"op": "=", "args": [{"property": "name"}, "half \ud800"]}, "characters"),
    ({"op": "like", "args": [{"property": "name"}, "half \udfff%"]}, "characters"),
    ({"op": "=", "args": [{"property": "version"}, float("nan")]}, "not finite"),
    ({"op": "=", "args": [{"property": "version"}, 10**400]}, "not finite"),
    ({"op": "=", "args": [{"property": "due_on"}, {"date": 5}]}, "A date is written"),
    ({"op": "in", "args": [{"property": "name"}, []]}, "at least one value"),
    ({"op": "in", "args": [{"property": "name"}, "name"]}, "at least one value"),
    ({"op": "in", "args": [{"property": "name"}, [["a"]]]}, "no CQL2 expression"),
    ({"op": "isNull", "args": [{"interval": ["..", ".."]}]}, "no CQL2 expression"),
    ({"op": "t_after", "args": [{"property": "due_on"}, {"interval": ["2026-11-23"]}]}, "start and an end"),
    (
        {"op": "t_after", "args": [{"property": "due_on"}, {"interval": [{"interval": ["..", ".."]}, ".."]}]},
        "start and an end",
    ),
]
SHAPES = [
    ({"type": "Point", "coordinates": [1]}, "two numbers"),
    ({"type": "Point", "coordinates": ["1", "2"]}, "not finite"),
    ({"type": "Point", "coordinates": [True, 2]}, "not finite"),
    ({"type": "Point", "coordinates": [float("nan"), 2]}, "not finite"),
    ({"type": "Point", "coordinates": [10**400, 2]}, "not finite"),
    ({"type": "Point", "coordinates": [1, 2, 3, 4]}, "two numbers"),
    ({"type": "Circle", "coordinates": [1, 2]}, "has a type"),
    ({"type": ["Point"], "coordinates": [1, 2]}, "has a type"),
    ({"type": "Polygon", "coordinates": []}, "not nested"),
    ({"type": "Polygon", "coordinates": [[]]}, "not nested"),
    ({"type": "Polygon", "coordinates": {"a": 1}}, "not nested"),
    ({"type": "Polygon", "coordinates": [[1, 2], [3, 4]]}, "two numbers"),
    ({"type": "GeometryCollection", "geometries": []}, "between 1 and 100"),
    (
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}]},
        "has a type",
    ),
    ({"type": "Point", "coordinates": [1, 2], "crs": "x"}, "has a type"),
    ({"type": "LineString", "coordinates": [[i / 1000, 1] for i in range(10_001)]}, "at most 10000 vertices"),
    ({"bbox": [1, 2, 3, "4"]}, "not finite"),
    ({"bbox": "1,2,3,4"}, "A BBOX has four numbers"),
]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *WRONG_JSON,
        *(({"op": "s_within", "args": [{"property": "geometry"}, shape]}, words) for shape, words in SHAPES),
    ],
)
def test_a_wrong_tree_is_refused_in_our_own_words(value: Any, words: str) -> None:
    assert words in refusal_of_json(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON at line 1, column 2"),
        ('{"op": "=", "args": [NaN, 1]}', "not finite"),
        ('{"op": "=", "args": [-Infinity, 1]}', "not finite"),
        ('{"op": "=", "args": [' + "9" * 5000 + ", 1]}", "not finite"),
    ],
)
def test_what_is_no_json_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        from_json(text)

    assert words in refused.value.sentence()


def test_a_bare_date_beside_a_time_is_that_date_and_texts_are_composed() -> None:
    tree = checked(
        parse(
            "due_on IN ('2026-11-23') AND updated_at < '2026-11-23T08:00:00Z' AND name = 'Suo\u0302\u0301i'"
        ),
        FIELDS,
    )

    listed, before, named = tree["args"]
    assert listed["args"][1] == [{"date": "2026-11-23"}]
    assert before["args"][1] == {"timestamp": "2026-11-23T08:00:00Z"}
    assert named["args"][1] == "Su\u1ed1i"


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(
        ["..", "2026-11-23", "Point", "Polygon", "GeometryCollection", *SPELLED, *FIELDS, "geometry"]
    ),
)
KEYS = st.sampled_from(
    ["op", "args", "property", "date", "timestamp", "interval", "bbox", "type", "coordinates"]
)


@settings(max_examples=300, deadline=None)
@given(
    tree=st.recursive(
        ODD,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(KEYS | st.just("geometries"), inner, max_size=3),
            st.fixed_dictionaries({"op": st.sampled_from([*SPELLED]), "args": st.lists(inner, max_size=3)}),
        ),
        max_leaves=12,
    )
)
def test_any_json_is_taken_or_refused(tree: Any) -> None:
    with suppress(BadRequest):
        checked(tree, FIELDS)


def nested_json(op: str, depth: int) -> Any:
    tree: Any = True
    for step in range(depth):
        tree = {
            "op": op if op == "not" or step % 2 else "and",
            "args": [tree] if op == "not" else [tree, True],
        }
    return tree


def by_text(text: str) -> Callable[[], object]:
    return lambda: checked(parse(text), FIELDS)


def by_json(text: str) -> Callable[[], object]:
    return lambda: checked(from_json(text), FIELDS)


def by_tree(tree: Any) -> Callable[[], object]:
    return lambda: checked(tree, FIELDS)


SHORT, LONG = 2_000, 200_000
HOSTILE: dict[str, Callable[[], object]] = {
    **{
        f"{name} {depth}": by_text(opening * depth + "overdue" + closing * depth)
        for depth in (101, SHORT, LONG)
        for name, opening, closing in (
            ("parentheses", "(", ")"),
            ("open parentheses", "(", ""),
            ("NOT (", "NOT (", ")"),
            ("NOT", "NOT ", ""),
            ("not not", "not\n", ""),
            ("signs", "1=" + "-", "1"),
            ("CASEI(", "CASEI(", ")"),
            ("POLYGON(", "POLYGON(", ")"),
            ("pg_sleep(", "pg_sleep(", ")"),
        )
    },
    **{
        f"JSON {name} {depth}": by_json(opening * depth + closing * depth)
        for depth in (101, SHORT, LONG)
        for name, opening, closing in (
            ("lists", "[", "]"),
            ("open lists", "[", ""),
            ("not", '{"op":"not","args":[', "]}"),
            ("objects", '{"a":', "}"),
        )
    },
    **{
        f"tree of {op} {depth}": by_tree(nested_json(op, depth))
        for op in ("not", "or")
        for depth in (60, 5_000)
    },
    "10,000 terms": by_text(" AND ".join(["version=1"] * 1_900)),
    "10,000 terms of a tree": by_tree({"op": "or", "args": [{"op": "=", "args": [1, 1]}] * 10_000}),
    "10,000 values": by_tree({"op": "in", "args": [{"property": "version"}, [1] * 10_000]}),
    "a long sum": by_text("1" + "+1" * 9_000 + " = 1"),
    "1 MB of text": by_text("name = '" + "x" * 1_000_000 + "'"),
    "1 MB of JSON": by_json(json.dumps({"op": "=", "args": ["x" * 1_000_000, "x"]})),
    "20 kB of quotes": by_text("'" * 20_001),
    "20 kB of backslashes": by_text("name = '" + "\\" * 20_001),
    "20 kB of digits": by_text("version = " + "1" * 20_000),
    "20 kB of dots": by_text("." * 20_000),
    "20 kB of names": by_text("a " * 10_000),
    "20 kB of commas": by_text("S_INTERSECTS(geometry, POLYGON((" + "1 1," * 5_000),
    "half a pair": by_text("name = '\ud83d'"),
    "NUL": by_text("name = '\x00'"),
    "million positions": by_tree(
        {
            "op": "s_within",
            "args": [{"property": "geometry"}, {"type": "MultiPoint", "coordinates": [[1, 1]] * 500_000}],
        }
    ),
    "deep positions": by_tree(
        {
            "op": "s_within",
            "args": [{"property": "geometry"}, {"type": "Point", "coordinates": nested_json("x", 900)}],
        }
    ),
}


@pytest.mark.parametrize("attack", HOSTILE.values(), ids=HOSTILE)
def test_hostile_filters_are_refused_in_time(attack: Callable[[], object]) -> None:
    parse("overdue")  # the grammar is read once
    before, process = set(threading.enumerate()), os.getpid()

    start = thread_time()

    with pytest.raises(BadRequest):
        attack()

    assert thread_time() - start < SOON_S
    assert (set(threading.enumerate()) - before, os.getpid()) == (set(), process)


def test_the_largest_filters_that_are_taken_are_read_in_time() -> None:
    terms = " OR ".join(f"name = 'Suối {number}'" for number in range(160))
    line = ", ".join(f"{number / 100:.2f} {number / 100:.2f}" for number in range(1_500))
    deep = "NOT (" * 25 + "overdue" + ")" * 25

    for text in (terms, f"S_INTERSECTS(geometry, LINESTRING({line}))", deep):
        start = thread_time()
        checked(parse(text), FIELDS)
        assert thread_time() - start < SOON_S
