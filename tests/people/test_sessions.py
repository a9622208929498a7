"""Signing in, staying in, getting out."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.people.first_start import offer_setup
from tests.make import PASSWORD


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
    from sqlalchemy import text

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
