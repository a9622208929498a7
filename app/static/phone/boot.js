// The first thing that runs. On a phone that sees the app for the first time the worker fetches all of it in one piece;
// then every module comes from the phone. Without a worker they come from the server, one by one.

const PATIENCE_MS = 15_000;

/** @param {ServiceWorkerContainer} workers @returns {Promise<void>} when this page is answered from the phone */
async function kept(workers) {
  const registration = await workers.register("/phone/sw.js", { scope: "/", updateViaCache: "none" });
  if (registration.active) return;
  await new Promise((resolve, reject) => {
    workers.addEventListener("controllerchange", resolve, { once: true });
    const installing = registration.installing ?? registration.waiting;
    if (!installing) reject(new Error("not kept"));
    installing?.addEventListener("statechange", () => { if (installing.state === "redundant") reject(new Error("not kept")); });
    setTimeout(() => reject(new Error("slow")), PATIENCE_MS);
  });
}

const workers = globalThis.isSecureContext ? navigator.serviceWorker : undefined;
if (workers && !workers.controller) await kept(workers).catch(console.warn);
for (const name of ["./engine.js", "./screens/near.js", "./gps.js", "idb"]) import(name).catch(() => undefined);
await import("./app.js");
