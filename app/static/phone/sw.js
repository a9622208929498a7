// The service worker: keeps one version of the app's shell and answers with it, with and without a network.
// It sees reading only, never what is sent, and never opens IndexedDB: the page keeps and sends what was recorded.
// The route puts `self.TALUY` before this: the version and the addresses of what belongs to it.

/**
 * @typedef {{version: string, pages: string[], early: string[], late: string[]}} Shell
 * @typedef {{kind: "late" | "tidy"}} Wish
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const shell = /** @type {Shell} */ (/** @type {Record<string, unknown>} */ (/** @type {unknown} */ (self))["TALUY"]);

const PREFIX = "taluy-shell-";
const KEPT = PREFIX + shell.version;
/** Where the page notes that somebody who inspects is signed in on this phone. */
const FLAGS = "taluy-phone";
/** So many files that are missing come one by one. */
const FEW = 8;
const OFFICER = "/phone/officer";
const [PAGE = "/phone", OFFLINE = "/phone/offline"] = shell.pages;
const OURS = new Set([...shell.early, ...shell.late]);
const PATHS = new Set([...OURS].map((address) => address.split("?")[0]));
const PLACE = /^\/s\/[A-Za-z0-9-]+\/?$/;

// It takes over as soon as it has everything: a version that waits would hold up the next start. Pages keep the files they began with.
worker.addEventListener("install", (event) => event.waitUntil(install().then(() => worker.skipWaiting())));
// Whoever opens the app now waits for this event, so that nothing else is done here.
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  const { kind } = /** @type {Wish} */ (event.data ?? {});
  if (kind === "tidy") event.waitUntil(tidy());
  if (kind === "late") event.waitUntil(keepLate().then((kept) => event.ports[0]?.postMessage({ kept, of: shell.late.length })));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === PAGE) event.respondWith(page(request));
    else if (PLACE.test(url.pathname)) event.respondWith(place(request, url));
  } else if (isOurs(url)) {
    event.respondWith(file(request));
  }
});

/** A file of this version, or of the one before that an open page still needs. @param {URL} url */
function isOurs(url) {
  return url.searchParams.has("v") && (PATHS.has(url.pathname) || url.pathname.startsWith("/assets/taluy/phone/"));
}

/** Keep what opening, listing, filling in and saving need: all of it, or this version is not there. */
async function install() {
  const cache = await caches.open(KEPT);
  await Promise.all(shell.pages.map((address) => keepPage(cache, address)));
  await keepAll(cache, "early");
  const english = shell.late.filter((address) => address.includes("/texts.en"));
  if (await someText(english)) await Promise.all(english.map((address) => keep(cache, address)));
}

/** Whether a version before kept one of these texts, whatever its content was. @param {string[]} addresses */
async function someText(addresses) {
  const found = await Promise.all(addresses.map((address) => caches.match(address, { ignoreSearch: true })));
  return found.some(Boolean);
}

/** @param {Cache} cache @param {string} address */
async function keepPage(cache, address) {
  const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
  if (!isThisVersion(answer)) throw new Error(`${address} is of another version`);
  await cache.put(address, answer);
}

/** @param {Response} answer */
function isThisVersion(answer) {
  return answer.ok && answer.headers.get("Taluy-Version") === shell.version;
}

/** Keep a group of files: many that are missing come in one piece, few one by one. @param {Cache} cache @param {"early" | "late"} group */
async function keepAll(cache, group) {
  const known = await Promise.all(shell[group].map((address) => caches.match(address, { ignoreVary: true })));
  if (known.filter((answer) => !answer).length > FEW) await keepPiece(cache, group);
  await Promise.all(shell[group].map((address) => keep(cache, address)));
}

/** @param {Cache} cache @param {"early" | "late"} group */
async function keepPiece(cache, group) {
  const answer = await fetch(`/phone/files/${group}`, { cache: "no-store", credentials: "omit" });
  if (!isThisVersion(answer)) throw new Error(`the ${group} files are of another version`);
  const texts = /** @type {Record<string, string>} */ (await answer.json());
  await Promise.all(
    shell[group].map(async (address) => {
      const text = texts[address.slice("/assets/".length).split("?")[0] ?? ""];
      if (text !== undefined) await cache.put(address, asFile(address, text));
    }),
  );
}

/** @param {string} address @param {string} text */
function asFile(address, text) {
  const kind = address.includes(".json?") ? "application/json" : "text/javascript; charset=utf-8";
  return new Response(text, { headers: { "Content-Type": kind, ETag: `"${hashOf(address)}"` } });
}

/** Keep one file under its hashed address, from a version before where it is the same. @param {Cache} cache @param {string} address */
async function keep(cache, address) {
  if (await cache.match(address, { ignoreVary: true })) return;
  const known = await caches.match(address, { ignoreVary: true });
  const answer = known ?? (await fetch(address, { credentials: "omit" }));
  if (!isTrue(answer, address)) throw new Error(`${address} did not come`);
  await cache.put(address, answer);
}

/** @param {string} address */
function hashOf(address) {
  return new URL(address, location.origin).searchParams.get("v") ?? "";
}

/** Whether an answer holds what the address names: after an update the server has only newer content. @param {Response} answer @param {string} address */
function isTrue(answer, address) {
  return answer.ok && (answer.headers.get("ETag") ?? "").includes(hashOf(address));
}

/** Keep the late files as far as they come; how many are there. */
async function keepLate() {
  const cache = await caches.open(KEPT);
  await keepAll(cache, "late").catch(() => undefined);
  let kept = 0;
  for (const address of shell.late) {
    try {
      await keep(cache, address);
      kept += 1;
    } catch {
      // No network or no room: the next start tries again.
    }
  }
  return kept;
}

/** Drop the versions that no page uses any more. A page holds a lock with its version as long as it lives. */
async function tidy() {
  const { installing, waiting } = worker.registration;
  if (installing || waiting || !worker.navigator.locks) return;
  const { held = [] } = await worker.navigator.locks.query();
  const used = new Set([KEPT, ...held.map((lock) => lock.name ?? "")]);
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && !used.has(name)) await caches.delete(name);
}

/** @param {string} address @returns {Promise<Response | undefined>} */
async function kept(address) {
  const cache = await caches.open(KEPT);
  return cache.match(address, { ignoreVary: true });
}

/** The app. @param {Request} request */
async function page(request) {
  return (await kept(PAGE)) ?? fetch(request);
}

/**
 * A place by its code: whoever inspects lands in its form at once; others get the server's page, as does everybody who
 * asks for it or comes from another of our pages.
 * @param {Request} request @param {URL} url
 */
async function place(request, url) {
  const officer = url.searchParams.get("public") !== "1" && (await caches.match(OFFICER, { cacheName: FLAGS }));
  const inside = request.referrer !== "" && new URL(request.referrer, location.origin).origin === location.origin;
  if (officer && !inside) return page(request);
  try {
    return await fetch(request);
  } catch {
    return (await kept(officer ? PAGE : OFFLINE)) ?? Response.error();
  }
}

/** @param {Request} request */
async function file(request) {
  const found = (await kept(request.url)) ?? (await caches.match(request.url, { ignoreVary: true }));
  if (found) return found;
  const answer = await fetch(request);
  const address = request.url.slice(location.origin.length);
  if (OURS.has(address) && isTrue(answer, address)) {
    const copy = answer.clone();
    const cache = await caches.open(KEPT);
    await cache.put(address, copy).catch(() => undefined);
  }
  return answer;
}
