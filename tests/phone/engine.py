"""The phone's engine in a bare page of the service's own origin: no screens, no service worker."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route

from app import assets
from tests.make import PASSWORD
from tests.running import Service

PAGE = f"""<!doctype html><html lang="vi"><meta charset="utf-8"><title>engine</title>
<script type="importmap">{assets.import_map([], assets.BARE)}</script>
<script type="module">
  import {{ start }} from "/assets/taluy/phone/engine.js";
  window.say = [];
  try {{ window.app = await start(); }} catch (error) {{ window.failed = error.name; }}
  window.ready = true;
</script>"""

HELPERS = """
window.body = (place, more = {}) => ({ place, seen_at: new Date().toISOString(), condition: "no_change",
  context: {}, answers: {}, measurements: {}, note: null, position: null, corrects: null, form_version: "2026.1",
  ...more });
window.saved = async (place, more = {}, photos = []) => {
  const draft = app.drafts.fresh("inspection", place, { typed: more.note ?? null });
  await app.drafts.keep(draft);
  for (const bytes of photos) await app.drafts.addPhoto(draft, bytes, false);
  return app.queue.save(draft, body(place, more));
};
window.picture = async (width, height, seed) => {
  const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d");
  const pixels = pen.createImageData(width, height);
  let x = seed * 2654435761 >>> 0;
  for (let at = 0; at < pixels.data.length; at += 1) {
    x ^= x << 13; x ^= x >>> 17; x ^= x << 5;
    pixels.data[at] = at % 4 === 3 ? 255 : x & 255;
  }
  pen.putImageData(pixels, 0, 0);
  return (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer();
};
window.until = async (what, ms = 30000) => {
  for (const end = performance.now() + ms; performance.now() < end; await new Promise((go) => setTimeout(go, 25))) {
    const got = await what();
    if (got) return got;
  }
  throw new Error("never: " + what + " " + JSON.stringify(await app.queue.rows()) + JSON.stringify(app.sender.state()));
};
window.in_state = (id, state) => until(async () => {
  const row = await app.queue.one(id);
  return row?.state === state && row;
});
window.dump = async () => {
  const db = await new Promise((done) => {
    indexedDB.open("taluy-phone").onsuccess = (event) => done(event.target.result);
  });
  const all = {};
  for (const store of db.objectStoreNames) {
    all[store] = await new Promise((done) => {
      db.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result);
    });
  }
  db.close();
  return all;
};
/** Everything that is kept, as the Latin-1 and the UTF-16 spelling of its bytes, to look for words in. */
window.spelt = (value) => {
  if (value instanceof ArrayBuffer) return new TextDecoder("latin1").decode(value) + new TextDecoder("utf-16").decode(value)
    + new TextDecoder("utf-8").decode(value);
  if (ArrayBuffer.isView(value)) return spelt(value.slice().buffer);
  if (value instanceof CryptoKey) return value.extractable ? "EXTRACTABLE" : "";
  if (value && typeof value === "object") return Object.entries(value).map(([name, one]) => `${name}:${spelt(one)}`).join();
  return String(value);
};
"""


@contextmanager
def phone(browser: Browser, service: Service) -> Iterator[BrowserContext]:
    """A phone that nobody has used yet."""
    context = browser.new_context(locale="vi-VN")
    context.route(f"{service.url}/engine", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    context.add_init_script(HELPERS)
    yield context
    context.close()


def tab(context: BrowserContext, service: Service, *, sending: bool = False) -> Page:
    """A tab with the engine started in it."""
    page = context.new_page()
    page.goto(f"{service.url}/engine")
    page.wait_for_function("window.ready")
    assert page.evaluate("window.failed ?? ''") == ""
    if sending:
        page.evaluate("app.sender.start()")
    return page


def sign_in(page: Page, name: str) -> dict[str, Any]:
    """Sign somebody in on the phone; gives the `Person`."""
    given = {"name": name, "password": PASSWORD, "device": "Máy thử"}
    person: dict[str, Any] = page.evaluate("(given) => app.people.signIn(given)", given)
    return person


def refused(route: Route, status: int, **problem: Any) -> None:
    """Answer a request with a problem document."""
    route.fulfill(status=status, body=json.dumps(problem), content_type="application/problem+json")
