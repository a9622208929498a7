"""What was not sent, signing in and holding the phone, in Chromium against the real service."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.make import PASSWORD
from tests.phone.engine import phone, sign_in, tab
from tests.running import Service, running

pytestmark = pytest.mark.e2e
expect.set_options(timeout=30_000)

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
WIDER = """() => Math.max(...["100%", "200%"].map((size) => {
  const root = document.documentElement, main = document.querySelector("main");
  root.style.fontSize = size;
  const wider = root.scrollWidth - innerWidth + main.scrollWidth - main.clientWidth;
  root.style.fontSize = "";
  return Math.max(0, wider);
}))"""
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']}"
NOTE = "Mương đầy tới mép, nước đục"
DOWN = "**/api/sync"
PACK = "**/api/phone/pack"
FUTURE = "2031-01-01T10:00:00+07:00"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ward's places, two officers who share a phone, and an administrator."""
    with running(tmp_path_factory.mktemp("queue"), second_factor="optional") as service:
        service.person("can-bo-01", "officer")
        service.person("can-bo-02", "officer")
        service.person("quan-tri-01", "administrator")
        yield service


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that nobody has used yet."""
    with phone(browser) as context:
        yield context


@pytest.fixture
def back(context: BrowserContext, service: Service) -> Page:
    """A tab behind the screen, with the engine of can-bo-01 who is signed in: what it saves, the screen shows."""
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    return page


def opened(context: BrowserContext, service: Service, route: str = "/queue") -> Page:
    """The app at a route, kept whole on a phone of 390 × 844. Fails the test for an error in a script."""
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{service.url}/phone#{route}")
    page.locator("body[data-late]").wait_for()
    return page


def saved(back: Page, place: str, photos: int = 0, **more: object) -> str:
    """Save an inspection; gives its id."""
    shots = "Promise.all(Array.from({length: photos}, (_, n) => picture(64, n + 1)))"
    script = f"({{place, more, photos}}) => {shots}.then((shots) => saved(place, more, shots))"
    return str(back.evaluate(script, {"place": place, "more": more, "photos": photos})["id"])


def item(page: Page, place: str):
    return page.locator(".queue-item", has=page.locator(".plate", has_text=place))


def stations(page: Page, place: str) -> list[str]:
    return item(page, place).locator(".stations li").evaluate_all("all => all.map((one) => one.className)")


def give(page: Page, name: str | None = None) -> None:
    """Fill in the form of signing in and send it."""
    if name:
        page.get_by_label("Tên", exact=True).fill(name)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def choose_pin(page: Page, pin: str) -> None:
    page.get_by_label("Mã PIN mới").fill(pin)
    page.get_by_label("Nhập lại mã PIN").fill(pin)
    page.get_by_role("dialog").get_by_role("button", name="Đặt PIN", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def received(service: Service, place: str) -> list[dict]:
    answer = httpx2.get(
        f"{service.url}/api/inspections?place={place}",
        headers={"Cookie": service.cookie("can-bo-01")},
        timeout=60,
    )
    visits: list[dict] = answer.json()["inspections"]
    return visits


@contextmanager
def nothing_arrives(context: BrowserContext) -> Iterator[None]:
    """A network in which nothing reaches the server's ear for records."""
    context.route(DOWN, lambda route: route.abort())
    yield
    context.unroute(DOWN)


def test_what_waits_says_so_and_the_ward_is_named_only_once_it_answered(context, back, service):
    page = opened(context, service)
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa ghi gì")
    context.set_offline(True)
    saved(back, "P6-ST-02", 2, condition="danger", note=NOTE)

    expect(item(page, "P6-ST-02").locator(".tag.danger")).to_have_text("Nguy hiểm")
    assert stations(page, "P6-ST-02") == ["on", "", "", ""]
    expect(item(page, "P6-ST-02").locator(".standing")).to_contain_text("Mới ở trong máy này, cùng 2 ảnh")
    expect(page.locator(".strip.off").last).to_contain_text(
        re.compile(r"^Chờ mạng\. (Lần thử sau trong|Có mạng|Đang thử)")
    )
    expect(page).to_have_title(re.compile(r"^\(1\) Chưa gửi"))
    assert "Phường đã nhận" not in page.locator("main").inner_text()

    context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi hết")
    page.get_by_text("Đã gửi trong 30 ngày: 1").click()
    expect(item(page, "P6-ST-02").locator(".standing")).to_have_text(
        re.compile(r"^Phường đã nhận lúc \d\d:\d\d$")
    )
    assert stations(page, "P6-ST-02") == ["on", "on", "on", "on"]
    item(page, "P6-ST-02").locator("a").first.click()
    (visit,) = received(service, "P6-ST-02")
    expect(page.locator(".receipt")).to_contain_text(visit["id"])
    expect(page.locator(".receipt")).to_contain_text("Dòng sổ ghi")


def test_what_was_refused_is_parked_with_its_reason_and_three_ways_out(context, back, service):
    page = opened(context, service)
    key = saved(back, "P6-BB-05", seen_at=FUTURE, note=NOTE)
    parked = item(page, "P6-BB-05")

    expect(page.get_by_role("heading", level=1)).to_have_text("1 bị từ chối")
    expect(parked.locator(".why")).to_have_text(re.compile(r"^Vì sao: .*tương lai.* Để riêng, không mất\.$"))
    assert stations(page, "P6-BB-05") == ["on", "no", "", ""]

    parked.get_by_role("button", name="Xuất").click()
    with page.expect_download() as coming:
        page.get_by_role("dialog").get_by_role("button", name="Tải tệp về máy").click()
    file = json.loads(Path(coming.value.path()).read_text("utf-8"))
    assert re.fullmatch(r"taluy-\d{4}-\d\d-\d\d-\d+\.taluy\.json", coming.value.suggested_filename)
    assert (file["taluy"], [record["place"] for record in file["records"]]) == ("hand-in", ["P6-BB-05"])
    assert NOTE not in json.dumps(file, ensure_ascii=False)
    page.keyboard.press("Escape")

    with page.expect_response(DOWN):
        parked.get_by_role("button", name="Gửi lại").click()
    back.evaluate("(id) => in_state(id, 'refused')", key)  # what was asked again cannot be edited meanwhile
    expect(parked.locator(".why")).to_contain_text("tương lai")

    parked.get_by_role("button", name="Sửa").click()
    expect(page).to_have_url(re.compile("/form/P6-BB-05$"))
    back.evaluate(
        """async () => {
          const draft = await app.drafts.of("inspection", "P6-BB-05");
          await app.queue.save(draft, body("P6-BB-05", {note: "sửa giờ"}));
        }"""
    )
    page.goto(f"{service.url}/phone#/queue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi hết")
    assert [visit["note"] for visit in received(service, "P6-BB-05")] == ["sửa giờ"]


def test_who_goes_back_before_the_next_screen_is_there_stays(context, back, service):
    page = opened(context, service)
    gone = "(async () => { history.pushState(null, '', '#/me'); dispatchEvent(new PopStateEvent('popstate')); })()"

    page.evaluate(f"{gone}; history.back()")

    page.wait_for_url("**/phone#/queue")
    expect(page.locator("body")).to_have_attribute("data-screen", "queue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa ghi gì")
    assert (
        page.evaluate("new Promise((done) => setTimeout(() => done(document.body.dataset.screen), 500))")
        == "queue"
    )


def test_everything_typed_is_there_to_read_in_words(context, back, service):
    context.set_offline(True)
    crack = {"crack_gauge_mm": {"V1": 214}}
    key = saved(back, "P6-ST-03", 1, answers={"crack_change": "new_or_wider"}, measurements=crack, note=NOTE)
    context.set_offline(False)
    with nothing_arrives(context):
        page = opened(context, service, "/")
        expect(page.locator("main")).to_contain_text("P6-ST-03")
        page.goto(f"{service.url}/phone#/queue/{key}")
        facts = page.locator(".facts")

        expect(facts).to_contain_text("Vết nứt mới / rộng thêm")
        expect(facts).to_contain_text("Mới hoặc rộng thêm")
        expect(facts).to_contain_text("V1: 214 mm")
        expect(facts).to_contain_text(NOTE)
        expect(page.get_by_role("img", name="Ảnh 1")).to_be_visible()


def test_a_revoked_phone_asks_again_and_loses_nothing(context, back, service):
    page = opened(context, service)
    with nothing_arrives(context):
        saved(back, "P6-ST-04", note=NOTE)
        expect(page.locator(".strip.err").last).to_contain_text("không phải lỗi máy bạn")
        revoke_phones(service, "can-bo-01")
    page.get_by_role("button", name="Thử gửi ngay").first.click()

    expect(page.locator(".strip.ask")).to_contain_text("Cần đăng nhập lại để gửi. Mọi thứ vẫn ở trong máy.")
    expect(item(page, "P6-ST-04").locator(".tag")).to_have_text("Không thay đổi")
    page.locator(".strip.ask").get_by_role("button").click()
    expect(page.get_by_label("Tên", exact=True)).to_have_value("can-bo-01")
    expect(page.locator("main")).to_contain_text("Mọi thứ đã ghi vẫn ở trong máy.")
    give(page)
    expect(page).to_have_url(re.compile("#/$"))
    page.goto(f"{service.url}/phone#/queue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi hết")
    assert [visit["note"] for visit in received(service, "P6-ST-04")] == [NOTE]


def revoke_phones(service: Service, name: str) -> None:
    """What an administrator does on the person's page."""
    cookie = {"Cookie": service.cookie("quan-tri-01")}
    with httpx2.Client(base_url=service.url, headers=cookie, timeout=60) as admin:
        own = admin.get("/api/devices", headers={"Cookie": service.cookie(name)}).json()
        (person,) = set(re.findall(rf'href="/people/(\d+)"[^>]*>\s*{name}', admin.get("/people").text))
        for each in own["devices"]:
            answer = admin.post(f"/people/{person}/revoke", data={"token": each["id"]})
            assert answer.status_code == 303, answer.text


def test_signing_in_says_what_is_wrong_and_keeps_what_was_typed(context, service):
    page = opened(context, service, "/")
    page.get_by_label("Tên", exact=True).fill("can-bo-02")
    page.get_by_label("Mật khẩu", exact=True).fill("sai hết cả rồi")
    context.set_offline(True)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("^Cần mạng để đăng nhập lần đầu"))
    context.set_offline(False)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Tên hoặc mật khẩu không đúng.")
    expect(page.get_by_label("Mật khẩu", exact=True)).to_be_focused()

    page.reload()
    expect(page.get_by_label("Tên", exact=True)).to_have_value("can-bo-02")
    expect(page.get_by_label("Mật khẩu", exact=True)).to_have_value("")
    expect(page.get_by_label("Gọi máy này là")).to_have_value("Điện thoại trực")
    page.get_by_label("Mật khẩu", exact=True).press_sequentially(PASSWORD)
    page.get_by_role("button", name="Hiện mật khẩu").press("Enter")
    expect(page.get_by_label("Mật khẩu", exact=True)).to_have_attribute("type", "text")
    page.get_by_label("Mật khẩu", exact=True).press("Enter")
    expect(page.locator(".sign-in")).to_have_count(0)
    page.goto(f"{service.url}/phone#/me")
    expect(page.get_by_role("heading", level=1)).to_have_text("can-bo-02")


def test_what_was_typed_or_opened_stays_when_the_first_places_come(context, back, service):
    held: list[Route] = []
    context.route(PACK, lambda route, _asked: held.append(route))
    with context.expect_event("request", lambda request: request.url.endswith("/api/phone/pack")):
        page = opened(context, service, "/sign-in/new")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    saved(back, "P6-ST-02")
    listing = opened(context, service)
    listing.get_by_text("Đã gửi trong 30 ngày: 1").click()
    expect(item(listing, "P6-ST-02")).to_be_visible()

    context.unroute(PACK)
    for route in held:
        route.continue_()
    for each in (page, listing):
        expect(each.locator("[data-units]")).not_to_be_empty()
        each.evaluate(
            "new Promise((done) => setTimeout(done, 300))"
        )  # what was made anew would be there by then

    expect(page.get_by_label("Mật khẩu", exact=True)).to_have_value(PASSWORD)
    expect(item(listing, "P6-ST-02")).to_be_visible()


def test_two_on_one_phone_need_a_pin_and_neither_reads_the_other(context, back, service):
    with nothing_arrives(context):
        saved(back, "P6-NL-01", condition="danger", note=NOTE)
        page = opened(context, service, "/me")
        page.get_by_role("button", name="Người khác đăng nhập").click()
        page.get_by_role("dialog").get_by_role("button", name="Đặt PIN").click()
        choose_pin(page, "2468")
        give(page, "can-bo-02")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Hai người dùng chung máy này")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        dialog.get_by_label("Mã PIN mới").fill("12")
        dialog.get_by_role("button", name="Đặt PIN", exact=True).click()
        expect(page.get_by_role("alert").last).to_have_text("Mã PIN gồm 4 đến 8 chữ số.")
        choose_pin(page, "1357")

        page.goto(f"{service.url}/phone#/queue")
        expect(page.locator(".others")).to_contain_text("Của người khác trên máy này: 1 lượt")
        shown = page.locator("body").inner_text()
        assert ("P6-NL-01" in shown, "Nguy hiểm" in shown, NOTE in shown) == (False, False, False)

        page.goto(f"{service.url}/phone#/me")
        page.get_by_role("button", name="Chuyển sang can-bo-01").click()
        for _ in range(4):
            page.get_by_label("Mã PIN", exact=True).fill("9999")
            page.get_by_role("button", name="Mở khóa", exact=True).last.click()
            expect(page.get_by_role("alert").last).to_have_text("Sai mã PIN. Không có gì bị xóa.")
            expect(page.get_by_label("Mã PIN", exact=True)).to_have_value("")
        page.get_by_label("Mã PIN", exact=True).fill("2468")
        page.get_by_role("button", name="Mở khóa", exact=True).last.click()
        expect(page.get_by_role("alert").last).to_have_text(
            re.compile(r"^Sai mã PIN nhiều lần\. Thử lại sau \d+ giây\. Không có gì bị xóa\.$")
        )
        page.keyboard.press("Escape")
        page.goto(f"{service.url}/phone#/queue")
        expect(item(page, "P6-NL-01")).to_have_count(1)
        expect(page.locator(".strip.ask")).to_contain_text("Đang khóa")
        expect(item(page, "P6-NL-01").locator(".tag")).to_have_count(0)
        saved(back, "P6-DN-01")
        expect(item(page, "P6-DN-01")).to_have_count(1)

        page.locator(".strip.ask").get_by_role("button").click()
        page.get_by_role("link", name="Quên PIN").click()
        give(page)
        choose_pin(page, "8642")
        page.goto(f"{service.url}/phone#/queue")
        expect(item(page, "P6-NL-01").locator(".tag.danger")).to_have_count(1)
    page.evaluate(
        "dispatchEvent(new Event('online'))"
    )  # it may have tried again by itself: nothing to tap then
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi hết")


def test_signing_out_without_network_keeps_what_was_not_sent(context, back, service):
    context.set_offline(True)
    saved(back, "P6-BB-01", note=NOTE)
    context.set_offline(False)
    with nothing_arrives(context):
        page = opened(context, service, "/me")
        expect(page.get_by_role("heading", level=1)).to_have_text("can-bo-01")
        context.set_offline(True)
        page.get_by_role("button", name="Đăng xuất").click()
        expect(page.get_by_role("dialog")).to_contain_text(
            "1 lượt chưa gửi vẫn ở trong máy, đã khóa; đăng nhập lại để gửi."
        )
        page.get_by_role("dialog").get_by_role("button", name="Đăng xuất").click()
        expect(page.get_by_label("Tên", exact=True)).to_have_value("can-bo-01")
        context.set_offline(False)
    give(page)
    expect(page.locator(".sign-in")).to_have_count(0)
    page.goto(f"{service.url}/phone#/queue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi hết")


def test_from_the_third_day_the_phone_says_what_a_browser_may_do(context, back, service):
    with nothing_arrives(context):
        saved(back, "P6-ST-01", note=NOTE)
        page = opened(context, service)
        expect(item(page, "P6-ST-01")).to_have_count(1)
        expect(page.locator(".old-warning")).to_have_count(0)
        expect(page.locator(".keeping")).to_contain_text("Trình duyệt hứa giữ dữ liệu:")
        page.close()

        later = context.new_page()
        later.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=3, minutes=1))
        later.goto(f"{service.url}/phone#/queue")
        expect(later.locator(".old-warning")).to_contain_text("Có lượt nằm trong máy 3 ngày chưa gửi")
        later.locator(".old-warning").get_by_role("button", name="Xuất tệp").click()
        expect(later.get_by_role("button", name="Tải tệp về máy")).to_be_visible()


def test_five_hundred_are_all_listed(context, back, service):
    context.set_offline(True)
    back.evaluate(
        """async () => {
          const photos = [0, 1, 2].map((n) => ({sha: "0".repeat(63) + n, bytes: 200000, state: "kept", sent: 0}));
          for (let done = 0; done < 500; done += 50) {
            await Promise.all(Array.from({length: 50}, () => saved("P6-ST-01", {condition: "worse"})));
          }
          const opening = indexedDB.open("taluy-phone");
          await new Promise((go) => { opening.onsuccess = go; });
          const store = opening.result.transaction("rows", "readwrite").objectStore("rows");
          const all = store.getAll();
          all.onsuccess = () => { for (const row of all.result) store.put({...row, photos}); };
          await new Promise((go) => { store.transaction.oncomplete = go; });
          opening.result.close();
        }"""
    )
    context.set_offline(False)
    with nothing_arrives(context):
        page = opened(context, service, "/me")
        expect(page.locator(".keeping")).to_be_visible()
        took = page.evaluate(
            """async () => {
              const begun = performance.now();
              location.hash = "#/queue";
              const first = await new Promise((go) => {
                const there = () => document.querySelector(".queue-item");
                const look = () => (there() ? go(performance.now() - begun) : requestAnimationFrame(look));
                look();
              });
              while (document.querySelectorAll(".queue-item").length < 500) await new Promise(requestAnimationFrame);
              return [first, performance.now() - begun];
            }"""
        )
        sys.stdout.write(f"\n500 x 3 photos: first rows after {took[0]:.0f} ms, all after {took[1]:.0f} ms\n")
        expect(page.locator(".queue-item .tag.worse")).to_have_count(500)
        expect(page.get_by_role("heading", level=1)).to_have_text("500 chưa gửi")


def test_every_screen_holds_to_wcag_22_aa(context, back, service):
    found: dict[str, object] = {}
    page = opened(context, service)
    page.evaluate("document.body.dataset.version = '0'.repeat(16)")  # as wide as any version can be
    saved(back, "P6-BB-05", seen_at=FUTURE)
    expect(page.locator(".queue-item.parked")).to_have_count(1)
    with nothing_arrives(context):
        key = saved(back, "P6-ST-02", 1, condition="danger", note=NOTE)
        saved(back, "P6-DN-01")
        for route, ready in {
            "/queue": ".queue-item.parked",
            f"/queue/{key}": ".one-item",
            "/me": ".me",
            "/sign-in/new": ".sign-in",
        }.items():
            page.goto(f"{service.url}/phone#{route}")
            page.locator(ready).first.wait_for()
            found |= wrong_on(page, route)
        page.goto(f"{service.url}/phone#/me")
        page.get_by_role("button", name="Đặt PIN").click()
        page.get_by_role("dialog").wait_for()
        found |= wrong_on(page, "PIN")

    assert found == {}


def wrong_on(page: Page, name: str) -> dict[str, object]:
    """What axe finds, what runs off the screen, and what is too small for a thumb; in both themes and widths."""
    page.evaluate(AXE)
    found = {}
    for width in (390, 320):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 640})
            page.emulate_media(color_scheme=scheme)
            rules = page.evaluate(f"axe.run(document, {RULES})")["violations"]
            found[name, width, scheme] = [
                (rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in rules
            ]
        found[name, width, "wide"] = page.evaluate(WIDER)
        found[name, width, "small"] = page.evaluate(
            """() => [...document.querySelectorAll("main button, main .btn, main .ln, .item-head, dialog button")]
              .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 47.5)
              .map((one) => one.outerHTML.slice(0, 120))"""
        )
    return {case: what for case, what in found.items() if what}
