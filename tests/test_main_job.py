"""The main job, as its people do it: an officer's phone, the board's desk, everybody's map. In Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.make import Make
from tests.running import Service, running

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


@contextmanager
def opened(browser: Browser, service: Service, name: str | None, **look: Any) -> Iterator[Page]:
    """A page of a browser of its own, signed in where a name is given."""
    context = browser.new_context(locale="vi-VN", **look)
    if name is not None:
        cookie, _, value = service.cookie(name).partition("=")
        context.add_cookies([{"name": cookie, "value": value, "url": service.url}])
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.mark.e2e
def test_what_is_logged_on_a_phone_and_corrected_at_a_desk_stands_on_the_map(
    browser: Browser, tmp_path: Path
) -> None:
    _, photo = Make.photo((120, 90, 60))
    (tmp_path / "photo.jpg").write_bytes(photo)
    with running(tmp_path / "data") as service:
        service.person("can-bo-thu", "officer")
        service.person("ban-thu", "board")

        with opened(browser, service, "can-bo-thu", **PHONE) as phone:
            phone.goto(f"{service.url}/s/P6-ST-01/inspect")
            phone.locator(".pick.worse").tap()
            phone.set_input_files("#choose-photo input", tmp_path / "photo.jpg")
            phone.locator("#photos figure").wait_for()
            phone.locator("#send").tap()
            phone.locator("[data-station=whole].on").wait_for()
        with opened(browser, service, None, **DESK) as stranger:
            stranger.goto(f"{service.url}/map")
            expect(stranger.locator(".badge")).to_contain_text("Xấu hơn")

        with opened(browser, service, "ban-thu", **DESK) as desk:
            desk.goto(f"{service.url}/s/P6-ST-01/edit")
            position = desk.locator("form[action$='#position']")
            position.locator("[name=first]").fill("11.9527")
            position.locator("[name=second]").fill("108.4281")
            position.locator("[name=location_status][value=surveyed]").check()
            position.locator("[name=location_accuracy_m]").fill("6")
            with desk.expect_navigation():
                position.locator("button[type=submit], button.pri").last.click()
        with opened(browser, service, None, **DESK) as stranger:
            stranger.goto(f"{service.url}/map#P6-ST-01")
            expect(stranger.locator(".badge")).to_contain_text("3 vị trí")
            feature = stranger.evaluate("fetch('/api/sites/P6-ST-01').then(answer => answer.json())")

    assert feature["geometry"] == {"type": "Point", "coordinates": [108.4281, 11.9527]}
    assert feature["properties"]["location_status"] == "surveyed"
    assert feature["properties"]["condition"] == "worse"
