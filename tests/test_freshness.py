"""What a tool holds is compared, not sent again; and never mixed up between callers."""

from datetime import timedelta
from time import monotonic, sleep

import pytest

from app import clock
from app.memory import overheard
from app.memory.freshness import matches

DATA = ("/api/sites", "/sites.geojson", "/signboards.geojson", "/api/documents", "/api/units", "/api/forms")

HTML = {"accept": "text/html"}
ITEMS = "/ogc/collections/sites/items"
PAGES = (
    *("/ogc", "/ogc/api.html", "/ogc/conformance", "/ogc/collections", "/ogc/collections/sites"),
    *(
        "/ogc/collections/sites/schema",
        f"{ITEMS}?limit=2",
        f"{ITEMS}/P6-NL-01",
        f"{ITEMS}?lang=en&theme=dark",
    ),
)
OF_ITS_BODY = {"content-length", "content-type", "last-modified"}
TAGS = {"etag", "last-modified"}


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


def lasting(answer):
    return {
        name: value
        for name, value in answer.headers.items()
        if name not in OF_ITS_BODY and name != "x-request-id"
    }


@pytest.fixture
def heard(app, monkeypatch):
    """The service hears of every change from the first request on, and stays sure of it on a slow machine."""
    monkeypatch.setattr(overheard, "PATIENCE_S", 3_600)
    end = monotonic() + 60
    while not app.state.database.changes.look().sure:
        assert monotonic() < end
        sleep(0.01)


def test_a_page_of_the_gis_door_is_compared_and_may_run_what_it_could_before(client, heard, monkeypatch):
    first = {path: client.get(path, headers=HTML) for path in PAGES}
    client.cookies.clear()
    later = clock.now() + timedelta(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    for path, answer in first.items():
        moment = client.get(path, headers=HTML).headers["last-modified"]
        client.cookies.clear()
        for known in ({"if-none-match": answer.headers["etag"]}, {"if-modified-since": moment}):
            again = client.get(path, headers={**HTML, **known})
            client.cookies.clear()
            assert (again.status_code, again.content) == (304, b""), (path, known)
            assert lasting(again) == lasting(answer), path
            assert "script-src 'self' 'sha256-" in again.headers["content-security-policy"], path
        varies = {name.strip() for name in answer.headers["vary"].split(",")}
        assert varies >= {"Accept", "Accept-Language", "Cookie", "Authorization"}, path
    assert len({answer.headers["etag"] for answer in first.values()}) == len(PAGES)


def test_a_page_of_the_gis_door_has_another_tag_after_a_write_and_in_another_look(client, board, make):
    code = make.site()
    paths = ("/ogc", ITEMS, f"{ITEMS}/{code}")
    before = {path: client.get(path, headers=HTML).headers["etag"] for path in paths}

    for look in ("taluy_lang=en", "taluy_theme=dark"):
        for path, tag in before.items():
            answer = client.get(path, headers={**HTML, "if-none-match": tag, "cookie": look})
            assert (answer.status_code, answer.headers["etag"] != tag) == (200, True), (look, path)
    version = board.get(f"/api/sites/{code}").headers["ETag"]
    assert board.patch(
        f"/api/sites/{code}", json={"state": "watch"}, headers={"If-Match": version}
    ).is_success
    make.site()

    for path, tag in before.items():
        answer = client.get(path, headers={**HTML, "if-none-match": tag})
        assert (answer.status_code, answer.headers["etag"] != tag) == (200, True), path


def test_no_other_page_is_compared_nor_one_for_somebody_who_may_be_signed_in(client, board):
    tag = client.get("/ogc/api.html", headers=HTML).headers["etag"]
    for path in PAGES:
        for asking, more in ((board, {}), (client, {"cookie": "taluy=who"})):
            answer = asking.get(path, headers={**HTML, **more, "if-none-match": tag})
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path
            assert TAGS.isdisjoint(answer.headers), path
    for path in ("/", "/places", "/ogc/nothing", f"{ITEMS}/XX-9", "/api/docs"):
        answer = client.get(path, headers=HTML)
        assert TAGS.isdisjoint(answer.headers), path
        assert "'nonce-" in answer.headers["content-security-policy"], path


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
