"""Answers from memory: the same bytes, never of somebody else, never what has changed, never without bounds."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient as Plain

from app import clock
from app.db import Database
from app.door.public import Manners
from app.main import create_app
from app.memory.freshness import Freshness
from app.memory.front import Front
from app.memory.short_way import Recall
from tests.loops import finished

SITE = "P6-NL-01"
PATHS = (
    "/api/sites?limit=3",
    f"/api/sites/{SITE}",
    "/api/signboards",
    "/api/units",
    "/sites.geojson",
    "/ogc/collections",
    "/ogc/collections/sites/items?limit=2",
    f"/ogc/collections/sites/items/{SITE}",
)
OPEN = PATHS[4:]
MADE_ANEW = {"x-request-id", "last-modified", "date"}


@pytest.fixture
def database_url(sqlite_url):
    """What depends on the database stands in test_workers.py."""
    return sqlite_url


@pytest.fixture
def repeated(app):
    """How many answers came from memory so far."""
    return lambda: app.state.recall.count._answers


@pytest.fixture
def forgetful(settings):
    """The same service with nothing in memory."""
    app = create_app(settings.model_copy(update={"cache_mb": 0}))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client
    assert (app.state.recall.count._answers, app.state.recall.memory.size) == (0, 0)


def lasting(answer):
    """Everything of an answer but what each has of its own."""
    headers = {name: value for name, value in answer.headers.items() if name not in MADE_ANEW}
    return answer.status_code, headers, answer.content


def test_a_repeated_read_is_the_same_answer_under_a_number_of_its_own(client, repeated):
    for path in PATHS:
        before = repeated()
        answers = [client.get(path) for _ in range(4)]

        assert (answers[0].status_code, repeated() - before) == (200, 3), path
        assert all(lasting(answer) == lasting(answers[0]) for answer in answers), path
        marks = {answer.headers["x-request-id"] for answer in answers}
        assert len(marks) == 4
        assert all(re.fullmatch(r"[0-9a-f]{16}", mark) for mark in marks)
        assert "nonce" not in answers[0].headers["content-security-policy"]


def test_from_memory_or_not_is_all_the_same(client, forgetful, repeated):
    """HEAD and conditional requests as a service without memory answers them."""
    for path in PATHS:
        tag = client.get(path).headers["etag"]
        for condition in (
            {},
            *({"if-none-match": value} for value in (tag, '"x"', f"W/{tag}", f'"a", {tag}', "*", "")),
            *({"if-modified-since": value} for value in ("Sat, 01 Jan 2000 00:00:00 GMT", "never", "")),
        ):
            for method in ("GET", "HEAD"):
                before = repeated()
                remembered = client.request(method, path, headers=condition)
                anew = forgetful.request(method, path, headers=condition)
                assert repeated() == before + 1
                assert lasting(remembered) == lasting(anew), (method, path, condition)
                assert bool(remembered.content) == (method == "GET" and anew.status_code == 200)


def test_a_moment_counts_without_a_tag_and_for_nobody_in_particular(client, board, monkeypatch):
    path = "/ogc/collections/sites/items"
    client.get(path)
    later = clock.now() + timedelta(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    moment = client.get(path).headers["last-modified"]
    since = {"if-modified-since": moment}

    assert client.get(path, headers=since).status_code == 304
    assert client.get(path, headers={**since, "if-none-match": '"x"'}).status_code == 200
    assert client.get(path, headers={"if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}).status_code == 200
    assert client.get(path, headers={"if-modified-since": "yesterday"}).status_code == 200
    assert board.get(path, headers=since).status_code == 200


def test_a_change_is_read_at_once(client, board, repeated, make):
    code = make.site()
    path = f"/ogc/collections/sites/items/{code}"
    version = board.get(f"/api/sites/{code}").headers["etag"]
    before = [client.get(path), client.get(path)][1]

    assert board.patch(
        f"/api/sites/{code}", json={"address": "Hẻm mới"}, headers={"if-match": version}
    ).is_success
    after = client.get(path, headers={"if-none-match": before.headers["etag"]})

    assert repeated() == 1
    assert (after.status_code, after.json()["properties"]["address"]) == (200, "Hẻm mới")


def test_who_says_who_they_are_is_never_answered_from_memory_nor_remembered(client, board, repeated):
    for path in ("/api/sites?limit=5", "/ogc/collections/sites/items"):
        everybody = client.get(path)
        inside = board.get(path)
        wrong = client.get(path, headers={"authorization": "Bearer nobody"})
        odd = client.get(path, headers={"cookie": "taluy_lang=en"})

        assert repeated() == 0
        assert (wrong.status_code, odd.status_code) == (401, 200)
        assert inside.content != everybody.content
        assert client.get(path).content == client.get(path).content == everybody.content
        assert repeated() == 1
        assert board.get(path).content == inside.content
        assert client.get(path, headers={"authorization": ""}).status_code == 401
        assert repeated() == 1
        board.app.state.recall.count.tell()


DIFFERS = (
    ({"host": "evil.example"}, {400}),
    ({"host": "127.0.0.1:8000 "}, {200, 400}),
    ({"x-long": "x" * 40_000}, {431}),
    ({"user-agent": "x" * 40_000}, {431}),
    ({"x-forwarded-host": "evil.example"}, {200}),
    ({"x-forwarded-prefix": "/evil"}, {200}),
    ({"content-length": "2"}, {200, 400}),
    ({"range": "bytes=0-10"}, {200}),
    ({"accept": "text/html"}, {200}),
    ({"x-new": "1"}, {200}),
)


def test_what_differs_in_anything_that_may_matter_goes_the_whole_way(client, repeated):
    path = "/ogc/collections/sites/items"
    first, second = client.get(path), client.get(path)
    assert (repeated(), lasting(first)) == (1, lasting(second))

    for headers, statuses in DIFFERS:
        differs = client.get(path, headers=headers)
        assert differs.status_code in statuses, headers
        assert b"evil" not in differs.content
        assert repeated() == 1, headers


def test_two_headers_of_one_name_are_refused_on_a_remembered_address(client):
    path = "/api/sites?limit=5"
    client.get(path)

    assert (
        client.get(path, headers=[("host", "127.0.0.1:8000"), ("host", "127.0.0.1:8000")]).status_code == 400
    )


def test_language_and_format_have_answers_of_their_own(client, repeated):
    path = "/ogc/collections"
    asked = [{"accept-language": language, "accept": "application/json"} for language in ("vi", "en")]
    first = [client.get(path, headers=headers) for headers in asked]
    again = [client.get(path, headers=headers) for headers in asked]

    assert repeated() == 2
    assert [lasting(answer) for answer in first] == [lasting(answer) for answer in again]
    assert client.get(path, headers={"accept": "text/html"}).headers["content-type"].startswith("text/html")


def test_midnight_in_vietnam_turns_what_is_overdue(client, database, repeated, monkeypatch):
    with database.write() as db:
        db.execute(text("UPDATE site SET due_on = '2026-12-01'"))
    midnight = datetime(2026, 12, 1, 17, tzinfo=UTC)  # the second of December begins
    seen = []
    for moment in (midnight - timedelta(milliseconds=1), midnight):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        for path in ("/api/sites?limit=10", "/ogc/collections/sites/items"):
            answers = [client.get(path).json()["features"] for _ in range(2)]
            seen += [{each["properties"]["overdue"] for each in found} for found in answers]

    assert repeated() == 4
    assert seen == [{False}] * 4 + [{True}] * 4


HANGS = {
    "/taluy": ({"x-forwarded-prefix": "/taluy"}, "http://127.0.0.1:8000/taluy"),
    "deeper": ({"x-forwarded-prefix": "/a/b/"}, "http://127.0.0.1:8000/a/b"),
    "https": ({"x-forwarded-proto": "https"}, "https://127.0.0.1:8000"),
    **{
        bad: ({"x-forwarded-prefix": bad}, "http://127.0.0.1:8000")
        for bad in ("//evil.example", "/a/../b", "/a?b", "/<a>", "/a/./b", "evil", "/a,/b", "/é", "")
    },
    "evil host": ({"x-forwarded-host": "evil.example"}, "http://127.0.0.1:8000"),
    "own host": ({"host": "localhost", "x-forwarded-host": "127.0.0.1:8000"}, "http://127.0.0.1:8000"),
}


def test_a_named_proxy_says_where_the_service_hangs(settings):
    app = create_app(settings.model_copy(update={"trusted_proxies": "127.0.0.1", "port": 8000}))
    with TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1)) as client:
        for number, (name, (said, root)) in enumerate(HANGS.items(), 1):
            raw = [(header.encode(), value.encode()) for header, value in said.items()]
            for _ in range(2):
                answer = client.get("/ogc/collections", headers=raw)
                hrefs = [link["href"] for link in answer.json()["links"]]
                ours = [href for href in hrefs if "://127.0.0.1" in href or "evil" in href]
                assert len(ours) > 1, name
                assert all(href.startswith(f"{root}/") and "evil" not in href for href in ours), name
            assert app.state.recall.count._answers == number, name


def test_nobody_else_says_where_the_service_hangs(client, repeated):
    for _ in range(2):
        said = {"x-forwarded-prefix": "/evil", "x-forwarded-proto": "https"}
        hrefs = [link["href"] for link in client.get("/ogc/collections", headers=said).json()["links"]]
        assert f"{client.base_url}/ogc/collections" in hrefs

    assert repeated() == 0


def test_pages_of_other_sites_may_read_open_data_without_cookies(client):
    for path in (*OPEN, *OPEN):
        answer = client.get(path, headers={"origin": "https://map.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert {"ETag", "Link", "OGC-NumberMatched"} <= set(
            answer.headers["access-control-expose-headers"].split(", ")
        )
    asks = {
        "origin": "https://map.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization,if-none-match",
    }
    preflight = client.options(OPEN[-1], headers=asks)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    allowed = {name.strip().lower() for name in preflight.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "if-none-match", "accept", "accept-language", "content-type"} <= allowed


def test_nobody_elses_page_reads_the_rest(client):
    asks = {"origin": "https://map.example", "access-control-request-method": "GET"}
    for path in ("/api/sites", "/api/session", "/", "/ogcx", "/sites.geojson/x"):
        for answer in (client.get(path, headers=asks), client.options(path, headers=asks)):
            assert not [name for name in answer.headers if name.startswith("access-control")], path


def test_equal_repeats_of_a_parameter_pass_under_ogc_and_others_do_not(client):
    path = "/ogc/collections/sites/items?filter-lang=cql2-text&filter-lang="

    assert client.get(f"{path}cql2-text&filter=kind='slide'").status_code == 200
    assert client.get(f"{path}cql2-json&filter=kind='slide'").json()["code"] == "duplicate-parameter"
    assert client.get("/api/sites?limit=3&limit=3").status_code == 400


@pytest.fixture
def changes(sqlite_url, tmp_path):
    """The changes of a database that nobody changes."""
    with Database(sqlite_url, tmp_path) as database:
        yield database.changes


def streaming(pieces, *, headers=None, kind="text/csv"):
    """An application that answers in pieces and notes which it made."""
    made = []

    async def app(scope, receive, send):
        def each():
            for number, piece in enumerate(pieces):
                made.append(number)
                yield piece

        await StreamingResponse(each(), media_type=kind, headers=headers)(scope, receive, send)

    return app, made


def test_an_answer_in_pieces_is_compared_before_its_first(changes):
    app, made = streaming([b"a" * 1000] * 100)
    client = Plain(Manners(Freshness(app, changes)))

    first = client.get("/ogc/x?f=csv")
    again = client.get("/ogc/x?f=csv", headers={"if-none-match": first.headers["etag"]})
    head = client.head("/ogc/x?f=csv")

    assert made == list(range(100))
    assert first.headers["etag"].startswith('W/"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (head.status_code, head.headers["etag"]) == (200, first.headers["etag"])
    assert client.get("/ogc/x?f=csv&a=b").headers["etag"] != first.headers["etag"]
    with_token = client.get("/ogc/x?f=csv", headers={"authorization": "Bearer x"})
    assert with_token.headers["etag"] != first.headers["etag"]
    changes.renew()
    stale = client.get("/ogc/x?f=csv", headers={"if-none-match": first.headers["etag"]})
    assert (stale.status_code, len(stale.content)) == (200, 100_000)


def remembering(app, changes, budget):
    recall = Recall(changes, budget)
    return Plain(Front(Freshness(app, changes), recall)), recall.memory


def test_a_file_in_pieces_is_known_again_by_its_own_tag(changes):
    file, _ = streaming([b"a" * 1000] * 10, headers={"ETag": 'W/"its own"', "Content-Length": "10000"})
    client, memory = remembering(file, changes, 800_000)
    known = {"if-none-match": 'W/"its own"'}

    past, first, again = (client.get("/ogc/x", headers=asks) for asks in (known, {}, known))

    assert (past.status_code, past.content) == (304, b"")
    assert (first.status_code, len(first.content), memory.size > len(first.content)) == (200, 10_000, True)
    assert (again.status_code, again.content) == (304, b"")


def test_an_answer_in_pieces_is_remembered_whole_or_not_at_all(changes):
    small, made = streaming([b"a" * 1000] * 10)
    client, memory = remembering(small, changes, 800_000)
    first, second = client.get("/ogc/x"), client.get("/ogc/x")
    assert (len(made), first.content) == (10, second.content)
    assert second.headers["content-length"] == "10000"
    assert memory.gathered == 0

    large, made = streaming([b"a" * 1000] * 200)
    client, memory = remembering(large, changes, 800_000)
    assert client.get("/ogc/x").content == client.get("/ogc/x").content
    assert (len(made), memory.size, memory.gathered) == (400, 0, 0)


def test_what_breaks_off_is_not_remembered(changes):
    async def app(scope, receive, send):
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]}
        await send(head)
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise OSError("the disk is gone")

    client, memory = remembering(app, changes, 800_000)
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            client.get("/ogc/x")

    assert (memory.size, memory.gathered) == (0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"set-cookie": "a=b"},
        {"cache-control": "no-store"},
        {"cache-control": "private, no-cache"},
        {"vary": "Cookie, Origin"},
        {"vary": "Accept-Encoding"},
        {"vary": "*"},
        {"connection": "close"},
        {"content-type": "text/html"},
        {"content-type": "image/jpeg"},
    ],
)
def test_what_is_not_the_same_for_everybody_is_not_remembered(changes, headers):
    kind = headers.get("content-type", "application/json")
    app, made = streaming([b"{}"], headers=headers, kind=kind)
    client, memory = remembering(app, changes, 800_000)

    client.get("/ogc/x")
    client.get("/ogc/x")

    assert (len(made), memory.size) == (2, 0)


def test_ten_thousand_different_questions_stay_within_the_budget(changes):
    budget = 4 * 1024 * 1024
    asked = 0

    async def app(scope, receive, send):
        nonlocal asked
        asked += 1
        size = b"%d" % (asked % 3_000)
        headers = [(b"content-type", b"application/json"), (b"content-length", size), (b"x-some", b"x" * 300)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * int(size)})

    recall = Recall(changes, budget)
    front = Front(app, recall)

    async def nowhere(_message):
        pass

    async def ask(number):
        scope = {
            "type": "http", "method": "GET", "http_version": "1.1", "scheme": "http", "path": "/ogc/x",
            "raw_path": b"/ogc/x", "query_string": b"q=%d" % number + b"x" * (number % 700),
            "headers": [(b"host", b"a")], "client": ("127.0.0.1", 1),
            "state": {"head": b"GET /ogc/x?q=%d" % number + b"y" * 1_000},
        }  # fmt: skip
        await front(scope, nowhere, nowhere)

    async def flood():
        most = 0
        for number in range(10_000):
            await ask(number)
            await ask(number)
            most = max(most, recall.memory.size)
        return most

    most = finished(flood())

    assert asked == 10_000  # the second of each came from memory
    assert budget // 2 < most <= budget * 3 // 4
    assert sum(len(head) for head in recall._heads) <= budget // 16
    assert len(recall.memory._kept) < 1_000
