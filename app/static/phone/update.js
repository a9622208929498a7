// Keeping the app on the phone and renewing it: a new version installs beside the old one and waits until nothing is open.

import { config } from "./shell.js";

const FLAGS = "taluy-phone";
const OFFICER = "/phone/officer";
const RELOADED = "taluy-reloaded";
const HOUR_MS = 3_600_000;
const PATIENCE_MS = 3000;

/** The worker that keeps the shell, or null where a browser has none, as over plain http. */
function workers() {
  return globalThis.isSecureContext && "serviceWorker" in navigator ? navigator.serviceWorker : null;
}

/** Live as a page of this version: its files stay on the phone as long as the page does. */
export function holdVersion() {
  void navigator.locks?.request(`taluy-shell-${config().version}`, { mode: "shared" }, () => new Promise(() => undefined));
}

/** Use a version that waits since before, if there is one; the page is then loaded again. @returns {Promise<boolean>} */
export async function renewAtStart() {
  const registration = await workers()?.getRegistration("/");
  if (!registration?.waiting || sessionStorage.getItem(RELOADED) === config().version) return false;
  sessionStorage.setItem(RELOADED, config().version);
  return apply(registration);
}

/**
 * A version that comes too late, when something may be open again, loads no page.
 * @param {ServiceWorkerRegistration} registration @returns {Promise<boolean>} whether the page is loaded again
 */
function apply(registration) {
  return new Promise((resolve) => {
    const late = new AbortController();
    const given = setTimeout(() => {
      late.abort();
      resolve(false);
    }, PATIENCE_MS);
    const changed = () => {
      clearTimeout(given);
      resolve(true);
      location.reload();
    };
    workers()?.addEventListener("controllerchange", changed, { once: true, signal: late.signal });
    registration.waiting?.postMessage({ kind: "apply" });
  });
}

/** Look for newer versions; they are used while nobody looks and nothing is `busy`. @param {() => boolean} busy */
export async function keepShell(busy) {
  const registration = await workers()?.getRegistration("/");
  if (!registration) return;
  let asked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      if (registration.waiting && !busy()) void apply(registration);
    } else if (Date.now() - asked > HOUR_MS) {
      asked = Date.now();
      registration.update().catch(() => undefined);
    }
  });
  const ready = await navigator.serviceWorker.ready;
  ready.active?.postMessage({ kind: "tidy" });
  const kept = await keepLate(ready);
  document.body.dataset["late"] = `${kept.kept}/${kept.of}`;
}

/** Fetch the map, the fonts and the like. @param {ServiceWorkerRegistration} ready @returns {Promise<{kept: number, of: number}>} */
function keepLate(ready) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    ready.active?.postMessage({ kind: "late" }, [port2]);
  });
}

/** Note for the worker whether somebody who inspects is signed in: places opened by their code then open their form. @param {boolean} officer */
export async function noteOfficer(officer) {
  if (!globalThis.caches) return;
  const flags = await caches.open(FLAGS);
  if (officer) await flags.put(OFFICER, new Response("1"));
  else await flags.delete(OFFICER);
}
