"""The board's pages of measured positions: what waits, old and new side by side, three decisions without a script."""

import re

import pytest

from app.pages import position_routes
from tests.make import OTHER_WARD, inspection_id

OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[108.427, 11.952], [108.4285, 11.952], [108.4285, 11.953], [108.427, 11.952]]],
}


@pytest.fixture
def propose(officer, make):
    def send(code: str, **said) -> str:
        position = inspection_id()
        answer = officer.put(f"/api/positions/{position}", json=make.position_body(code, **said))
        assert answer.status_code == 201, answer.text
        return position

    return send


def version_in(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]


def test_the_list_begins_empty_with_the_next_step(board):
    page = board.get("/positions").text

    assert "Không có vị trí nào chờ duyệt" in page
    assert 'href="/places?location=unlocated"' in page


def test_what_waits_is_counted_in_the_menu_on_home_and_at_the_place(board, officer, client, make, propose):
    site = make.site(location_status="unlocated", location_accuracy_m=1250.0)
    propose(site)
    propose(site, method="tapped", accuracy_m=None, fixes=None, geometry=OUTLINE)

    assert "2 vị trí đo được đang chờ duyệt" in board.get("/").text
    assert '<span class="count">' in board.get("/places").text
    assert "2 vị trí đo được, chờ duyệt" in board.get(f"/s/{site}").text
    assert "2 vị trí đo được, chờ duyệt" in officer.get(f"/s/{site}").text
    for path in ("/", f"/s/{site}", "/places"):
        assert "đo được" not in client.get(path).text, path
        assert 'class="count"' not in officer.get(path).text, path
    listed = board.get("/positions").text
    assert listed.count("Nơi này trước đây chưa có vị trí") == 2


def test_who_may_go_and_measure_is_shown_where_an_unlocated_place_is_seen(client, officer, sign_in, make):
    site = make.site(location_status="unlocated", location_accuracy_m=1250.0)
    link, q = f'href="/phone#/pin/{site}"', {"q": site}
    stranger, viewer = (sign_in(make.person(*who)) for who in (("officer", OTHER_WARD), ("viewer",)))

    for path, asked in ((f"/s/{site}", {}), ("/places", q), ("/", {})):
        assert link in officer.get(path, params=asked).text or path == "/", path
        for other in (client, stranger, viewer):
            seen = other.get(path, params=asked).text
            assert link not in seen, path
            assert "/phone#/pin/" not in seen or other is stranger, path  # one place lies on the border
    assert "/phone#/pin/P6-ST-01" in officer.get("/").text
    assert '"pins":["24787@' in officer.get("/map").text
    assert '"pins":[]' in client.get("/map").text


def test_of_more_than_a_page_the_longest_waiting_are_shown(board, make, propose, monkeypatch):
    monkeypatch.setattr(position_routes, "SHOWN", 2)
    sites = [make.site() for _ in range(3)]
    for site in sites:
        propose(site)

    page = board.get("/positions").text

    assert [site in page for site in sites] == [True, True, False]
    assert page.index(sites[0]) < page.index(sites[1])


def test_old_and_new_stand_side_by_side_at_one_scale(board, make, propose):
    site = make.site(location_status="inferred", location_accuracy_m=300.0, location_note="Suy từ tên đường")
    position = propose(site, note="Đứng ở <b>chân mái</b>", accuracy_m=7)

    page = board.get(f"/positions/{position}").text

    assert page.count('<svg class="sketch"') == 2
    bars = re.findall(r'<text class="m-t o" x="([\d.]+)" y="-5" text-anchor="middle">([^<]+)</text>', page)
    assert len(bars) == 2
    assert bars[0] == bars[1]
    for said in ("Suy từ tên đường", "±300 m", "±7 m", "12 lần đo", "&lt;b&gt;chân mái&lt;/b&gt;"):
        assert said in page, said
    assert "Cách vị trí đang ghi 78 m, nằm trong sai số của hai bên" in page


def test_the_three_decisions_need_no_script(board, make, propose):
    site = make.site(location_status="unlocated", location_accuracy_m=1250.0)
    first, second, third = (propose(site) for _ in range(3))

    accepted = board.post(
        f"/positions/{first}",
        data={"decision": "accept", "version": version_in(board.get(f"/positions/{first}").text)},
    )
    assert "Đã duyệt" in accepted.text
    assert accepted.url.path == f"/positions/{first}"

    form = {
        "decision": "amend",
        "version": "2",
        "system": "wgs84",
        "first": "11,955",
        "second": "108,43",
        "location_status": "surveyed",
        "location_accuracy_m": "12,5",
        "location_note": "Đối chiếu bản đồ",
        "amend_reason": "Lệch sang bên kia đường",
    }
    wrong = board.post(f"/positions/{second}", data={**form, "location_accuracy_m": ""})
    assert wrong.status_code == 422
    assert 'value="11,955"' in wrong.text
    assert '<details class="card" open>' in wrong.text
    amended = board.post(f"/positions/{second}", data=form)
    assert "Đã duyệt, có sửa" in amended.text
    assert amended.text.count('<svg class="sketch"') == 3
    place = board.get(f"/api/sites/{site}").json()
    assert place["geometry"]["coordinates"] == [108.43, 11.955]
    assert place["properties"]["location_accuracy_m"] == 12.5

    silent = board.post(f"/positions/{third}", data={"decision": "refuse", "version": "3", "reason": " "})
    assert silent.status_code == 422
    assert 'id="e-reason"' in silent.text
    refused = board.post(f"/positions/{third}", data={"decision": "refuse", "reason": "Đo nhầm ngõ"})
    assert "Không duyệt" in refused.text
    assert "Đo nhầm ngõ" in refused.text
    assert board.post(f"/positions/{third}", data={"decision": "accept", "version": "3"}).status_code == 409


def test_a_place_that_moved_meanwhile_is_told_before_the_decision(board, make, propose):
    site = make.site(location_status="unlocated", location_accuracy_m=1250.0)
    position = propose(site)
    opened = version_in(board.get(f"/positions/{position}").text)
    moved = {
        "geometry": {"type": "Point", "coordinates": [108.43, 11.955]},
        "location_status": "surveyed",
        "location_accuracy_m": 2,
    }
    assert board.patch(f"/api/sites/{site}", json=moved, headers={"If-Match": '"1"'}).status_code == 200

    stale = board.post(f"/positions/{position}", data={"decision": "accept", "version": opened})

    assert stale.status_code == 412
    assert "đã sửa vị trí này lúc" in stale.text
    assert "Vị trí trong sổ đã đổi sau khi điện thoại tải về" in stale.text
    assert "Vị trí đã đổi trong lúc chờ" in board.get("/positions").text
    assert board.get(f"/api/sites/{site}").json()["properties"]["version"] == 2
    again = board.post(
        f"/positions/{position}", data={"decision": "accept", "version": version_in(stale.text)}
    )
    assert "Đã duyệt" in again.text
    assert board.get(f"/api/sites/{site}").json()["geometry"]["coordinates"] == [108.4275, 11.9525]
