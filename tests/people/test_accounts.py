"""Administrators manage people: invited by a link that works once, changed, closed, reset; every act is logged."""

import html
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, text

from app import clock
from app.people import account_queries, first_start, token_queries
from app.people import queries as people
from app.throttle import LINKS
from app.units import queries as units
from tests.make import OTHER_WARD, PASSWORD, WARD
from tests.people.conftest import set_up

NEW_PASSWORD = "nam con trau di ruong"
HTML = {"Accept": "text/html"}


@dataclass
class Desk:
    """An administrator at their pages."""

    client: TestClient
    name: str
    person_id: int

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=HTML)

    def post(self, path: str, **fields: Any) -> Any:
        return self.client.post(path, data=fields, headers=HTML, follow_redirects=False)

    def mark(self, person_id: int) -> str:
        """What the form to change an account remembers of it."""
        return re.search(r'name="mark" value="(\w+)"', self.get(f"/people/{person_id}").text)[1]

    def change(self, person_id: int, role: str, *unit_ids: int, **fields: str) -> Any:
        form = {"mark": self.mark(person_id), "role": role, "units": [str(one) for one in unit_ids], **fields}
        return self.post(f"/people/{person_id}", **form)


@pytest.fixture
def ids(database):
    """Ids of people by name, and of units by code as they are today."""

    def find(name: str) -> int:
        with database.read() as db:
            found = people.by_name(db, name)
            return found.id if found else units.find(db, name, on=clock.today()).id

    return find


@pytest.fixture
def desk(make, sign_in, ids):
    name = make.person("administrator")
    return Desk(sign_in(name), name, ids(name))


@pytest.fixture
def invite(desk, ids):
    """Invite somebody by the form; gives the token of the link."""

    def by_form(name: str = "can-bo-07", role: str = "officer", unit: str = WARD) -> str:
        page = desk.post("/people", name=name, role=role, units=[str(ids(unit))], password=PASSWORD)
        assert page.status_code == 200, page.text
        return token_in(page)

    return by_form


def token_in(page) -> str:
    """The one-time token on the page that shows the link."""
    return re.search(r'value="http[^"]*/join\?token=([\w-]+)"', html.unescape(page.text))[1]


def join(client, token, password=NEW_PASSWORD, again=None):
    form = {"token": token, "password": password, "password_again": again or password}
    return client.post("/join", data=form, headers=HTML, follow_redirects=False)


def fresh(client) -> TestClient:
    """Another browser."""
    return TestClient(client.app, base_url=str(client.base_url), raise_server_exceptions=False)


def status(client, name, password=PASSWORD) -> int:
    return fresh(client).post("/api/session", json={"name": name, "password": password}).status_code


def role_of(client, **headers) -> str | None:
    return client.get("/api/session", headers=headers).json().get("role")


def device(client, name) -> str:
    """Sign in on a phone; gives its token."""
    body = {"name": name, "password": PASSWORD, "device": "Điện thoại thử"}
    return fresh(client).post("/api/devices", json=body).json()["token"]


def tool(database, person_id: int) -> str:
    """A tool's token of a person."""
    secret = token_queries.new_secret()
    with database.write() as db:
        token_queries.add(
            db, secret, person_id, kind="tool", name="QGIS", scope="internal", days=30, at=clock.now()
        )
    return secret


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def reads_internal(client, headers) -> int:
    """What is answered to somebody who asks with these headers and no cookie."""
    return fresh(client).get("/api/session", headers=headers).status_code


def logged(database, person_id: int) -> list[tuple[str, int | None]]:
    """Verb and author of every entry about a person, in order."""
    asked = text(
        "SELECT verb, person_id FROM log_entry JOIN log_detail USING (seq) WHERE about = :about ORDER BY seq"
    )
    with database.read() as db:
        return [(row.verb, row.person_id) for row in db.execute(asked, {"about": f"person:{person_id}"})]


def everything(database) -> str:
    """Every row of every table as text."""
    with database.read() as db:
        tables = inspect(db.connection()).get_table_names()
        kept = [name for name in tables if name != "spatial_ref_sys" and "rtree" not in name]
        rows = [db.execute(text(f'SELECT * FROM "{name}"')).all() for name in kept]  # noqa: S608 - our own names
        return "\n".join(map(str, rows))


def test_somebody_invited_chooses_a_password_and_is_signed_in(desk, invite, client, ids):
    token = invite("can-bo-07", "officer")

    shown = client.get(f"/join?token={token}", headers=HTML)
    joined = join(client, token)

    assert "can-bo-07" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert (joined.status_code, joined.headers["Location"]) == (303, "/")
    inside = client.get("/api/session").json()
    assert (inside["name"], inside["role"]) == ("can-bo-07", "officer")
    assert status(client, "can-bo-07", NEW_PASSWORD) == 204
    assert "Đã mời" not in desk.get(f"/people/{ids('can-bo-07')}").text


def test_the_link_is_shown_once_and_kept_by_its_hash(desk, ids, database):
    page = desk.post("/people", name="can-bo-07", role="officer", units=[str(ids(WARD))])
    token = token_in(page)

    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.count(token) == 1
    assert "<svg" in page.text
    later = [desk.get("/people"), desk.get(f"/people/{ids('can-bo-07')}")]
    assert not any(token in each.text for each in later)
    assert token not in everything(database)


def test_nobody_signs_in_before_joining(invite, client):
    invite("can-bo-07")

    assert {status(client, "can-bo-07", password) for password in (" ", PASSWORD)} == {401}


def test_a_link_works_once(invite, client):
    token = invite()

    first, second = join(client, token), join(fresh(client), token, PASSWORD)

    assert first.status_code == 303
    assert second.status_code == client.get(f"/join?token={token}").status_code == 404
    assert "quản trị viên" in second.text
    assert status(client, "can-bo-07", NEW_PASSWORD) == 204


def test_of_several_at_once_one_uses_the_link(invite, client):
    token = invite()
    start = Barrier(4)

    def use(number: int) -> int:
        start.wait()
        return join(client, token, f"{NEW_PASSWORD} {number}").status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(use, range(4)))

    assert answers == [303, 404, 404, 404]


@pytest.mark.parametrize(("late", "answer"), [(-1, 200), (1, 404)])
def test_a_link_ends_after_the_days_of_the_setting(invite, client, stop_clock, settings, late, answer):
    token = invite()
    stop_clock(clock.now() + timedelta(days=settings.invite_days, minutes=late))

    shown = client.get(f"/join?token={token}", headers=HTML).status_code
    used = join(client, token).status_code

    assert (shown, used) == (answer, 303 if answer == 200 else 404)


def test_a_newer_link_ends_the_older_one(desk, invite, client, ids):
    old = invite()

    new = token_in(desk.post(f"/people/{ids('can-bo-07')}/reset"))

    assert join(client, old).status_code == 404
    assert join(client, new).status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "reason"),
    [("short", None, "12"), ("password1234", None, "đoán"), (NEW_PASSWORD, PASSWORD, "giống nhau")],
)
def test_a_refused_password_leaves_the_link_usable(invite, client, password, again, reason):
    token = invite()

    refused = join(client, token, password, again)

    assert refused.status_code == 422
    assert reason in refused.text
    assert password not in refused.text
    assert join(client, token).status_code == 303


def test_wrong_links_are_counted_by_address(client, app):
    for _ in range(LINKS.amount - 1):
        app.state.throttle.failed("unknown")  # what a test's client has for an address

    answers = [join(client, "no-such-token").status_code for _ in range(2)]

    assert answers == [404, 429]


@pytest.mark.parametrize(
    ("role", "second_factor", "onward"),
    [
        ("board", "required", "/account/second-factor?next=%2F"),
        ("officer", "required", "/"),
        ("board", "optional", "/"),
    ],
)
def test_a_role_that_needs_a_second_factor_is_led_on_to_it(
    invite, client, app, settings, role, second_factor, onward
):
    token = invite("nguoi-moi", role)
    required = settings.model_copy(update={"second_factor": second_factor})
    app.state.desk = type(app.state.desk)(**{**vars(app.state.desk), "settings": required})

    assert join(client, token).headers["Location"] == onward


def test_a_reset_ends_password_sessions_phones_and_tokens_at_once(desk, make, sign_in, client, ids, database):
    name = make.person("officer")
    inside, phone, qgis = sign_in(name), device(client, name), tool(database, ids(name))
    assert {reads_internal(client, bearer(token)) for token in (phone, qgis)} == {200}

    page = desk.post(f"/people/{ids(name)}/reset", sure="yes")

    assert page.headers["Cache-Control"] == "no-store"
    assert role_of(inside) is None
    assert {reads_internal(client, bearer(token)) for token in (phone, qgis)} == {401}
    assert status(client, name) == 401
    assert join(client, token_in(page)).status_code == 303
    assert status(client, name, NEW_PASSWORD) == 204


def test_a_closed_account_is_out_at_its_next_request(desk, make, sign_in, client, ids, database):
    name = make.person("board")
    inside, phone, qgis = sign_in(name), device(client, name), tool(database, ids(name))
    link = token_in(desk.post("/people", name="nguoi-moi", role="viewer"))

    for closed in (name, "nguoi-moi"):
        assert desk.post(f"/people/{ids(closed)}/close", sure="yes").status_code == 303

    assert role_of(inside) is None
    assert {reads_internal(client, bearer(token)) for token in (phone, qgis)} == {401}
    assert status(client, name) == 401
    assert join(client, link).status_code == 404


def test_an_account_opened_again_has_its_password_and_no_old_phone(desk, make, client, ids):
    name = make.person("officer")
    phone = device(client, name)
    desk.post(f"/people/{ids(name)}/close", sure="yes")

    desk.post(f"/people/{ids(name)}/open")

    assert status(client, name) == 204
    assert reads_internal(client, bearer(phone)) == 401


def test_a_role_counts_from_the_next_request_and_ends_nothing(desk, make, sign_in, client, ids):
    name = make.person("officer")
    inside, phone = sign_in(name), device(client, name)
    assert inside.get("/new").status_code == 403

    assert desk.change(ids(name), "board", ids(WARD)).status_code == 303
    raised = inside.get("/new").status_code, role_of(inside), role_of(fresh(client), **bearer(phone))
    assert desk.change(ids(name), "viewer").status_code == 303
    lowered = inside.get("/new").status_code, role_of(inside), role_of(fresh(client), **bearer(phone))

    assert raised == (200, "board", "board")
    assert lowered == (403, "viewer", "viewer")


def test_units_count_from_the_next_request(desk, make, sign_in, ids):
    name, site = make.person("officer"), make.site()
    inside = sign_in(name)
    assert inside.get(f"/s/{site}/inspect").status_code == 200

    desk.change(ids(name), "officer", ids(OTHER_WARD))
    elsewhere = inside.get(f"/s/{site}/inspect").status_code
    desk.change(ids(name), "officer", ids(WARD), ids(OTHER_WARD))

    assert elsewhere == 403
    assert inside.get(f"/s/{site}/inspect").status_code == 200


def accounts(database) -> list[tuple[str, str]]:
    """Name and role of everybody."""
    with database.read() as db:
        return sorted((person.name, person.role) for person in account_queries.every(db))


UNPROVEN = [({}, "password"), ({"password": "not the right one"}, "password"), ({"code": "1"}, "password")]


@pytest.mark.parametrize(("given", "field"), UNPROVEN)
def test_a_session_alone_makes_no_administrator(desk, make, ids, database, given, field):
    name = make.person("officer")
    before = accounts(database)

    invited = desk.post("/people", name="nguoi-moi", role="administrator", units=[str(ids(WARD))], **given)
    raised = desk.change(ids(name), "administrator", ids(WARD), **given)

    assert (invited.status_code, raised.status_code) == (422, 422)
    assert f'id="e-{field}"' in invited.text
    assert f'id="e-{field}"' in raised.text
    assert accounts(database) == before
    assert desk.change(ids(name), "administrator", ids(WARD), password=PASSWORD).status_code == 303
    assert desk.change(ids(name), "administrator", ids(OTHER_WARD)).status_code == 303


def test_where_there_is_a_second_factor_its_code_is_needed_for_another_administrator(desk, make, ids):
    name, factor = make.person("officer"), set_up(desk.client)

    without = desk.change(ids(name), "administrator", ids(WARD), password=PASSWORD)
    wrong = desk.change(ids(name), "administrator", ids(WARD), password=PASSWORD, code="000000")
    right = desk.change(ids(name), "administrator", ids(WARD), password=PASSWORD, code=factor.recovery[0])

    assert [each.status_code for each in (without, wrong, right)] == [422, 422, 303]
    assert all('id="e-code"' in each.text for each in (without, wrong))
    assert "000000" not in wrong.text


def test_the_last_administrator_stays(desk, invite, ids):
    invite("nguoi-moi", "administrator")  # has not joined: cannot manage anything yet

    closed = desk.post(f"/people/{desk.person_id}/close", sure="yes")
    lowered = desk.change(desk.person_id, "board", ids(WARD), sure="yes")

    assert (closed.status_code, lowered.status_code) == (409, 409)
    assert "quản trị viên cuối cùng" in closed.text
    assert role_of(desk.client) == "administrator"


def test_two_administrators_who_lower_each_other_leave_one(desk, make, sign_in, ids):
    name = make.person("administrator")
    other = Desk(sign_in(name), name, ids(name))
    pairs = ((desk, other, desk.mark(other.person_id)), (other, desk, other.mark(desk.person_id)))
    start = Barrier(2)

    def lower(pair: tuple[Desk, Desk, str]) -> int:
        who, whom, mark = pair
        start.wait()
        answer = who.post(f"/people/{whom.person_id}", mark=mark, role="board", units=[str(ids(WARD))])
        return answer.status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lower, pairs))

    assert answers in ([303, 403], [303, 409])
    assert sorted([role_of(desk.client), role_of(other.client)]) == ["administrator", "board"]


@pytest.mark.parametrize("act", ["/people", "/people/{own}/open"])
def test_an_administrator_who_is_closed_meanwhile_does_nothing(app, make, sign_in, ids, database, act):
    first, leaving = make.person("administrator"), make.person("administrator")
    taken, writers = sign_in(leaving), app.state.database.engine.pool
    form = {"name": "Người thử 99", "role": "viewer"}
    with ThreadPoolExecutor() as elsewhere:
        with database.write() as db:
            person = account_queries.to_change(db, ids(leaving))
            account_queries.disable(db, person, at=clock.now(), by=ids(first))
            asked = elsewhere.submit(taken.post, act.format(own=person.id), data=form)
            until = time.monotonic() + 60
            while not writers.checkedout():
                assert time.monotonic() < until, "it does not come to write"
                time.sleep(0.01)
        answer = asked.result()

    assert answer.status_code == 403
    with database.read() as db:
        assert people.by_name(db, "Người thử 99") is None
        assert people.by_name(db, leaving).disabled_at is not None


@pytest.mark.parametrize(
    ("sure", "answer", "role"), [({}, 422, "administrator"), ({"sure": "yes"}, 303, "board")]
)
def test_giving_up_the_own_right_is_asked_twice(desk, make, ids, sure, answer, role):
    make.person("administrator")

    changed = desk.change(desk.person_id, "board", ids(WARD), **sure)

    assert changed.status_code == answer
    assert role_of(desk.client) == role


@pytest.mark.parametrize("act", ["reset", "second-factor"])
def test_the_own_password_and_second_factor_are_not_taken_away_here(desk, act):
    refused = desk.post(f"/people/{desk.person_id}/{act}", sure="yes")

    assert refused.status_code == 409
    assert role_of(desk.client) == "administrator"


@pytest.mark.parametrize("act", ["close", "reset", "second-factor"])
def test_what_cannot_be_undone_needs_a_tick(desk, make, sign_in, ids, database, act):
    name = make.person("officer")
    inside = sign_in(name)
    with database.write() as db:
        people.by_name(db, name).totp_sealed = "sealed"
    before = logged(database, ids(name))

    refused = desk.post(f"/people/{ids(name)}/{act}")

    assert refused.status_code == 422
    assert "Đánh dấu" in refused.text
    assert role_of(inside) == "officer"
    assert logged(database, ids(name)) == before


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten(desk, make, sign_in, ids):
    name, second = make.person("officer"), make.person("administrator")
    other = Desk(sign_in(second), second, ids(second))
    seen = desk.mark(ids(name))
    other.change(ids(name), "viewer")

    late = desk.post(f"/people/{ids(name)}", mark=seen, role="board", units=[str(ids(WARD))])

    assert late.status_code == 412
    assert "Người khác vừa sửa" in late.text
    assert "Người xem" in desk.get(f"/people/{ids(name)}").text
    assert desk.change(ids(name), "board", ids(WARD)).status_code == 303


def test_a_phone_and_a_session_are_revoked_one_by_one(desk, make, sign_in, client, ids):
    name = make.person("officer")
    first, second = sign_in(name), sign_in(name)
    phones = [device(client, name) for _ in range(2)]
    page = desk.get(f"/people/{ids(name)}").text
    tokens = re.findall(r'name="token" value="(\d+)"', page)
    sessions = re.findall(r'name="session" value="(\w+)"', page)
    assert (len(tokens), len(sessions)) == (2, 2)

    ended = desk.post(f"/people/{ids(name)}/revoke", token=max(tokens, key=int))
    ended_too = desk.post(f"/people/{ids(name)}/revoke", session=sessions[0])

    assert (ended.status_code, ended_too.status_code) == (303, 303)
    assert [reads_internal(client, bearer(phone)) for phone in phones] == [200, 401]
    assert sorted([role_of(first), role_of(second)], key=str) == [None, "officer"]


def test_nobody_elses_phone_is_revoked_by_a_made_up_number(desk, make, client, ids):
    name, stranger = make.person("officer"), make.person("officer")
    phone = device(client, name)
    number = re.search(r'name="token" value="(\d+)"', desk.get(f"/people/{ids(name)}").text)[1]

    refused = desk.post(f"/people/{ids(stranger)}/revoke", token=number)

    assert refused.status_code == 404
    assert reads_internal(client, bearer(phone)) == 200


def test_a_lost_second_factor_is_taken_away_and_ends_the_sessions(desk, make, sign_in, client, ids, database):
    name = make.person("board")
    inside = sign_in(name)
    with database.write() as db:
        people.by_name(db, name).totp_sealed = "sealed"
    assert "Gỡ xác thực hai lớp" in desk.get(f"/people/{ids(name)}").text

    desk.post(f"/people/{ids(name)}/second-factor", sure="yes")

    assert role_of(inside) is None
    assert status(client, name) == 204
    assert logged(database, ids(name))[-1] == ("second_factor_off", desk.person_id)


HOSTILE = (
    "<script>window.p=1</script>",
    '"><img src=x onerror=alert(1)>',
    "${window.p=1}`{{ 7*7 }}",
    "=HYPERLINK(0)",
    "javascript:alert(1)//%00",
    "Người thử " + "ố" * 70,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text_everywhere(desk, invite, client, ids, name):
    token = invite(name)

    pages = [
        desk.get("/people").text,
        desk.get(f"/people/{ids(name)}").text,
        client.get(f"/join?token={token}", headers=HTML).text,
        desk.post(f"/people/{ids(name)}/reset").text,
    ]

    assert all(html.escape(name, quote=False) in re.sub("&#34;", '"', page) for page in pages)
    assert not any("<script>window" in page or "<img src=x" in page for page in pages)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("", 422),
        ("   ", 422),
        ("x" * 81, 422),
        ("can\u200bbo", 422),
        ("a\u202eb", 422),
        ("a\x00b", 422),
        ("a\nb", 422),
    ],
)
def test_a_name_that_cannot_be_told_from_another_is_refused(desk, ids, name, answer):
    refused = desk.post("/people", name=name, role="viewer")

    assert refused.status_code == answer
    assert "/join?token" not in refused.text


@pytest.mark.parametrize("name", ["can-bo-07", "CAN-BO-07", " can-bo-07 "])
def test_a_name_is_given_once(desk, invite, name):
    invite("can-bo-07")

    refused = desk.post("/people", name=name, role="viewer")

    assert refused.status_code == 409
    assert 'href="#f-name"' in refused.text


def test_of_two_invitations_of_one_name_at_once_one_is_made(desk):
    start = Barrier(2)

    def ask(_number: int) -> int:
        start.wait()
        return desk.post("/people", name="Người thử mới", role="viewer").status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(ask, range(2)))

    assert answers == [200, 409]


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "officer"},
        {"role": "officer", "units": ["999999"]},
        {"role": "officer", "units": ["1 OR 1=1"]},
        {"role": "officer", "units": ["99999999999999999999"]},
        {"role": "root", "units": []},
        {"units": []},
    ],
)
def test_an_invitation_needs_a_role_and_units_that_exist(desk, database, fields):
    before = everything(database)

    refused = desk.post("/people", name="can-bo-07", **fields)

    assert refused.status_code == 422
    assert "can-bo-07" in refused.text
    assert everything(database) == before


def test_every_act_is_logged_about_the_person_and_by_the_administrator(desk, invite, client, ids, database):
    join(client, invite("can-bo-07"))
    person = ids("can-bo-07")
    device_page = fresh(client)
    device_page.post(
        "/api/devices", json={"name": "can-bo-07", "password": NEW_PASSWORD, "device": "Máy thử"}
    )
    number = re.search(r'name="token" value="(\d+)"', desk.get(f"/people/{person}").text)[1]

    desk.change(person, "board", ids(WARD))
    desk.post(f"/people/{person}/revoke", token=number)
    desk.post(f"/people/{person}/reset", sure="yes")
    desk.post(f"/people/{person}/close", sure="yes")
    desk.post(f"/people/{person}/open")

    admin = desk.person_id
    assert logged(database, person) == [
        ("add", admin), ("invite", admin), ("password", person), ("token", person), ("change", admin),
        ("revoke", admin), ("reset", admin), ("disable", admin), ("enable", admin),
    ]  # fmt: skip


def test_no_secret_is_written_down(desk, invite, client, ids, database, caplog):
    caplog.set_level("INFO", "taluy")
    token = invite("can-bo-07")
    join(client, token)
    again = token_in(desk.post(f"/people/{ids('can-bo-07')}/reset", sure="yes"))

    written = everything(database) + "\n".join(
        json.dumps(record.msg, default=str) for record in caplog.records
    )

    events = [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
    assert {"person_added", "invited", "signed_in"} <= set(events)
    assert not any(secret in written for secret in (token, again, NEW_PASSWORD))
    journal = "\n".join(json.dumps(record.msg, default=str) for record in caplog.records)
    assert "can-bo-07" not in journal


def test_the_list_says_how_each_account_stands(desk, make, invite, ids):
    officer, board = make.person("officer"), make.person("board")
    invite("Người thử Đà Lạt")
    desk.post(f"/people/{ids(officer)}/close", sure="yes")

    page = html.unescape(desk.get("/people").text)
    found = html.unescape(desk.get("/people?q=da+lat").text)
    nobody = desk.get("/people?q=khong+co+ai").text

    assert page.index(board) < page.index(officer)
    assert all(word in page for word in ("Đã mời, chưa vào", "Đã đóng", "Chưa bật", "Phường Cam Ly - Đà Lạt"))
    assert "Người thử Đà Lạt" in found
    assert board not in found
    assert "Không có ai tên như vậy" in nobody


def test_who_signed_out_is_remembered_by_what_they_wrote(desk, make, sign_in, ids):
    name, site = make.person("officer"), make.site()
    officer = sign_in(name)
    officer.put(
        "/api/inspections/5f1c1f0e-0000-4000-8000-000000000001", json=make.inspection_body(site)
    ).raise_for_status()
    officer.delete("/api/session")

    assert "vừa xong" in desk.get(f"/people/{ids(name)}").text


def test_the_command_line_invites_resets_opens_and_lists(client, settings, make, database):
    name = make.person("administrator")

    link = first_start.invite_person(settings, "can-bo-07", role="officer", unit_codes=[WARD])
    token = link.address.removeprefix(f"{settings.origin}/join?token=")
    assert join(client, token).status_code == 303
    reset = first_start.reset_person(settings, name)  # the last administrator, who forgot the password
    assert status(client, name) == 401
    assert join(fresh(client), reset.address.partition("token=")[2]).status_code == 303
    first_start.disable_person(settings, "can-bo-07")
    closed = first_start.list_people(settings)
    first_start.enable_person(settings, "can-bo-07")

    assert ("can-bo-07", "officer", "closed", WARD) in closed
    assert ("can-bo-07", "officer", "open", WARD) in first_start.list_people(settings)
    with database.read() as db:
        assert account_queries.pending(db, people.by_name(db, name).id) is None
