"""The page of one's own account in Chromium: every state of it, at every width, by its own buttons."""

import re

import httpx2
import pyotp
import pytest

from tests.make import PASSWORD
from tests.pages.conftest import DESK, PHONE, SMALL, opened
from tests.pages.test_in_browser import axe, in_both_schemes  # noqa: F401 - axe is a fixture

NEW_PASSWORD = "nam con trau di ruong"
pytestmark = pytest.mark.e2e


def person(service, name, role="officer"):
    """A person of this test alone, since a second factor stays on."""
    service.person(name, role)
    return name


def send(page, button):
    """Press `button` and wait for the page that answers, so that nothing looks at the one before."""
    with page.expect_navigation():
        page.locator(button).click()


def turn_on(page, service):
    """Set the second factor up by its page; gives the secret and the recovery codes, which are on the screen then."""
    page.goto(f"{service.url}/account/second-factor")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.locator("#f-password").fill(PASSWORD)
    page.locator("#f-code").fill(pyotp.TOTP(secret).now())
    send(page, "form .btn.pri")
    return secret, page.locator("#f-codes").input_value().split()


@pytest.mark.parametrize(
    ("look", "schemes"),
    [(PHONE, ("light", "dark")), (DESK, ("dark",)), (SMALL, ("light",))],
    ids=["phone", "desk-dark", "small"],
)
def test_every_state_holds_to_wcag_22_aa_and_to_the_width(browser, service, axe, look, schemes):  # noqa: F811
    name = person(service, f"Người thử {look['viewport']['width']}", "board")
    found = {}
    with opened(browser, service, name, **look) as page:

        def look_at(state: str) -> None:
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wrong := [*in_both_schemes(page, axe, schemes), *(["too wide"] if wide > 0 else [])]:
                found[state] = wrong

        for path in ("/account", "/account/password", "/account/second-factor"):
            page.goto(service.url + path)
            look_at(path)
        _, codes = turn_on(page, service)
        look_at("recovery codes")
        page.goto(f"{service.url}/account/second-factor")
        for summary in page.locator("summary:visible").all()[-3:]:
            summary.click()
        look_at("second factor on")
        page.goto(f"{service.url}/account")
        page.locator("#tools summary").click()
        page.locator("#f-name").fill("QGIS ở văn phòng")
        page.locator("#f-password").fill(PASSWORD)
        page.locator("#f-code").fill("000000")
        send(page, "#tools .btn.pri")
        look_at("token refused")
        page.locator("#f-password").fill(PASSWORD)
        page.locator("#f-code").fill(codes[1])
        send(page, "#tools .btn.pri")
        look_at("token shown")
        body = {"name": name, "password": PASSWORD, "device": "Máy trực đêm", "code": codes[0]}
        assert httpx2.post(f"{service.url}/api/devices", json=body, timeout=60).status_code == 201
        page.goto(f"{service.url}/account?done=phone")
        look_at("account with everything")
        page.context.clear_cookies()
        page.goto(f"{service.url}/sign-in?next=/account")
        page.locator("#f-name").fill(name)
        page.locator("#f-password").fill(PASSWORD)
        send(page, "form[action='/sign-in'] .btn.pri")
        look_at("code asked for")
        page.locator("#f-code").fill("000000")
        send(page, "form .btn.pri")
        look_at("code wrong")

    assert found == {}


def test_the_second_factor_from_the_first_scan_to_the_next_sign_in(browser, service):
    name = person(service, "Người thử hai lớp")
    with opened(browser, service, name, **PHONE) as page:
        _, codes = turn_on(page, service)
        page.get_by_text("Tiếp tục").tap()
        assert page.locator("#f-codes").is_visible()
        page.locator("input[name=kept]").check()
        page.get_by_text("Tiếp tục").tap()
        page.wait_for_url("**/account?done=factor_on")
        assert "Đã bật xác thực hai lớp" in page.locator("[role=status]").inner_text()

        page.context.clear_cookies()
        page.goto(f"{service.url}/sign-in?next=/places")
        page.locator("#f-name").fill(name)
        page.locator("#f-password").fill(PASSWORD)
        page.locator("form[action='/sign-in'] .btn.pri").tap()
        page.get_by_text("dùng mã khôi phục").tap()
        page.locator("#f-code").fill(codes[3].upper())
        page.locator("form .btn.pri").tap()
        page.wait_for_url("**/places")


def test_the_codes_are_copied_or_selected(browser, service):
    with opened(browser, service, person(service, "Người thử chép"), **DESK) as page:
        _, codes = turn_on(page, service)
        page.locator("[data-copy] .btn").first.click()
        page.locator("[data-copied]:not(:empty)").wait_for()
        selected = page.evaluate(
            "(([f]) => f.value.slice(f.selectionStart, f.selectionEnd))(document.querySelectorAll('#f-codes'))"
        )

    assert selected.split() == codes


def test_phones_tools_and_browsers_are_ended_by_their_buttons(browser, service):
    name = person(service, "Người thử nhiều máy")
    body = {"name": name, "password": PASSWORD, "device": "Máy mất"}
    phone = httpx2.post(f"{service.url}/api/devices", json=body, timeout=60).json()["token"]
    elsewhere = service.cookie(name)
    with opened(browser, service, name, **PHONE) as page:
        page.goto(f"{service.url}/account")
        page.locator("#tools summary").tap()
        page.locator("#f-name").fill("GDAL")
        page.locator("#f-password").fill("not it")
        page.locator("#tools .btn.pri").tap()
        assert "Mật khẩu không đúng" in page.locator("#e-password").inner_text()
        assert page.locator("#f-name").input_value() == "GDAL"
        assert page.locator("#f-code").count() == 0
        page.locator("#f-password").fill(PASSWORD)
        page.locator("#tools .btn.pri").tap()
        tool = page.locator("#f-token").input_value()
        page.goto(f"{service.url}/account")
        answers = [status(service, phone), status(service, tool), role(service, elsewhere)]
        page.get_by_role("button", name="Đăng xuất máy này").tap()
        page.wait_for_url("**/account?done=phone")
        page.get_by_role("button", name="Thu hồi").tap()
        page.wait_for_url("**/account?done=token")
        page.get_by_role("button", name="Đăng xuất mọi trình duyệt khác").tap()
        page.wait_for_url("**/account?done=browsers")
        assert page.locator(".signed-in").count() == 0

    assert answers == [200, 200, "officer"]
    assert [status(service, phone), status(service, tool), role(service, elsewhere)] == [401, 401, None]


def status(service, token):
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(f"{service.url}/api/units", headers=headers, timeout=60).status_code


def role(service, cookie):
    answer = httpx2.get(f"{service.url}/api/session", headers={"Cookie": cookie}, timeout=60)
    return answer.json()["role"]


def change(page, *, old):
    """Fill the form for a new password in and send it."""
    for field, value in (("old", old), ("password", NEW_PASSWORD), ("password_again", NEW_PASSWORD)):
        page.locator(f"#f-{field}").fill(value)
    page.locator("form .btn.pri").tap()


def test_the_password_is_changed_after_being_told_what_ends(browser, service):
    name = person(service, "Người thử đổi mật khẩu")
    with opened(browser, service, name, **PHONE) as page:
        page.goto(f"{service.url}/account")
        page.get_by_role("link", name="Đổi mật khẩu").tap()
        assert re.search("điện thoại và mã truy cập .* đăng xuất", page.locator("main").inner_text())
        change(page, old="not it")
        assert "Mật khẩu không đúng" in page.locator("#e-old").inner_text()
        change(page, old=PASSWORD)
        page.wait_for_url("**/account?done=password")


def test_the_name_in_the_head_leads_there(browser, service):
    with opened(browser, service, "can-bo-01", **DESK) as page:
        page.goto(f"{service.url}/places")
        page.locator(".who").click()
        page.wait_for_url("**/account")
        assert page.locator("h1").inner_text() == "can-bo-01"
