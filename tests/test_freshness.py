"""What a tool holds is compared, not sent again; and never mixed up between callers."""

import pytest

from app.memory.freshness import matches

DATA = ("/api/sites", "/sites.geojson", "/signboards.geojson", "/api/documents", "/api/units", "/api/forms")


@pytest.mark.parametrize("address", DATA)
def test_what_is_unchanged_is_not_sent_again(client, address):
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-cache"


def test_a_change_is_sent(client, board, make):
    code = make.site()
    before = client.get("/sites.geojson").headers["ETag"]
    version = board.get(f"/api/sites/{code}").headers["ETag"]

    board.patch(f"/api/sites/{code}", json={"state": "watch"}, headers={"If-Match": version})

    assert client.get("/sites.geojson", headers={"If-None-Match": before}).status_code == 200


def test_who_sees_more_has_another_tag_and_no_shared_cache(client, board, make):
    make.site()
    everybody, inside = client.get("/sites.geojson"), board.get("/sites.geojson")

    assert everybody.headers["ETag"] != inside.headers["ETag"]
    assert inside.headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= {name.strip() for name in inside.headers["Vary"].split(",")}
    stale = board.get("/sites.geojson", headers={"If-None-Match": everybody.headers["ETag"]})
    assert stale.status_code == 200


def test_a_single_record_keeps_the_tag_of_its_version(client):
    assert client.get("/api/sites/P6-NL-01").headers["ETag"] == '"1"'


def test_who_is_signed_in_is_kept_nowhere(board):
    answer = board.get("/api/session")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "fresh"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("", False)],
)
def test_tags_are_compared_weakly(asked, fresh):
    assert matches(asked, '"a"') is fresh
