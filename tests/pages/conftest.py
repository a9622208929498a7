"""A real service and a real browser for the pages."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from tests.running import Service, running

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ward's real places, an officer and somebody of the board; no tiles."""
    with running(tmp_path_factory.mktemp("pages"), tile_url="") as service:
        service.person("can-bo-01", "officer")
        service.person("ban-chi-huy-01", "board")
        yield service


@contextmanager
def opened(browser: Browser, service: Service, name: str = "", **look) -> Iterator[Page]:
    """A page of `name`'s browser, an English one on Vietnamese pages.

    Fails the test for an error in a script, a refused policy, or anything asked of another host.
    """
    context = browser.new_context(locale="en-US", **look)
    try:
        if name:
            cookie, _, value = service.cookie(name).partition("=")
            context.add_cookies([{"name": cookie, "value": value, "url": service.url}])
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda asked: wrong.append(asked.url) if not own(asked.url, service) else None)
        yield page
    finally:
        context.close()
    assert wrong == []


def own(url: str, service: Service) -> bool:
    """Whether an address is ours or no address at all."""
    return url.startswith((service.url, "data:", "blob:"))
