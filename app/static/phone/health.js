// Whether the browser promises to keep what is on this phone, and how much room there is.

/** @typedef {{ persisted: boolean | null, usage: number | null, quota: number | null, installed: boolean, store: "home screen" | "browser" }} Health */

/** Asks for storage that is not cleared by itself; most browsers decide without a question. @returns {Promise<Health>} */
export async function health() {
  const installed = isInstalled();
  const { usage = null, quota = null } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  return { persisted: await persisted(), usage, quota, installed, store: installed ? "home screen" : "browser" };
}

/** True: kept until somebody deletes it. False: the browser may clear it. Null: it does not say. */
async function persisted() {
  if (!navigator.storage?.persist) return null;
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return null;
  }
}

function isInstalled() {
  const asApp = ["standalone", "fullscreen", "minimal-ui"].some((mode) => matchMedia(`(display-mode: ${mode})`).matches);
  return asApp || /** @type {any} */ (navigator).standalone === true;
}
