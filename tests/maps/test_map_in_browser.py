"""The map as people meet it: in Chromium, with tiles that never come."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.maps.export import export_map
from app.maps.symbols import symbol
from app.settings import Settings
from tests.running import taluy

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
HOSTILE = "<img src=x onerror=window.ran=1>${window.ran=1}</script>"
VIEWS = {"desk": (1440, 900), "phone": (390, 844), "narrow": (320, 640)}


def opened(page, service, path="/map"):
    page.goto(service.url + path)
    page.wait_for_selector("body[data-drawn]")
    return page


def labels(page):
    return page.eval_on_selector_all(
        ".mark[aria-label]", "marks => marks.map(m => m.getAttribute('aria-label'))"
    )


def test_the_wards_places_are_drawn_and_nothing_foreign_is_asked(desktop, service):
    asked = []
    desktop.on("request", lambda request: asked.append(request.url))

    opened(desktop, service)

    codes = {label.split(",")[0] for label in labels(desktop)}
    assert codes == {"P6-NL-01", "P6-DN-01", "P6-BB-05", "P6-KN-01", "P6-KN-02"}
    expect(desktop.locator(".badge")).to_have_count(1)
    expect(desktop.locator(".badge")).to_contain_text("4 vị trí")
    expect(desktop.locator(".badge")).to_contain_text("và 4 biển cảnh báo")
    ours = (service.url, "http://127.0.0.1:9/", "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []


def test_without_tiles_the_layer_says_so_and_the_map_is_complete(desktop, service):
    opened(desktop, service)

    expect(desktop.locator('[data-count="tiles"]')).to_have_text("chưa tải được")
    expect(desktop.locator('[data-layer="tiles"]')).not_to_be_checked()
    assert desktop.locator("path.g-ward").count() == 1
    assert desktop.locator("path.g-guess").count() == 1
    assert desktop.locator("path.g-stream").count() == 2
    expect(desktop.locator(".credit")).to_contain_text("OpenStreetMap")
    expect(desktop.locator(".credit")).to_contain_text(re.compile(r"số liệu lúc \d\d:\d\d, \d\d/\d+/\d{4}"))


def test_the_unlocated_are_a_list_and_each_opens(desktop, service):
    opened(desktop, service)

    desktop.locator(".badge").click()

    rows = desktop.locator("#details .entry")
    expect(rows).to_have_count(8)
    rows.filter(has_text="P6-ST-02").click()
    expect(desktop.locator("#details h2")).to_contain_text("số 2")
    expect(desktop.locator("#details")).to_contain_text("Chưa xác định")
    expect(desktop.locator("#details")).not_to_contain_text("11.9518")
    expect(desktop).to_have_url(re.compile("/P6-ST-02$"))


def test_search_needs_no_accents_and_no_mouse(desktop, service):
    opened(desktop, service)

    desktop.keyboard.press("Tab")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#find")).to_be_focused()
    desktop.keyboard.type("CUOI DUONG hai ba trung")
    expect(desktop.locator("#found [role=option]")).to_have_count(1)
    desktop.keyboard.press("ArrowDown")
    expect(desktop.locator("#find")).to_have_attribute("aria-activedescendant", "found-0")
    desktop.keyboard.press("Enter")

    expect(desktop.locator("#details h2")).to_have_text("Cuối đường Hai Bà Trưng")
    expect(desktop.locator("#details .facts")).to_contain_text(
        "thường xuyên bị ngập lụt sau mỗi trận mưa lớn"
    )
    expect(desktop.locator("#details .acts a").first).to_have_attribute("href", "/s/P6-NL-01")
    expect(desktop.locator("#details .acts a").last).to_have_attribute("href", "/s/P6-NL-01/inspect")


def test_escape_closes_and_gives_the_focus_back(desktop, service):
    opened(desktop, service)
    pin = desktop.locator('.mark[aria-label^="P6-NL-01"]')

    pin.focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#details")).to_be_visible()
    desktop.keyboard.press("Escape")

    expect(desktop.locator("#details")).to_be_hidden()
    expect(pin).to_be_focused()


def test_a_link_opens_its_place_and_an_unknown_code_says_so(desktop, service):
    opened(desktop, service, "/map#P6-DN-01")
    expect(desktop.locator("#details h2")).to_contain_text("Đoạn suối")

    desktop.goto("about:blank")
    opened(desktop, service, "/map#16.5/11.95/108.42/XX-99")

    expect(desktop.locator("#details h2")).to_have_text("Không có vị trí mang mã này")
    assert "#16.5/11.95" in desktop.url


def test_a_hidden_layer_takes_its_places_along(desktop, service):
    opened(desktop, service)

    desktop.locator('[data-layer="proposal"]').uncheck()
    desktop.locator('[data-layer="sites"]').uncheck()

    assert {label.split(",")[0] for label in labels(desktop)} == {"P6-BB-05"}
    expect(desktop.locator('[data-layer="flood"]')).not_to_be_checked()


def test_a_server_that_fails_is_said_and_asked_again(desktop, service):
    desktop.route("**/api/sites?*", lambda route: route.abort())
    desktop.goto(service.url + "/map")

    expect(desktop.locator("[data-news]")).to_contain_text("Máy chủ chưa trả lời")
    desktop.unroute("**/api/sites?*")
    desktop.locator("[data-news] button").click()

    expect(desktop.locator("body[data-drawn]")).to_be_attached()
    expect(desktop.locator("[data-news]")).to_have_text("")


def test_on_a_phone_the_place_is_a_sheet_below(phone, service):
    opened(phone, service, "/map#P6-NL-01")

    box = phone.locator("#details").bounding_box()

    assert (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 390, 844)
    assert box["y"] > 844 * 0.4
    small = phone.eval_on_selector_all(
        "main button:visible, main a:visible, main input:visible",
        """all => all.map(e => [e.className, e.getBoundingClientRect()])
            .filter(([, box]) => box.height < 47.5 || box.width < 47.5)""",
    )
    assert small == []


def test_hostile_names_run_nothing(desktop, service):
    def hostile(route):
        answer = route.fetch()
        found = answer.json()
        for feature in found["features"]:
            feature["properties"] |= {"name": HOSTILE, "address": HOSTILE, "location_note": HOSTILE}
        route.fulfill(response=answer, json=found)

    desktop.route("**/api/sites?*", hostile)
    desktop.route("**/api/signboards?*", hostile)
    desktop.route("**/api/proposals*", hostile)
    opened(desktop, service, "/map#P6-NL-01")
    desktop.locator("#find").fill("onerror")

    expect(desktop.locator("#found")).to_contain_text("<img src=x")
    expect(desktop.locator("#details h2")).to_have_text(HOSTILE)
    assert desktop.evaluate("window.ran") is None
    assert desktop.locator("main img[src=x]").count() == 0


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("path", ["/map", "/map#P6-ST-01"])
def test_axe_finds_nothing(browser, service, view, path):
    """In the light and in the dark: the map follows the system without a reload."""
    width, height = VIEWS[view]
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = opened(context.new_page(), service, path)
    if "#" in path:
        expect(page.locator("#details .line-key")).to_be_visible()
    page.evaluate(AXE)

    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        rules = page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(({ violations }) => violations)"
        )
        found += [(theme, each["id"], [node["html"] for node in each["nodes"]][:3]) for each in rules]

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()


def test_scripts_and_templates_draw_the_same_symbols(desktop, service):
    opened(desktop, service)
    cases = [
        ("slide", "high", "danger", True),
        ("flood", None, "worse", False),
        ("drowning", "very_high", None, True),
        ("signboard", None, "no_change", False),
        ("proposal", None, None, False),
    ]

    for kind, risk, condition, late in cases:
        drawn = desktop.evaluate(
            """async ([kind, risk, condition, late]) => {
                const { symbol } = await import("/assets/taluy/map/symbols.js");
                return symbol({ kind, risk, condition, late }).outerHTML;
            }""",
            [kind, risk, condition, late],
        )
        paths = re.compile(r'<path class="([^"]+)" d="([^"]+)"')
        assert paths.findall(drawn) == paths.findall(symbol(kind, risk, condition, late)), kind


def test_the_copy_opens_from_a_file_and_asks_for_nothing(browser, service, tmp_path):
    out = tmp_path / "map.html"
    taluy(["map", str(out)], service.environment)
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))

    page.goto(out.as_uri() + "#P6-NL-01")

    expect(page.locator("#details h2")).to_have_text("Cuối đường Hai Bà Trưng")
    expect(page.locator("#details .facts")).to_contain_text("thường xuyên bị ngập lụt")
    expect(page.locator(".badge")).to_have_count(1)
    assert ([url for url in asked if not url.startswith(("file:", "data:"))], errors) == ([], [])
    context.close()


def test_a_hostile_copy_runs_nothing(app, make, database, browser, tmp_path):
    make.site(code="TH-ST-98", name=HOSTILE)
    out = tmp_path / "map.html"
    export_map(database, Settings(data_dir=tmp_path, tile_url=""), out)
    context = browser.new_context(offline=True)
    page = context.new_page()

    page.goto(out.as_uri() + "#TH-ST-98")

    expect(page.locator("#details h2")).to_have_text(HOSTILE)
    assert page.evaluate("window.ran") is None
    context.close()
