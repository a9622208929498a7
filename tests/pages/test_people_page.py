"""The pages about accounts in Chromium: at every width, by eye and by reader, and an invitation from end to end."""

import pytest

from tests.make import PASSWORD
from tests.pages.conftest import DESK, PHONE, SMALL, opened
from tests.pages.test_in_browser import axe, in_both_schemes  # noqa: F401 - axe is a fixture

pytestmark = pytest.mark.e2e

HOSTILE = '<img src=x onerror="window.p=1">${window.p=1}`'
LONG = "Người thử có một cái tên dài đến mức khó mà hiện hết trên màn hình"


@pytest.fixture(scope="session")
def office(service):
    """An administrator, and accounts of every kind beside theirs."""
    service.person("quan-tri-01", "administrator")
    service.person(HOSTILE, "viewer")
    service.person(LONG, "board")
    service.cookie(LONG)
    return service


def invite(page, office, name: str) -> str:
    """Invite an officer by the form; gives the link on the page that answers, once that is whole."""
    page.goto(f"{office.url}/people/new")
    page.get_by_label("Tên", exact=False).first.fill(name)
    page.get_by_role("radio", name="Cán bộ kiểm tra").check()
    page.get_by_label("Phường Cam Ly - Đà Lạt").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Tạo liên kết").click()
    return page.locator("#f-link").input_value()


def pages_of(page, office) -> list[str]:
    """The list, found and not found, the form, the own account, two others, and a link that is none."""
    page.goto(f"{office.url}/people")
    accounts = [
        page.get_by_role("link", name=name).first.evaluate("link => link.pathname")
        for name in ("quan-tri-01", LONG, HOSTILE)
    ]
    return ["/people", "/people?q=khong-co-ai", "/people/new", *accounts, "/join?token=x"]


@pytest.mark.parametrize("look", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_about_accounts_hold_to_wcag_22_aa(browser, office, axe, look):  # noqa: F811
    found = {}
    with opened(browser, office, "quan-tri-01", **look) as page:
        for path in pages_of(page, office):
            page.goto(office.url + path)
            found[path] = in_both_schemes(page, axe)
        link = invite(page, office, f"axe-{look['viewport']['width']}")
        found["link"] = in_both_schemes(page, axe)
        page.goto(link)
        found["join"] = in_both_schemes(page, axe)

    assert {path: what for path, what in found.items() if what} == {}


def test_nothing_runs_off_a_small_phone_and_no_name_runs_as_a_script(browser, office):
    wide, ran = {}, {}
    with opened(browser, office, "quan-tri-01", **SMALL) as page:
        for path in [*pages_of(page, office), "link"]:
            if path == "link":
                invite(page, office, f"{HOSTILE} 2")
            else:
                page.goto(office.url + path)
            wide[path] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            ran[path] = page.evaluate("window.p")

    assert {path: by for path, by in wide.items() if by > 0} == {}
    assert set(ran.values()) == {None}


def test_the_head_holds_every_entry_of_an_administrator_at_every_width(browser, office):
    wide = {}
    with opened(browser, office, "quan-tri-01") as page:
        for width in (961, 1024, 1200, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{office.url}/people")
            wide[width] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            tall = page.locator("header.head").bounding_box()["height"]
            assert tall < 80, f"the head takes two lines at {width}"

    assert {width: by for width, by in wide.items() if by > 0} == {}


def test_an_administrator_invites_and_the_invited_one_joins_on_their_own_phone(browser, office):
    with opened(
        browser, office, "quan-tri-01", **DESK, permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        link = invite(page, office, "can-bo-07")
        page.get_by_role("button", name="Chép").click()
        page.get_by_text("Đã chép.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == link

    with opened(browser, office, **PHONE) as page:
        page.goto(link)
        assert "can-bo-07" in page.locator("main").inner_text()
        page.locator("#f-password").fill(PASSWORD)
        page.locator("#f-password_again").fill(PASSWORD)
        page.get_by_role("button", name="Lưu và đăng nhập").tap()
        page.wait_for_url(f"{office.url}/")
        me = page.evaluate("fetch('/api/session').then(answer => answer.json())")
        assert (me["name"], me["role"]) == ("can-bo-07", "officer")
        page.goto(link)
        assert "không còn dùng được" in page.locator("h1").inner_text()


def test_the_password_is_asked_for_where_an_administrator_is_made_and_nowhere_else(browser, office):
    with opened(browser, office, "quan-tri-01", **PHONE) as page:
        page.goto(f"{office.url}/people/new")
        password = page.locator("#f-password")
        asked = [password.is_visible()]
        page.locator("#f-name").fill("quan-tri-02")
        page.get_by_label("Phường Lang Biang - Đà Lạt").check()
        page.get_by_role("radio", name="Quản trị viên").check()
        asked.append(password.is_visible())
        page.get_by_role("button", name="Tạo liên kết").tap()
        page.locator("#e-password").wait_for()
        assert page.locator("#f-name").input_value() == "quan-tri-02"
        password.fill(PASSWORD)
        page.get_by_role("button", name="Tạo liên kết").tap()
        page.locator(".qr-code").wait_for()

    assert asked == [False, True]


def test_what_was_refused_comes_back_with_what_was_ticked(browser, office):
    with opened(browser, office, "quan-tri-01", **DESK) as page:
        page.goto(f"{office.url}/people/new")
        page.get_by_label("Tên", exact=False).first.fill("quan-tri-01")
        page.get_by_role("radio", name="Ban Chỉ huy").check()
        page.get_by_label("Phường Lang Biang - Đà Lạt").check()
        page.get_by_role("button", name="Tạo liên kết").click()

        page.locator("#errors").wait_for()
        assert page.locator("#f-name").input_value() == "quan-tri-01"
        assert page.locator("input[value=board]").is_checked()
        assert page.get_by_label("Phường Lang Biang - Đà Lạt").is_checked()
        assert not page.get_by_label("Phường Cam Ly - Đà Lạt").is_checked()
