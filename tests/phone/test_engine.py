"""The phone's engine in Chromium with the real service: nothing saved is lost, nothing refused is dropped."""

import json
import sys
from typing import Any

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.phone.engine import refused, sign_in, tab
from tests.phone.proxy import line
from tests.running import Service

pytestmark = pytest.mark.e2e
SECRET = "Vết nứt rộng bằng ngón tay, nước đục"
IMPATIENT = "setInterval(() => { if (app.sender.state().doing === 'waiting') app.sender.now(); }, 300)"
PHOTO_KEYS = "dump().then((all) => all.photos.map((one) => one.sha))"


@pytest.fixture
def service(officers: Service) -> Service:
    """The service behind the phone."""
    return officers


@pytest.fixture
def context(fresh_phone: BrowserContext) -> BrowserContext:
    """The phone."""
    return fresh_phone


def mine(service: Service, place: str) -> list[str]:
    """Ids of the inspections that the service has of a place."""
    address = f"{service.url}/api/inspections?place={place}&limit=200"
    found = httpx2.get(address, timeout=60).json()["inspections"]
    return [visit["id"] for visit in found]


def rows(page: Page) -> list[dict[str, Any]]:
    """The queue as the list shows it."""
    found: list[dict[str, Any]] = page.evaluate("app.queue.rows()")
    return found


def test_what_was_saved_without_network_survives_the_page_and_is_received_later(context, service):
    page = tab(context, service.url, sending=True)
    assert sign_in(page, "can-bo-01")["state"] == "open"
    context.set_offline(True)
    row = page.evaluate(
        "(note) => picture(64, 1).then((shot) => saved('P6-ST-01', { note }, [shot]))", SECRET
    )
    page.evaluate("waiting('offline')")
    page.close()
    context.set_offline(False)

    page = tab(context, service.url)
    assert [one["state"] for one in rows(page)] == ["ready"]
    assert page.evaluate("(id) => app.queue.content(id)", row["id"])["note"] == SECRET
    assert page.evaluate(
        "(row) => app.drafts.photo(row.id, row.photos[0].sha).then((blob) => blob.type)", row
    )
    page.evaluate("app.sender.start()")
    done = page.evaluate("(id) => in_state(id, 'done')", row["id"])

    assert done["receipt"]["content_sha256"] == row["sha"]
    assert (done["receipt"]["id"], done["receipt"]["place"]) == (row["id"], "P6-ST-01")
    assert page.evaluate(PHOTO_KEYS) == []
    assert page.evaluate("dump().then((all) => all.rows.map((row) => [row.sealed, row.form]))") == [
        [None, None]
    ]
    assert row["id"] in mine(service, "P6-ST-01")


def test_a_draft_is_there_again_at_every_tap_and_before_the_camera(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    page.evaluate(
        """async (note) => {
          const draft = app.drafts.fresh("inspection", "P6-ST-02", { note: "" });
          for (let at = 1; at <= note.length; at += 1) {
            draft.content = { note: note.slice(0, at) };
            void app.drafts.keep(draft);
          }
          await app.drafts.addPhoto(draft, await picture(32, 2), true);
          for (let seed = 3; seed < 12; seed += 1) await app.drafts.addPhoto(draft, await picture(16, seed), false);
          window.eleventh = await failing(async () => app.drafts.addPhoto(draft, await picture(16, 99), false));
          await app.drafts.removePhoto(draft, draft.photos[9].sha);
        }""",
        SECRET,
    )
    assert page.evaluate("eleventh") == "TooMany"
    page.close()

    page = tab(context, service.url)
    draft = page.evaluate("app.drafts.of('inspection', 'P6-ST-02')")
    assert draft["content"] == {"note": SECRET}
    assert [photo["evidence"] for photo in draft["photos"]] == [True, *[False] * 8]
    assert [one["place"] for one in page.evaluate("app.drafts.begun()")] == ["P6-ST-02"]
    page.evaluate("(draft) => app.drafts.drop(draft)", draft)
    assert page.evaluate("app.drafts.of('inspection', 'P6-ST-02')") is None
    assert page.evaluate(PHOTO_KEYS) == []


def test_what_another_tab_has_saved_is_not_said_to_be_kept_here(context, service):
    page, other = tab(context, service.url), tab(context, service.url)
    sign_in(page, "can-bo-01")
    other.wait_for_function("app.people.current()")
    page.evaluate(
        "app.drafts.keep(window.draft = app.drafts.fresh('inspection', 'P6-ST-04', { note: 'một' }))"
    )
    other.evaluate("app.drafts.of('inspection', 'P6-ST-04').then((draft) => { window.draft = draft; })")
    saved = page.evaluate("app.queue.save(draft, body('P6-ST-04'))")
    assert page.evaluate("failing(() => app.drafts.keep(draft))") is None, "a late tap of this tab"
    other.evaluate("draft.content = { note: 'hai' }")
    assert other.evaluate("failing(() => app.drafts.keep(draft))") == "NotSaved"
    again = other.evaluate("app.queue.save(draft, body('P6-ST-04', { note: 'hai' }))")
    assert {row["id"] for row in rows(page)} >= {saved["id"], again["id"]}


def test_lost_answers_double_nothing_and_cut_photos_go_on_where_they_were(context, service):
    with line(service.url) as wire:
        page = tab(context, wire.url)
        sign_in(page, "can-bo-01")
        wire.swallow = ["POST /api/sync", "PATCH /api/uploads"]
        wire.cut = [("POST /api/uploads", 100_000)]
        row = page.evaluate("picture(900, 4).then((shot) => saved('P6-ST-03', {}, [shot]))")
        size = row["photos"][0]["bytes"]
        assert size > 2 * 256 * 1024
        page.evaluate("app.sender.start()")
        page.evaluate(IMPATIENT)
        done = page.evaluate("(id) => in_state(id, 'done')", row["id"])

    assert done["photos"][0]["state"] == "received"
    assert (wire.swallow, wire.cut) == ([], [])
    assert mine(service, "P6-ST-03").count(row["id"]) == 1
    sent = sum(count for request, count in wire.bytes.items() if "/api/uploads" in request)
    assert sent <= size + 2 * 256 * 1024 + 80_000, "each fault costs at most one piece"


def test_what_is_refused_is_parked_with_its_reason_and_can_be_mended(context, service):
    page = tab(context, service.url, sending=True)
    sign_in(page, "can-bo-01")
    ids = page.evaluate(
        """async () => {
          const shot = await picture(48, 5);
          const bad = await saved("P6-ST-01", { form_version: "1999.1", note: "một" }, [shot]);
          const good = await saved("P6-ST-02");
          await in_state(bad.id, "refused");
          await in_state(good.id, "done");
          return [bad.id, good.id];
        }"""
    )
    first, second = rows(page)
    assert [first["id"], second["id"]] == ids
    assert first["problem"]["code"] == "form-too-old"
    assert page.evaluate("app.queue.unsent()")["mine"] == 1
    assert page.evaluate("(id) => failing(() => app.queue.edit(id))", ids[1]) == "AlreadyReceived"

    mended = page.evaluate(
        """async (id) => {
          const draft = await app.queue.edit(id);
          await app.drafts.keep(app.drafts.fresh("inspection", draft.place, { typed: "hai" }));
          const twice = await app.queue.edit(id);
          const shown = await app.drafts.of("inspection", draft.place);
          const still = await app.queue.one(id);
          const row = await app.queue.save(draft, body(draft.place, { note: draft.content.typed }));
          const done = await in_state(row.id, "done");
          const old = await app.queue.one(id);
          return { draft, twice: twice.id, shown: shown.id, still: still.state, row: done, old };
        }""",
        ids[0],
    )
    assert mended["draft"]["content"] == {"typed": "một"}
    assert mended["draft"]["id"] != ids[0]
    assert (mended["twice"], mended["still"]) == (mended["draft"]["id"], "refused")
    assert mended["shown"] == mended["draft"]["id"], "another draft of the place stands before it"
    assert mended["old"] is None
    assert [photo["state"] for photo in mended["row"]["photos"]] == ["received"]
    assert page.evaluate(PHOTO_KEYS) == []


def test_a_token_that_ended_pauses_sending_and_keeps_everything(context, service):
    page = tab(context, service.url)
    person = sign_in(page, "can-bo-01")
    row = page.evaluate("(note) => saved('P6-ST-02', { note })", SECRET)
    token = page.evaluate("dump().then((all) => all.people[0].token)")
    bearer = {"Authorization": f"Bearer {token}"}
    httpx2.delete(f"{service.url}/api/session", headers=bearer, timeout=60).raise_for_status()
    page.evaluate("app.sender.start()")
    page.evaluate("waiting('sign-in')")

    assert page.evaluate("app.people.current().state") == "expired"
    assert page.evaluate("(id) => app.queue.content(id)", row["id"])["note"] == SECRET
    assert page.evaluate("saved('P6-ST-02').then((row) => row.state)") == "ready"
    assert sign_in(page, "can-bo-01")["id"] == person["id"]
    page.evaluate("until(() => app.queue.unsent().then((count) => count.mine === 0))")
    assert {one["state"] for one in rows(page)} == {"done"}


#: What stands between phone and service, what the phone says meanwhile, and whether all goes on by itself afterwards.
STRANGE = {
    "a Wi-Fi's sign-in page": {"status": 200, "content_type": "text/html", "body": "<h1>Wi-Fi</h1>"},
    "a busy service": {"status": 503, "headers": {"Retry-After": "1"}, "body": "{}"},
    "a broken service": {"status": 500, "body": "oops"},
    "a proxy without us": {"status": 404, "content_type": "text/html", "body": "?"},
    "a page too old": {
        "status": 426,
        "content_type": "application/problem+json",
        "body": '{"code": "too-old"}',
    },
    "nonsense": {"status": 200, "content_type": "application/json", "body": '{"results": [null, {"id": 4}]}'},
}


def test_no_stranger_between_phone_and_service_parks_anything(context, service):
    page = tab(context, service.url, sending=True)
    sign_in(page, "can-bo-01")
    for strange, answer in STRANGE.items():
        context.route("**/api/sync", lambda route, _asked, answer=answer: route.fulfill(**answer))
        ids = [row["id"] for row in page.evaluate("Promise.all([saved('P6-ST-01'), saved('P6-ST-02')])")]
        page.evaluate("waiting('silent')")
        assert {one["state"] for one in rows(page) if one["id"] in ids} == {"ready"}, strange
        context.unroute("**/api/sync")
        page.evaluate("app.sender.now()")
        for one in ids:
            page.evaluate("(id) => in_state(id, 'done')", one)


def test_one_record_that_breaks_the_service_or_is_too_large_holds_up_no_other(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    ids = [page.evaluate("saved('P6-ST-01')")["id"] for _ in range(5)]

    def stumble(route: Route) -> None:
        sent = [record["id"] for record in json.loads(route.request.post_data or "{}")["inspections"]]
        if len(sent) > 3:
            refused(route, 413, code="too-large")
        elif ids[0] in sent:
            route.fulfill(status=500, body="oops")
        elif ids[1] in sent:
            refused(route, 400, code="not-json")
        else:
            route.fallback()

    context.route("**/api/sync", stumble)
    page.evaluate("app.sender.start()")
    page.evaluate(IMPATIENT)
    for one in ids[2:]:
        page.evaluate("(id) => in_state(id, 'done')", one)
    parked = page.evaluate("(id) => in_state(id, 'refused')", ids[1])
    assert parked["problem"]["code"] == "not-json"
    assert page.evaluate("(id) => app.queue.one(id)", ids[0])["state"] == "ready"
    context.unroute("**/api/sync")
    page.evaluate("(ids) => Promise.all(ids.map((id) => app.queue.retry(id)))", ids[:2])
    for one in ids[:2]:
        page.evaluate("(id) => in_state(id, 'done')", one)


def test_danger_overtakes_a_photo_under_way(context, service):
    page = tab(context, service.url, sending=True)
    sign_in(page, "can-bo-01")
    held: list[Route] = []
    context.route("**/api/uploads**", lambda route, _asked: held.append(route))
    calm = page.evaluate("picture(64, 6).then((shot) => saved('P6-ST-02', {}, [shot])).then((row) => row.id)")
    page.evaluate("until(() => app.sender.state().doing === 'photo')")

    danger = page.evaluate(
        "saved('P6-ST-03', { condition: 'danger' }).then((row) => in_state(row.id, 'done'))"
    )

    assert danger["urgent"] is True
    assert page.evaluate("(id) => app.queue.one(id)", calm)["state"] == "received"
    context.unroute("**/api/uploads**")
    page.evaluate("app.sender.now()")
    page.reload()
    page.wait_for_function("window.ready")
    page.evaluate("app.sender.start()")
    page.evaluate("(id) => in_state(id, 'done')", calm)


def test_a_position_seen_from_the_spot_goes_the_same_way(context, service):
    page = tab(context, service.url, sending=True)
    sign_in(page, "can-bo-01")
    done = page.evaluate(
        """async () => {
          const draft = app.drafts.fresh("position", "P6-ST-04", {});
          await app.drafts.addPhoto(draft, await picture(40, 8), false);
          const geometry = { type: "Point", coordinates: [108.4257, 11.9589] };
          const seen_at = new Date().toISOString();
          const row = await app.queue.save(draft, {
            place: "P6-ST-04", seen_at, geometry, accuracy_m: 6, method: "gps", fixes: 12, note: null, place_version: 1,
          });
          const [other] = [await saved("P6-ST-04"), app.sender.now()];
          return [await in_state(row.id, "done"), await in_state(other.id, "done")];
        }"""
    )

    assert [row["kind"] for row in done] == ["position", "inspection"]
    assert [row["receipt"]["content_sha256"] for row in done] == [row["sha"] for row in done]
    assert [photo["state"] for photo in done[0]["photos"]] == ["received"]


def test_one_tab_sends_and_another_takes_over(context, service):
    first = tab(context, service.url, sending=True)
    sign_in(first, "can-bo-01")
    second = tab(context, service.url, sending=True)
    assert second.evaluate("app.people.current().name") == "can-bo-01"
    asked: list[Page] = []
    context.on(
        "request", lambda request: asked.append(request.frame.page) if "/api/sync" in request.url else None
    )

    row = second.evaluate("saved('P6-ST-01')")
    first.evaluate("(id) => in_state(id, 'done')", row["id"])
    second.evaluate("(id) => in_state(id, 'done')", row["id"])
    assert set(asked) == {first}
    first.close()
    row = second.evaluate("saved('P6-ST-01').then((row) => in_state(row.id, 'done'))")
    assert asked[-1] == second


def test_a_frozen_tab_does_not_keep_the_others_from_sending(context, service):
    frozen = tab(context, service.url)
    sign_in(frozen, "can-bo-01")
    frozen.evaluate(
        "void navigator.locks.request('taluy-sender', () => new Promise(() => {})).catch(() => {})"
    )
    page = tab(context, service.url, sending=True)
    page.evaluate("until(async () => (await navigator.locks.query()).pending.length)")

    assert page.evaluate("saved('P6-ST-01').then((row) => in_state(row.id, 'done'))")["receipt"]


def test_a_photo_that_is_refused_is_parked_alone_and_one_without_its_text_sends_that_first(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    answers = [(404, "no-such-record"), (422, "bad-photo")]
    synced: list[str] = []

    def answer(route: Route) -> None:
        if not answers or route.request.method != "POST":
            return route.fallback()
        status, code = answers.pop(0)
        return refused(route, status, code=code)

    context.route("**/api/uploads**", answer)
    context.on("request", lambda request: synced.append(request.url) if "/api/sync" in request.url else None)
    row = page.evaluate(
        "Promise.all([picture(40, 9), picture(40, 10)]).then((both) => saved('P6-ST-03', {}, both))"
    )
    page.evaluate("app.sender.start()")
    page.evaluate(IMPATIENT)
    parked = page.evaluate(
        """(id) => until(async () => {
          const row = await app.queue.one(id);
          return row.photos.map((photo) => photo.state).sort().join() === "received,refused" && row;
        })""",
        row["id"],
    )

    assert (parked["state"], parked["problem"]) == ("received", None)
    assert [photo["problem"]["code"] for photo in parked["photos"] if photo["problem"]] == ["bad-photo"]
    assert len(synced) >= 2
    assert len(page.evaluate(PHOTO_KEYS)) == 1
    page.evaluate("(id) => app.queue.retry(id)", row["id"])
    page.evaluate("(id) => in_state(id, 'done')", row["id"])


def test_a_photo_that_the_ward_has_after_all_is_no_refused_one(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    lied: list[int] = []

    def kept_and_refused(route: Route) -> None:
        if lied or route.request.method != "POST":
            return route.fallback()
        lied.append(route.fetch().status)
        return refused(route, 422, code="bad-photo")

    context.route("**/api/uploads**", kept_and_refused)
    row = page.evaluate("picture(40, 77).then((one) => saved('P6-ST-02', {}, [one]))")
    page.evaluate("app.sender.start()")

    page.evaluate("(id) => in_state(id, 'done')", row["id"])
    assert lied == [201]


def test_a_clock_that_jumps_stops_nothing(context, service):
    page = tab(context, service.url, sending=True)
    sign_in(page, "can-bo-01")
    page.evaluate("window.real = Date.now; window.jump = (ms) => { Date.now = () => real.call(Date) + ms; }")
    for years in (-1, 1):
        page.evaluate("(years) => jump(years * 3.15e10)", years)
        context.set_offline(True)
        row = page.evaluate("saved('P6-ST-02', { seen_at: new Date(real.call(Date)).toISOString() })")
        page.evaluate("waiting('offline')")
        page.evaluate("jump(0)")
        context.set_offline(False)
        page.evaluate("(id) => in_state(id, 'done')", row["id"])


def test_a_phone_without_room_says_so_loses_nothing_and_still_sends(context, service):
    page = tab(context, service.url)
    tools = context.new_cdp_session(page)
    tools.send("Storage.overrideQuotaForOrigin", {"origin": service.url, "quotaSize": 1_000_000})
    sign_in(page, "can-bo-01")
    said = page.evaluate(
        """async (note) => {
          const row = await saved("P6-ST-02", { note }, [await picture(64, 7)]);
          const draft = app.drafts.fresh("inspection", "P6-ST-02", { note });
          const fill = async (bytes) => {
            for (let n = 0; n < 9; n += 1) {
              const photo = new Uint8Array(bytes);
              crypto.getRandomValues(photo.subarray(0, 16));
              const end = await failing(() => app.drafts.addPhoto(draft, photo.buffer, false));
              if (end === "Full") return draft.photos.length;
            }
            return -1;
          };
          await app.drafts.keep(draft);
          const kept = await fill(150_000);
          await fill(30_000);
          await fill(4_000);
          const long = { note: "x".repeat(400_000) };
          const save = await failing(() => app.queue.save(draft, body("P6-ST-02", long)));
          return { id: row.id, kept, photos: draft.photos, save };
        }""",
        SECRET,
    )
    assert said["save"] == "Full"
    assert 0 < said["kept"] < 10
    draft = page.evaluate("app.drafts.of('inspection', 'P6-ST-02')")
    assert (draft["content"], draft["photos"]) == ({"note": SECRET}, said["photos"])

    page.evaluate("app.sender.start()")
    page.evaluate("(id) => in_state(id, 'done')", said["id"])
    assert page.evaluate("(draft) => app.queue.save(draft, body('P6-ST-02'))", draft)["state"] == "ready"


def test_rows_of_an_older_version_and_a_lost_connection_are_no_end(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    row = page.evaluate("(note) => saved('P6-ST-01', { note })", SECRET)
    # The database as version 1 wrote it: the same stores without their indexes.
    page.evaluate(
        """async () => {
          const all = await dump();
          await new Promise((done) => { indexedDB.deleteDatabase("taluy-phone").onsuccess = done; });
          const asked = indexedDB.open("taluy-phone", 1);
          asked.onupgradeneeded = () => {
            const keys = { meta: "name", people: "id", drafts: "id", photos: ["id", "sha"], rows: "id" };
            keys.packs = "person";
            for (const [name, keyPath] of Object.entries(keys)) {
              const store = asked.result.createObjectStore(name, { keyPath });
              for (const one of all[name]) store.put(one);
            }
          };
          await new Promise((done) => { asked.onsuccess = done; });
          asked.result.close();
        }"""
    )
    page = tab(context, service.url)
    assert page.evaluate("(id) => app.queue.content(id)", row["id"])["note"] == SECRET
    assert page.evaluate("opened().then((db) => { const now = db.version; db.close(); return now; })") == 2
    # A newer page upgrades under it: this one lets go, opens again and goes on.
    page.evaluate("opened(99).then((db) => db.close())")
    assert page.evaluate("saved('P6-ST-01').then((row) => row.state)") == "ready"
    assert len(rows(page)) == 2


def test_a_full_season_is_kept_and_listed(context, service):
    page = tab(context, service.url)
    sign_in(page, "can-bo-01")
    page.evaluate(
        """async () => {
          const shot = new Uint8Array(2000);
          for (let n = 0; n < 500; n += 1) {
            const draft = app.drafts.fresh("inspection", "P6-ST-01", { n });
            for (let at = 0; at < 3; at += 1) {
              new DataView(shot.buffer).setUint32(0, n * 3 + at);
              await app.drafts.addPhoto(draft, shot.slice().buffer, false);
            }
            await app.queue.save(draft, body("P6-ST-01"));
          }
        }"""
    )
    assert len(rows(page)) == 500
    took = page.evaluate(
        """async () => {
          const start = performance.now();
          await app.queue.rows();
          return performance.now() - start;
        }"""
    )
    sys.stdout.write(f"500 rows with 1,500 photos: listed in {took:.0f} ms\n")
    assert page.evaluate("app.queue.unsent()")["mine"] == 500


def test_plain_http_is_told_from_https(context, service):
    def from_service(route: Route) -> None:
        path = route.request.url.partition("://taluy.test")[2]
        answer = context.request.get(service.url + path)
        route.fulfill(response=answer)

    context.route("http://taluy.test/assets/**", from_service)
    page = context.new_page()
    page.goto("http://taluy.test/engine")
    page.wait_for_function("window.ready")
    assert page.evaluate("failed") == "NoCrypto"
