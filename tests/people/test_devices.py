"""Phones stay signed in for a season, several people on one phone, each to be signed out alone."""

import base64

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app import clock, keys
from app.main import create_app
from app.people import account_queries, queries
from app.people.first_start import disable_person
from tests.make import PASSWORD, inspection_id
from tests.people.conftest import bearer

NEW_PASSWORD = "nam con trau di ruong"


def name_of(client, token):
    """Who the service takes the holder of `token` for; the status where it refuses."""
    answer = client.get("/api/session", headers=bearer(token))
    return answer.json()["name"] if answer.status_code == 200 else answer.status_code


def test_two_people_on_one_phone_act_each_as_themselves(make, client, phone, board, database):
    a, b, site = make.person(), make.person(), make.site()
    token = {name: phone(name, "Máy chung")["token"] for name in (a, b)}
    photos = []

    for number, name in enumerate((a, b)):
        visit = inspection_id()
        put = client.put(
            f"/api/inspections/{visit}", json=make.inspection_body(site), headers=bearer(token[name])
        )
        sha, data = make.photo((number, 9, 9))
        photo = client.put(
            f"/api/photos/{sha}", params={"inspection": visit}, content=data, headers=bearer(token[name])
        )
        photos.append((put.status_code, photo.status_code))
    gone = client.delete("/api/session", headers=bearer(token[b]))

    seen = board.get("/api/inspections", params={"place": site}).json()["inspections"]
    assert photos == [(201, 201)] * 2
    assert {visit["observer"] for visit in seen} == {a, b}
    assert gone.status_code == 204
    assert [name_of(client, token[name]) for name in (a, b)] == [a, 401]


def test_a_person_gets_the_same_unlock_key_at_every_sign_in_and_nobody_else_does(
    make, phone, settings, database
):
    a, b = make.person(), make.person("board")

    first, again, other = phone(a), phone(a, "Máy thứ hai"), phone(b)

    key = base64.urlsafe_b64decode(first["unlock_key"] + "=")
    with database.read() as db:
        kept = str(db.execute(text("SELECT * FROM token")).all())
        kept += str(db.execute(text("SELECT * FROM log_detail")).all())
    assert first["unlock_key"] == again["unlock_key"] != other["unlock_key"]
    assert key == keys.unlock_key(settings.data_dir, first["person"]["id"])
    assert len(key) == keys.KEY_BYTES
    assert first["unlock_key"] not in kept
    assert (settings.data_dir / keys.FOLDER / keys.UNLOCKING).stat().st_mode & 0o077 == 0


def test_the_token_is_answered_once_and_kept_hashed(make, client, phone, database):
    made = phone(make.person("board"), "Máy trực")

    listed = client.get("/api/devices", headers=bearer(made["token"]))

    with database.read() as db:
        kept = str(db.execute(text("SELECT * FROM token")).all())
        kept += str(db.execute(text("SELECT * FROM log_detail")).all())
    assert [device["name"] for device in listed.json()["devices"]] == ["Máy trực"]
    assert made["token"] not in listed.text
    assert made["token"] not in kept
    assert listed.headers["cache-control"] == "no-store"


def test_it_lasts_a_season_and_no_longer(make, client, phone, later):
    name = make.person()
    token = phone(name)["token"]

    later(days=179, hours=23)
    in_time = name_of(client, token)
    later(hours=2)

    assert in_time == name
    assert name_of(client, token) == 401


def test_signing_one_phone_out_leaves_the_others(make, client, phone):
    name = make.person()
    lost, kept = phone(name, "Máy mất"), phone(name, "Máy còn")

    answer = client.delete(f"/api/devices/{lost['id']}", headers=bearer(kept["token"]))
    left = client.get("/api/devices", headers=bearer(kept["token"])).json()["devices"]

    assert answer.status_code == 204
    assert name_of(client, lost["token"]) == 401
    assert [device["name"] for device in left] == ["Máy còn"]


def test_nobody_signs_the_phone_of_somebody_else_out(make, client, phone):
    mine, theirs = phone(make.person()), phone(other := make.person())

    answer = client.delete(f"/api/devices/{theirs['id']}", headers=bearer(mine["token"]))

    assert answer.status_code == 404
    assert name_of(client, theirs["token"]) == other


def test_a_phone_ends_no_token_of_a_tool(make, client, phone, sign_in):
    name = make.person()
    asked = {"name": "QGIS", "scope": "public", "days": 7, "password": PASSWORD}
    tool = sign_in(name).post("/api/tokens", json=asked).json()

    answer = client.delete(f"/api/devices/{tool['id']}", headers=bearer(phone(name)["token"]))

    assert answer.status_code == 404
    assert name_of(client, tool["token"]) == name


def closed(client, name, settings, database):
    disable_person(settings, name)


def changed(client, name, settings, database):
    form = {"old": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    assert client.post("/account/password", data=form, follow_redirects=False).status_code == 303


def reset(client, name, settings, database):
    with database.write() as db:
        person = queries.by_name(db, name)
        account_queries.new_link(db, "x", person, at=clock.now(), days=7, by=None)


@pytest.mark.parametrize("end", [closed, changed, reset])
def test_phones_tools_and_other_browsers_end_with(make, client, phone, sign_in, settings, database, end):
    name = make.person("board")
    here, elsewhere = sign_in(name), sign_in(name)
    asked = {"name": "QGIS", "scope": "write", "days": 7, "password": PASSWORD}
    tool = here.post("/api/tokens", json=asked).json()["token"]
    device = phone(name)["token"]

    end(here, name, settings, database)

    assert (name_of(client, device), name_of(client, tool)) == (401, 401)
    assert elsewhere.get("/api/session").json()["role"] is None
    assert here.get("/api/session").json()["role"] == ("board" if end is changed else None)


def test_a_phone_reaches_no_page_of_accounts(make, client, phone):
    token = phone(make.person("administrator"))["token"]

    refused = {
        path: (answer.status_code, answer.json()["code"])
        for path in ("/account", "/people", "/log", "/api/tokens", "/account/second-factor")
        for answer in [client.get(path, headers=bearer(token))]
    }

    assert set(refused.values()) == {(403, "scope")}


def test_its_use_is_noted_now_and_then(make, client, phone, database, later):
    made = phone(make.person())

    def used() -> str:
        with database.read() as db:
            return str(db.scalar(text("SELECT last_used_at FROM token")))

    never = used()
    name_of(client, made["token"])
    first = used()
    later(minutes=4)
    name_of(client, made["token"])
    soon = used()
    later(minutes=2)
    name_of(client, made["token"])

    assert never == "None"
    assert first == soon
    assert used() > first


def test_a_wrong_password_signs_no_phone_in(make, client):
    body = {"name": make.person(), "password": "quite the wrong one", "device": "Máy thử"}

    assert client.post("/api/devices", json=body).status_code == 401


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_only_https_takes_a_secret_from_another_machine(make, settings, scheme):
    name = make.person()
    there = f"{scheme}://taluy.example.org"
    served = create_app(settings.model_copy(update={"base_url": there}))

    with TestClient(served, base_url=there) as client:
        body = {"name": name, "password": PASSWORD}
        asked: list[httpx2.Response] = [
            client.post("/api/session", json=body),
            client.post("/api/devices", json={**body, "device": "Máy thử"}),
            client.post("/sign-in", data=body, follow_redirects=False),
            client.get("/api/sites", headers=bearer("taluy_x")),
            client.get("/api/sites", headers={"Cookie": "taluy=x; __Host-taluy=x"}),
        ]

    answers = [answer.status_code for answer in asked]
    assert answers == ([403] * 5 if scheme == "http" else [204, 201, 303, 401, 200])
