"""The board's pages of measured positions in Chromium: WCAG, small phones, the keyboard, and no script at all."""

import httpx2
import pytest

from tests.make import Make, inspection_id
from tests.pages.conftest import DESK, PHONE, SMALL, opened, service  # noqa: F401 - service is a fixture
from tests.pages.test_in_browser import axe, in_both_schemes  # noqa: F401 - axe is a fixture

pytestmark = pytest.mark.e2e

OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[108.427, 11.952], [108.4285, 11.952], [108.4285, 11.953], [108.427, 11.952]]],
}


def propose(service, code, **said):  # noqa: F811
    position = inspection_id()
    answer = httpx2.put(
        f"{service.url}/api/positions/{position}",
        json=Make.position_body(code, **said),
        headers={"Cookie": service.cookie("can-bo-01")},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    return position


@pytest.fixture(scope="module")
def waiting(service):  # noqa: F811
    """A point for a place that nobody has found, and an outline placed by hand for one that was inferred."""
    point = propose(service, "P6-ST-04", note="Đứng ở chân mái")
    outline = propose(service, "P6-DN-01", method="tapped", accuracy_m=None, fixes=None, geometry=OUTLINE)
    return {"point": point, "outline": outline}


@pytest.mark.parametrize("look", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_hold_to_wcag_and_nothing_runs_off(browser, service, axe, waiting, look):  # noqa: F811
    paths = (
        "/positions",
        *(f"/positions/{position}" for position in waiting.values()),
        "/s/P6-ST-04",
        "/places",
    )
    found, wide = {}, {}
    with opened(browser, service, "ban-chi-huy-01", **look) as page:
        for path in paths:
            page.goto(service.url + path)
            page.evaluate("document.querySelectorAll('.decide details').forEach(e => { e.open = true })")
            found[path] = in_both_schemes(page, axe)
            if look is PHONE:
                page.set_viewport_size(SMALL["viewport"])
            wide[path] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            page.set_viewport_size(look["viewport"])

    assert {where: what for where, what in found.items() if what} == {}
    assert {path: by for path, by in wide.items() if by > 0} == {}


def test_a_decision_by_keyboard_alone(browser, service, waiting):  # noqa: F811
    with opened(browser, service, "ban-chi-huy-01", **DESK) as page:
        page.goto(f"{service.url}/positions")
        page.locator(f'a[href="/positions/{waiting["outline"]}"]').focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/positions/*")
        page.locator("summary", has_text="Không duyệt").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("Vẽ nhầm sang vườn bên cạnh")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator("[role=status]", has_text="Vẽ nhầm sang vườn bên cạnh").wait_for()

    headers = {"Cookie": service.cookie("ban-chi-huy-01")}
    assert "Không duyệt" in httpx2.get(f"{service.url}/positions", headers=headers, timeout=60).text


def test_an_officer_finds_the_way_to_measure_on_the_map_and_nobody_else_does(browser, service):  # noqa: F811
    for name, shown in (("can-bo-01", True), ("", False)):
        with opened(browser, service, name, **DESK) as page:
            page.goto(f"{service.url}/map#P6-ST-01")
            page.locator("#details-title").wait_for()
            page.get_by_role("button", name="Tất cả vị trí chưa có tọa độ").or_(
                page.locator(".back")
            ).first.click()
            page.locator(".entries li").first.wait_for()
            links = page.locator('.entries a[href="/phone#/pin/P6-ST-01"]')
            assert (links.count() > 0) is shown
