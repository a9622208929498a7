"""A real service and a real browser for the map."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.running import Service, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ward's real places; its tile server is a port where nobody listens."""
    with running(tmp_path_factory.mktemp("map"), tile_url="http://127.0.0.1:9/{z}/{x}/{y}.png") as service:
        yield service


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    """A page on a desk, in Vietnamese."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="vi-VN", has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()
