"""The GIS door's pages in Chromium: readable by everybody, at every width, by keyboard, in light and dark."""

from time import monotonic

import pytest

from app.i18n import translate
from app.ogc.collections import COLLECTIONS
from tests.browsing import until
from tests.pages.conftest import DESK, PHONE, SMALL, opened
from tests.pages.test_in_browser import axe, violations

__all__ = ["axe"]
pytestmark = pytest.mark.e2e

ITEMS = "/ogc/collections/sites/items"
PAGES = (
    *(
        "/ogc",
        "/ogc/collections",
        "/ogc/conformance",
        "/ogc/collections/sites",
        "/ogc/collections/sites/schema",
    ),
    *(f"{ITEMS}?risk_level=high&limit=5", f"{ITEMS}?name=nothing", f"{ITEMS}/TH-GIS-1", f"{ITEMS}/P6-NL-01"),
    *(f"{ITEMS}?risk_level=nothing", "/ogc/collections/nothing"),
)


@pytest.mark.parametrize(
    ("look", "scheme", "language"),
    [(PHONE, "light", "vi"), (DESK, "dark", "vi"), (SMALL, "dark", "en")],
    ids=["phone", "desk-dark", "small-dark-english"],
)
def test_every_page_holds_to_wcag_22_aa_and_to_the_width(browser, gis, axe, look, scheme, language):
    found = {}
    with opened(browser, gis.service, **look, color_scheme=scheme) as page:
        for path in PAGES:
            page.goto(f"{gis.service.url}{path}{'&' if '?' in path else '?'}lang={language}")
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wrong := [*violations(page, axe), *(["too wide"] if wide > 0 else [])]:
                found[path] = wrong
            assert page.locator("html").get_attribute("lang") == language

    assert found == {}


def follow(page, link):
    """Click, and wait until the page that it leads to is there."""
    with page.expect_navigation():
        link.click()


def test_from_the_first_page_to_a_feature_and_back(browser, gis):
    with opened(browser, gis.service, **PHONE) as page:
        page.goto(f"{gis.service.url}/ogc")
        for name, known in COLLECTIONS.items():
            row = page.locator(f"a[href='/ogc/collections/{name}']")
            assert translate(known.title, "vi") in row.inner_text()
        follow(page, page.locator("a[href='/ogc/collections/sites']"))
        follow(page, page.locator("main a.btn.pri"))
        follow(page, page.locator(".features tbody th a").first)
        assert page.locator("h1").inner_text() == page.url.rpartition("/")[2]
        assert "Bắc (X)" in page.locator(".positions").inner_text()
        follow(page, page.locator(".crumbs a").last)
        assert page.url.endswith("/ogc/collections/sites")


def test_a_filter_is_kept_from_page_to_page(browser, gis):
    wanted = {each["id"] for each in gis.everything("sites", kind="flood")}
    with opened(browser, gis.service, **DESK) as page:
        page.goto(f"{gis.root}/collections/sites/items?limit=100")
        page.locator(".narrow-by summary").click()
        page.locator("#f-kind").select_option("flood")
        follow(page, page.locator(".filters button"))
        assert page.url == f"{gis.root}/collections/sites/items?kind=flood"
        seen = set()
        while True:
            seen |= set(page.locator(".features tbody th").all_inner_texts())
            following = page.locator("a[rel=next]")
            if not following.count():
                break
            follow(page, following)
            assert "kind=flood" in page.url
        assert page.locator("#f-kind").input_value() == "flood"

    assert seen == wanted
    assert len(wanted) > 100


def test_the_address_for_qgis_is_copied_by_its_button(browser, gis):
    with opened(browser, gis.service, **DESK, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{gis.root}/collections/sites")
        page.locator("[data-copy] button").click()
        page.locator("[data-copied]:not(:empty)").wait_for()

        assert page.evaluate("navigator.clipboard.readText()") == gis.root


def test_a_page_that_the_browser_had_is_not_sent_again_and_its_scripts_still_run(browser, gis):
    """With 304 a browser takes the new headers, the policy too, for what it kept."""
    with opened(browser, gis.service, **DESK) as page:
        page.goto(f"{gis.root}/collections/sites")
        policy = page.goto(f"{gis.root}/api.html").headers["content-security-policy"]
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        pages, statuses = [], {}
        wire.on(
            "Network.requestWillBeSent",
            lambda sent: pages.extend([sent["requestId"]] if sent["type"] == "Document" else []),
        )
        wire.on(
            "Network.responseReceivedExtraInfo",
            lambda said: statuses.update({said["requestId"]: said["statusCode"]}),
        )

        again = page.goto(f"{gis.root}/api.html")
        page.locator("#api .opblock").first.wait_for()
        assert again.headers["content-security-policy"] == policy
        page.goto(f"{gis.root}/collections/sites")
        page.locator("[data-copy] button").click()
        page.locator("[data-copied]:not(:empty)").wait_for()
        end = monotonic() + 60
        while not statuses.keys() >= {*pages}:  # what came over the wire is told on a way of its own
            assert monotonic() < end
            until(page, "true")
        assert [statuses[each] for each in pages] == [304, 304]


def test_a_long_table_is_scrolled_by_the_keyboard(browser, gis):
    with opened(browser, gis.service, **SMALL) as page:
        page.goto(f"{gis.root}/collections/sites/items?limit=3")
        region = page.locator(".across")
        region.focus()
        page.keyboard.press("ArrowRight")
        until(page, "document.querySelector('.across').scrollLeft > 0")


def test_the_description_is_drawn_and_sends_nothing_elsewhere(browser, gis):
    with opened(browser, gis.service, **DESK) as page:
        page.goto(f"{gis.root}/api.html")
        page.locator("#api .opblock").first.wait_for()


def test_what_people_wrote_is_text_on_every_page(browser, gis):
    with opened(browser, gis.service, **DESK) as page:
        page.goto(f"{gis.root}/collections/sites/items/TH-GIS-1")

        assert 'dương\nghi: 5 < 6 & "7"' in page.locator(".facts").inner_text()
