// Keeping the app on the phone and renewing it: a new version answers the next start, and what is open stays as it is.

import { config } from "./shell.js";

const FLAGS = "taluy-phone";
const OFFICER = "/phone/officer";
const HOUR_MS = 3_600_000;

/** The worker that keeps the shell, or null where a browser has none, as over plain http. */
function workers() {
  return globalThis.isSecureContext && "serviceWorker" in navigator ? navigator.serviceWorker : null;
}

/** Live as a page of this version: its files stay on the phone as long as the page does. */
export function holdVersion() {
  void navigator.locks?.request(`taluy-shell-${config().version}`, { mode: "shared" }, () => new Promise(() => undefined));
}

/** Look for newer versions; they are used while nobody looks and nothing is `busy`. @param {() => boolean} busy */
export async function keepShell(busy) {
  const container = workers();
  const registration = await container?.getRegistration("/");
  if (!container || !registration) return;
  let asked = Date.now();
  let newer = false;
  let kept = container.controller !== null; // else the first that comes is this version
  container.addEventListener("controllerchange", () => {
    newer = kept;
    kept = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      if (newer && !busy()) location.reload();
    } else if (Date.now() - asked > HOUR_MS) {
      asked = Date.now();
      registration.update().catch(() => undefined);
    }
  });
  const ready = await container.ready;
  ready.active?.postMessage({ kind: "tidy" });
  const late = await keepLate(ready);
  document.body.dataset["late"] = `${late.kept}/${late.of}`;
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
