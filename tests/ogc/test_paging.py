"""Walking through everything: by cursor and by offset, in any order, in pages of any length, while others write."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from functools import cmp_to_key
from itertools import count
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point
from sqlalchemy import text

from app import clock
from app.ogc import paging, reading
from app.ogc.asked import Asked, Sort
from app.ogc.collections import COLLECTIONS
from app.ogc.view import View, view
from app.people.rules import ANONYMOUS
from app.sites import queries as sites
from tests.ogc.rows import COUNT, door

__all__ = ["door"]

FIELDS = [field.name for field in COLLECTIONS["sites"].fields if field.see == "public"]
SORTS = st.lists(
    st.tuples(st.sampled_from(FIELDS), st.booleans()), max_size=3, unique_by=lambda pair: pair[0]
)
PAGES = st.lists(st.integers(2, 12), min_size=1, max_size=5)
FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_numbers = count(1)


def sites_of_everybody() -> View:
    return view(COLLECTIONS["sites"], ANONYMOUS)


def asked(sort, **more: Any) -> Asked:
    fields = {field.name: field for field in sites_of_everybody().fields}
    return Asked(sort=tuple(Sort(fields[name], falling) for name, falling in sort), **more)


def pages(door, wanted: Asked, lengths, *, by_offset: bool = False) -> Iterator[list[dict[str, Any]]]:
    """The pages of a walk; cursors go through their text, as a client sends them."""
    seen, skipped = sites_of_everybody(), 0
    for number in count():
        wanted = replace(wanted, limit=lengths[number % len(lengths)])
        with door.database.read() as db:
            piece = reading.piece(db, seen, wanted, today=clock.today())
        yield [orjson.loads(each) for each in piece.texts]
        if piece.after is None:
            return
        skipped += len(piece.texts)
        if by_offset:
            wanted = replace(wanted, offset=skipped)
        else:
            cursor = paging.cursor(wanted, piece.after)
            wanted = replace(wanted, after=paging.after_in(cursor, seen, wanted.sort))


def walked(*args, **how) -> list[dict[str, Any]]:
    return [each for page in pages(*args, **how) for each in page]


def in_order(features, sort):
    """The same sorted by Python: nulls last either way, texts by code point, the rest as it was registered."""

    def compared(one, other):
        for name, falling in sort:
            a, b = (each["properties"][name] for each in (one, other))
            if isinstance(a, str) or isinstance(b, str):
                a, b = a and a[: paging.SORTED_CHARACTERS], b and b[: paging.SORTED_CHARACTERS]
            if a != b:
                return 1 if a is None else -1 if b is None else (1 if (a > b) != falling else -1)
        return 0

    return sorted(features, key=cmp_to_key(compared))


@FEW
@given(sort=SORTS, lengths=PAGES)
def test_walks_by_cursor_and_by_offset_give_everything_in_the_same_order(door, sort, lengths):
    everything = walked(door, asked([]), [1000])

    by_cursor = walked(door, asked(sort), lengths)
    by_offset = walked(door, asked(sort), lengths, by_offset=True)

    assert by_cursor == by_offset == in_order(everything, sort)


@FEW
@given(
    sort=SORTS.filter(lambda pairs: not {"address", "version"} & {name for name, _ in pairs}),
    lengths=PAGES,
    writes=st.lists(st.sampled_from(["add", "change", None]), min_size=3, max_size=6),
)
def test_what_stays_comes_once_and_in_order_whatever_is_written_meanwhile(changing, sort, lengths, writes):
    before = [each["id"] for each in walked(changing, asked([]), [1000])]

    found = []
    for number, page in enumerate(pages(changing, asked(sort), lengths)):
        found += page
        write(changing, writes[number] if number < len(writes) else None, number)

    stayed = [each["id"] for each in found if each["id"] in set(before)]
    assert sorted(stayed) == sorted(before)
    with_values = [each for each in found if each["id"] in set(before)]
    assert [each["id"] for each in in_order(with_values, sort)] == stayed or sort == []


def write(door, what, number):
    """Add a site, or change one in what nothing is sorted by."""
    if what is None:
        return
    with door.database.write() as db:
        if what == "change":
            db.execute(
                text("UPDATE site SET address = :address, version = version + 1 WHERE id = :id"),
                {"address": f"Địa chỉ {next(_numbers)}", "id": number % COUNT + 1},
            )
            return
        values = {"name": "Mới", "kind": "slide", "geometry": Point(108.4, 11.9)}
        values |= {
            "code": f"TH-MM-{next(_numbers)}",
            "location_status": "surveyed",
            "location_accuracy_m": 5.0,
        }
        sites.add(db, values, unit_ids=[1], at=clock.now(), by=None)


changing = door
"""Not the one that others only read from: pytest makes one for each name."""


def test_next_links_lead_through_everything_once(door):
    for query in ("", "sortby=-risk_level,name", "sortby=overdue,-location_accuracy_m&risk_level=low"):
        address, found, matched = f"/ogc/collections/sites/items?limit=7&{query}", [], set()
        while address:
            page = door.client.get(address).json()
            found += [each["id"] for each in page["features"]]
            address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
            matched.add(page["numberMatched"])
        assert len(found) == len(set(found)) > 0
        assert matched == {len(found)}


def test_a_page_after_the_last_is_empty_and_counts_all_the_same(door):
    found = door.get("sites/items", offset=10_000)

    assert (found["features"], found["numberMatched"], found["numberReturned"]) == ([], COUNT + 6, 0)
    assert not any(link["rel"] == "next" for link in found["links"])


def test_the_longest_order_fits_into_a_statement_and_an_address(door):
    """SQLite's parser takes no more than 100 open places; a cursor stands in an address of 8 kB."""
    names = ("unit_names", "units", "overdue", "location_note", "due_on", "address")
    deep = "version > 0"
    for number in range(6):
        deep = f"({deep} AND kind = 'slide' OR version = {number})"
    address = f"/ogc/collections/sites/items?limit=9&sortby={','.join(names)}&filter={deep}"
    found = []
    while address:
        answer = door.client.get(address)
        assert answer.status_code == 200, answer.text
        found += [each["id"] for each in answer.json()["features"]]
        address = answer.links.get("next", {}).get("url")

    assert len(found) == len(set(found)) > COUNT / 2


def cursor_of(*values: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("cursor", "sort"),
    [
        (cursor_of("name", "x", 1), ""),
        (cursor_of("", 1), "name"),
        (cursor_of("-name", "x", 1), "name"),
        (cursor_of("name", 1), "name"),
        (cursor_of("name", "x", 1, 1), "name"),
        (cursor_of("name", 1, 1), "name"),
        (cursor_of("name", "a\0", 1), "name"),
        (cursor_of("name", "x", "1"), "name"),
        (cursor_of("name", "x", None), "name"),
        (cursor_of("", False), ""),  # noqa: FBT003 - a value
        (cursor_of("", 2**63), ""),
        (cursor_of("", 2**31), ""),
        (cursor_of("", -(2**40)), ""),
        (cursor_of("", 1.5), ""),
        (cursor_of("due_on", "2026-02-30", 1), "due_on"),
        (cursor_of("updated_at", "yesterday", 1), "updated_at"),
        (cursor_of("updated_at", 1, 1), "updated_at"),
        (cursor_of("version", "1", 1), "version"),
        (cursor_of("overdue", "true", 1), "overdue"),
        ("WzE", ""),
        ("e30", ""),
        ("é", ""),
    ],
)
def test_a_cursor_of_ones_own_or_of_another_order_is_refused(door, cursor, sort):
    problem = door.refused(f"cursor={cursor}" + (f"&sortby={sort}" if sort else ""))

    assert problem["errors"][0]["pointer"] == "?cursor"


def test_a_cursor_of_an_inspection_is_its_id(door):
    refused = door.refused(f"cursor={cursor_of('', 1)}", "inspections")
    found = door.get("inspections/items", cursor=cursor_of("", "00000000-0000-4000-8000-000000000000"))

    assert refused["errors"][0]["pointer"] == "?cursor"
    assert found["features"] == []


def test_moments_with_microseconds_of_another_tool_are_walked_through_too(changing):
    with changing.database.write() as db:
        if changing.database.dialect == "postgresql":
            set_to = "timestamptz '2026-05-01T00:00:00Z' + (id % 3) * interval '1 microsecond'"
        else:
            set_to = "'2026-05-01T00:00:00.00000' || (id % 3) || 'Z'"
        db.execute(text(f"UPDATE site SET last_inspected_at = {set_to}"))  # noqa: S608 - ours

    sort = [("last_inspected_at", True)]
    found = [each["id"] for each in walked(changing, asked(sort), [1])]

    assert len(found) == len(set(found)) == len(walked(changing, asked([]), [1000]))
    assert found == [each["id"] for each in walked(changing, asked(sort), [5], by_offset=True)]
