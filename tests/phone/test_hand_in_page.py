"""The file that the app itself writes, and the page that takes it: without scripts, on the narrowest screen."""

import json
from collections.abc import Iterator

import httpx2
import pytest

from tests.make import PASSWORD
from tests.phone.engine import phone, sign_in, tab
from tests.running import Service, running

pytestmark = pytest.mark.e2e
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ward's places, an officer and somebody who carries."""
    with running(tmp_path_factory.mktemp("hand-in")) as service:
        service.person("can-bo-01", "officer")
        service.person("nguoi-mang", "viewer")
        yield service


def test_what_the_app_writes_into_a_file_is_taken_by_the_page(browser, service, tmp_path):
    with phone(browser) as context:
        page = tab(context, service.url)
        sign_in(page, "can-bo-01")
        row = page.evaluate(
            "picture(64, 7).then((shot) => saved('P6-ST-01', { note: 'Không có sóng' }, [shot]))"
        )
        page.evaluate("app.people.signOut()")
        path = tmp_path / page.evaluate(
            "(id) => app.queue.exportFile([id]).then((file) => file.name)", row["id"]
        )
        path.write_text(
            page.evaluate("(id) => app.queue.exportFile([id]).then((file) => file.text())", row["id"])
        )

    desk = browser.new_context(java_script_enabled=False, viewport=NARROW, locale="vi-VN")
    page = desk.new_page()
    page.goto(f"{service.url}/sign-in?next=/phone/hand-in")
    page.fill("[name=name]", "nguoi-mang")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/phone/hand-in")
    page.set_input_files("#f-file", path)
    page.click("main form button")
    shown = page.inner_text("#done")
    wide = page.locator("html").bounding_box(), page.locator("main").bounding_box()
    page.set_input_files("#f-file", {"name": "x.taluy.json", "mimeType": "application/json", "buffer": b"{}"})
    page.click("main form button")
    refused = page.inner_text("[role=alert]")
    desk.close()

    seen = httpx2.get(f"{service.url}/api/inspections?place=P6-ST-01", timeout=60).json()["inspections"]
    assert json.loads(path.read_text())["records"][0]["id"] == row["id"]
    assert path.name.endswith(".taluy.json")
    assert [visit["id"] for visit in seen] == [row["id"]]
    assert "Phường đã có 1/1 bản ghi" in shown
    assert "Ảnh: 1/1 đã nhận" in shown
    assert "Chưa nhận gì" in refused
    assert max(box["width"] for box in wide if box) <= NARROW["width"]
