"""10,000 places in Chromium, from the request until they are painted: our map beside a page of `folium.Marker`."""

import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import func, select

from app import clock
from app.db import Database
from app.practice.many import generated_sites
from app.settings import Settings
from app.sites import bulk
from app.sites.model import Site
from app.units import queries as units
from bench.report import Report
from bench.storage import SAID
from tests.running import free_port, running

PLACES = 10_000
ROUNDS = 3
CHROMIUM = "/usr/bin/chromium"
VIEWPORT = {"width": 1280, "height": 800}
PAINTED = """
    const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => {
        console.log('painted', performance.now());
    }));
"""
"""Says the milliseconds since the navigation began, when the frame after the drawing is on the screen."""
OURS = f"""{PAINTED}
    new MutationObserver((_, observer) => {{
        if (document.body?.dataset.drawn === undefined) return;
        observer.disconnect();
        painted();
    }}).observe(document, {{ subtree: true, childList: true, attributes: true, attributeFilter: ["data-drawn"] }});
"""
FOLIUMS = f"{PAINTED} window.addEventListener('load', painted);"


def measure(folder: Path, report: Report) -> None:
    """Both in turn, every time with an empty cache."""
    with running(folder) as service:
        places = _fill(folder)
        with _folium(folder, places) as plain, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            ours, foliums = [], []
            for _ in range(ROUNDS):
                ours.append(_painted(browser, f"{service.url}/map", OURS))
                foliums.append(_painted(browser, plain, FOLIUMS))
            browser.close()
    mine, other = statistics.median(ours), statistics.median(foliums)
    report.add(f"{PLACES:,} places on our map, from request to drawn", f"{mine:.2f} s", "<= 2 s")
    report.add(
        f"{PLACES:,} folium.Marker, from request to drawn", f"{other:.2f} s ({other / mine:.1f} × ours)"
    )


def _fill(folder: Path) -> list[tuple[float, float]]:
    """Register places until there are `PLACES`; gives latitude and longitude of each."""
    with Database(Settings(data_dir=folder).database) as database, database.write() as db:
        missing = PLACES - (db.scalar(select(func.count(Site.id))) or 0)
        unit_ids = sorted(units.brief(db))[:1]
        records = [({name: row[name] for name in SAID}, unit_ids) for row in generated_sites(missing, 1)]
        bulk.add_many(db, records, at=clock.now(), by=None)
        points = [site.representative_point() for site in db.scalars(select(Site.geometry))]
    return [(point.y, point.x) for point in points]


@contextmanager
def _folium(folder: Path, places: list[tuple[float, float]]) -> Iterator[str]:
    """The other page in a process of its own; gives its address."""
    port = free_port()
    file = folder / "places.json"
    file.write_text(json.dumps(places))
    process = subprocess.Popen([sys.executable, "-m", "bench.folium_page", str(port), str(file)])
    try:
        while not _listens(port):
            assert process.poll() is None, "the Folium page ended by itself"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(15)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _painted(browser: Browser, address: str, script: str) -> float:
    """Seconds from the request for `address` until what it draws is on the screen."""
    context = browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(script)
    with page.expect_console_message(lambda said: said.text.startswith("painted "), timeout=120_000) as told:
        page.goto(address, wait_until="commit", timeout=120_000)
    milliseconds = float(told.value.text.split()[1])
    context.close()
    return milliseconds / 1000
