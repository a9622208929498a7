"""The history page: who changed what, in words, for the places that the reader answers for."""

import json
import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from shapely import LineString, Point

from app import clock
from app.db import Database
from app.i18n import catalogue
from app.log import queries as log
from app.pages.log_words import Teller
from app.sites import queries as sites
from tests.make import OTHER_WARD, Make, inspection_id


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def changed(make: Make, board: TestClient) -> str:
    """A place that a board member has changed; its code."""
    code = make.site()
    tag = board.get(f"/api/sites/{code}").headers["etag"]
    body = {"risk_level": "high", "risk_reason": "Nứt mới dài 3 m", "households_at_risk": 4}
    assert board.patch(f"/api/sites/{code}", json=body, headers={"If-Match": tag}).status_code == 200
    return code


def test_the_board_sees_who_changed_what_with_before_and_after_in_words(
    changed: str, board: TestClient
) -> None:
    page = board.get(f"/log?place={changed.lower()}")

    said = text_of(page.text)
    assert page.status_code == 200
    assert "Mức nguy cơ chưa đánh giá cao" in said
    assert "Lý do đánh giá – Nứt mới dài 3 m" in said
    assert f"Sửa bản ghi {changed} Người thử" in said
    assert "latitude" not in said
    assert "vĩ độ 11.952000, kinh độ 108.427000" in said
    assert not re.search(r'[{}\[\]]|&#34;|"name"', said.partition("Sửa bản ghi")[2])


def test_the_board_sees_places_of_its_own_units_and_nothing_else(
    make: Make, sign_in: Callable[[str], TestClient], board: TestClient, changed: str
) -> None:
    far = make.site(unit=OTHER_WARD, name="Vị trí phường khác")
    other, admin = sign_in(make.person("board", unit=OTHER_WARD)), sign_in(make.person("administrator"))

    pages = {
        who: client.get("/log").text for who, client in (("board", board), ("other", other), ("admin", admin))
    }

    assert (changed in pages["board"], far in pages["board"]) == (True, False)
    assert (changed in pages["other"], far in pages["other"]) == (False, True)
    assert (changed in pages["admin"], far in pages["admin"]) == (True, True)
    assert "tài khoản Người thử" in pages["admin"]
    assert "tài khoản" not in pages["board"].partition("<main")[2]
    assert "Người thử" not in other.get("/log").text.partition('id="f-person"')[2].partition("</select>")[0]


def test_the_history_is_filtered_by_person_and_read_page_by_page(
    make: Make, sign_in: Callable[[str], TestClient], database: Database, changed: str
) -> None:
    admin = sign_in(make.person("administrator"))
    with database.write() as db:
        for number in range(60):
            log.append(
                db, "change", changed, at=clock.now(), by=None, after={"location_note": f"ghi chú {number}"}
            )
    person = re.search(r'<option value="(\d+)"[^>]*>Người thử 1<', admin.get("/log").text)
    assert person is not None

    by_one = admin.get(f"/log?person={person[1]}").text
    first = admin.get(f"/log?place={changed}").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = admin.get(older[1].replace("&amp;", "&")).text

    assert "Nứt mới dài 3 m" in by_one
    assert "ghi chú" not in by_one
    assert [f"ghi chú {number}<" in first for number in (59, 10, 9)] == [True, True, False]
    assert [f"ghi chú {number}<" in second for number in (10, 9, 0)] == [False, True, True]
    assert 'rel="next"' not in second
    assert "Mới nhất" in second


def test_a_visit_and_its_photo_stand_in_the_history_of_the_place(
    make: Make, officer: TestClient, board: TestClient
) -> None:
    visit = inspection_id()
    officer.put(f"/api/inspections/{visit}", json=make.inspection_body("P6-ST-01"))
    sha, data = make.photo()
    sent = officer.put(
        f"/api/photos/{sha}?inspection={visit}", content=data, headers={"Content-Type": "image/jpeg"}
    )
    assert sent.status_code == 201, sent.text
    assert board.patch(f"/api/photos/{sha}?inspection={visit}", json={"published": True}).status_code == 200

    said = text_of(board.get("/log?place=P6-ST-01").text)

    places = [said.index(verb) for verb in ("Công khai ảnh", "Thêm ảnh", "Ghi kiểm tra P6-ST-01", "Thêm mới")]
    assert places == sorted(places)
    assert "Công khai không có" in said


def test_what_was_erased_is_said_to_be_erased(
    make: Make, sign_in: Callable[[str], TestClient], board: TestClient, database: Database, changed: str
) -> None:
    admin = sign_in(make.person("administrator"))
    person = re.search(r'<option value="(\d+)"[^>]*>Người thử 1<', admin.get("/log").text)
    assert person is not None
    with database.write() as db:
        log.erase(db, int(person[1]), at=clock.now(), by=None)

    of_place, everything = text_of(board.get(f"/log?place={changed}").text), text_of(admin.get("/log").text)

    assert f"Sửa bản ghi {changed} đã xóa ·" in of_place
    assert "Xóa dữ liệu của một người tài khoản Người thử 1 máy chủ" in everything
    assert "Nội dung dòng này đã xóa" in everything
    assert "Đã xóa người ghi ở các dòng" in everything


def test_a_choice_without_entries_says_what_to_do(board: TestClient) -> None:
    for query in ("place=TH-99", "person=999999", "place=TH-99&before=1"):
        page = board.get(f"/log?{query}")

        assert page.status_code == 200
        assert "Xem tất cả" in page.text


@pytest.mark.parametrize("query", ["place=%3Cb%3E", "person=x", "before=0", "before=99999999999", "before=x"])
def test_a_query_that_cannot_be_is_refused(board: TestClient, query: str) -> None:
    assert board.get(f"/log?{query}").status_code == 422


def test_the_page_shows_the_head_that_anybody_can_fetch(board: TestClient) -> None:
    signed = board.get("/api/log/checkpoint").json()["checkpoint"]

    page = board.get("/log").text

    assert re.sub(r"\s", "", signed["entry_hash"]) in page.replace(" ", "")
    assert signed["key"] in page.replace(" ", "")
    assert 'href="/api/log/checkpoint"' in page


def test_the_page_is_reached_from_the_menu_and_from_a_place(board: TestClient, officer: TestClient) -> None:
    assert 'href="/log?place=P6-ST-01"' in board.get("/s/P6-ST-01").text
    for client, there in ((board, True), (officer, False)):
        assert ('href="/log' in client.get("/s/P6-ST-01").text) is there


def test_words_of_others_are_shown_as_text(make: Make, board: TestClient) -> None:
    code = make.site(name="<img src=x onerror=alert(1)>", address="${window.p=1}")

    page = board.get(f"/log?place={code}").text

    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_every_value_has_words(database: Database) -> None:
    with database.write() as db:
        values = {
            "code": "TH-1",
            "name": "Thử",
            "kind": "slide",
            "geometry": LineString([(108.41, 11.94), (108.42, 11.95)]),
            "location_status": "inferred",
            "location_accuracy_m": 12.5,
        }
        site = sites.add(db, values, unit_ids=[], at=clock.now(), by=None)
        sites.change(db, site, {"geometry": Point(108.4, 11.9), "state": "closed"}, at=clock.now(), by=None)
    teller = Teller("vi", units={1: {"name": "Phường thử"}}, people={7: "Người thử 7"}, sites={3: "TH-3"})
    said = {
        "units": ([1, 2], "Phường thử, 2"),
        "role": ("board", "Ban Chỉ huy"),
        "published": (True, "có"),
        "risk_rated_at": ("2026-11-23T03:00:00.000Z", "10:00, 23/11/2026"),
        "due_on": ("2026-08-05", "05/8/2026"),
        "expires_on": ("không phải ngày", "không phải ngày"),
        "period_from": (2026, "2026"),
        "quantity": (1250.5, "1.250,5"),
        "risk_rated_by_id": (7, "Người thử 7"),
        "site_id": (3, "TH-3"),
        "who": ([[1, 1], [3, 9]], "1, 3–9"),
        "sha256": ("5e" * 32, "5e5e5e5e5e5e5e5e…"),
        "odd": ({"kind": "flood", "more": [1, None]}, "Loại: Điểm ngập; more: 1, –"),
        "geometry": (
            {"type": "LineString", "coordinates": [[108.41, 11.94], [108.42, 11.95]]},
            "2 điểm (vĩ độ, kinh độ): 11.940000, 108.410000; 11.950000, 108.420000",
        ),
        "name": (None, "–"),
    }

    assert {name: teller.value(name, value) for name, (value, _) in said.items()} == {
        name: shown for name, (_, shown) in said.items()
    }
    assert "{" not in json.dumps([teller.verb(verb, "TH-1") for verb in ("add", "erase", "new")])
    assert catalogue("vi")["History"] == "Lịch sử"
