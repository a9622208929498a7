"""The app as an officer sees it: the pictures of the field guide, the words that it quotes, and what Lighthouse finds.

`make pictures` puts the pictures into docs/pictures; every other run takes them and throws them away.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import CHROMIUM
from tests.make import PASSWORD
from tests.running import running

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "field-guide.vi.md").read_text(encoding="utf-8")
LIGHTHOUSE = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
PATH = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
"""Lighthouse needs a newer Node than Debian has; the set-up puts one into .venv."""
LEAST = 0.95


@dataclass
class Seen:
    """A phone in somebody's hand, and the port at which its browser lets itself be looked at."""

    page: Page
    url: str
    port: int

    def show(self, route: str) -> None:
        self.page.evaluate("(route) => { location.hash = route; }", route)


@pytest.fixture(scope="module")
def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("seen")
    with running(folder) as service:
        service.person("Cán bộ thử", "officer")
        context = browser.browser_type.launch_persistent_context(
            str(folder / "profile"),
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--remote-debugging-port=0"],
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport={"width": 390, "height": 844},
            has_touch=True,
            geolocation={"latitude": 11.9572, "longitude": 108.4246, "accuracy": 8},
            permissions=["geolocation"],
        )
        context.set_default_timeout(60_000)
        page = context.pages[0]
        page.goto(f"{service.url}/phone")
        page.get_by_label("Tên", exact=True).fill("Cán bộ thử")
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập", exact=True).click()
        page.locator("a[href*='P6-NL-01']").first.wait_for()
        port, _, _ = (folder / "profile" / "DevToolsActivePort").read_text().partition("\n")
        yield Seen(page, service.url, int(port))
        context.close()


def test_every_picture_of_the_guide_is_taken_here(seen: Seen, tmp_path: Path):
    folder = Path(os.environ.get("PICTURES") or tmp_path).resolve()
    page = seen.page

    def take(name: str) -> None:
        page.screenshot(path=folder / f"phone-{name}.png")

    page.get_by_text("GPS ±8 m").wait_for()
    take("near")
    seen.show("/form/P6-NL-01")
    page.get_by_role("radio", name="Xấu hơn").check()
    page.locator(".chips input").first.check()
    page.locator("main").evaluate("(main) => main.scrollTo(0, 0)")
    page.get_by_text(re.compile(r"^Nháp \d")).wait_for()
    take("form")
    # as the sign suggests: a lighter choice asks for a reason
    page.get_by_role("radio", name="Nguy hiểm").check()
    page.context.set_offline(offline=True)
    page.get_by_role("button", name=re.compile("^Lưu lượt kiểm tra")).click()
    page.get_by_text("Đã lưu trong máy", exact=True).wait_for()
    seen.show("/queue")
    page.get_by_text("Mới ở trong máy này").first.wait_for()
    take("queue")
    page.context.set_offline(offline=False)
    seen.show("/pin/P6-ST-01")
    page.get_by_text("Đứng yên tại chỗ, lấy trung bình").wait_for()
    take("pin")

    taken = {path.name for path in folder.glob("phone-*.png")}
    named = set(re.findall(r"\(pictures/([^)]+)\)", GUIDE))
    assert named == taken
    assert all((ROOT / "docs" / "pictures" / name).is_file() for name in named)


def test_the_guide_quotes_the_words_on_the_screen():
    texts = json.loads((ROOT / "app/static/phone/texts.json").read_text(encoding="utf-8"))
    said = {text["vi"] for text in texts.values()}
    quoted = {words.rstrip(".:") for words in re.findall(r"\*\*([^*]+)\*\*", GUIDE)}

    strange = {
        words
        for words in quoted
        if not any(words.lower() in re.sub(r"\{n\}", "3", text).lower() for text in said)
    }
    assert strange <= {"nguy hiểm", "Thấy nguy hiểm cho người: gọi ngay 112 hoặc 114, đừng chờ gửi"}


@pytest.mark.parametrize("screen", ["/", "/form/P6-NL-01", "/queue"])
def test_lighthouse_finds_it_accessible_and_well_made(seen: Seen, screen: str):
    done = subprocess.run(
        [
            "node",
            str(LIGHTHOUSE),
            f"{seen.url}/phone#{screen}",
            f"--port={seen.port}",
            "--disable-storage-reset",  # somebody is signed in
            "--only-categories=accessibility,best-practices",
            "--output=json",
            "--quiet",
        ],
        env={**os.environ, "PATH": PATH, "CI": "true"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    missed = [
        audit["title"]
        for category in report["categories"].values()
        for audit in (report["audits"][each["id"]] for each in category["auditRefs"] if each["weight"])
        if audit["score"] is not None and audit["score"] < 1
    ]

    assert all(category["score"] >= LEAST for category in report["categories"].values()), missed
