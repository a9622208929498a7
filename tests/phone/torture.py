"""The torture machine: an officer's phone on which everything breaks at random, and a ledger of what it promised.

`python -m tests.phone.torture` runs it alone (`make torture`): TORTURE_KILLS says how many faults, TORTURE_SEED which.
It starts and ends Playwright as it needs, which only a process without another Playwright can do.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from click.testing import CliRunner
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PageError

from app.db import Database, migrate
from app.log.commands import log
from app.seed import seed
from app.settings import Settings
from tests.conftest import CHROMIUM
from tests.make import Make
from tests.phone.engine import HELPERS, PAGE, sign_in
from tests.phone.proxy import Line, line
from tests.phone.torture_count import received
from tests.running import Service, environment_of, free_port, wait_until_ready

TOOLS = Path(__file__).with_name("torture.js")
BARE = ("P6-ST-02", "P6-ST-03", "P6-NL-01", "P6-DN-01")
"""Places at which the engine alone is driven."""
SCREENS = ("P6-ST-01", "P6-ST-04")
"""Places at which the app's own buttons are tapped."""
MOMENTS = ("typing", "taps", "camera", "saving", "sending")
KEPT = """([code, since]) => until(async () =>
  (await lying()).drafts.some((one) => one.place === code && one.updated_at > since + 100))"""
FOUND = """async (place) => {
  const begun = await app.drafts.of("inspection", place);
  if (!begun) return null;
  tell({ found: begun.content, draft: begun.id, photos: begun.photos.map((one) => one.sha) });
  return begun.content.token ?? begun.content.note;
}"""
STILL_S = 120
"""So long nothing may arrive in the end while something waits: how long all of it takes is the computer's affair."""
LEFT = """lying().then(({ rows }) => rows
  .filter((row) => row.state === "ready" || row.state === "received")
  .reduce((sum, row) => sum + 1 + row.each.filter((photo) => photo.state === "kept").length, 0))"""
STUCK_S = 60
"""A round that takes longer hangs. What hangs counts as one more fault."""
PATIENCE_MS = 40_000
UNWANTED = "SpareRendererForSitePerProcess,AndroidWarmUpSpareRendererWithTimeout"
"""A page that is made ready before anybody asks would be killed as well, and then handed out."""


class Ward:
    """The real service in its own process, which can be killed and started again."""

    def __init__(self, folder: Path, seeded: Path | None, **settings: str) -> None:
        self.port, self.folder = free_port(), folder
        folder.mkdir()
        self.environment = environment_of(folder, port=str(self.port), photos_per_day="1000000", **settings)
        self.settings = Settings(data_dir=folder, database_url=settings.get("database_url", ""))
        if seeded:
            shutil.copy(seeded, folder / "taluy.sqlite")
        migrate(self.settings.database)
        with Database(self.settings.database) as database:
            with database.write() as db:
                if not seeded:
                    seed(db)
            self.officer = Make(database).person()
        self.answers = False
        self.service = self.start()

    def start(self) -> Service:
        """Begin to serve."""
        self.answers = False
        log = (self.folder / "serve.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"], env=self.environment, stdout=log, stderr=log
        )
        log.close()
        return Service(f"http://127.0.0.1:{self.port}", self.environment, process)

    def ready(self) -> None:
        """Return once it answers."""
        if not self.answers:
            wait_until_ready(self.service, self.folder / "serve.log")
        self.answers = True

    def is_ready(self) -> bool:
        """Whether it answers by now; one that did goes on until it is killed."""
        if not self.answers:
            with suppress(httpx2.TransportError):
                self.answers = httpx2.get(f"{self.service.url}/readyz").is_success
        return self.answers

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self.service.process.kill()
        self.service.process.wait()


def descendants(parent: int) -> dict[int, str]:
    """Processes below `parent` with their command lines."""
    parents: dict[int, int] = {}
    lines: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, IndexError, ValueError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(") ")[2].split()[1])
            lines[int(entry.name)] = (
                (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
    found: dict[int, str] = {}
    waiting = [parent]
    while waiting:
        one = waiting.pop()
        below = [process for process, above in parents.items() if above == one]
        found |= {process: lines.get(process, "") for process in below}
        waiting += below
    return found


def _killed(process: int) -> bool:
    """Kill a process; False where it is gone."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Ledger:
    """What the phone promised: drafts that it kept, records for which it said "Đã lưu"."""

    kept: dict[str, int] = field(default_factory=dict)
    """By token: how many taps were read back."""
    photos: dict[str, set[str]] = field(default_factory=dict)
    """By token: photos that were read back."""
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By id."""
    rows: dict[str, str] = field(default_factory=dict)
    """By id: hash of every record that lay on the phone at some moment."""
    wrong: list[str] = field(default_factory=list)


class Phone:
    """A Chromium with a profile that outlives it, and a Playwright of its own.

    Playwright waits for ever for a page that died while it was made, even where its whole browser is gone by then:
    such a call ends only with Playwright's own process.
    """

    def __init__(self, profile: Path, url: str, heard: Callable[[dict[str, Any]], None]) -> None:
        self.profile, self.url, self.heard = profile, url, heard
        self.crashed = threading.Event()
        self.left = threading.Event()
        self.playwright: Playwright | None = None
        self.context: BrowserContext | None = None
        self.process = 0
        self.alive = self.ended = False

    def open(self) -> None:
        """Start the browser, where it does not run."""
        if self.alive and not self.ended:
            return
        self.close()
        if self.playwright is None:
            self.playwright = sync_playwright().start()
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-breakpad", f"--disable-features={UNWANTED}"],
            viewport={"width": 390, "height": 844},
            locale="vi-VN",
            geolocation={"longitude": 108.4243, "latitude": 11.9571, "accuracy": 8},
            permissions=["geolocation"],
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(path=HELPERS)
        self.context.add_init_script(path=TOOLS)
        mine = str(self.profile)
        found = [
            process
            for process, words in descendants(os.getpid()).items()
            if mine in words and "--type=" not in words and "crashpad" not in words
        ]
        if not found:
            raise PageError("the browser ended as soon as it had begun")
        self.process = found[0]
        self.alive = True

    def page(self) -> Page:
        """A fresh page; those before it are gone."""
        assert self.context is not None
        fresh = self.context.new_page()
        fresh.on("console", self._console)
        fresh.on("crash", lambda _page: self.crashed.set())
        for other in self.context.pages:
            if other is not fresh:
                with suppress(PageError):
                    other.close()
        return fresh

    def _console(self, message: ConsoleMessage) -> None:
        if message.text.startswith("taluy "):
            self.heard(json.loads(message.text.removeprefix("taluy ")))

    def kill_pages(self) -> bool:
        """Kill every page of the browser by its process, until one is known to be dead; False where nothing says so."""
        killed = False
        for _ in range(60):
            for process, words in descendants(self.process).items():
                if "--type=renderer" in words:
                    killed |= _killed(process)
            if self.crashed.wait(0.05) or (killed and self.left.is_set()):
                return True
        return False

    def kill(self) -> None:
        """Kill the whole browser."""
        self.alive = False
        _killed(self.process)

    def end(self) -> None:
        """Kill the browser and Playwright's process: whatever waits for one of them goes on with an error."""
        self.alive = False
        self.ended = True
        for process, words in descendants(os.getpid()).items():
            if "run-driver" in words:
                for one in (*descendants(process), process):
                    _killed(one)

    def close(self) -> None:
        """Let it end by itself; a Playwright whose process was ended makes room for another."""
        self.alive = False
        if self.context is not None:
            with suppress(PageError):
                self.context.close()
        self.context = None
        if self.ended:
            self.stop()

    def stop(self) -> None:
        """Let Playwright end by itself, after its browser."""
        if self.playwright is not None:
            self.playwright.stop()
        self.playwright = None
        self.ended = False


@dataclass
class Report:
    """What happened, and what is wrong after it."""

    seed: int
    faults: Counter[str]
    saved: int
    received: int
    photos: int
    lost: list[str]
    doubled: list[str]
    wrong: list[str]
    seconds: float

    def said(self) -> str:
        """In lines."""
        kinds = "\n".join(f"  {kind}: {count}" for kind, count in sorted(self.faults.items()))
        return (
            f"seed {self.seed}, {self.faults.total()} faults in {self.seconds:.0f} s\n{kinds}\n"
            f"saved {self.saved}, received {self.received}, photos {self.photos}\n"
            f"lost {len(self.lost)}, double {len(self.doubled)}, otherwise wrong {len(self.wrong)}"
            + "".join(f"\n  {what}" for what in (*self.lost, *self.doubled, *self.wrong))
        )


class Machine:
    """Breaks everything until enough was broken, then lets all of it arrive and counts."""

    def __init__(self, ward: Ward, profile: Path, wire: Line, seed: int, picture: Path) -> None:
        self.ward, self.wire, self.seed, self.picture = ward, wire, seed, picture
        self.random = random.Random(seed)
        self.ledger = Ledger()
        self.faults: Counter[str] = Counter()
        self.doing = ""
        self.round = 0
        self.typed: dict[str, str] = {}
        self.killed = self.tight = self.full = False
        self.drafted: set[str | None] = set()
        self.phone = Phone(profile, wire.url, self.hear)

    # What is heard from the pages

    def hear(self, what: dict[str, Any]) -> None:
        """Write down one thing that a page told."""
        token = what.get("token", "")
        if "doing" in what:
            self.doing = what["doing"]
        elif "fault" in what:
            self.faults[what["fault"]] += 1
        elif "kept" in what:
            self.ledger.kept[token] = what["kept"]
        elif "photo" in what:
            self.ledger.photos.setdefault(token, set()).add(what["photo"])
        elif "saved" in what:
            self.ledger.saved[what["saved"]] = what
        elif "found" in what:
            self._found(what)
        elif what.get("error") == "Full":
            self.faults["quota"] += not self.full
            self.full = True
        elif "error" in what:
            self.ledger.wrong.append(f"round {self.round}: {what['error']}: {what['says']}")

    def _found(self, what: dict[str, Any]) -> None:
        """A draft that was there again: at least what was read back before stands in it."""
        token, taps = what["found"].get("token", ""), what["found"].get("n", 0)
        if taps < self.ledger.kept.get(token, 0):
            self.ledger.wrong.append(
                f"round {self.round}: draft {token} has {taps} taps of {self.ledger.kept[token]}"
            )
        if missing := self.ledger.photos.get(token, set()) - set(what["photos"]):
            self.ledger.wrong.append(f"round {self.round}: draft {token} lacks photos {missing}")

    # Rounds

    def run(self, faults: int) -> Report:
        """Break so much, then let everything arrive."""
        began = time.monotonic()
        self.phone.open()
        self.ward.ready()
        self._set_up()
        while self.faults.total() < faults:
            self.round += 1
            self._break_the_line()
            tap = self.random.random() < 0.25 or not self.ward.is_ready()
            if tap and not self.tight:
                self._guarded(self._tap_the_app)
            else:
                self.ward.ready()  # the bare page needs the service to come up; the app itself does not
                self._guarded(self._drive_the_engine)
        self.phone.close()  # whatever the last kill has left of it
        self.phone.open()
        self.ward.ready()
        rows = self._drain()
        return self._count(rows, time.monotonic() - began)

    def _set_up(self) -> None:
        page = self._engine()
        sign_in(page, self.ward.officer)
        page.evaluate("app.packs.refresh()")
        page.goto(f"{self.wire.url}/phone")
        page.locator(".near-row").first.wait_for()
        page.locator("body[data-late]").wait_for()  # from now on it opens without the service

    def _engine(self, *, tight: bool = False) -> Page:
        """The engine in its bare page; `tight`: on a phone without room."""
        page = self.phone.page()
        if tight:
            full = {"origin": self.wire.url, "quotaSize": 1}
            page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", full)
        page.goto(f"{self.wire.url}/engine")
        page.evaluate("until(() => window.ready)")
        if failed := page.evaluate("window.failed ?? ''"):
            raise RuntimeError(failed)
        return page

    def _break_the_line(self) -> None:
        chance, wire = self.random.random, self.wire
        wire.swallow = [
            request
            for request, part in (
                ("POST /api/sync", 0.35),
                ("POST /api/uploads", 0.2),
                ("PATCH /api/uploads", 0.3),
            )
            if chance() < part
        ]
        wire.cut = [
            (request, self.random.randrange(most))
            for request, part, most in (
                ("POST /api/sync", 0.25, 3_000),
                ("POST /api/uploads", 0.25, 270_000),
                ("PATCH /api/uploads", 0.3, 60_000),
            )
            if chance() < part
        ]

    def _guarded(self, round_: Callable[[], None]) -> None:
        """One round and its kill: pages that die under our hands are what this is about."""
        before = len(self.wire.swallow), len(self.wire.cut)
        self.killed = self.full = False
        watchdog = threading.Timer(STUCK_S, self._bite)
        watchdog.start()
        try:
            self.phone.open()
            round_()
        except PageError as error:
            if not self.killed:
                self.ledger.wrong.append(f"round {self.round}, {self.doing}: {error}")
        finally:
            watchdog.cancel()
            watchdog.join()
        self.faults["answer lost"] += before[0] - len(self.wire.swallow)
        self.faults["line cut"] += before[1] - len(self.wire.cut)
        # a browser asks for room once in a while
        self.tight = not self.phone.alive and self.random.random() < 0.6
        if self.ward.service.process.poll() is not None:
            self.ward.service = self.ward.start()  # the app goes on meanwhile

    def _bite(self) -> None:
        """A browser that does nothing any more after a kill is ended, and counted."""
        self.killed = True
        self.faults["browser killed, stuck"] += 1
        self.phone.end()

    def _kill(self, dice: float) -> None:
        """Kill something: mostly the page, sometimes the browser or the service with it."""
        self.killed = True
        if dice < 0.07:
            self.faults["browser killed"] += 1
            self.phone.kill()
            return
        if dice < 0.1:
            self.faults["service killed"] += 1
            self.ward.kill()
        self.faults[f"page killed, {self.doing or 'opening'}"] += 1
        if not self.phone.kill_pages():
            self._bite()

    @contextmanager
    def _killed_at(self, seconds: float) -> Iterator[None]:
        """Kill something that soon while the body runs; go on only once it has happened."""
        self.phone.left.clear()
        self.phone.crashed.clear()
        timer = threading.Timer(seconds, self._kill, [self.random.random()])
        timer.start()
        try:
            yield
        finally:
            self.phone.left.set()
            timer.join()

    def _drive_the_engine(self) -> None:
        self.doing = ""
        place, name = self.random.choice(BARE), f"t{self.seed}-{self.round}"
        if self.random.random() < 0.12 and not self.tight:
            with self._killed_at(self.random.uniform(0, 0.5)):
                page = self._engine()
                page.evaluate("([place, name]) => officer(place, name)", [place, name])
        page = self._engine(tight=self.tight)
        self._note_rows(page)
        self._maybe_offline(page)
        with self._killed_at(self.random.uniform(0.02, 0.6)):
            page.evaluate("([place, name]) => officer(place, name)", [place, name])

    def _maybe_offline(self, page: Page) -> None:
        if self.random.random() < 0.1:
            self.faults["offline"] += 1
            nothing = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
            page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", nothing)

    def _note_rows(self, page: Page) -> dict[str, Any]:
        """Every row that lies on the phone: what lay there once must be with the ward in the end."""
        lying: dict[str, Any] = page.evaluate("lying()")
        there = {row["id"]: row["sha"] for row in lying["rows"]}
        self.ledger.rows |= there
        return lying

    def _tap_the_app(self) -> None:
        """The app's own form, by its buttons, killed at one of its moments."""
        self.doing = "opening"
        code, moment = self.random.choice(SCREENS), self.random.choice(MOMENTS)
        page = self.phone.page()
        page.goto(f"{self.wire.url}/phone#/form/{code}")
        page.locator(".visit-head .plate").wait_for()
        self._maybe_offline(page)
        self._look_at_the_draft(page, code)
        token = self.typed.setdefault(code, f"u{self.seed}-{self.round}")
        self.doing = "taps"
        page.locator("input[name=condition][value=no_change]").check()
        page.locator(".visit-head .tag.same").wait_for()
        if moment == "taps":
            return self._kill_now(page)
        self.doing = "typing"
        since = page.evaluate("Date.now()")
        with self._killed_at(self.random.uniform(0, 0.4)) if moment == "typing" else _nothing():
            page.locator("#f-note").fill(token[:3])
            page.keyboard.type(token[3:], delay=5)
            page.evaluate(KEPT, [code, since])
            self.ledger.kept[token] = 1
            if moment == "typing":
                page.wait_for_timeout(PATIENCE_MS)
        self._camera(page, moment)
        self.doing = "saving"
        with self._killed_at(self.random.uniform(0, 0.3 if moment == "saving" else 1.2)):
            page.locator(".savebar .btn.pri").click()
            page.locator(".sent-title").wait_for()
            self.ledger.saved[page.url.rpartition("/")[2]] = {"token": token}
            del self.typed[code]
            self.doing = "sending"
            page.wait_for_timeout(PATIENCE_MS)
        return None

    def _camera(self, page: Page, moment: str) -> None:
        """Before, and while, the camera has the screen."""
        if moment != "camera":
            return
        self.doing = "camera"
        page.locator(".shot.add").first.wait_for()
        with page.expect_file_chooser() as opened:
            page.locator(".shot.add").first.click()
        if self.random.random() < 0.5:
            self._kill_now(page)
        else:
            with self._killed_at(self.random.uniform(0, 0.4)):
                opened.value.set_files(self.picture)
                page.wait_for_timeout(PATIENCE_MS)

    def _kill_now(self, page: Page) -> None:
        with self._killed_at(0):
            page.wait_for_timeout(PATIENCE_MS)

    def _look_at_the_draft(self, page: Page, code: str) -> None:
        """What was being typed is there again, or was saved just before the kill."""
        token = self.typed.get(code)
        if token is None:
            return
        shown = page.locator("#f-note").input_value()
        if shown and not token.startswith(shown):
            self.ledger.wrong.append(f"round {self.round}: {code} shows {shown!r} instead of {token!r}")
        if shown == token or token not in self.ledger.kept:
            return
        if any(draft["place"] == code for draft in page.evaluate("lying()")["drafts"]):
            self.ledger.wrong.append(
                f"round {self.round}: {code} shows {shown!r} of {token!r}, which was kept"
            )
        else:  # saved, and killed before the page could say so: the count at the end knows
            del self.typed[code]

    # The end

    def _drain(self) -> list[dict[str, Any]]:
        """Nothing breaks any more: everything arrives."""
        self.wire.swallow, self.wire.cut = [], []
        page = self._engine()
        self._note_rows(page)
        page.evaluate("app.sender.start()")
        self._wait_until_sent(page)
        lying = self._note_rows(page)
        self.drafted = {page.evaluate(FOUND, place) for place in (*BARE, *SCREENS)}
        rows: list[dict[str, Any]] = lying["rows"]
        return rows

    def _wait_until_sent(self, page: Page) -> None:
        left: int = page.evaluate(LEFT)
        since = time.monotonic()
        while left:
            if time.monotonic() - since > STILL_S:
                state = page.evaluate("app.sender.state()")
                self.ledger.wrong.append(f"nothing sent in {STILL_S} s: {state}")
                return
            page.evaluate("app.sender.now()")
            page.wait_for_timeout(200)
            if (now := page.evaluate(LEFT)) < left:
                left, since = now, time.monotonic()

    def _count(self, rows: list[dict[str, Any]], seconds: float) -> Report:
        """The phone's promises against what the ward has."""
        ward = received(self.ward)
        notes = Counter(visit["note"] for visit in ward.values())
        ledger, wrong = self.ledger, self.ledger.wrong
        lost = [
            f"{id_}: saved, but not received"
            for id_ in (ledger.saved.keys() | ledger.rows.keys()) - ward.keys()
        ]
        lost += [
            f"{token}: typed, but neither draft nor received"
            for token in ledger.kept
            if not notes[token] and token not in self.drafted
        ]
        doubled = [f"{note}: {count} times" for note, count in notes.items() if count > 1]
        doubled += [
            f"{id_}: nobody saved it" for id_ in ward.keys() - ledger.rows.keys() - ledger.saved.keys()
        ]
        for row in rows:
            visit = ward.get(row["id"], {"sha": "", "photos": set()})
            if row["state"] != "done":
                wrong.append(f"{row['id']}: {row['state']} at the end: {row['problem']} {row['each']}")
            if visit["sha"] != row["sha"]:
                wrong.append(f"{row['id']}: other content")
            if set(row["photos"]) != visit["photos"]:
                lost.append(f"{row['id']}: photos {set(row['photos']) ^ visit['photos']}")
        for id_, said in ledger.saved.items():
            if id_ in ward and ward[id_]["note"] != said["token"]:
                wrong.append(f"{id_}: {ward[id_]['note']!r} instead of {said['token']!r}")
        verified = CliRunner().invoke(log, ["verify"], obj=self.ward.settings)
        if verified.exit_code:
            wrong.append(f"the log: {verified.output}")
        return Report(
            self.seed,
            self.faults,
            len(ledger.saved.keys() | ledger.rows.keys()),
            len(ward),
            sum(len(visit["photos"]) for visit in ward.values()),
            lost,
            doubled,
            wrong,
            seconds,
        )


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def tortured(folder: Path, *, faults: int, seed: int, seeded: Path | None = None, **settings: str) -> Report:
    """Run the machine in `folder`; `seeded`: an SQLite file with the ward's places, to be copied."""
    picture = folder / "photo.jpg"
    ward = Ward(folder / "ward", seeded, **settings)
    picture.write_bytes(Make.photo((90, 120, 60))[1])
    try:
        with line(ward.service.url) as wire:
            wire.pages["/engine"] = PAGE
            machine = Machine(ward, folder / "profile", wire, seed, picture)
            try:
                return machine.run(faults)
            finally:
                machine.phone.close()
                machine.phone.stop()
    finally:
        ward.kill()


def main() -> None:
    """`make torture`, or a test that wants the report as a file and has a database."""
    words = argparse.ArgumentParser()
    words.add_argument("--report", type=Path)
    words.add_argument("--seeded", type=Path)
    given = words.parse_args()
    faults = int(os.environ.get("TORTURE_KILLS", "1000"))
    seed = int(os.environ.get("TORTURE_SEED", random.randrange(10**6)))
    print(f"seed {seed}", flush=True)
    with TemporaryDirectory(prefix="taluy-torture-") as folder:
        report = tortured(Path(folder), faults=faults, seed=seed, seeded=given.seeded)
    print(report.said())
    if given.report:
        given.report.write_text(json.dumps(vars(report)), "utf-8")
    sys.exit(bool(report.lost or report.doubled or report.wrong))


if __name__ == "__main__":
    main()
