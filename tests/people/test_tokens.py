"""Tokens for tools: how far each reaches, where it may be sent, and how it ends."""

import re
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import text

from app import clock
from app.db import READERS
from app.people import account_queries, passwords, queries, token_queries
from app.people.rules import CHANNELS, MAY, Caller, reach_of, reaches_of
from app.throttle import LINKS
from app.units import queries as units
from tests.make import OTHER_WARD, PASSWORD, WARD, inspection_id
from tests.people.conftest import bearer, set_up

TOKEN = {"name": "Công cụ thử", "days": 7, "password": PASSWORD}

REACHED = {
    "browser": set(MAY),
    "device": {"read", "sign_in", "read_internal", "read_private", "inspect", "edit_places", "publish"},
    "write": {"read", "read_internal", "read_private", "inspect", "edit_places", "publish"},
    "internal": {"read", "read_internal"},
    "public": {"read"},
}
HAVE = {
    None: {"read", "sign_in"},
    "viewer": {"read", "sign_in", "own_account", "hand_in"},
    "officer": {"read", "sign_in", "own_account", "hand_in", "read_internal", "inspect"},
    "board": set(MAY) - {"manage_people"},
    "administrator": set(MAY),
}
LEFT = {"read", "sign_in", "own_account"}
"""What is left without the second factor that a role must have."""


@pytest.fixture
def tool(sign_in):
    """Make a token for somebody by their own session; gives what was answered."""

    def add(name: str, scope: str = "public", **values: object) -> dict[str, object]:
        answer = sign_in(name).post("/api/tokens", json={**TOKEN, "scope": scope, **values})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return add


def basic(token: str, user: str = "taluy") -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{token}'.encode()).decode()}"}


@pytest.mark.parametrize("unfinished", [False, True])
@pytest.mark.parametrize("role", HAVE)
@pytest.mark.parametrize("channel", REACHED)
def test_the_way_and_the_role_both_decide(channel, role, unfinished):
    caller = Caller(1, "x", role, frozenset({1}), channel, unfinished)

    may = {verb for verb in MAY if caller.may(verb)}

    assert set(CHANNELS) == set(REACHED)
    assert may == REACHED[channel] & HAVE[role] & (LEFT if unfinished else set(MAY))


def test_a_token_falls_with_the_role():
    assert {role: reaches_of(role)[-1] for role in ("viewer", "officer", "board", "administrator")} == {
        "viewer": "public",
        "officer": "internal",
        "board": "write",
        "administrator": "write",
    }
    assert [reach_of("write", role) for role in ("board", "officer", "viewer")] == [
        "write",
        "internal",
        "public",
    ]
    assert reach_of("public", "board") == "public"


SEES = {
    ("viewer", "public"): "public",
    ("viewer", "device"): "public",
    ("viewer", "browser"): "public",
    ("officer", "public"): "public",
    ("officer", "internal"): "internal",
    ("officer", "device"): "internal",
    ("officer", "browser"): "internal",
    ("board", "public"): "public",
    ("board", "internal"): "internal",
    ("board", "write"): "private",
    ("board", "device"): "private",
    ("board", "browser"): "private",
    ("administrator", "internal"): "internal",
    ("administrator", "write"): "private",
}
"""What somebody sees of a place of their own unit, by role and by the way they came."""


@pytest.fixture
def places(make, sign_in):
    """A place of the own unit and one of another, each with an earlier and a later visit."""
    found = {}
    for unit in (WARD, OTHER_WARD):
        code = make.site(unit=unit, people_at_risk=4)
        board = sign_in(make.person("board", unit))
        for minutes in (60, 5):
            seen_at = clock.rfc3339(clock.now().replace(microsecond=0) - timedelta(minutes=minutes))
            body = make.inspection_body(
                code, seen_at=seen_at, note="chỉ đơn vị xem", measurements={"people_present": 2}
            )
            assert board.put(f"/api/inspections/{inspection_id()}", json=body).status_code == 201
        found[unit] = code
    return found


def of_site(properties):
    """Under /ogc a field that a caller sees of some places only is null in the others."""
    told = {name for name, value in properties.items() if value is not None}
    return "private" if "people_at_risk" in told else "internal" if "created_at" in told else "public"


def of_visits(visits):
    counted = ["people_present" in visit.get("measurements", {}) for visit in visits]
    noted = {visit.get("note") for visit in visits}
    assert noted in ({None}, {"chỉ đơn vị xem"})
    if noted == {None}:
        assert counted == [False, False]
        return "public"
    return {(True, False): "internal", (True, True): "private"}[tuple(counted)]


@pytest.mark.parametrize(("role", "way"), SEES)
def test_every_output_shows_as_much_as_the_way_reaches(make, client, sign_in, phone, tool, places, role, way):
    name = make.person(role)
    if way == "browser":
        asking, headers = sign_in(name), {}
    else:
        made = phone(name) if way == "device" else tool(name, way)
        asking, headers = client, bearer(made["token"])

    def seen(unit: str) -> set[str]:
        code = places[unit]
        site = asking.get(f"/api/sites/{code}", headers=headers).json()
        every = asking.get("/sites.geojson", headers=headers).json()["features"]
        listed = asking.get("/api/sites", params={"q": code}, headers=headers).json()["features"]
        visits = asking.get("/api/inspections", params={"place": code}, headers=headers).json()
        rows = [row for row in (site, *every, *listed) if row["properties"]["code"] == code]
        assert len(rows) == 3
        return {of_site(row["properties"]) for row in rows} | {of_visits(visits["inspections"])}

    assert seen(WARD) == {SEES[role, way]}
    assert seen(OTHER_WARD) == {"public"}


@pytest.mark.parametrize(
    ("role", "refused"),
    [("viewer", {"internal", "write"}), ("officer", {"write"}), ("board", set()), ("administrator", set())],
)
def test_nobody_makes_a_token_wider_than_their_role(make, sign_in, role, refused):
    inside = sign_in(make.person(role))

    answers = {
        scope: inside.post("/api/tokens", json={**TOKEN, "scope": scope}).status_code
        for scope in ("public", "internal", "write")
    }
    page = inside.get("/account", headers={"Accept": "text/html"}).text
    offered = set(re.findall(r'name="scope" value="(\w+)"', page))
    typed = inside.post("/account/tokens", data={**TOKEN, "scope": "write"})

    assert {scope for scope, status in answers.items() if status == 403} == refused
    assert offered == {"public", "internal", "write"} - refused
    assert typed.status_code == (403 if "write" in refused else 200)


def test_only_a_write_token_of_the_board_writes(make, client, tool, database):
    name, site = make.person("board"), make.site()
    token = {scope: tool(name, scope)["token"] for scope in ("internal", "write")}

    def change(scope: str) -> int:
        headers = {**bearer(token[scope]), "If-Match": '"1"'}
        return client.patch(f"/api/sites/{site}", json={"state": "watch"}, headers=headers).status_code

    assert change("internal") == 403
    assert change("write") == 200
    with database.write() as db:
        person = queries.by_name(db, name)
        unit = units.find(db, WARD, on=clock.today()).id
        account_queries.change(db, person, role="officer", units=[unit], at=clock.now(), by=None)
    assert change("write") == 403


def test_it_is_shown_once_and_kept_hashed(make, client, tool, sign_in, database):
    name = make.person("board")
    made = tool(name, "write")
    inside = sign_in(name)

    page = inside.post("/account/tokens", data={**TOKEN, "scope": "public"}).text
    (from_page,) = set(re.findall(r"taluy_[\w-]{43}", page))
    again = inside.get("/account").text + inside.get("/api/tokens").text

    with database.read() as db:
        kept = str(db.execute(text("SELECT * FROM token")).all())
        kept += str(db.execute(text("SELECT * FROM log_detail")).all())
    assert client.get("/api/session", headers=bearer(from_page)).json()["name"] == name
    for secret in (made["token"], from_page):
        assert secret not in again
        assert secret not in kept


def test_it_ends_on_its_day_and_on_request(make, client, tool, sign_in, later):
    name = make.person()
    short, long, gone = tool(name, days=7), tool(name, days=30), tool(name, days=30)

    ended = sign_in(name).delete(f"/api/tokens/{gone['id']}")
    later(days=8)

    answers = [
        client.get("/api/sites", headers=bearer(made["token"])).status_code for made in (short, long, gone)
    ]
    assert ended.status_code == 204
    assert answers == [401, 200, 401]


def test_nobody_ends_or_sees_the_token_of_somebody_else(make, client, tool, sign_in):
    theirs = tool(make.person())
    me = sign_in(make.person("administrator"))

    answers = [
        me.delete(f"/api/tokens/{theirs['id']}").status_code,
        me.post(f"/account/tokens/{theirs['id']}/revoke").status_code,
    ]

    assert answers == [404, 404]
    assert me.get("/api/tokens").json() == {"tokens": []}
    assert client.get("/api/sites", headers=bearer(theirs["token"])).status_code == 200


def test_its_last_use_stands_on_the_page(make, client, tool, sign_in):
    name = make.person()
    made = tool(name)
    inside = sign_in(name)
    before = inside.get("/account").text

    client.get("/api/sites?limit=1", headers=bearer(made["token"]))

    assert "chưa dùng lần nào" in before
    assert "chưa dùng lần nào" not in inside.get("/account").text
    assert inside.get("/api/tokens").json()["tokens"][0]["last_used_at"] is not None


@pytest.mark.parametrize("user", ["taluy", "", "Người thử"])
def test_basic_takes_it_as_password_on_the_short_links_only(make, client, tool, user):
    name = make.person("officer")
    headers = basic(tool(name, "internal")["token"], user)
    make.site()

    short = client.get("/sites.geojson", headers=headers)
    boards = client.get("/signboards.geojson", headers=headers)
    api = client.get("/api/sites", headers=headers)
    write = client.post("/api/sites", json={}, headers=headers)

    assert (short.status_code, boards.status_code) == (200, 200)
    assert any(row["properties"]["created_at"] for row in short.json()["features"])
    assert (api.status_code, write.status_code) == (401, 401)


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic !!", "Basic", "Digest x", "", "wrong"])
@pytest.mark.parametrize(
    ("path", "asks"),
    [
        ("/sites.geojson", "Basic"),
        ("/signboards.geojson", "Basic"),
        ("/api/sites", "Bearer"),
        ("/", "Bearer"),
    ],
)
def test_a_wrong_token_gets_nothing_instead_of_what_is_public(client, path, asks, header):
    answer = client.get(path, headers={"Authorization": header, "Accept": "*/*"})

    assert (answer.status_code, answer.json()["code"]) == (401, "wrong-token")
    assert answer.headers["www-authenticate"].startswith(f"{asks} ")


def test_a_page_with_a_wrong_token_is_refused_and_leads_nowhere(client):
    headers = {"Authorization": "Bearer wrong", "Accept": "text/html"}

    answer = client.get("/account", headers=headers, follow_redirects=False)

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/api/sites", "/sites.geojson", "/signboards.geojson", "/api/inspections"])
@pytest.mark.parametrize("parameter", ["token", "access_token", "apikey", "api_key", "TOKEN"])
def test_it_does_not_belong_in_an_address(make, client, tool, path, parameter):
    token = tool(make.person())["token"]

    answer = client.get(path, params={parameter: token})

    assert (answer.status_code, answer.json()["code"]) == (400, "token-in-address")
    assert "Authorization: Bearer" in answer.json()["detail"]
    assert token not in answer.text


@pytest.mark.parametrize("path", ["/sites.geojson", "/api/sites", "/api/inspections", "/api/units"])
def test_answers_to_a_token_are_kept_by_nobody_else(make, client, tool, path):
    answer = client.get(path, headers=bearer(tool(make.person("officer"), "internal")["token"]))

    assert answer.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer.headers["vary"].split(",")}


def test_wrong_tokens_are_slowed_down_and_right_ones_pass(make, client, tool, app):
    right = tool(make.person())["token"]
    for _ in range(LINKS.amount):
        app.state.throttle.failed("unknown")

    wrong = client.get("/sites.geojson", headers=basic("wrong"))

    assert wrong.status_code == 429
    assert int(wrong.headers["retry-after"]) > 0
    assert client.get("/sites.geojson", headers=basic(right)).status_code == 200


def waits(database, writers) -> bool:
    """Whether the service waits for what somebody else holds."""
    if database.dialect == "sqlite":
        return writers.checkedout() > 0
    with database.read() as db:
        return db.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) > 0


def made_by(database, name: str) -> int:
    """How many tokens somebody has."""
    with database.read() as db:
        return len(token_queries.of_person(db, queries.by_name(db, name).id, at=clock.now()))


WRONG = [({}, "password"), ({"password": ""}, "password"), ({"password": "not the right one"}, "password")]


@pytest.mark.parametrize(("given", "field"), WRONG)
def test_a_session_alone_makes_none(make, sign_in, database, given, field):
    name = make.person("board")
    taken = sign_in(name)
    asked = {"name": "x", "scope": "write", "days": 365, **given}

    answer = taken.post("/api/tokens", json=asked)
    page = taken.post("/account/tokens", data=asked)

    assert (answer.status_code, page.status_code) == (422, 422)
    assert f"/{field}" in [row["pointer"] for row in answer.json()["errors"]]
    assert f'id="e-{field}"' in page.text
    assert made_by(database, name) == 0


def test_nor_do_session_and_password_where_there_is_a_second_factor(make, sign_in, database):
    name = make.person("board")
    taken = sign_in(name)
    factor = set_up(taken)
    asked = {**TOKEN, "scope": "write"}

    answers = [taken.post("/api/tokens", json={**asked, **code}) for code in ({}, {"code": "000000"})]
    pages = [taken.post("/account/tokens", data={**asked, "code": code}) for code in ("", "000000")]
    none = made_by(database, name)
    code = taken.post("/api/tokens", json={**asked, "code": factor.recovery[0]})
    used = taken.post("/api/tokens", json={**asked, "code": factor.recovery[0]})
    page = taken.post("/account/tokens", data={**asked, "code": factor.recovery[1]})

    assert [each.status_code for each in answers] == [422, 422]
    assert [each.json()["errors"][0]["pointer"] for each in answers] == ["/code", "/code"]
    assert [each.json()["code"] for each in answers] == ["code-needed", "wrong-code"]
    assert [(each.status_code, 'id="e-code"' in each.text) for each in pages] == [(422, True)] * 2
    assert none == 0
    assert (code.status_code, used.status_code, page.status_code) == (201, 422, 200)
    assert made_by(database, name) == 2


@pytest.mark.parametrize("path", ["/api/tokens", "/account/tokens"])
def test_guessing_the_password_with_a_session_is_slowed_down_as_a_sign_in(make, sign_in, database, path):
    name = make.person()
    taken = sign_in(name)
    asked = {**TOKEN, "scope": "public"}

    def guess(password: str):
        body = {**asked, "password": password}
        return taken.post(path, **({"json": body} if path.startswith("/api/") else {"data": body}))

    answers = [guess(f"guess number {number}").status_code for number in range(30)]
    right = guess(PASSWORD)

    assert set(answers) == {422, 429}
    assert (right.status_code, int(right.headers["retry-after"]) > 0) == (429, True)
    assert made_by(database, name) == 0


@pytest.mark.parametrize("end", ["password", "close"])
def test_none_is_made_by_a_session_that_ends_meanwhile(app, make, sign_in, database, end):
    name = make.person("officer")
    taken, writers = sign_in(name), app.state.database.engine.pool
    with ThreadPoolExecutor() as elsewhere:
        with database.write() as db:
            person = account_queries.to_change(db, queries.by_name(db, name).id)
            if end == "close":
                account_queries.disable(db, person, at=clock.now(), by=None)
            else:
                account_queries.set_password(db, person, passwords.NOBODY, at=clock.now(), by=person.id)
            asked = elsewhere.submit(taken.post, "/api/tokens", json={**TOKEN, "scope": "public"})
            until = time.monotonic() + 60
            while not waits(database, writers):
                assert time.monotonic() < until, "it does not wait for us"
                time.sleep(0.01)
        answer = asked.result()

    # PostgreSQL lets the password be counted and checked while another writes, and waits with the token alone.
    late = (422, "wrong-password") if database.dialect == "sqlite" else (401, "sign-in-again")
    assert (answer.status_code, answer.json()["code"]) == late
    with database.read() as db:
        assert token_queries.of_person(db, person.id, at=clock.now()) == []


def test_a_wrong_token_is_refused_where_every_other_reader_is_at_work(app, client):
    engine = app.state.database.reading_engine
    with ExitStack() as others:
        for _ in range(READERS - 1):
            others.enter_context(engine.connect())
        answer = client.get("/api/sites", headers=bearer("taluy_wrong"))

    assert answer.status_code == 401, "it waited for a second reader while it kept the first"


def test_a_person_has_so_many_at_a_time(make, sign_in, database):
    name = make.person()
    with database.write() as db:
        person_id = queries.by_name(db, name).id
        for number in range(token_queries.MOST):
            token_queries.add(
                db, f"x{number}", person_id, kind="tool", name="x", scope="public", days=7, at=clock.now()
            )

    answer = sign_in(name).post("/api/tokens", json={**TOKEN, "scope": "public"})

    assert (answer.status_code, answer.json()["code"]) == (409, "too-many-tokens")


@pytest.mark.parametrize("wrong", [{"days": 8}, {"scope": "all"}, {"name": "  "}, {"more": 1}])
def test_a_token_is_asked_for_in_full(make, sign_in, wrong):
    answer = sign_in(make.person()).post("/api/tokens", json={**TOKEN, "scope": "public", **wrong})

    assert answer.status_code == 422
