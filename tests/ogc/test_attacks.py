"""What somebody hostile sent to the GIS door, and what must not come of it."""

import json
import os
from base64 import urlsafe_b64encode

import pytest
from sqlalchemy import text

from app.ogc import ready
from app.ogc.formats import kept_files
from app.sites.model import Site

HOSTS = (
    *("evil.example\\@127.0.0.1", "evil@127.0.0.1", "127.0.0.1/evil?", "127.0.0.1#", '127.0.0.1:1"x'),
    *("127.0.0.1:<b>", "127.0.0.1:8000, evil.example", "127.0.0.1:123456", "[127.0.0.1]x", ""),
)


@pytest.mark.parametrize("host", HOSTS)
def test_links_begin_with_no_host_that_is_more_than_a_host(door, host):
    answer = door.get("/ogc/collections", headers={"Host": host})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-host")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST", "[::1]:8000", "localhost:"])
def test_a_host_is_still_one(door, host):
    assert door.get("/ogc/collections", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("collection", ["units", "sites", "inspections"])
def test_as_many_ids_as_an_address_holds(door, collection):
    known = [feature["id"] for feature in door.get(f"/ogc/collections/{collection}/items").json()["features"]]
    ids = [
        *(f"{number:x}" for number in range(1_400)),
        *(f"{number}@2025-07-01" for number in range(10)),
        *known,
    ]

    answer = door.get(f"/ogc/collections/{collection}/items?ids={','.join(ids)}")

    assert [feature["id"] for feature in answer.json()["features"]] == known


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_cursor_with_a_moment_outside_of_time_is_none_of_ours(door, moment):
    cursor = urlsafe_b64encode(json.dumps(["last_inspected_at", moment, 1]).encode()).decode().rstrip("=")

    answer = door.get(
        "/ogc/collections/sites/items", params={"sortby": "last_inspected_at", "cursor": cursor}
    )

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?cursor")


@pytest.mark.parametrize("key", [2**31, 2**62, 2**64, -(2**64), True, 1.0, None, "1"])
def test_a_cursor_with_a_key_that_no_row_has_is_none_of_ours(door, key):
    cursor = urlsafe_b64encode(json.dumps(["", key]).encode()).decode().rstrip("=")

    answer = door.get("/ogc/collections/sites/items", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?cursor")


def _by_another_tool(database, *statements):
    with database.write() as db:
        for statement in statements:
            db.execute(text(statement))


def _read(client):
    return client.get("/ogc/collections/sites/items", params={"limit": 1000}).json()


def test_a_row_that_another_tool_copies_has_a_text_of_its_own(client, make, database):
    make.site(code="TH-CP-01")
    ready.fill(database)
    names = ", ".join(column.name for column in Site.__table__.columns if column.name not in ("id", "code"))

    _by_another_tool(
        database,
        f"INSERT INTO site (id, code, {names}) SELECT id + 1000, 'TH-CP-02', {names} FROM site WHERE code = 'TH-CP-01'",  # noqa: S608 - our own words
    )

    assert {"TH-CP-01", "TH-CP-02"} <= {feature["id"] for feature in _read(client)["features"]}


def test_what_another_tool_empties_is_counted_so(client, make, database):
    make.site()
    ready.fill(database)
    on_postgresql = database.dialect == "postgresql"
    assert _read(client)["features"][0]["properties"]["units"]

    _by_another_tool(database, "TRUNCATE site_unit" if on_postgresql else "DELETE FROM site_unit")
    assert _read(client)["features"][0]["properties"]["units"] is None

    _by_another_tool(
        database,
        *(
            ("TRUNCATE proposal CASCADE",)
            if on_postgresql
            else ("DELETE FROM proposal_unit", "DELETE FROM proposal")
        ),
    )
    found = client.get("/ogc/collections/proposals/items", params={"resultType": "hits"}).json()
    assert found["numberMatched"] == 0


def test_what_a_killed_service_was_making_goes_with_the_next_file(tmp_path):
    stranded, at_work = tmp_path / f"{kept_files.SCRATCH}old", tmp_path / f"{kept_files.SCRATCH}new"
    for folder in (stranded, at_work):
        folder.mkdir()
        (folder / "features").write_bytes(b"x")
    os.utime(stranded, (0, 0))

    with kept_files.scratch(tmp_path) as own:
        assert set(tmp_path.iterdir()) == {at_work, own}
