"""What the pages say, and to whom."""

import html
import re

import pytest

from tests.make import OTHER_WARD, inspection_id

HTML = {"Accept": "text/html"}


def text_of(page):
    """The page's words without its markup."""
    bare = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))


def open_page(client, address, **more):
    page = client.get(address, headers=HTML, **more)
    assert page.status_code == 200, page.text
    return text_of(page)


def test_home_shows_the_ward_in_figures_and_what_to_deal_with_first(client):
    said = open_page(client, "/")

    assert "6 chưa kiểm tra lần nào" in said
    assert "4 vị trí chưa xác định" in said
    assert said.count("Đến hạn hôm nay") == 6


def test_the_list_finds_a_street_without_diacritics(client):
    assert "Cuối đường Hai Bà Trưng" in open_page(client, "/places?q=hai+ba+trung")
    assert "Không có vị trí nào khớp" in open_page(client, "/places?q=khong+co+dau")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=slide", 4),
        ("risk=none", 2),
        ("condition=none", 6),
        ("unit=24769", 1),
        ("due=1", 6),
        ("state=closed", 0),
    ],
)
def test_the_list_filters(client, query, count):
    page = client.get(f"/places?{query}", headers=HTML)

    assert len(set(re.findall(r'href="/s/(P6-[A-Z]+-\d+)"', page.text))) == count


@pytest.mark.parametrize("sort", ["code", "name", "risk", "condition", "seen", "due"])
def test_the_list_sorts_both_ways(client, make, sort):
    make.site(code="AA-ST-01", name="Ba", risk_level="very_high")
    codes = [
        re.findall(
            r'class="plate">([A-Z0-9-]+)<', client.get(f"/places?sort={sign}{sort}", headers=HTML).text
        )
        for sign in ("", "-")
    ]

    assert len(codes[0]) == len(codes[1]) == 14
    assert codes[0] != codes[1] or sort in ("condition", "seen", "due")


def test_an_unlocated_place_never_shows_the_coordinates_of_its_circle(client):
    page = client.get("/s/P6-ST-01", headers=HTML)

    assert "chưa xác định tọa độ (trong phạm vi phường)" in page.text
    assert "11.95180" not in page.text
    assert "108.42720" not in page.text


def test_a_passer_by_reads_the_danger_what_to_do_and_whom_to_call(client):
    said = open_page(client, "/s/P6-NL-01")

    assert "Không lội, không chạy xe qua chỗ ngập" in said
    assert "112 cứu nạn" in said
    assert "114 cứu hộ" in said
    assert "Bắc (X) 1.322.608 m" in said
    assert "Chưa ai nói" in said


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("P6-BB-05", "Biển cảnh báo"),
        ("P6-KN-01", "Đề xuất công trình"),
        ("P6-BP-06", "Phát quang"),
        ("p6-st-01", "cao"),
    ],
)
def test_every_code_opens_its_page(client, code, word):
    assert word in open_page(client, f"/s/{code}")


def test_the_public_sees_when_and_the_condition_and_officers_see_what_was_noted(client, sign_in, make):
    site = make.site()
    name = make.person("officer")
    body = make.inspection_body(site, note="Bạt tuột góc trên", measurements={"crack_gauge_mm": {"V1": 214}})
    assert sign_in(name).put(f"/api/inspections/{inspection_id()}", json=body).status_code == 201

    public, inside = open_page(client, f"/s/{site}"), open_page(sign_in(name), f"/s/{site}")

    assert "Không thay đổi" in public
    for secret in ("Bạt tuột", "214 mm", name):
        assert secret not in public
        assert secret in inside


def test_only_the_board_sees_counts_of_people(client, sign_in, make):
    site = make.site(households_at_risk=7)

    seen = [
        "Hộ có nguy cơ" in open_page(asking, f"/s/{site}")
        for asking in (client, sign_in(make.person("officer")), sign_in(make.person("board")))
    ]

    assert seen == [False, False, True]


def test_hostile_names_stay_text(client, make):
    name = "${window.p=1}`</script><img src=x onerror=alert(1)>"
    site = make.site(name=name)

    for address in ("/places", f"/s/{site}", f"/s/{site}/label", "/"):
        page = client.get(address, headers=HTML)
        assert "<img src=x" not in page.text
        assert "</script><img" not in page.text


def test_english_is_one_switch_away_and_stays(client):
    assert "Where it may slide" in open_page(client, "/?lang=en")
    assert "List of places" in open_page(client, "/places")
    assert "Danh sách vị trí" in open_page(client, "/places?lang=vi")


def test_the_theme_is_remembered(client):
    assert 'data-theme="dark"' in client.get("/?theme=dark", headers=HTML).text
    assert 'data-theme="dark"' in client.get("/about", headers=HTML).text


def test_a_wrong_code_is_told_in_words_and_says_what_to_do(client):
    page = client.get("/s/P6-ST-99", headers=HTML)

    assert page.status_code == 404
    assert "Xem lại mã trên biển cảnh báo" in text_of(page)
    assert "gọi ngay 112 hoặc 114" in text_of(page)


def test_a_program_gets_problem_json_where_a_person_gets_a_page(client):
    assert client.get("/s/P6-ST-99").headers["Content-Type"] == "application/problem+json"


def test_documents_show_their_conflicts(client):
    said = open_page(client, "/documents")

    assert "Ngày: mâu thuẫn" in said
    assert "2381/QĐ-UBND" in said


def test_the_qr_code_opens_the_place_and_survives_dirt(client):
    answer = client.get("/s/P6-ST-01/qr.svg")

    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg xmlns=")


def test_the_label_of_a_board_names_board_site_and_typed_address(client):
    said = open_page(client, "/s/P6-BB-05/label")

    assert "Biển P6-BB-05" in said
    assert "/s/P6-DN-01" in said
    assert "Drowning risk: stay out of the water, watch children" in said


def test_signed_in_pages_are_never_stored(sign_in, make, client):
    assert client.get("/", headers=HTML).headers["Cache-Control"] == "private, no-cache"
    assert sign_in(make.person("officer")).get("/", headers=HTML).headers["Cache-Control"] == "no-store"


def test_an_officer_of_another_ward_is_offered_no_inspection(sign_in, make):
    stranger = sign_in(make.person("officer", OTHER_WARD))

    assert "Ghi kiểm tra" not in open_page(stranger, "/s/P6-ST-01")
    assert stranger.get("/s/P6-ST-01/inspect", headers=HTML).status_code == 403
