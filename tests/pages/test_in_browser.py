"""The pages in Chromium: reading at every width, and a visit logged on a phone that loses its network."""

import httpx2
import pytest

from tests.make import Make
from tests.pages.conftest import DESK, PHONE, SMALL, opened

pytestmark = pytest.mark.e2e

PUBLIC = (
    "/",
    "/places",
    "/s/P6-NL-01",
    "/s/P6-ST-01",
    "/s/P6-BB-05",
    "/documents",
    "/about",
    "/sign-in",
    "/s/P6-XX-9",
)
INSIDE = ("/s/P6-ST-01/inspect", "/s/P6-NL-01/inspect", "/s/P6-NL-01/edit", "/s/P6-DN-01/edit", "/new")


AXE_RUN = """async () => {
  const only = {runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]};
  return (await axe.run(document, only)).violations;
}"""
"""Naming every element that breaks no rule, and carrying it here, takes longer than all the rules."""


def violations(page, axe):
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in page.evaluate(AXE_RUN)]


def in_both_schemes(page, axe, schemes=("light", "dark")):
    """What axe finds on one page in the light and in the dark: its colours follow the system without a reload."""
    found = []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found += [(scheme, *rule) for rule in violations(page, axe)]
    return found


def seen_inside(service, place):
    """The visits of a place as an officer of its unit reads them."""
    address, cookie = f"{service.url}/api/inspections?place={place}", service.cookie("can-bo-01")
    return httpx2.get(address, headers={"Cookie": cookie}, timeout=60).json()["inspections"]


@pytest.fixture(scope="session")
def axe(request):
    """The text of axe-core."""
    return (request.config.rootpath / "node_modules/axe-core/axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("look", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_hold_to_wcag_22_aa(browser, service, axe, look):
    found = {}
    with opened(browser, service, "ban-chi-huy-01", **look) as page:
        for path in (*PUBLIC, *INSIDE):
            page.goto(service.url + path)
            found[path] = in_both_schemes(page, axe)

    assert {path: what for path, what in found.items() if what} == {}


def test_nothing_runs_off_a_small_phone(browser, service):
    wide = {}
    with opened(browser, service, "ban-chi-huy-01", **SMALL) as page:
        for path in (*PUBLIC, *INSIDE, "/s/P6-ST-01/label"):
            page.goto(service.url + path)
            wide[path] = page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert {path: by for path, by in wide.items() if by > 0} == {}


def test_targets_are_large_enough_for_a_wet_thumb(browser, service):
    with opened(browser, service, "can-bo-01", **PHONE) as page:
        page.goto(f"{service.url}/s/P6-ST-01/inspect")
        small = page.evaluate(
            """() => [...document.querySelectorAll('.pick, .chip, .opt span, .btn, .step button')]
                .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 47.5).map(e => e.textContent)"""
        )

    assert small == []


def test_a_visit_with_a_photo_survives_a_reload_and_a_lost_network(browser, service, tmp_path):
    _, photo = Make.photo((90, 120, 60))
    (tmp_path / "photo.png").write_bytes(photo)
    with opened(browser, service, "can-bo-01", **PHONE) as page:
        page.goto(f"{service.url}/s/P6-ST-03/inspect")
        page.locator(".chip", has_text="Vết nứt mới").tap()
        page.locator(".pick.worse").tap()
        page.locator("[data-gauge=V1] input").fill("214")
        page.set_input_files("#choose-photo input", tmp_path / "photo.png")
        page.locator("#photos figure").wait_for()
        page.locator("#draft").wait_for()
        page.reload()
        assert page.locator("[data-gauge=V1] input").input_value() == "214"
        page.locator("#photos figure").wait_for()

        page.context.set_offline(True)
        page.locator("#send").tap()
        page.locator("#state.off").wait_for()
        assert "Bản ghi vẫn nằm trên máy" in page.locator("#state").inner_text()
        page.context.set_offline(False)
        page.locator("[data-station=whole].on").wait_for()
        assert "P6-ST-03, xấu hơn" in page.locator(".receipt").inner_text()
        assert page.evaluate("localStorage.length") == 0

    site = httpx2.get(f"{service.url}/api/sites/P6-ST-03", timeout=60).json()
    assert site["properties"]["condition"] == "worse"
    (inside,) = seen_inside(service, "P6-ST-03")
    assert inside["condition"] == "worse"
    assert inside["measurements"] == {"crack_gauge_mm": {"V1": 214}}
    assert inside["answers"] == {"crack_change": "new_or_wider"}
    assert len(inside["photos"]) == 1


def test_the_rules_suggest_with_their_reason_and_a_lighter_choice_needs_a_note(browser, service):
    with opened(browser, service, "can-bo-01", **PHONE) as page:
        page.goto(f"{service.url}/s/P6-ST-02/inspect")
        page.locator(".chip", has_text="Nước đục").tap()
        page.locator("#suggestion").wait_for()
        assert "Nguy hiểm" in page.locator("#suggestion").inner_text()
        assert "Nước rỉ / nước đục: Nước đục (đề xuất" in page.locator("#suggestion").inner_text()
        assert page.locator("#call").is_visible()
        page.locator(".pick.worse").tap()
        page.locator("#send").tap()
        page.locator("#state.no").wait_for()
        assert page.locator("#f-note").get_attribute("aria-invalid") == "true"
        page.locator("#f-note").fill("Nước đục từ mương nhà bên, không phải từ mái.")
        page.locator("#send").tap()
        page.locator("#sent").wait_for()


def test_a_sent_visit_that_was_changed_goes_as_a_correction(browser, service):
    with opened(browser, service, "can-bo-01", **PHONE) as page:
        page.goto(f"{service.url}/s/P6-ST-04/inspect")
        page.route("**/api/inspections/*", lambda route: (route.fetch(), route.abort()))
        page.locator(".pick.same").tap()
        page.locator("#send").tap()
        page.locator("#state.no").wait_for()
        page.unroute("**/api/inspections/*")
        page.locator("#f-note").fill("Thêm một câu")
        page.locator("#send").tap()
        page.get_by_text("Gửi thành đính chính").wait_for()
        page.locator("#send").tap()
        page.locator("#sent").wait_for()

    visits = seen_inside(service, "P6-ST-04")
    assert sorted(visit["corrects"] is not None for visit in visits) == [False, True]


def test_the_board_takes_a_point_from_the_map(browser, service):
    with opened(browser, service, "ban-chi-huy-01", **DESK) as page:
        page.goto(f"{service.url}/s/P6-NL-01/edit")
        page.locator("#position input[name=first]").fill("")
        page.locator("#position summary").click()
        page.locator("#position .cross").wait_for()
        page.locator("#pin-here").click()
        assert page.locator("#position input[name=first]").input_value() == "11.958893"


def test_the_label_is_a5_with_a_large_enough_code(browser, service):
    with opened(browser, service, **DESK) as page:
        page.goto(f"{service.url}/s/P6-BB-01/label")
        page.emulate_media(media="print")
        size = page.evaluate(
            """() => ['.label', '.code svg'].map(s => document.querySelector(s).getBoundingClientRect())
                .map(box => [box.width, box.height].map(px => px / 96 * 25.4))"""
        )

    (wide, high), (code, _) = size
    assert (round(wide), round(high)) == (148, 210)
    assert code >= 55
