"""Forms without a script: signing in, logging a visit, correcting a record. What was refused comes back as typed."""

import html
import re
from uuid import uuid4

import pytest

from tests.make import PASSWORD

HTML = {"Accept": "text/html"}


def errors_in(page):
    """What the summary at the top says."""
    found = re.search(r'<div class="errors".*?</div>', page.text, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def post(client, address, /, **fields):
    return client.post(address, data=fields, headers=HTML, follow_redirects=False)


def version_of(client, code):
    return re.search(r'name="version" value="(\d+)"', client.get(f"/s/{code}/edit", headers=HTML).text)[1]


def correct(client, code, section, /, *, version=None, **fields):
    return post(
        client, f"/s/{code}/edit", section=section, version=version or version_of(client, code), **fields
    )


def test_signing_in_leads_back_to_the_page_one_came_from(client, make):
    name = make.person("officer")

    asked = client.get("/s/P6-ST-01/inspect", headers=HTML, follow_redirects=False)
    assert asked.headers["Location"] == "/sign-in?next=/s/P6-ST-01/inspect"
    done = post(client, "/sign-in", name=name, password=PASSWORD, next="/s/P6-ST-01/inspect")

    assert (done.status_code, done.headers["Location"]) == (303, "/s/P6-ST-01/inspect")
    assert client.get("/s/P6-ST-01/inspect", headers=HTML).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_signing_in_never_leads_to_another_site(client, make, path):
    done = post(client, "/sign-in", name=make.person(), password=PASSWORD, next=path)

    assert done.headers["Location"] == "/"


def test_a_wrong_password_keeps_the_name_and_never_echoes_the_password(client, make):
    page = post(client, "/sign-in", name=make.person(), password="sai mat khau roi", next="/")

    assert page.status_code == 401
    assert "Người thử" in page.text
    assert "sai mat khau roi" not in page.text


def test_signing_out_ends_the_session(sign_in, make):
    person = sign_in(make.person("officer"))

    post(person, "/sign-out")

    assert person.get("/api/session").json()["role"] is None


def test_a_visit_is_logged_without_a_script_and_its_receipt_shown(sign_in, make):
    officer = sign_in(make.person("officer"))
    form = officer.get("/s/P6-NL-01/inspect", headers=HTML).text
    number = re.search(r'name="id" value="([0-9a-f-]{36})"', form)[1]
    fields = {
        "id": number,
        "form_version": "2026.1",
        "condition": "worse",
        "answers.water_now": "flooded",
        "measurements.depth_cm": "22",
        "seen_at": "2026-08-14T18:40",
    }

    done = post(officer, "/s/P6-NL-01/inspect", **fields)
    again = post(officer, "/s/P6-NL-01/inspect", **fields)

    assert done.status_code == again.status_code == 303
    receipt = officer.get(done.headers["Location"], headers=HTML).text
    assert number in receipt
    assert len(officer.get("/api/inspections?place=P6-NL-01").json()["inspections"]) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "Chọn tình trạng trước"),
        ({"condition": "no_change", "measurements.depth_cm": "nhiều"}, "số"),
        ({"condition": "no_change", "seen_at": ""}, "lúc nào"),
        ({"condition": "no_change", "chip": "people_trapped"}, "ghi chú"),
        ({"condition": "no_change", "seen_at": "2030-01-01T00:00"}, "tương lai"),
    ],
)
def test_a_refused_visit_comes_back_with_everything_typed(sign_in, make, fields, reason):
    officer = sign_in(make.person("officer"))
    number = str(uuid4())

    sent = {"id": number, "form_version": "2026.1", "seen_at": "2026-08-14T18:40", **fields}

    page = post(officer, "/s/P6-NL-01/inspect", **sent)

    assert page.status_code == 422
    assert reason in errors_in(page)
    assert number in page.text
    for name, value in fields.items():
        assert name in page.text
        assert value in page.text
    assert officer.get("/api/inspections?place=P6-NL-01").json()["inspections"] == []


def test_the_board_corrects_a_position_in_vn_2000_metres(sign_in, make, client):
    board = sign_in(make.person("board"))

    done = correct(
        board,
        "P6-NL-01",
        "position",
        system="local",
        first="1.322.582,41",
        second="573.418,07",
        location_status="surveyed",
        location_accuracy_m="2,5",
    )

    assert done.status_code == 303
    site = client.get("/api/sites/P6-NL-01").json()
    assert site["geometry"]["coordinates"] == pytest.approx([108.4259036, 11.9586602], abs=1e-6)
    assert site["properties"]["location_accuracy_m"] == 2.5


def test_somebody_elses_change_in_between_is_not_overwritten(sign_in, make, client):
    board = sign_in(make.person("board"))
    before = version_of(board, "P6-NL-01")
    assert correct(board, "P6-NL-01", "risk", risk_level="high", risk_reason="Ngập sâu").status_code == 303

    late = correct(board, "P6-NL-01", "risk", version=before, risk_level="low", risk_reason="Chữ của tôi")

    assert late.status_code == 412
    assert "Chữ của tôi" in late.text
    assert client.get("/api/sites/P6-NL-01").json()["properties"]["risk_level"] == "high"


@pytest.mark.parametrize(
    ("section", "fields", "reason"),
    [
        ("risk", {"risk_level": "high", "risk_reason": ""}, "lý do"),
        ("state", {"state": "closed", "state_reason": ""}, "lý do"),
        ("details", {"name": "", "address": ""}, "ngắn"),
        ("counts", {"households_at_risk": "-3"}, "nhỏ"),
        (
            "position",
            {
                "system": "wgs84",
                "first": "48.85",
                "second": "2.35",
                "location_status": "surveyed",
                "location_accuracy_m": "5",
            },
            "Việt Nam",
        ),
    ],
)
def test_a_refused_correction_says_why_and_changes_nothing(sign_in, make, client, section, fields, reason):
    board = sign_in(make.person("board"))
    before = client.get("/api/sites/P6-NL-01").json()

    page = correct(board, "P6-NL-01", section, **({"location_accuracy_m": "5"} | fields))

    assert page.status_code == 422
    assert reason in errors_in(page)
    assert client.get("/api/sites/P6-NL-01").json() == before


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ("site", {"code": "P6-ST-09", "name": "Mái taluy mới", "kind": "slide"}),
        ("signboard", {"code": "P6-BB-09", "name": "Biển mới", "site": "P6-NL-01", "state": "sound"}),
        (
            "measure",
            {
                "code": "P6-BP-29",
                "site": "P6-NL-01",
                "kind": "sandbags",
                "status": "done",
                "starts_on": "2026-11-01",
            },
        ),
        ("proposal", {"code": "P6-KN-09", "name": "Kè mới", "status": "proposed", "period_from": "2027"}),
    ],
)
def test_the_board_registers_every_sort_of_record(sign_in, make, record, fields):
    board = sign_in(make.person("board"))
    position = {"system": "wgs84", "first": "11,955", "second": "108.42", "location_status": "approximate"}

    done = post(board, f"/new?record={record}", **fields, **position, location_accuracy_m="25")

    assert done.status_code == 303, errors_in(done)
    assert board.get(done.headers["Location"], headers=HTML).status_code == 200


def test_a_code_that_is_taken_is_told_at_its_field(sign_in, make):
    board = sign_in(make.person("board"))
    position = {"system": "wgs84", "first": "11,955", "second": "108.42", "location_status": "approximate"}

    page = post(
        board,
        "/new?record=site",
        code="P6-ST-01",
        name="Trùng mã",
        kind="slide",
        location_accuracy_m="9",
        **position,
    )

    assert page.status_code == 409
    assert 'href="#f-code"' in page.text
    assert "Trùng mã" in page.text


def test_the_board_shows_one_photo_to_everybody_and_takes_it_back(sign_in, make, client):
    board, site = sign_in(make.person("board")), make.site()
    visit, (sha, data) = str(uuid4()), make.photo()
    board.put(f"/api/inspections/{visit}", json=make.inspection_body(site))
    board.put(f"/api/photos/{sha}", params={"inspection": visit}, content=data)
    seen = []

    for published in ("yes", "no"):
        done = post(board, f"/s/{site}/photos", inspection=visit, sha256=sha, published=published)
        assert done.status_code == 303
        seen.append(sha in client.get(f"/s/{site}", headers=HTML).text)

    assert seen == [True, False]


def test_a_measure_has_no_label(client):
    assert client.get("/s/P6-BP-01/label", headers=HTML).status_code == 404


@pytest.mark.parametrize("address", ["/s/%21%21", "/places?page=0", "/places?sort=x"])
def test_an_address_that_cannot_be_is_told_in_words(client, address):
    page = client.get(address, headers=HTML)

    assert page.status_code == 404
    assert page.headers["Content-Type"].startswith("text/html")


def test_a_visit_is_corrected_by_a_new_one_that_starts_from_it(sign_in, make, client):
    officer, site = sign_in(make.person("officer")), make.site()
    visit = str(uuid4())
    body = make.inspection_body(site, measurements={"crack_gauge_mm": {"V1": 214}}, note="Chữ cũ")
    officer.put(f"/api/inspections/{visit}", json=body)

    form = officer.get(f"/s/{site}/inspect?corrects={visit}", headers=HTML).text
    assert 'value="214"' in form
    assert "Chữ cũ" in form
    fields = {"id": str(uuid4()), "corrects": visit, "seen_at": "2026-08-14T18:40", "condition": "no_change"}
    done = post(officer, f"/s/{site}/inspect", note="Chữ mới", **fields)

    assert done.status_code == 303
    shown = officer.get(f"/s/{site}", headers=HTML).text
    assert "Chữ mới" in shown
    assert "Chữ cũ" not in shown


@pytest.mark.parametrize("code", ["P6-ST-01", "P6-KN-02", "P6-BB-01", "P6-BP-01"])
def test_the_board_of_another_unit_is_not_shown_the_form(make, sign_in, board, code):
    stranger = sign_in(make.person("board", unit="24846"))

    own, foreign = (who.get(f"/s/{code}/edit", headers={"Accept": "text/html"}) for who in (board, stranger))

    assert own.status_code == 200
    assert foreign.status_code == 403
