"""List, form, saved: the way every visit takes, in Chromium against the real service."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.hazards import forms
from tests.browsing import until
from tests.make import PASSWORD, Make
from tests.running import Service, running

pytestmark = pytest.mark.e2e
expect.set_options(timeout=30_000)

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']}"
OFFICER = "can-bo-01"
BEFORE = datetime.now(UTC) - timedelta(days=12)
LAST = {
    "P6-ST-03": {
        "condition": "worse",
        "answers": {
            "fallen_material": "none",
            "crack_change": "as_before",
            "tilted_objects": "newly_leaning",
            "drain_state": "unknown",
        },
        "measurements": {"crack_gauge_mm": {"V1": 28}},
        "note": "Cây mới nghiêng",
    },
    "P6-ST-04": {"condition": "no_change", "answers": {}, "measurements": {"crack_gauge_mm": {"V1": 28}}},
    "P6-DN-01": {"condition": "no_change", "answers": {"people_at_water": "none"}, "measurements": {}},
}
SLOW_SHRINKING = """
  const whole = HTMLCanvasElement.prototype.toBlob, held = new Promise((go) => { window.shrink = go; });
  HTMLCanvasElement.prototype.toBlob = function (...how) { void held.then(() => whole.apply(this, how)); };
"""
TAPS = "addEventListener('pointerdown', () => { window.taps = (window.taps ?? 0) + 1; }, true);"
HERE = {"longitude": 108.4243, "latitude": 11.9571, "accuracy": 8}
FAR = {"longitude": 108.60, "latitude": 11.80, "accuracy": 8}
KINDS = {
    "slide": ("P6-ST-01", None),
    "flood": ("P6-NL-01", None),
    "drowning": ("P6-DN-01", None),
    "signboard": ("P6-BB-05", None),
    "tarpaulin": ("P6-BT-01", "slope_tarpaulin"),
    "sandbags": ("P6-BT-02", "sandbags"),
    "stakes": ("P6-BT-03", "stakes"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ward's places, two visits of twelve days ago, and one temporary measure of each sort."""
    with running(tmp_path_factory.mktemp("main-path")) as service:
        service.person(OFFICER, "officer")
        service.person("can-bo-02", "officer")
        service.person("ban-chi-huy-01", "board")
        officer, board = ({"Cookie": service.cookie(name)} for name in (OFFICER, "ban-chi-huy-01"))
        for code, seen in LAST.items():
            body = {
                "place": code,
                "seen_at": BEFORE.isoformat(),
                "context": {},
                "form_version": "2026.1",
                "position": None,
                "corrects": None,
                "note": None,
                **seen,
            }
            answer = httpx2.put(
                f"{service.url}/api/inspections/{uuid4()}", json=body, headers=officer, timeout=60
            )
            assert answer.status_code == 201, answer.text
        for code, measure in KINDS.values():
            if measure:
                body = {"code": code, "kind": measure, "site": "P6-ST-03", "status": "done"}
                answer = httpx2.post(f"{service.url}/api/measures", json=body, headers=board, timeout=60)
                assert answer.status_code == 201, answer.text
        yield service


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    path.write_bytes(Make.photo((90, 120, 60))[1])
    return path


@contextmanager
def phone(browser: Browser, **look: Any) -> Iterator[BrowserContext]:
    """An officer's phone; GPS says `HERE`."""
    kind: dict[str, Any] = {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "locale": "vi-VN",
        "geolocation": HERE,
        "permissions": ["geolocation"],
    }
    context = browser.new_context(**(kind | look))
    try:
        context.add_init_script(TAPS)
        context.set_default_timeout(60_000)
        wrong: list[str] = []
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        yield context
    finally:
        context.close()
    assert wrong == []


def sign_in(page: Page, name: str) -> None:
    """Fill in the sign-in that stands on the page."""
    page.get_by_label("Tên", exact=True).fill(name)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def signed_in(context: BrowserContext, service: Service) -> Page:
    """The list of places of somebody who has just signed in."""
    page = context.new_page()
    page.goto(f"{service.url}/phone")
    sign_in(page, OFFICER)
    page.locator(".near-row .arrow").first.wait_for()
    return page


def without_network(page: Page) -> None:
    """Cut the network once the phone has kept every file of the app."""
    expect(page.locator("body")).to_have_attribute("data-late", re.compile(r"^(\d+)/\1$"), timeout=30_000)
    page.context.set_offline(True)


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """The list of places on a phone that knows where it is."""
    with phone(browser) as context:
        yield signed_in(context, service)


@pytest.fixture(scope="module")
def reader(browser: Browser, service: Service) -> Iterator[Page]:
    """A page for those who only look at forms."""
    with phone(browser) as context:
        yield signed_in(context, service)


def form(page: Page, service: Service, code: str) -> Page:
    """The form of a place, complete."""
    page.goto(f"{service.url}/phone#/form/{code}")
    expect(page.locator(".visit-head .plate")).to_have_text(code)
    page.locator(".folded").wait_for(state="attached")
    return page


def row(page: Page, code: str) -> Locator:
    return page.locator("a.near-row", has=page.locator(".plate", has_text=re.compile(f"^{code}$")))


def choice(within: Page | Locator, text: str) -> Locator:
    """The label of a choice, which is what a thumb hits."""
    return within.locator("label", has_text=re.compile(f"^{text}$"))


def save(page: Page) -> str:
    """Save; gives the id."""
    page.get_by_role("button", name=re.compile("^Lưu lượt kiểm tra")).tap()
    page.locator(".sent-title").wait_for()
    return page.url.rpartition("/")[2]


def kept(page: Page) -> None:
    expect(page.locator(".visit-head .tag")).to_have_text(re.compile(r"^Nháp \d\d:\d\d$"))


def stored(service: Service, visit: str) -> dict[str, Any]:
    """What the ward has of a visit."""
    cookie = {"Cookie": service.cookie(OFFICER)}
    answer = httpx2.get(f"{service.url}/api/inspections/{visit}", headers=cookie, timeout=60)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_nothing_changed_takes_three_taps_without_a_network_and_arrives_as_seen(page: Page, service: Service):
    without_network(page)
    row(page, "P6-DN-01").tap()
    choice(page, "Không thay đổi").tap()
    visit = save(page)

    assert page.evaluate("taps") <= 4
    expect(page.locator(".sent-title")).to_have_text("Đã lưu trong máy")
    expect(page.locator(".receipt")).to_have_count(0)
    page.context.set_offline(False)
    expect(page.locator(".sent-title")).to_have_text("Đã lưu. Phường đã nhận đủ.")
    seen = stored(service, visit)
    assert (seen["condition"], seen["answers"]) == ("no_change", {"people_at_water": "none"})
    assert (seen["measurements"], seen["note"], seen["form_version"]) == ({}, None, "2026.1")
    assert set(seen["context"]) == {"light"}
    stood = [seen[f"position_{part}"] for part in ("lon", "lat", "accuracy_m", "source")]
    assert stood == [108.4243, 11.9571, 8, "gps"]
    assert seen["position_age_s"] < 120
    page.get_by_role("button", name="Kiểm tra").tap()
    expect(page.locator(".proof")).to_contain_text("Đúng biên nhận của phường")


def test_a_full_form_with_a_photo_takes_at_most_ten_taps(page: Page, service: Service, picture: Path):
    form(page, service, "P6-ST-04")
    page.evaluate("window.taps = 1")  # the place's row
    choice(page, "Xấu hơn").tap()
    choice(page, "Vết nứt mới").tap()
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Chụp: Vết nứt mới").tap()
    opened.value.set_files(picture)
    page.get_by_role("img", name="Ảnh 1").wait_for()
    gauge = page.locator(".main-number input")
    gauge.tap()
    page.keyboard.type("34")
    expect(page.locator(".main-number .mid small")).to_have_text("rộng thêm 6 mm, 0,5 mm/ngày")
    choice(page.get_by_role("group", name="Mưa trong 24 giờ qua"), "Có").tap()
    page.locator("#f-note").tap()
    page.keyboard.type("Bạt tuột góc trên bên trái")
    visit = save(page)

    assert page.evaluate("taps") <= 10
    expect(page.locator(".sent-title")).to_have_text("Đã lưu. Phường đã nhận đủ.")
    seen = stored(service, visit)
    assert seen["condition"] == "worse"
    assert seen["answers"] == {"crack_change": "new_or_wider"}
    assert seen["measurements"] == {"crack_gauge_mm": {"V1": 34}}
    assert seen["context"]["rain_last_24h"] == "yes"
    assert seen["note"] == "Bạt tuột góc trên bên trái"
    assert len(seen["photos"]) == 1


def test_a_killed_page_and_one_that_the_camera_kills_keep_everything(
    browser: Browser, service: Service, picture: Path
):
    with phone(browser) as context:
        page = form(signed_in(context, service), service, "P6-ST-01")
        choice(page, "Nguy hiểm").tap()
        expect(page.get_by_role("alert").filter(has_text="Gọi ngay")).to_be_visible()
        choice(page, "Đất đá rơi").first.tap()
        page.set_input_files("input[capture]", picture)
        page.get_by_role("img", name="Ảnh 1").wait_for()
        page.locator("#f-note").fill("Đá lăn xuống đường")
        with page.expect_file_chooser():
            page.get_by_role("button", name="Chụp", exact=True).tap()
        page.close(run_before_unload=False)

        page = context.new_page()
        page.goto(f"{service.url}/phone")
        page.get_by_role("link", name=re.compile("^Đang ghi dở")).tap()
        expect(page.locator("input[value=danger]")).to_be_checked()
        expect(page.get_by_role("checkbox", name="Đất đá rơi")).to_be_checked()
        expect(page.locator("#f-note")).to_have_value("Đá lăn xuống đường")
        page.get_by_role("img", name="Ảnh 1").wait_for()
        kept_at = page.locator("#f-seen_at").input_value()
        page.reload()
        expect(page.locator("#f-seen_at")).to_have_value(kept_at)
        page.get_by_role("button", name="Bỏ nháp này").tap()
        page.get_by_role("button", name="Chạm lần nữa để bỏ hẳn nháp và ảnh").tap()
        row(page, "P6-NL-01").wait_for()
        expect(page.get_by_role("link", name=re.compile("^Đang ghi dở"))).to_have_count(0)


def test_a_visit_waits_for_the_photo_that_is_still_being_shrunk(page: Page, service: Service, picture: Path):
    page.evaluate(f"() => {{ {SLOW_SHRINKING} }}")
    form(page, service, "P6-ST-02")
    choice(page, "Không thay đổi").tap()
    page.set_input_files("input[capture]", picture)
    expect(page.get_by_text("Đang thu nhỏ")).to_be_visible()
    end = page.get_by_role("button", name=re.compile("^Lưu lượt kiểm tra"))
    end.tap()
    expect(end).to_have_attribute("aria-busy", "true")
    page.evaluate("() => shrink()")

    expect(page.locator(".sent-title")).to_have_text("Đã lưu. Phường đã nhận đủ.")
    assert len(stored(service, page.url.rpartition("/")[2])["photos"]) == 1
    page.locator(".ways-on").get_by_role("link").last.tap()
    page.locator(".near-row .arrow").first.wait_for()
    expect(page.locator(".near-card.begun")).to_have_count(0)


def test_what_one_tab_typed_is_shown_by_the_other_and_never_to_the_next_officer(page: Page, service: Service):
    form(page, service, "P6-ST-04").locator("#f-note").fill("một")
    kept(page)
    other = form(page.context.new_page(), service, "P6-ST-04")
    other.locator("#f-note").fill("một, và thêm")
    until(
        page,
        """new Promise((next) => setTimeout(next, 500)).then(() => {
          document.dispatchEvent(new Event("visibilitychange"));
          return document.querySelector("#f-note")?.value === "một, và thêm";
        })""",
    )

    other.goto(f"{service.url}/phone#/sign-in")
    sign_in(other, "can-bo-02")
    expect(other.get_by_role("dialog")).to_be_visible()
    expect(page.locator("#f-note")).to_have_value("")


def test_an_address_that_somebody_broke_is_an_unknown_place(page: Page, service: Service):
    page.goto("about:blank")
    page.goto(f"{service.url}/phone#/form/%E0%A4%A")
    expect(page.locator("h1")).to_contain_text("%E0%A4%A")


def test_the_form_is_filled_from_the_last_visit_but_never_says_what_nobody_looked_at(
    page: Page, service: Service
):
    form(page, service, "P6-ST-03")
    expect(page.locator(".lab small").first).to_have_text(re.compile(r"^\d\d/\d\d, xấu hơn, V1 28 mm$"))
    expect(page.locator("input[name=condition]:checked")).to_have_count(0)
    page.locator(".folded summary").tap()
    crack, leaning, drain = (
        page.locator(f"#f-{code}") for code in ("crack_change", "tilted_objects", "drain_state")
    )
    expect(crack.locator("input:checked")).to_have_value("as_before")
    expect(crack.locator("legend small")).to_have_text("như lần trước")
    expect(leaning.locator("input:checked")).to_have_count(0)
    expect(leaning.locator("legend small")).to_have_text(re.compile(r"^Lần trước: Mới nghiêng, \d\d/\d\d$"))
    expect(drain.locator("input:checked")).to_have_count(0)
    expect(page.locator(".main-number input")).to_have_attribute("placeholder", "28")
    page.get_by_role("button", name="Vẫn 28 mm").tap()
    expect(page.locator(".main-number input")).to_have_value("28")
    choice(crack, "Như lần trước").tap()
    expect(crack.locator("legend small")).not_to_have_text("như lần trước")
    choice(crack, "Như lần trước").tap()
    expect(crack.locator("input:checked")).to_have_count(0)
    choice(page, "Không quan sát được").tap()
    page.get_by_role("button", name=re.compile("^Lưu lượt kiểm tra")).tap()
    expect(page.locator(".savebar [role=alert]")).to_contain_text("Đã ghi điều thấy được")
    page.get_by_role("button", name="Bỏ nháp này").tap()
    page.get_by_role("button", name=re.compile("^Chạm lần nữa")).tap()
    page.locator(".near-row").first.wait_for()


def test_a_lighter_choice_than_the_rules_asks_for_a_note_before_it_is_saved(page: Page, service: Service):
    page.context.set_geolocation(FAR)
    page.reload()
    form(page, service, "P6-NL-01")
    without_network(page)
    expect(page.locator(".where [role=status]")).to_have_text(
        re.compile(r"^Máy đang cách vị trí này \d+,?\d* km")
    )
    choice(page, "Nước chảy xiết").tap()
    expect(page.locator(".suggestion b")).to_have_text("Nguy hiểm")
    expect(page.locator(".suggestion li")).to_have_text(["Nước chảy xiết: Nhanh hơn người đi bộ (đề xuất)"])
    choice(page, "Không thay đổi").tap()
    page.get_by_role("button", name=re.compile("^Lưu lượt kiểm tra")).tap()
    expect(page.locator("#f-note")).to_be_focused()
    expect(page.locator(".savebar [role=alert]")).to_contain_text("Viết lý do vào ghi chú")
    page.keyboard.type("Chỉ một rãnh nhỏ")
    save(page)


@pytest.mark.parametrize("sort", KINDS)
def test_the_form_asks_exactly_what_the_server_takes(reader: Page, service: Service, sort: str):
    code, measure = KINDS[sort]
    kind = forms()["kinds"]["temporary_measure" if measure else sort]
    fits = [each for each in kind["items"] if not each["measures"] or measure in each["measures"]]
    fields = [
        field
        for item in fits
        for field in (item, *item["companions"])
        if not field["stream_mouth_only"] and (not field["measures"] or measure in field["measures"])
    ]
    codes = {field["code"] for field in fields}

    form(reader, service, code)
    expect(reader.locator(".folded summary")).to_contain_text(f"Danh mục kiểm tra ({len(fits)} mục)")
    asked = reader.locator(".visit-body [data-code]").evaluate_all(
        """all => all.map(one => [one.dataset.code, one.dataset.unit ?? '',
            [...one.querySelectorAll('.opt input')].map(each => each.value)])"""
    )
    assert sorted(asked) == sorted(
        [field["code"], field["unit"] or "", [choice["code"] for choice in field["choices"]]]
        for field in fields
    )
    chips = reader.locator(".chips input").evaluate_all("all => all.map(one => one.value)")
    assert chips == [chip["code"] for chip in kind["chips"] if chip["code"] in codes]
    context = reader.locator("[data-context]").evaluate_all("all => all.map(one => one.dataset.context)")
    assert context == list(forms()["context"])


def test_a_list_without_gps_goes_by_urgency_and_finds_without_accents(browser: Browser, service: Service):
    with phone(browser, permissions=[], geolocation=None) as context:
        page = context.new_page()
        page.goto(f"{service.url}/phone")
        page.get_by_label("Tên", exact=True).fill(OFFICER)
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cần xem trước")
        page.get_by_label("Tìm mã, tên, loại").fill("SUOI duoi nuoc")
        expect(page.locator(".near-row .plate")).to_have_text(["P6-BB-05", "P6-DN-01"])
        page.get_by_label("Tìm mã, tên, loại").fill("không có gì")
        expect(page.get_by_text("Không có vị trí nào khớp “không có gì”.")).to_be_visible()


def test_places_without_a_position_stand_in_one_group_with_ways_to_fix_them(page: Page):
    expect(row(page, "P6-NL-01").locator(".way")).to_have_text(re.compile(r"^\d+ mđông bắc$"))
    group = page.locator("details.lost")
    group.locator("summary").tap()
    expect(group.get_by_role("link", name="Ghim vị trí: P6-ST-01")).to_have_attribute(
        "href", "/phone#/pin/P6-ST-01"
    )
    group.get_by_role("link", name="Ghi kiểm tra: P6-ST-01").tap()
    expect(page.get_by_role("link", name=re.compile("^Chưa có vị trí"))).to_have_attribute(
        "href", "/phone#/pin/P6-ST-01"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390])
def test_every_screen_holds_to_wcag_and_to_its_width(
    browser: Browser, service: Service, width: int, scheme: str
):
    found: dict[str, Any] = {}

    def look(name: str) -> None:
        wrong = page.evaluate(f"axe.run(document, {RULES}).then((found) => found.violations)")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('main :is(button, a, summary, .pick, .chip, .opt span, input)')]
            .filter(e => e.checkVisibility()
                && e.getBoundingClientRect().height < 47.5 && !e.closest('.call-now, .step')
                && !e.matches('label input, [type=file]'))
            .map(e => e.outerHTML.slice(0, 120))"""
        )
        found[name] = (
            [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in wrong],
            wide,
            small,
        )

    with phone(browser, viewport={"width": width, "height": 640}, color_scheme=scheme) as context:
        page = signed_in(context, service)
        page.evaluate(AXE)
        page.locator("details.lost summary").tap()
        look("list")
        form(page, service, "P6-ST-02")
        page.locator(".folded summary").tap()
        choice(page, "Nước đục, rỉ mới").tap()
        choice(page, "Nguy hiểm").tap()
        page.locator(".suggestion b").wait_for()
        look("form")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        look("form at 200 %")
        page.evaluate("document.documentElement.style.fontSize = ''")
        save(page)
        page.locator(".receipt").wait_for()
        look("saved")

    assert {name: what for name, what in found.items() if any(what)} == {}
