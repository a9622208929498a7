"""Signing in, staying in, getting out."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app import clock
from app.db import READERS
from app.errors import Unauthorized
from app.main import create_app
from app.people import account_queries, passwords, queries
from app.people.first_start import offer_setup
from app.people.rules import Way
from tests.make import PASSWORD, inspection_id
from tests.people.conftest import bearer


def test_a_right_password_opens_a_session_that_ends_on_request(make, client):
    name = make.person("board")

    opened = client.post("/api/session", json={"name": name, "password": PASSWORD})
    inside = client.get("/api/session").json()
    closed = client.delete("/api/session")

    assert opened.status_code == 204
    assert "httponly" in opened.headers["set-cookie"].lower()
    assert (inside["name"], inside["role"]) == (name, "board")
    assert closed.status_code == 204
    assert client.get("/api/session").json()["role"] is None


def test_the_token_is_kept_hashed_only(make, client, database):
    client.post("/api/session", json={"name": make.person(), "password": PASSWORD})

    with database.read() as db:
        kept = str(db.execute(text("SELECT * FROM browser_session")).all())
    assert client.cookies["taluy"] not in kept


def test_a_disabled_account_is_out_at_its_next_request(make, sign_in, settings):
    from app.people.first_start import disable_person

    name = make.person("board")
    inside = sign_in(name)

    disable_person(settings, name)

    assert inside.get("/api/session").json()["role"] is None


@pytest.mark.parametrize("password", ["short", "password1234", "aaaaaaaaaaaaaaa", "x" * 129])
def test_weak_passwords_are_refused(settings, password):
    from app.errors import Unprocessable
    from app.people.first_start import add_person

    with pytest.raises(Unprocessable):
        add_person(settings, "Người thử", role="officer", unit_codes=["24787"], password=password)


def test_the_set_up_link_works_once(client, settings, database):
    link = offer_setup(database, settings).removeprefix(settings.origin)
    token = link.partition("token=")[2]
    form = {"token": token, "name": "Quản trị thử", "password": PASSWORD, "password_again": PASSWORD}

    first = client.post("/setup", data=form, follow_redirects=False)
    second = client.post("/setup", data=form | {"name": "Kẻ khác"}, follow_redirects=False)

    assert first.status_code == 303
    assert client.get("/api/session").json()["role"] == "administrator"
    assert second.status_code in (403, 404)
    assert offer_setup(database, settings) is None


def test_two_at_once_cannot_both_use_the_set_up_link(client, settings, database):
    link = offer_setup(database, settings).removeprefix(settings.origin)
    token = link.partition("token=")[2]

    def use(number: int) -> int:
        form = {
            "token": token,
            "name": f"Quản trị {number}",
            "password": PASSWORD,
            "password_again": PASSWORD,
        }
        return client.post("/setup", data=form, follow_redirects=False).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(use, range(4)))

    assert answers == [303, 404, 404, 404]


def test_a_token_set_before_the_sign_in_never_becomes_valid(make, client):
    name = make.person("board")
    client.cookies.set("taluy", "chosen by somebody else")

    client.post("/api/session", json={"name": name, "password": PASSWORD})

    given = client.cookies.get("taluy", domain="127.0.0.1")
    client.cookies.clear()
    chosen = client.get("/api/session", headers={"Cookie": "taluy=chosen by somebody else"}).json()
    assert len(given) >= 43
    assert chosen["role"] is None


def test_each_sign_in_has_a_fresh_token_and_ends_the_one_before(make, client):
    name = make.person("board")
    tokens = []
    for _ in range(2):
        client.post("/api/session", json={"name": name, "password": PASSWORD})
        tokens.append(client.cookies["taluy"])
    client.cookies.clear()

    roles = [
        client.get("/api/session", headers={"Cookie": f"taluy={token}"}).json()["role"] for token in tokens
    ]

    assert tokens[0] != tokens[1]
    assert roles == [None, "board"]


def test_signing_out_ends_the_session_on_the_server(make, client):
    client.post("/api/session", json={"name": make.person(), "password": PASSWORD})
    token = client.cookies["taluy"]

    answer = client.post("/sign-out", follow_redirects=False)

    client.cookies.clear()
    assert answer.status_code == 303
    assert 'taluy=""' in answer.headers["set-cookie"]
    assert client.get("/api/session", headers={"Cookie": f"taluy={token}"}).json()["role"] is None


def test_a_session_ends_when_it_is_not_used(make, sign_in, later):
    used, unused = sign_in(make.person()), sign_in(make.person())

    for _ in range(3):
        later(hours=11)
        assert used.get("/api/session").json()["role"] == "officer"

    assert unused.get("/api/session").json()["role"] is None


def test_a_session_ends_after_a_week_however_much_it_is_used(make, sign_in, later):
    inside = sign_in(make.person())

    roles = []
    for _ in range(17):
        later(hours=10)
        roles.append(inside.get("/api/session").json()["role"])

    assert roles == ["officer"] * 16 + [None]


def cookies_of(answer) -> dict[str, set[str]]:
    """The cookies that an answer sets, with their flags."""
    found = {}
    for header in answer.headers.get_list("set-cookie"):
        name_and_value, *flags = header.split("; ")
        found[name_and_value.partition("=")[0]] = {flag.lower() for flag in flags}
    return found


def test_over_https_the_cookie_is_bound_to_the_host_and_secure(make, settings):
    name, there = make.person(), "https://taluy.example.org"
    with TestClient(create_app(settings.model_copy(update={"base_url": there})), base_url=there) as client:
        answer = client.post("/api/session", json={"name": name, "password": PASSWORD})
        role = client.get("/api/session").json()["role"]

    assert cookies_of(answer) == {
        "__Host-taluy": {"httponly", "max-age=604800", "path=/", "samesite=lax", "secure"},
        "__Host-taluy_device": {"httponly", "max-age=15552000", "path=/", "samesite=lax", "secure"},
    }
    assert role == "officer"


def test_on_this_machine_the_cookie_is_plain_but_no_script_reads_it(make, client):
    answer = client.post("/api/session", json={"name": make.person(), "password": PASSWORD})

    assert cookies_of(answer) == {
        "taluy": {"httponly", "max-age=604800", "path=/", "samesite=lax"},
        "taluy_device": {"httponly", "max-age=15552000", "path=/", "samesite=lax"},
    }


def test_disabling_ends_every_way_in_at_the_next_request(make, sign_in, phone, client, settings):
    from app.people.first_start import disable_person

    name = make.person("board")
    inside, device = sign_in(name), bearer(phone(name)["token"])
    asked = {"name": "x", "scope": "write", "days": 7, "password": PASSWORD}
    tool = bearer(inside.post("/api/tokens", json=asked).json()["token"])

    disable_person(settings, name)

    assert inside.get("/api/session").json()["role"] is None
    assert inside.post("/api/sites", json={}).status_code == 401
    assert [client.get("/api/sites", headers=way).status_code for way in (device, tool)] == [401, 401]
    answer = client.post("/api/session", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 401


def test_two_people_at_once_are_not_mixed_up(make, sign_in):
    names = [make.person(), make.person("board")]
    clients = [sign_in(name) for name in names]

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(clients[n % 2].get, "/api/session") for n in range(40)]

    assert [one.result().json()["name"] for one in asked] == names * 20


def test_a_sign_in_under_way_does_not_survive_a_new_password(make, client, database):
    name, desk, way = make.person(), client.app.state.desk, Way("unknown", clock.now())
    with database.read() as db:
        proven = queries.by_name(db, name)
    with database.write() as db:
        account_queries.set_password(db, queries.by_name(db, name), "another hash", at=way.at, by=None)

    with pytest.raises(Unauthorized):
        desk._open(proven, way)

    with database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM browser_session")) == 0


@pytest.mark.parametrize("said", [{"Origin": "http://127.0.0.1:8000"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_browser_says_with_every_write_where_it_comes_from(make, client, said):
    site = make.site()
    client.post("/api/session", json={"name": make.person("board"), "password": PASSWORD}, headers=said)

    def change(version: int, **headers: str):
        body = {"state": "watch" if version == 1 else "active"}
        return client.patch(f"/api/sites/{site}", json=body, headers={"If-Match": f'"{version}"', **headers})

    silent = change(1)
    signed_out = client.delete("/api/session")
    foreign = change(1, Origin="https://evil.example")

    assert client.get("/api/session").json()["role"] == "board"
    assert [(one.status_code, one.json()["code"]) for one in (silent, foreign)] == [(403, "cross-site")] * 2
    assert signed_out.status_code == 403
    assert change(1, Origin="http://127.0.0.1:8000").status_code == 200
    assert change(2, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_script_that_signed_in_without_a_browser_need_not_say(make, client):
    site = make.site()
    client.post("/api/session", json={"name": make.person("board"), "password": PASSWORD})

    plain = client.patch(f"/api/sites/{site}", json={"state": "watch"}, headers={"If-Match": '"1"'})
    foreign = client.patch(
        f"/api/sites/{site}",
        json={"state": "active"},
        headers={"If-Match": '"2"', "Sec-Fetch-Site": "cross-site"},
    )

    assert (plain.status_code, foreign.status_code) == (200, 403)


def test_a_phone_writes_without_saying_where_it_comes_from(make, client, phone):
    site, token = make.site(), phone(make.person())["token"]

    answer = client.put(
        f"/api/inspections/{inspection_id()}", json=make.inspection_body(site), headers=bearer(token)
    )

    assert answer.status_code == 201


def test_others_are_answered_while_a_crowd_waits_to_sign_in(make, client, monkeypatch):
    crowd = [make.person() for _ in range(READERS + 5)]
    answered, verify, turns = Event(), passwords.HASHER.verify, client.app.state.desk.gate._turns

    def slowly(*given: str) -> bool:
        answered.wait(60)
        return verify(*given)

    def sign_in(name: str) -> int:
        return client.post("/api/session", json={"name": name, "password": PASSWORD}).status_code

    monkeypatch.setattr(passwords.HASHER, "verify", slowly)
    with ThreadPoolExecutor(len(crowd)) as pool:
        waiting = [pool.submit(sign_in, name) for name in crowd]
        until = time.monotonic() + 60
        while turns.statistics().tasks_waiting < len(crowd) - turns.total_tokens:
            assert time.monotonic() < until, "they do not wait before the gate"
            time.sleep(0.01)
        answers = [client.get(path).status_code for path in ("/api/sites", "/s/P6-NL-01", "/api/session")]
        still_waiting = sum(not each.done() for each in waiting)
        answered.set()

    assert answers == [200, 200, 200]
    assert still_waiting == len(crowd), "nobody holds a place among the readers while they wait"
    assert {each.result() for each in waiting} == {204}
