"""One phone, two officers: what one typed is never read by the other, and nobody's unsent inspections are lost."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page

from app.phone.sealed import Sealed, vault
from tests.make import PASSWORD
from tests.phone.engine import sign_in, tab
from tests.running import Service

pytestmark = pytest.mark.e2e
SECRET = "Ông chủ nhà số 12 xin đừng ghi"
WORDS = ("chủ nhà", "xin đừng", "số 12")
PIN = "2580"
TOO_MANY: dict[str, Any] = {
    "content_type": "application/problem+json",
    "headers": {"Retry-After": "30"},
    "body": '{"code": "too-many"}',
}


@pytest.fixture
def service(officers: Service) -> Service:
    """The service behind the phone."""
    return officers


@pytest.fixture
def context(fresh_phone: BrowserContext) -> BrowserContext:
    """The phone."""
    return fresh_phone


def found(page: Page) -> list[str]:
    """Which of the words stand anywhere in IndexedDB, the caches, other storage or the page."""
    said: str = page.evaluate(
        """async () => {
          let all = spelt(await dump()) + document.documentElement.outerHTML;
          all += JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) all += await (await cache.match(request)).text();
          }
          return all;
        }"""
    )
    assert "P6-ST-01" in said, "nothing was looked at"
    assert "EXTRACTABLE" not in said
    assert page.evaluate(
        "(words) => words.every((word) => spelt(new TextEncoder().encode(word)).includes(word))", WORDS
    )
    return [word for word in WORDS if word in said]


def author(service: Service, inspection: str) -> str:
    """Who the service says made an inspection."""
    cookie = {"Cookie": service.cookie("can-bo-02")}
    found: dict[str, Any] = httpx2.get(
        f"{service.url}/api/inspections/{inspection}", headers=cookie, timeout=60
    ).json()
    return str(found["observer"])


def test_after_signing_out_offline_nothing_of_it_can_be_read_by_the_next_and_all_arrives(context, service):
    page = tab(context, service.url, sending=True)
    first = sign_in(page, "can-bo-01")
    context.set_offline(True)
    row = page.evaluate(
        """async (note) => {
          const measurements = { crack_gauge_mm: { V1: 214 } };
          const row = await saved("P6-ST-01", { note, measurements }, [await picture(40, 1)]);
          await app.drafts.keep(app.drafts.fresh("inspection", "P6-ST-02", { note }));
          await app.people.signOut();
          return row;
        }""",
        SECRET,
    )
    assert page.evaluate("app.people.current()") is None
    assert page.evaluate("failing(() => saved('P6-ST-01'))") == "Nobody"
    context.set_offline(False)
    second = sign_in(page, "can-bo-02")
    page.reload()
    page.wait_for_function("window.ready")
    page.evaluate("app.sender.start()")

    assert found(page) == []
    assert page.evaluate("app.people.current().name") == second["name"]
    assert [page.evaluate("app.queue.rows()"), page.evaluate("app.drafts.begun()")] == [[], []]
    for reading in ("queue.content(row.id)", "drafts.photo(row.id, row.photos[0].sha)", "queue.edit(row.id)"):
        assert page.evaluate(f"(row) => failing(() => app.{reading})", row) == "Locked"
    assert page.evaluate("app.drafts.of('inspection', 'P6-ST-02')") is None
    assert page.evaluate("app.queue.unsent()") | {"oldest": None} == {"mine": 0, "others": 1, "oldest": None}
    assert page.evaluate("(id) => failing(() => app.people.switchTo(id))", first["id"]) == "Locked"
    own = page.evaluate("saved('P6-ST-03').then((row) => in_state(row.id, 'done'))")
    assert author(service, own["id"]) == "can-bo-02"
    kept = page.evaluate("dump().then((all) => all.rows.map((row) => [row.id, row.state]))")
    assert [row["id"], "ready"] in kept

    sign_in(page, "can-bo-01")
    page.evaluate("(id) => in_state(id, 'done')", row["id"])
    assert author(service, row["id"]) == "can-bo-01"
    assert page.evaluate("app.drafts.of('inspection', 'P6-ST-02')")["content"] == {"note": SECRET}


def test_a_pin_closes_reading_and_sending_but_never_saving(context, service):
    page = tab(context, service.url, sending=True)
    sign_in(page, "can-bo-01")
    assert page.evaluate("app.people.pinNeeded()") is False
    sign_in(page, "can-bo-02")
    assert page.evaluate("app.people.pinNeeded()") is True
    page.evaluate("(pin) => app.people.setPin(pin)", PIN)
    assert page.evaluate("app.people.pinNeeded()") is False
    page.evaluate("saved('P6-ST-01').then((row) => in_state(row.id, 'done'))")
    assert page.evaluate(
        "dump().then((all) => all.people.map((one) => [one.token === null, one.open === null]))"
    ) == [
        [False, False],
        [True, True],
    ]
    page.evaluate("(note) => app.drafts.keep(app.drafts.fresh('inspection', 'P6-ST-02', { note }))", SECRET)
    page.evaluate("app.packs.refresh()")
    pack = page.evaluate("app.packs.read()")
    assert pack["places"]
    assert "P6-ST-01" in pack["last"]
    page.reload()
    page.wait_for_function("window.ready")
    page.evaluate("app.sender.start()")

    assert page.evaluate("app.people.current().state") == "locked"
    locked = page.evaluate("app.packs.read()")
    assert (locked["last"], locked["positions"], len(locked["places"])) == ({}, [], len(pack["places"]))
    row = page.evaluate("(note) => saved('P6-ST-01', { note }, [new ArrayBuffer(9)])", SECRET)
    page.evaluate("waiting('locked')")
    assert page.evaluate("(id) => failing(() => app.queue.content(id))", row["id"]) == "Locked"
    assert page.evaluate("failing(() => app.drafts.of('inspection', 'P6-ST-02'))") == "Locked"
    assert found(page) == []

    assert page.evaluate("app.people.unlock('0000')") is False
    assert page.evaluate("(pin) => app.people.unlock(pin)", PIN) is True
    assert page.evaluate("app.people.current().state") == "open"
    received = page.evaluate("(id) => until(async () => (await app.queue.one(id)).receipt)", row["id"])
    assert received["id"] == row["id"]
    page.evaluate("app.people.lock()")
    assert page.evaluate("app.people.current().state") == "locked"


def test_wrong_pins_get_slow_and_a_forgotten_one_loses_nothing(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    row = page.evaluate("(note) => saved('P6-ST-01', { note })", SECRET)
    assert page.evaluate("failing(() => app.people.setPin('12'))") == "Refused"
    page.evaluate("(pin) => app.people.setPin(pin).then(() => app.people.lock())", PIN)
    assert [page.evaluate("(n) => app.people.unlock(`000${n}`)", n) for n in range(4)] == [False] * 4
    assert page.evaluate("(pin) => failing(() => app.people.unlock(pin))", PIN) == "Slow"
    page.evaluate("Date.now = () => 4e12")
    assert page.evaluate("(pin) => failing(() => app.people.unlock(pin))", PIN) == "Slow"
    page.reload()
    page.wait_for_function("window.ready")
    assert page.evaluate("(pin) => failing(() => app.people.unlock(pin))", PIN) == "Slow"

    assert sign_in(page, "can-bo-01")["state"] == "open"
    assert page.evaluate("app.people.current().hasPin") is False
    assert page.evaluate("(id) => app.queue.content(id)", row["id"])["note"] == SECRET


def test_whoever_leaves_the_phone_without_a_pin_is_read_only_after_signing_in_but_still_sent(
    context, service
):
    page = tab(context, service.url)
    first = sign_in(page, "can-bo-01")
    row = page.evaluate("(note) => saved('P6-ST-01', { note })", SECRET)
    sign_in(page, "can-bo-02")
    assert page.evaluate("(id) => app.people.switchTo(id)", first["id"])["state"] == "locked"
    assert page.evaluate("(id) => failing(() => app.queue.content(id))", row["id"]) == "Locked"

    page.evaluate("app.sender.start()")
    page.evaluate("(id) => in_state(id, 'done')", row["id"])
    assert author(service, row["id"]) == "can-bo-01"


def test_who_may_not_sign_in_is_told_why_and_changes_nothing(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    wrong = {"name": "can-bo-02", "password": "not four words at all", "device": "Máy thử"}
    attempt = """(given) => app.people.signIn(given).catch((error) =>
      [error.name, error.problem?.code, error.problem?.status, error.retry_after, error.why])"""

    name, code, status, *_ = page.evaluate(attempt, wrong)
    assert (name, status) == ("Refused", 401)
    assert code
    context.route("**/api/devices", lambda route: route.fulfill(status=429, **TOO_MANY))
    assert page.evaluate(attempt, wrong)[:4] == ["Refused", "too-many", None, 30]
    context.set_offline(True)
    context.unroute("**/api/devices")
    assert page.evaluate(attempt, wrong)[0::4] == ["Offline", "offline"]
    assert page.evaluate("app.people.current().name") == "can-bo-01"
    assert len(page.evaluate("app.people.all()")) == 1


def test_a_tab_that_is_unlocked_unlocks_the_others_and_locks_them(context, service):
    one = tab(context, service.url)
    sign_in(one, "can-bo-01")
    one.evaluate("(pin) => app.people.setPin(pin)", PIN)
    two = tab(context, service.url)
    two.evaluate("until(() => app.people.current().state === 'open')")
    two.evaluate("app.people.lock()")
    one.evaluate("until(() => app.people.current().state === 'locked')")


def test_the_exported_file_opens_with_the_wards_key_only(context, service):
    page = tab(context, service.url)
    person = sign_in(page, "can-bo-01")
    ids = page.evaluate(
        "picture(40, 3).then((shot) => Promise.all([saved('P6-ST-01', { note: 'một' }, [shot]), saved('P6-ST-02')]))"
    )
    page.evaluate("app.people.signOut()")
    exported = page.evaluate(
        "(ids) => app.queue.exportFile(ids).then(async (file) => [file.name, file.type, await file.text()])",
        [row["id"] for row in ids],
    )
    name, kind, text = exported
    made = json.loads(text)
    given = {"name": "can-bo-01", "password": PASSWORD, "device": "Máy khác"}
    unlock = httpx2.post(f"{service.url}/api/devices", json=given, timeout=60).json()["unlock_key"]
    wrapped = made["wrapped"]
    opened = vault(
        plain(unlock), person["id"], plain(made["public_key"]), plain(wrapped["iv"]), plain(wrapped["data"])
    )
    first = next(record for record in made["records"] if record["id"] == ids[0]["id"])
    about = f"record:{first['id']}"
    record = json.loads(opened.open(sealed(first["sealed"]), about))

    assert (name.endswith("-2.taluy.json"), kind) == (True, "application/json")
    assert text.startswith('{"taluy":"hand-in"')
    assert SECRET not in text
    assert opened.vouches(sealed(first["sealed"]), about, plain(first["mac"]))
    assert (record["kind"], record["body"]["note"], len(record["photos"])) == ("inspection", "một", 1)
    (photo,) = first["photos"]
    shot = opened.open(sealed(photo["sealed"]), f"photo:{first['id']}/{photo['sha']}")
    assert shot.startswith(b"\xff\xd8")


def plain(spelt: str) -> bytes:
    """The bytes of base64url without padding."""
    return urlsafe_b64decode(spelt + "=" * (-len(spelt) % 4))


def sealed(member: dict[str, str]) -> Sealed:
    """What the file spells out."""
    return Sealed(plain(member["epk"]), plain(member["iv"]), plain(member["data"]))
