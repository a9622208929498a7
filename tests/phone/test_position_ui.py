"""Map, fixing a position and scanning on the phone, in Chromium against the real service."""

import io
import random
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browsing import until
from tests.conftest import CHROMIUM
from tests.make import PASSWORD, Make
from tests.running import Service, running

pytestmark = pytest.mark.e2e
expect.set_options(timeout=30_000)

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']}"
OFFICER = "can-bo-07"
BOARD = "ban-chi-huy-07"
TILES = "https://tiles.example/{z}/{x}/{y}.png"
HERE = {"longitude": 108.4262, "latitude": 11.9555, "accuracy": 9}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "vi-VN",
    "geolocation": HERE,
    "permissions": ["geolocation", "camera"],
}
SCREENS = ("map", "map/P6-NL-01", "pin", "pin/P6-NL-01", "scan")
PATIENT = """{
  const wait = window.setTimeout;
  window.setTimeout = (act, ms, ...more) => wait(act, ms >= 5000 ? 300_000 : ms, ...more);
  const device = navigator.geolocation, watch = device.watchPosition.bind(device);
  device.watchPosition = (told, failed, how) =>
    watch(({ coords }) => told({ coords, timestamp: Date.now() }), failed, how);
}"""
"""However slow the machine: listening lasts until somebody says that it is enough, and what the sky says is of now.

Chromium gives a position that a test has set the time of its setting, which is too old for a measurement soon.
"""
ONE_MOMENT = """{
  const clock = Date.now, now = clock();
  Date.now = () => now;
  window.thaw = () => { Date.now = clock; };
}"""
"""Fixes far apart in time are worth more than those of one moment."""
READY = {"map": ".om-row", "map/": ".om-card", "pin": ".place", "pin/": ".pin-body", "scan": ".scan-form"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The ward's places, an officer, the board; a tile server that only the browser knows."""
    with running(tmp_path_factory.mktemp("position-ui"), tile_url=TILES) as service:
        service.person(OFFICER, "officer")
        service.person(BOARD, "board")
        yield service


@pytest.fixture(scope="module")
def signed_in(browser: Browser, service: Service) -> Iterator[dict[str, Any]]:
    """What a phone keeps whose officer has signed in, so that every test starts from there."""
    with phone(browser, service) as context:
        page = context.new_page()
        page.goto(f"{service.url}/phone")
        sign_in(page)
        yield {"context": context, "tiles": 0}


def sign_in(page: Page) -> None:
    """Sign the officer in; the places are there."""
    page.get_by_label("Tên", exact=True).fill(OFFICER)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.locator(".near-row .arrow").first.wait_for()


@contextmanager
def phone(browser: Browser, service: Service, **look: Any) -> Iterator[BrowserContext]:
    """A phone; nothing but the service and the tile server may be asked for anything."""
    context = browser.new_context(**(PHONE | look))
    foreign: list[str] = []
    pixel = io.BytesIO()
    Image.new("RGB", (1, 1)).save(pixel, "PNG")

    def answer(route: Any) -> None:
        foreign.append(route.request.url)
        route.fulfill(body=pixel.getvalue(), content_type="image/png")

    context.route(lambda url: not url.startswith((service.url, "data:", "blob:")), answer)
    context.foreign = foreign  # type: ignore[attr-defined]
    yield context
    context.close()


@pytest.fixture
def page(signed_in: dict[str, Any]) -> Iterator[Page]:
    """A tab of the signed-in phone at `HERE`, allowed to know where it is; fails for an error in a script."""
    context: BrowserContext = signed_in["context"]
    context.grant_permissions(["geolocation", "camera"])
    context.set_geolocation(HERE)
    opened, wrong = context.new_page(), list[str]()
    opened.set_default_timeout(60_000)
    opened.add_init_script(PATIENT)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.set_offline(False)
    opened.close()
    assert wrong == []


def show(page: Page, service: Service, route: str, ready: str) -> None:
    """Open a screen and wait for what it shows."""
    page.goto(f"{service.url}/phone#/{route}")
    page.locator(ready).first.wait_for()


KEPT = """(async () => {
  window.engine ??= (await import("/assets/taluy/phone/engine.js")).start();
  const draft = await (await window.engine).drafts.of("position", "P6-ST-01");
  return draft?.content.note === "Chân mái, phía đường" && draft.photos.length === 1;
})()"""


def walk(page: Page, north_m: float, accuracy: float) -> None:
    """The phone's GPS says another spot, `north_m` metres north of `HERE`."""
    latitude = HERE["latitude"] + north_m / 111_320
    page.context.set_geolocation({**HERE, "latitude": latitude, "accuracy": accuracy})


def proposals(service: Service, place: str) -> list[dict[str, Any]]:
    """What the ward was told about a place, newest first."""
    answer = httpx2.get(
        f"{service.url}/api/positions",
        params={"place": place},
        headers={"Cookie": service.cookie(BOARD)},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["positions"]
    return found


def save(page: Page) -> None:
    """Save, and wait until the ward has all of it."""
    page.get_by_role("button", name="Lưu vị trí").click()
    page.wait_for_url("**/phone#/saved/**")
    expect(page.locator(".sent-title")).to_contain_text("Phường đã nhận đủ", timeout=60_000)


def test_an_unlocated_place_is_measured_on_the_spot_and_reaches_the_ward_whole(page, service, tmp_path):
    (tmp_path / "photo.png").write_bytes(Make.photo((90, 120, 60))[1])
    page.add_init_script(ONE_MOMENT)
    show(page, service, "pin/P6-ST-01", ".pin-screen")
    expect(page.get_by_role("button", name="Lưu vị trí")).to_be_disabled()
    page.get_by_role("button", name="Đứng yên tại chỗ").click()
    page.get_by_text("1 lần đo").wait_for()
    for north, accuracy, counted in [(2, 8, 2), (0, 3000, 2), (-2, 8, 3)]:
        walk(page, north, accuracy)
        page.get_by_text(f"{counted} lần đo").wait_for()
    page.get_by_role("button", name="Đủ rồi").click()
    expect(page.locator(".pin-figure")).to_have_text("±9 m")
    page.locator("input[type=file][multiple]").set_input_files(tmp_path / "photo.png")
    page.locator(".shot img").wait_for()
    page.get_by_label("Ghi chú").fill("Chân mái, phía đường")
    page.evaluate("thaw()")
    until(page, KEPT)
    page.reload()

    expect(page.locator(".pin-figure")).to_have_text("±9 m")
    expect(page.get_by_label("Ghi chú")).to_have_value("Chân mái, phía đường")
    expect(page.locator(".shot img")).to_have_count(1)
    save(page)
    [told] = proposals(service, "P6-ST-01")
    assert (told["status"], told["method"], told["fixes"], told["accuracy_m"]) == ("pending", "gps", 3, 9)
    assert told["note"] == "Chân mái, phía đường"
    assert len(told["photos"]) == 1
    assert told["geometry"]["coordinates"] == pytest.approx([HERE["longitude"], HERE["latitude"]], abs=1e-5)


def test_what_the_board_decided_stands_where_the_place_is_fixed(page, service):
    show(page, service, "pin/P6-ST-02", ".pin-screen")
    page.get_by_role("radio", name="Chỉ trên bản đồ").check(force=True)
    page.get_by_role("button", name="Đặt điểm").click()
    save(page)
    [told] = proposals(service, "P6-ST-02")
    answer = httpx2.post(
        f"{service.url}/api/positions/{told['id']}/decision",
        json={"decision": "refuse", "reason": "Nhầm với số 3", "site_version": 1},
        headers={"Cookie": service.cookie(BOARD)},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    page.reload()
    show(page, service, "pin/P6-ST-02", ".pin-screen")

    expect(page.get_by_text("Phường không duyệt. Vì sao: Nhầm với số 3")).to_be_visible()


def test_corners_are_walked_and_undone(page, service):
    show(page, service, "pin/P6-BB-01", ".pin-screen")
    page.get_by_role("radio", name="Đường").check(force=True)
    for n, (north, accuracy) in enumerate([(0, 6), (80, 12), (400, 6)], 1):
        walk(page, north, accuracy)
        page.get_by_role("button", name="Thêm đỉnh tại chỗ").click()
        page.get_by_role("button", name="Đủ rồi").click()
        page.locator(".pin-facts").get_by_text(f"{n} đỉnh").wait_for()
    page.get_by_role("button", name="Bỏ đỉnh cuối").click()
    expect(page.get_by_text("2 đỉnh, dài 80 m")).to_be_visible()
    save(page)
    [told] = proposals(service, "P6-BB-01")

    assert (told["method"], told["accuracy_m"], told["geometry"]["type"]) == ("corners", 12, "LineString")


def test_without_gps_nothing_stands_still_and_a_finger_claims_no_accuracy(page, service):
    page.context.clear_permissions()
    show(page, service, "pin/P6-NL-01", ".pin-screen")
    page.get_by_role("button", name="Đứng yên tại chỗ").click()
    expect(page.get_by_text("Trình duyệt chưa được phép cho biết vị trí")).to_be_visible()
    page.get_by_role("radio", name="Vùng").check(force=True)
    page.get_by_role("radio", name="Chỉ trên bản đồ").check(force=True)
    for x, y in [(100, 120), (220, 120), (260, 60)]:
        page.locator(".pin-map .om").click(position={"x": x, "y": y})
        page.get_by_role("button", name="Thêm đỉnh ở giữa").click()
    expect(page.get_by_text("không có số đo độ chính xác")).to_be_visible()
    save(page)
    [told] = proposals(service, "P6-NL-01")

    assert (told["method"], told["accuracy_m"], told["fixes"]) == ("tapped", None, None)
    assert len(told["geometry"]["coordinates"][0]) == 4


def test_far_away_is_said_and_still_saved(page, service):
    walk(page, 6000, 9)
    show(page, service, "pin/P6-BB-05", ".pin-screen")
    page.get_by_role("button", name="Đứng yên tại chỗ").click()
    page.get_by_role("button", name="Đủ rồi").click()

    expect(page.get_by_text("Nằm ngoài ranh giới")).to_be_visible()
    expect(page.get_by_text("Kiểm tra lại mã trên bảng")).to_be_visible()
    expect(page.get_by_role("button", name="Lưu vị trí")).to_be_enabled()


def test_the_map_needs_no_network_and_tiles_only_come_when_asked_for(page, service):
    show(page, service, "", ".near-head")
    expect(page.locator("body")).to_have_attribute("data-late", re.compile(r"^(\d+)/\1$"), timeout=60_000)
    page.context.set_offline(True)
    page.reload()
    until(page, "!navigator.onLine")
    page.get_by_role("link", name="Bản đồ").click()
    page.locator(".om-pin").first.wait_for()
    expect(page.locator(".om-badge")).to_contain_text("4 nơi")
    before = page.locator(".om-scale span").inner_text()
    page.locator(".om").focus()
    for _ in range(4):
        page.keyboard.press("+")
    expect(page.locator(".om-scale span")).not_to_have_text(before)
    page.get_by_role("button", name="Cả phường").click()
    page.locator(".om-badge").click()
    page.get_by_role("button", name="P6-ST-03").click()
    expect(page.get_by_role("link", name="Ghim vị trí")).to_have_attribute("href", "/phone#/pin/P6-ST-03")
    page.get_by_role("button", name="Bản đồ đầy đủ").click()
    expect(page.get_by_text("Bản đồ đầy đủ cần mạng")).to_be_visible()
    assert page.context.foreign == []

    page.context.set_offline(False)
    page.get_by_role("button", name="Bản đồ đầy đủ").click()
    page.locator(".om.full.has-tiles").wait_for()
    expect(page.locator(".om-pin").first).to_be_visible()
    assert page.context.foreign
    assert all(url.startswith("https://tiles.example/") for url in page.context.foreign)


def test_every_screen_holds_to_wcag_22_aa_at_both_widths_light_and_dark(page, service):
    wrong: dict[str, Any] = {}
    for width, height in ((390, 844), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        for route in SCREENS:
            page.goto(f"{service.url}/phone#/{route}")
            page.locator(READY[route.partition("/")[0] + "/" * ("/" in route)]).first.wait_for()
            page.evaluate(AXE)
            found = page.evaluate(f"axe.run(document, {RULES})")["violations"]
            page.emulate_media(color_scheme="dark")
            found += page.evaluate("axe.run(document, {runOnly: ['color-contrast']})")["violations"]
            page.emulate_media(color_scheme="light")
            small = page.evaluate(
                """() => [...document.querySelectorAll('main button, main a, main .pick')]
                    .map(e => [e, e.getBoundingClientRect()])
                    .filter(([e, {width, height}]) => e.checkVisibility() && (width < 47.5 || height < 47.5))
                    .map(([e]) => e.outerHTML.slice(0, 120))"""
            )
            wide = page.evaluate("document.querySelector('main').scrollWidth - innerWidth")
            faults = [(rule["id"], [node["html"][:140] for node in rule["nodes"]]) for rule in found]
            if faults or small or wide > 0:
                wrong[f"{route} at {width}"] = (faults, small, wide)

    assert wrong == {}


def test_a_camera_photo_is_shrunk_upright_and_loses_its_metadata(page, service):
    noise = random.Random(4)
    picture = Image.frombytes("RGB", (240, 160), noise.randbytes(240 * 160 * 3)).resize((2400, 1600))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, exif=exif)
    show(page, service, "", ".near-head")
    shrink = """async ([text, evidence]) => {
        const { toJpeg } = await import("/assets/taluy/phone/shrink.js");
        const made = new Uint8Array(await toJpeg(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]), { evidence }));
        return btoa(Array.from(made, (byte) => String.fromCharCode(byte)).join(""));
    }"""  # noqa: E501
    text = b64encode(file.getvalue()).decode()
    made = b64decode(page.evaluate(shrink, [text, False]))

    small = Image.open(io.BytesIO(made))
    assert (small.format, small.size) == ("JPEG", (1067, 1600))
    assert len(made) <= 350_000
    assert not small.getexif()
    assert page.evaluate(shrink, [text, True]) == text
    with pytest.raises(Error, match=r"photo\.no_picture"):
        page.evaluate(shrink, [b64encode(b"no picture at all").decode(), False])


def pixels(text: str) -> list[list[int]]:
    """A QR code, light 1 and dark 0, nine pixels a module."""
    return [
        [1 - bool(dark) for dark in row] for row in segno.make(text, error="h").matrix_iter(scale=9, border=4)
    ]


@contextmanager
def seeing(browser: Browser, text: str, folder: Path) -> Iterator[Browser]:
    """A browser whose camera sees one QR code."""
    matrix = pixels(text)
    top, left = (480 - len(matrix)) // 2, (640 - len(matrix)) // 2
    grey = bytearray(b"\xc0" * 640 * 480)
    for y, row in enumerate(matrix):
        start = (top + y) * 640 + left
        grey[start : start + len(row)] = bytes(235 if light else 16 for light in row)
    video = folder / "qr.y4m"
    frame = b"FRAME\n" + bytes(grey) + b"\x80" * (640 * 480 // 2)
    video.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 3)
    started = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={video}",
        ],
    )
    yield started
    started.close()


def test_the_camera_reads_the_boards_code_and_opens_its_form(browser, service, tmp_path):
    with seeing(browser, f"{service.url}/s/P6-ST-04", tmp_path) as camera:
        page = camera.new_context(**PHONE).new_page()
        page.goto(f"{service.url}/phone")
        sign_in(page)
        assert page.evaluate("typeof BarcodeDetector") == "undefined", "this browser reads with ours"
        page.goto(f"{service.url}/phone#/scan")

        page.wait_for_url("**/phone#/form/P6-ST-04", timeout=120_000)
        expect(page.locator("video")).to_have_count(0)


def test_a_foreign_code_says_so_and_typing_stays_open(page, service):
    page.add_init_script(f"""{{
        const rows = {pixels("https://elsewhere.example/s/P6-ST-04")}, canvas = document.createElement("canvas");
        Object.assign(canvas, {{ width: 640, height: 480 }});
        navigator.mediaDevices.getUserMedia = async () => {{
            const paper = canvas.getContext("2d");
            setInterval(() => {{
                paper.fillStyle = "#fff";
                paper.fillRect(0, 0, 640, 480);
                paper.fillStyle = "#000";
                rows.forEach((row, y) => row.forEach((light, x) => light || paper.fillRect(40 + x, 40 + y, 1, 1)));
            }}, 200);
            return canvas.captureStream(5);
        }};
    }}""")
    show(page, service, "scan", ".scan-form")
    expect(page.get_by_text("Mã này không phải của Taluy")).to_be_visible(timeout=60_000)
    page.get_by_label("Hoặc gõ mã").fill("p6 nl.01")
    page.keyboard.press("Enter")

    page.wait_for_url("**/phone#/form/P6-NL-01")


def test_a_refused_camera_leaves_typing(page, service):
    page.context.clear_permissions()
    show(page, service, "scan", ".scan-form")
    expect(page.get_by_role("button", name="Mở lại máy ảnh")).to_be_visible()
    page.get_by_label("Hoặc gõ mã").fill("suoi")
    page.get_by_role("link", name="P6-DN-01").click()

    page.wait_for_url("**/phone#/form/P6-DN-01")
    expect(page.locator("video")).to_have_count(0)
