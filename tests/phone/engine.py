"""The phone's engine in a bare page of the service's own origin: no screens, no service worker."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route

from app import assets
from tests.make import PASSWORD

PAGE = f"""<!doctype html><html lang="vi"><meta charset="utf-8"><title>engine</title>
<script type="importmap">{assets.import_map([], assets.BARE)}</script>
<script type="module">
  import {{ start }} from "/assets/taluy/phone/engine.js";
  window.say = [];
  try {{ window.app = await start(); }} catch (error) {{ window.failed = error.name; }}
  window.ready = true;
</script>"""

HELPERS = Path(__file__).parent / "engine_page.js"


@contextmanager
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that nobody has used yet."""
    context = browser.new_context(locale="vi-VN")
    try:
        context.set_default_timeout(60_000)
        context.route("**/engine", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        context.add_init_script(path=HELPERS)
        yield context
    finally:
        context.close()


def tab(context: BrowserContext, url: str, *, sending: bool = False) -> Page:
    """A tab with the engine started in it; `url` is the service, or a line to it."""
    page = context.new_page()
    page.goto(f"{url}/engine")
    page.wait_for_function("window.ready")
    assert page.evaluate("window.failed ?? ''") == ""
    if sending:
        page.evaluate("app.sender.start()")
    return page


def sign_in(page: Page, name: str) -> dict[str, Any]:
    """Sign somebody in on the phone; gives the `Person`."""
    given = {"name": name, "password": PASSWORD, "device": "Máy thử"}
    person: dict[str, Any] = page.evaluate("(given) => app.people.signIn(given)", given)
    return person


def refused(route: Route, status: int, **problem: Any) -> None:
    """Answer a request with a problem document."""
    route.fulfill(status=status, body=json.dumps(problem), content_type="application/problem+json")
