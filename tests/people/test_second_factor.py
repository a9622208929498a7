"""The second factor: set up, asked for, used once, moved, turned off; required of the board where a setting says so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app import clock, keys
from app.main import create_app
from app.people import queries, second_factor
from app.people.second_factor import Pending
from tests.make import PASSWORD
from tests.people.conftest import Factor, bearer, begun, set_up, shown_codes

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
HERE = "/account/second-factor"
HTML = {"Accept": "text/html"}


def enter_with(client, name, **more):
    return client.post("/api/session", json={"name": name, "password": PASSWORD, **more})


@pytest.fixture
def strict(app, settings):
    """The same service where the board and administrators must have a second factor."""
    with TestClient(
        create_app(settings.model_copy(update={"second_factor": "required"})),
        base_url="http://127.0.0.1:8000",
        raise_server_exceptions=False,
    ) as client:
        yield client


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_one_step_off(steps, right):
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).at(NOON, counter_offset=steps)

    found = second_factor.right_step(secret, code, NOON)

    assert (found == int(NOON.timestamp()) // 30 + steps) is right


def test_a_waiting_secret_is_good_for_one_person_and_fifteen_minutes(tmp_path):
    pending = Pending(second_factor.new_secret())
    sealed = second_factor.seal(pending, 7, data_dir=tmp_path, at=NOON)
    kept = keys.sealer(tmp_path).encrypt_at_time(pending.secret.encode(), int(NOON.timestamp())).decode()

    def opened(what: str, person_id: int = 7, minutes: float = 1) -> Pending | None:
        at = NOON + timedelta(minutes=minutes)
        return second_factor.unseal(what, person_id, data_dir=tmp_path, at=at)

    assert opened(sealed) == pending
    assert pending.secret not in sealed
    assert opened(sealed, person_id=8) is None
    assert opened(sealed, minutes=16) is None
    assert opened(sealed[:-4] + "AAA=") is None
    assert opened(pending.secret) is None
    assert opened(kept) is None


def test_nothing_is_kept_before_the_first_code_is_right(make, sign_in, database):
    client = sign_in(make.person())
    sealed, secret = begun(client.get(HERE).text)

    wrong = client.post(HERE, data={"sealed": sealed, "password": PASSWORD, "code": "000000"})
    own_secret = client.post(
        HERE, data={"sealed": "JBSWY3DPEHPK3PXP", "password": PASSWORD, "code": "000000"}
    )
    no_password = client.post(
        HERE, data={"sealed": sealed, "password": "not it", "code": Factor(secret, ()).code()}
    )

    assert (wrong.status_code, own_secret.status_code, no_password.status_code) == (422, 422, 422)
    assert begun(wrong.text)[1] == secret
    assert begun(own_secret.text)[1] not in (secret, "JBSWY3DPEHPK3PXP")
    with database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM person WHERE totp_sealed IS NOT NULL")) == 0


def test_the_database_holds_neither_secret_nor_codes(make, sign_in, database):
    factor = set_up(sign_in(make.person()))

    with database.read() as db:
        kept = str(db.execute(text("SELECT * FROM person")).all())
        kept += str(db.execute(text("SELECT * FROM recovery_code")).all())
        kept += str(db.execute(text("SELECT * FROM log_detail")).all())
    assert len(set(factor.recovery)) == 10
    assert factor.secret not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in factor.recovery)


def test_turning_it_on_ends_sessions_that_were_opened_without_it(make, sign_in):
    name = make.person()
    here, elsewhere = sign_in(name), sign_in(name)

    set_up(here)

    assert here.get("/api/session").json()["name"] == name
    assert elsewhere.get("/api/session").json()["role"] is None


def test_a_second_page_does_not_replace_the_recovery_codes_that_were_put_away(make, sign_in):
    client = sign_in(make.person())
    sealed, secret = begun(client.get(HERE).text)
    set_up(client)

    again = client.post(
        HERE, data={"sealed": sealed, "password": PASSWORD, "code": Factor(secret, ()).code()}
    )

    assert again.status_code == 409


def test_a_sign_in_needs_a_code_that_was_not_used(make, sign_in, client, later):
    name = make.person()
    factor = set_up(sign_in(name))
    without = enter_with(client, name)
    used = enter_with(client, name, code=factor.first_code)
    later(seconds=30)
    code = factor.code()

    first, again = (enter_with(client, name, code=code) for _ in range(2))

    assert (without.status_code, without.json()["code"]) == (401, "code-needed")
    assert (used.status_code, used.json()["code"]) == (401, "wrong-code")
    assert (first.status_code, again.status_code) == (204, 401)


def test_of_two_requests_at_once_with_one_code_one_gets_in(make, sign_in, client, later):
    name = make.person()
    factor = set_up(sign_in(name))
    later(seconds=30)
    code, start = factor.code(), Barrier(4)

    def enter(_number: int) -> int:
        start.wait()
        return enter_with(client, name, code=code).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(enter, range(4)))

    assert answers == [204, 401, 401, 401]


def test_who_gave_the_password_only_is_nobody_yet(make, sign_in, client, later):
    name = make.person("board")
    factor = set_up(sign_in(name))
    later(seconds=30)

    asked = client.post(
        "/sign-in", data={"name": name, "password": PASSWORD, "next": "/places"}, follow_redirects=False
    )
    waiting = client.cookies["taluy"]
    role = client.get("/api/session").json()["role"]
    form = client.get(asked.headers["location"])
    wrong = client.post("/sign-in/code", data={"code": "000000", "next": "/places"})
    done = client.post(
        "/sign-in/code", data={"code": factor.code(), "next": "/places"}, follow_redirects=False
    )

    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in/code?next=%2Fplaces")
    assert role is None
    assert (form.status_code, "one-time-code" in form.text) == (200, True)
    assert wrong.status_code == 401
    assert (done.status_code, done.headers["location"]) == (303, "/places")
    assert client.cookies["taluy"] != waiting
    assert client.get("/api/session").json()["name"] == name
    client.cookies.clear()
    assert client.get("/api/session", headers={"Cookie": f"taluy={waiting}"}).json()["role"] is None


def test_the_password_is_good_for_ten_minutes(make, sign_in, client, later):
    name = make.person()
    factor = set_up(sign_in(name))
    client.post("/sign-in", data={"name": name, "password": PASSWORD}, follow_redirects=False)

    later(minutes=11)
    late = client.post("/sign-in/code", data={"code": factor.code()}, headers=HTML, follow_redirects=False)
    form = client.get("/sign-in/code?next=/places", follow_redirects=False)

    assert late.status_code == 401
    assert client.get("/api/session").json()["role"] is None
    assert (form.status_code, form.headers["location"]) == (303, "/sign-in?next=%2Fplaces")


def test_a_recovery_code_works_once_however_it_is_typed(make, sign_in, client, phone):
    name = make.person()
    factor = set_up(sign_in(name))
    first, second, *_ = factor.recovery

    typed = enter_with(client, name, code=f" {first.upper().replace('-', ' ')} ")
    again = enter_with(client, name, code=first)
    token = phone(name, code=second)["token"]

    assert (typed.status_code, again.status_code) == (204, 401)
    assert client.get("/api/session", headers=bearer(token)).json()["name"] == name
    assert "8/10" in client.get("/account", headers=HTML).text


def test_new_recovery_codes_end_those_of_before(make, sign_in, client):
    name = make.person()
    inside = sign_in(name)
    factor = set_up(inside)

    answer = inside.post(f"{HERE}/codes", data={"password": PASSWORD, "code": factor.recovery[0]})
    new = shown_codes(answer.text)
    old = enter_with(client, name, code=factor.recovery[1])
    fresh = enter_with(client, name, code=new[1])

    assert not set(new) & set(factor.recovery)
    assert (old.status_code, fresh.status_code) == (401, 204)


def test_guessing_codes_is_slowed_down_though_the_password_is_known(make, sign_in, client):
    name = make.person()
    set_up(sign_in(name))
    client.post("/sign-in", data={"name": name, "password": PASSWORD}, follow_redirects=False)

    answers = [client.post("/sign-in/code", data={"code": f"{n:06}"}) for n in range(9)]

    assert [answer.status_code for answer in answers] == [401] * 8 + [429]
    assert int(answers[-1].headers["retry-after"]) > 60


def test_it_is_turned_off_by_password_and_code(make, sign_in, client):
    name = make.person("board")
    inside = sign_in(name)
    factor = set_up(inside)

    def off(password: str, code: str) -> int:
        form = {"password": password, "code": code}
        return inside.post(f"{HERE}/off", data=form, follow_redirects=False).status_code

    answers = [off("not it", factor.recovery[0]), off(PASSWORD, "000000"), off(PASSWORD, factor.recovery[0])]

    assert answers == [422, 422, 303]
    assert enter_with(client, name).status_code == 204


def test_it_moves_to_another_phone_once_that_shows_a_code(make, sign_in, client, later):
    name = make.person()
    inside = sign_in(name)
    old = set_up(inside)

    begin = inside.post(f"{HERE}/move", data={"password": PASSWORD, "code": old.recovery[0]})
    sealed, secret = begun(begin.text)
    new = Factor(secret, ())
    later(seconds=30)
    before = enter_with(client, name, code=old.code())
    moved = inside.post(HERE, data={"sealed": sealed, "code": new.code()})
    later(seconds=60)

    assert (before.status_code, moved.status_code) == (204, 200)
    assert enter_with(client, name, code=old.code()).status_code == 401
    assert enter_with(client, name, code=new.code()).status_code == 204


def test_a_lost_key_locks_codes_out_but_not_recovery_codes(make, sign_in, database, tmp_path):
    name = make.person()
    factor = set_up(sign_in(name))
    elsewhere = tmp_path / "restored without its keys"

    with database.write() as db:
        person_id = queries.by_name(db, name).id
        at = clock.now() + timedelta(seconds=60)
        code = pyotp.TOTP(factor.secret).at(at)
        by_code = second_factor.use(db, person_id, code, data_dir=elsewhere, at=at)
        by_paper = second_factor.use(db, person_id, factor.recovery[0], data_dir=elsewhere, at=at)

    assert (by_code, by_paper) == (False, True)


def test_where_it_is_required_the_board_only_reads_what_is_public_until_it_is_set_up(make, strict):
    name = make.person("board")
    site = make.site(people_at_risk=4)

    led = strict.post(
        "/sign-in", data={"name": name, "password": PASSWORD, "next": "/new"}, follow_redirects=False
    )
    public = strict.get(f"/api/sites/{site}")
    refused = strict.post("/api/sites", json={"code": "TH-XX-01"})
    page = strict.get("/new", headers=HTML, follow_redirects=False)
    said = strict.get(page.headers["location"], headers=HTML)
    tokens = strict.post(
        "/api/tokens", json={"name": "x", "scope": "public", "days": 7, "password": PASSWORD}
    )

    assert (led.status_code, led.headers["location"]) == (303, "/account/second-factor?next=%2Fnew")
    assert public.status_code == 200
    assert "people_at_risk" not in public.json()["properties"]
    assert (refused.status_code, refused.json()["code"]) == (403, "second-factor-needed")
    assert (page.status_code, page.headers["location"]) == (303, "/account/second-factor?next=/new")
    assert "Vai trò của bạn cần xác thực hai lớp" in said.text
    assert (tokens.status_code, tokens.json()["code"]) == (403, "second-factor-needed")

    factor = set_up(strict)
    off = strict.post(f"{HERE}/off", data={"password": PASSWORD, "code": factor.recovery[0]})

    assert strict.get("/new", headers=HTML).status_code == 200
    assert strict.get(f"/api/sites/{site}").json()["properties"]["people_at_risk"] == 4
    assert off.status_code == 403


def test_where_it_is_required_officers_go_on_as_before(make, strict):
    name = make.person("officer")

    enter_with(strict, name)

    assert strict.get(f"/s/{make.site()}/inspect", headers=HTML).status_code == 200


def test_a_token_made_before_it_was_required_reaches_neither_places_nor_the_account(make, sign_in, strict):
    board = sign_in(make.person("board"))
    body = {"name": "Công cụ thử", "days": 7, "password": PASSWORD}
    made = {
        scope: board.post("/api/tokens", json={**body, "scope": scope}).json()["token"]
        for scope in ("public", "write")
    }

    codes = {
        (scope, path): strict.get(path, headers=bearer(token)).json().get("code")
        for scope, token in made.items()
        for path in ("/api/tokens", "/api/devices", "/new", "/api/sites")
    }

    assert codes == {
        ("public", "/api/tokens"): "scope",
        ("public", "/api/devices"): "scope",
        ("public", "/new"): "second-factor-needed",
        ("public", "/api/sites"): None,
        ("write", "/api/tokens"): "scope",
        ("write", "/api/devices"): "scope",
        ("write", "/new"): "second-factor-needed",
        ("write", "/api/sites"): None,
    }
