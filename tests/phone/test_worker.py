"""The service worker in Chromium against the real service: without a network, for passers-by, version by version."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import until
from tests.make import PASSWORD
from tests.running import Service, running, wait_until_ready

pytestmark = pytest.mark.e2e
expect.set_options(timeout=30_000)

ROOT = Path(__file__).parents[2]
OFFICER = "can-bo-07"
PLACE = "P6-ST-01"
NAMES = "caches.keys().then((names) => names.filter((name) => name.startsWith('taluy-shell-')))"
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
  return found;
}"""


RENEWED = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/");
  await registration.update();
  const fresh = registration.installing ?? registration.waiting;
  if (!fresh) throw new Error("no newer version came");
  while (!["activated", "redundant"].includes(fresh.state))
    await new Promise((next) => fresh.addEventListener("statechange", next, { once: true }));
  return [fresh.state, fresh === registration.active];
}"""
POCKET = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  delete document.hidden;
}"""
"""The phone is put into the pocket."""
LISTEN = """() => {
  window.answeredByAnother = new Promise((heard) =>
    navigator.serviceWorker.addEventListener("controllerchange", () => heard(true), { once: true }));
}"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("worker")) as service:
        service.person(OFFICER, "officer")
        yield service


@contextmanager
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone that nobody has used yet."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="vi-VN"
    )
    try:
        context.set_default_timeout(60_000)
        yield context
    finally:
        context.close()


def kept(page: Page) -> None:
    """Wait until the phone has every file of the app."""
    expect(page.locator("body")).to_have_attribute("data-late", re.compile(r"^(\d+)/\1$"))


def opened(context: BrowserContext, service: Service) -> Page:
    page = context.new_page()
    page.goto(f"{service.url}/phone")
    kept(page)
    return page


def sign_in(page: Page) -> None:
    page.get_by_label("Tên", exact=True).fill(OFFICER)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page).to_have_title(re.compile("Gần đây|Cần xem"))
    until(page, "caches.match('/phone/officer')")
    page.get_by_text(PLACE).first.wait_for(state="attached")  # what the ward knows is on the phone


def version(page: Page) -> str:
    return str(page.locator("body").get_attribute("data-version"))


def test_the_first_visit_brings_the_app_in_one_piece_and_the_next_needs_no_network(
    browser: Browser, service: Service
) -> None:
    with phone(browser) as context:
        asked = []
        context.on("response", lambda answer: answer.from_service_worker or asked.append(answer.url))
        page = opened(context, service)
        script = page.request.get(f"{service.url}/phone/sw.js").text()
        early = orjson.loads(script.partition(" = ")[2].partition(";\n")[0])["early"]
        modules = {f"{service.url}{address}" for address in early if ".js?" in address}
        assert [url.partition("?")[0] for url in asked if url in modules] == [
            f"{service.url}/assets/taluy/phone/boot.js"
        ]

        context.set_offline(True)
        page.reload()

        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(
            "() => document.fonts.ready.then(() => document.fonts.check('16px \"Be Vietnam Pro\"'))"
        )


def test_a_phone_that_does_not_hold_all_of_the_app_says_so_until_it_does(
    browser: Browser, service: Service
) -> None:
    with phone(browser) as context:
        cut_short = context.new_page()
        cut_short.add_init_script(
            "ServiceWorkerContainer.prototype.register = async () => { throw new Error('cut short'); }"
        )
        cut_short.goto(f"{service.url}/phone")
        sign_in(cut_short)
        cut_short.goto(f"{service.url}/phone#/me")
        expect(cut_short.get_by_text("chưa mở được khi không có mạng")).to_be_visible()
        cut_short.close()

        page = opened(context, service)
        page.goto(f"{service.url}/phone#/me")

        expect(page.get_by_text("Trình duyệt hứa giữ dữ liệu:")).to_be_visible()
        expect(page.get_by_text("chưa mở được khi không có mạng")).to_have_count(0)


def test_a_passer_by_sees_the_wards_page_and_without_a_network_whom_to_call(
    browser: Browser, service: Service
) -> None:
    with phone(browser) as context:
        page = opened(context, service)
        page.goto(f"{service.url}/s/{PLACE}")
        expect(page.locator(".plate").first).to_have_text(PLACE)
        assert page.locator("body[data-version]").count() == 0

        context.set_offline(True)
        page.goto(f"{service.url}/s/{PLACE}")

        expect(page.get_by_role("heading", level=1)).to_have_text("Không có mạng")
        expect(page.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")


def test_an_officer_lands_in_the_form_by_the_code_on_the_board_with_and_without_a_network(
    browser: Browser, service: Service
) -> None:
    with phone(browser) as context:
        page = opened(context, service)
        sign_in(page)
        for without in (False, True):
            context.set_offline(without)
            page.goto(f"{service.url}/s/{PLACE}")
            expect(page.locator(".visit-head .plate")).to_have_text(PLACE)
            assert page.url == f"{service.url}/s/{PLACE}"

        context.set_offline(False)
        page.goto(f"{service.url}/s/{PLACE}?public=1")
        assert page.locator("body[data-version]").count() == 0
        page.goto(f"{service.url}/places")
        page.locator(f'a[href="/s/{PLACE}"]:visible').first.click()
        expect(page).to_have_url(f"{service.url}/s/{PLACE}")
        expect(page.locator(".plate").first).to_have_text(PLACE)
        assert page.locator("body[data-version]").count() == 0


def test_what_is_sent_and_what_is_private_never_passes_through_the_worker(
    browser: Browser, service: Service
) -> None:
    with phone(browser) as context:
        page = opened(context, service)
        through = []
        context.on("response", lambda answer: answer.from_service_worker and through.append(answer.request))
        sign_in(page)
        page.reload()
        page.evaluate("() => fetch('/api/sync', {method: 'POST', body: '{}'})")
        page.evaluate("() => fetch('/api/sites')")
        page.locator(".near-row").first.wait_for()

        assert {request.method for request in through} == {"GET"}
        assert [request.url for request in through if "/api/" in request.url] == []
        stored = page.evaluate(KEPT)
        assert [path for path in stored if not path.startswith(("/assets/", "/phone"))] == []


@contextmanager
def next_version(folder: Path, service: Service) -> Iterator[None]:
    """The service from a copy of its code in which one screen says something else."""
    shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("node_modules", "map_templates", "migrations", "data", "alembic.ini", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    screen = folder / "app/static/phone/screens/near.js"
    screen.write_text(screen.read_text("utf-8") + '\ndocument.body.dataset["next"] = "yes";\n', "utf-8")
    log = folder / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"],
            cwd=folder, env=dict(service.environment), stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_until_ready(Service(service.url, service.environment, process), log)
            yield
        finally:
            process.terminate()
            process.wait(20)


def save_one(page: Page) -> None:
    """Log that nothing has changed, without a network."""
    page.get_by_role("radio", name="Không thay đổi").check()
    page.locator(".dock .btn.pri, .savebar .btn.pri").first.click()
    expect(page).to_have_url(re.compile("#/saved/"))


def test_a_new_version_leaves_the_open_form_alone_and_answers_the_next_start(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "next").mkdir()
    with phone(browser) as context:
        with running(tmp_path / "data") as service:
            service.person(OFFICER, "officer")
            page = opened(context, service)
            sign_in(page)
            first = version(page)
            other = opened(context, service)
            context.set_offline(True)
            page.goto(f"{service.url}/phone#/form/P6-NL-01")
            save_one(page)
            page.goto(f"{service.url}/phone#/form/{PLACE}")
            page.get_by_role("radio", name="Xấu hơn").check()
            expect(page.locator("body")).to_have_attribute("data-screen", "form")
        with next_version(tmp_path / "next", service):
            context.set_offline(False)
            for tab in (page, other):
                tab.evaluate(LISTEN)
            assert page.evaluate(RENEWED) == ["activated", True]

            for tab in (page, other):
                tab.evaluate("() => window.answeredByAnother")
                tab.evaluate(POCKET)
            expect(other.locator("body[data-next=yes]")).to_be_attached()
            kept(other)
            assert len(page.evaluate(NAMES)) == 2
            assert version(page) == first
            expect(page.get_by_role("radio", name=re.compile("Xấu hơn"))).to_be_checked()
            assert page.evaluate(
                "async () => Boolean((await import('/assets/taluy/phone/screens/map.js')).show)"
            )

            page.goto("about:blank")
            page.goto(f"{service.url}/phone")
            assert version(page) != first
            expect(page.locator("body[data-next=yes]")).to_be_attached()
            until(page, f"{NAMES}.then((names) => names.length === 1)")
            page.goto(f"{service.url}/phone#/form/{PLACE}")
            expect(page.get_by_role("radio", name=re.compile("Xấu hơn"))).to_be_checked()
            # What the version before had saved, this one reads and hands in.
            at_the_ward = "fetch('/api/inspections?place=P6-NL-01').then((answer) => answer.json())"
            until(page, f"{at_the_ward}.then(({{ inspections }}) => inspections.length === 1)")
