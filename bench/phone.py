"""The officer's phone: how heavy its shell is, how soon it opens without a network, how long work takes to send."""

import gzip
import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from app import assets
from app.phone import shell
from bench.report import Report
from tests.browsing import until
from tests.phone.engine import phone, sign_in, tab
from tests.running import Service, running

CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 390, "height": 844}
STARTS = 7
SLOWER = 4
RECORDS = 100
TEXTS = 3
WHOLE_QUEUE, PHOTOS_EACH = 500, 3
LATENCY_MS = 400
SPEEDS = {"1.6 Mbit/s": 1_600, "400 kbit/s": 400}
GOALS = {
    "1.6 Mbit/s": ("<= 10 s", "<= 3.9 min"),
    "400 kbit/s": ("<= 15 s", "<= 10.6 min"),
}
PHOTO_BYTES = 200_000
PATIENCE_MS = 1_200_000
LISTED = """
    addEventListener('DOMContentLoaded', () => {
        const seen = () => document.querySelector(%s) && requestAnimationFrame(() => setTimeout(() => {
            window.listed ??= performance.now();
        }));
        new MutationObserver(seen).observe(document.body, { subtree: true, childList: true });
    });
"""
"""Says the milliseconds since the navigation began when what is looked for has been painted."""
FILL = """async ([count, photos, bytes]) => {
    const noise = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 65536) crypto.getRandomValues(noise.subarray(at, Math.min(bytes, at + 65536)));
    const one = async (n) => {
        const taken = [];
        for (let p = 0; p < photos; p += 1) {
            const picture = noise.slice();
            new DataView(picture.buffer).setUint32(0, n * 16 + p);
            taken.push(picture.buffer);
        }
        const note = `Lượt ${n}: mương còn thông, nước trong, chưa thấy đất đá rơi ở chân mái taluy`;
        await saved('P6-NL-01', { note }, taken);
    };
    const numbers = Array.from({ length: count }, (_, n) => n);
    while (numbers.length) await Promise.all(numbers.splice(0, 25).map(one));
}"""
PICTURES = """async ([count, side]) => {
    let bytes = 0;
    for (let n = 0; n < count; n += 1) {
        const one = await picture(side, n + 1);
        bytes += one.byteLength;
        await saved('P6-NL-01', { note: `Lượt ${n}: mương còn thông, nước trong` }, [one]);
    }
    return bytes / count;
}"""
KEPT = """async () => {
    const late = ["sending", "courier", "uploads", "plan", "wire", "lead"];
    await Promise.all(late.map((name) => import(`/assets/taluy/phone/${name}.js`)));
    await import("tus-js-client");
}"""
"""What the worker keeps on a phone since the first start is there before the network is slow."""
TEXT_IN = "async () => (await app.queue.rows()).every((row) => row.receipt)"
ALL_IN = "async () => (await app.queue.rows()).every((row) => row.state === 'done')"


def measure(folder: Path, report: Report) -> None:
    """Weigh and open."""
    _weigh(report)
    with _ready(folder) as (service, browser):
        _open(browser, service, report)


def send_texts(folder: Path, report: Report) -> None:
    """A hundred visits without photos on two networks."""
    with _ready(folder) as (service, browser):
        for speed, kilobits in SPEEDS.items():
            taken = statistics.median(_sent(browser, service, kilobits, photos=False) for _ in range(TEXTS))
            what = f"{RECORDS} records' text, {speed}, {LATENCY_MS} ms"
            report.add(what, f"{taken:.1f} s", GOALS[speed][0])


def send_photos(folder: Path, report: Report) -> None:
    """The same with a photo each; takes a quarter of an hour."""
    with _ready(folder) as (service, browser):
        for speed, kilobits in SPEEDS.items():
            taken = _sent(browser, service, kilobits, photos=True)
            what = f"{RECORDS} records with a photo of 200 kB each, {speed}"
            report.add(what, f"{taken / 60:.2f} min", GOALS[speed][1])


@contextmanager
def _ready(folder: Path) -> Iterator[tuple[Service, Browser]]:
    with running(folder) as service, sync_playwright() as playwright:
        service.person("Cán bộ thử", "officer")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield service, browser
        browser.close()


def _weigh(report: Report) -> None:
    made = shell.shell(practice=False, tile_url="")
    styles = [address for address in made.early if ".css" in address]
    parts = {
        "page": gzip.compress(made.html.encode(), 9),
        "scripts and words, in one piece": gzip.compress(shell.in_one(made.early), 9),
        "styles": b"".join(
            assets.asset(each.removeprefix("/assets/").partition("?")[0]).squeezed or b"" for each in styles
        ),
        "service worker": gzip.compress(made.worker.encode(), 9),
    }
    for name, squeezed in parts.items():
        report.add(f"shell: {name}", f"{len(squeezed) / 1000:.1f} kB gzip")
    report.add(
        "shell without map and fonts", f"{sum(map(len, parts.values())) / 1000:.1f} kB gzip", "<= 60 kB"
    )


def _open(browser: Browser, service: Service, report: Report) -> None:
    """Open the app without a network, then with a full queue."""
    with phone(browser) as context:
        first = tab(context, service.url)
        sign_in(first, "Cán bộ thử")
        page = context.new_page()
        page.set_viewport_size(SIZE)
        page.set_default_timeout(60_000)
        page.goto(f"{service.url}/phone")
        page.locator(
            "body[data-late]"
        ).wait_for()  # until the worker has all of it, a start needs the network
        first.evaluate("app.packs.refresh()")
        context.set_offline(offline=True)
        opened = statistics.median(
            _opening(page, service, ".screen a[href*='#/form/']", "#/") for _ in range(STARTS)
        )
        report.add(f"opens offline, processor {SLOWER} times slower", f"{opened:.2f} s", "<= 1 s")
        page.goto("about:blank")  # an open app looks at its queue after every save
        first.evaluate(FILL, [WHOLE_QUEUE, PHOTOS_EACH, 2_000])
        for route, name in (("#/", "list of places"), ("#/queue", "list of what is unsent")):
            taken = statistics.median(_shown(page, service, route) for _ in range(STARTS))
            what = f"{name} with {WHOLE_QUEUE} inspections x {PHOTOS_EACH} photos waiting"
            report.add(what, f"{taken:.0f} ms", "<= 200 ms")


def _opening(page: Page, service: Service, wanted: str, route: str) -> float:
    """Seconds from the navigation until `wanted` is painted."""
    fresh = page.context.new_page()
    fresh.set_viewport_size(SIZE)
    fresh.add_init_script(LISTED % json.dumps(wanted))
    cdp = page.context.new_cdp_session(fresh)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    fresh.goto(f"{service.url}/phone{route}")
    until(fresh, "window.listed")
    taken: float = fresh.evaluate("window.listed / 1000")
    fresh.close()
    return taken


def _shown(page: Page, service: Service, route: str) -> float:
    """Milliseconds from asking for a screen until it is painted, the app being open."""
    page.goto(f"{service.url}/phone#/me")
    page.locator("main[data-screen=me], body[data-screen=me]").first.wait_for()
    taken: float = page.evaluate(
        """(route) => new Promise((done) => {
            const began = performance.now();
            const name = route === '#/' ? 'near' : route.slice(2);
            new MutationObserver((_, observer) => {
                if (document.body.dataset.screen !== name) return;
                if (!document.querySelector('main li a')) return;
                observer.disconnect();
                requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
            }).observe(document.body, { subtree: true, childList: true, attributes: true });
            location.hash = route;
        })""",
        route,
    )
    return taken


def _sent(browser: Browser, service: Service, kilobits: int, *, photos: bool) -> float:
    """Seconds from the first request until the phone holds the ward's word for all of it."""
    with phone(browser) as context:
        page = tab(context, service.url)
        sign_in(page, "Cán bộ thử")
        if photos:
            side = 520
            mean = page.evaluate(PICTURES, [2, side])
            side = round(side * (PHOTO_BYTES / mean) ** 0.5)
            mean = page.evaluate(PICTURES, [RECORDS - 2, side])
            print(f"    photos of {mean / 1000:.0f} kB", flush=True)
        else:
            page.evaluate(FILL, [RECORDS, 0, 0])
        page.evaluate(KEPT)
        _slow(page, kilobits)
        began = time.perf_counter()
        page.evaluate("app.sender.start()")
        page.evaluate(f"until({ALL_IN if photos else TEXT_IN}, {PATIENCE_MS})")
        return time.perf_counter() - began


def _slow(page: Page, kilobits: int) -> Any:
    bytes_a_second = kilobits * 1000 / 8
    return page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": bytes_a_second,
            "uploadThroughput": bytes_a_second,
        },
    )
