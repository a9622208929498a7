// The PIN: it closes a person's key and token, and makes guessing slow without ever wiping anything.

import { utf8 } from "./bytes.js";
import { Locked, Refused, Slow } from "./errors.js";
import { makeDeviceKey, privateKey, seal, unseal, unwrapByPin, wrapByPin } from "./vault.js";

/** @import { KeptPerson, Wrong } from "./kept.d.ts" */
/** @import { Store } from "./store.js" */
/** @import { Keys } from "./keys.js" */

const WAITS_S = [0, 0, 0, 30, 60, 120, 300, 900];
const SHORTEST = 4;
const AFTER_RELOAD_S = 30;
const PAGE = Math.random().toString(36).slice(2);
/** When this page saw the last wrong PIN, by a clock that nobody can set. @type {Map<number, number>} */
const felt = new Map();

/** @param {Store} store @returns {Promise<CryptoKey>} */
async function deviceKey(store) {
  const fresh = await makeDeviceKey();
  return store.write(["meta"], async (tx) => {
    const known = await tx.objectStore("meta").get("device-key");
    if (known) return /** @type {CryptoKey} */ (known.value);
    await tx.objectStore("meta").put({ name: "device-key", value: fresh });
    return fresh;
  });
}

/** @param {Store} store @param {Keys} keys @param {KeptPerson} person @param {string} pin */
export async function setPin(store, keys, person, pin) {
  if (pin.length < SHORTEST) throw new Refused({ code: "pin-too-short" });
  const token = await keys.token(person);
  const pkcs8 = await keys.open(person, person.self, `self:${person.id}`);
  const key = await privateKey(pkcs8);
  const wrapped = await wrapByPin(pkcs8, pin, await deviceKey(store), person.id);
  const sealed = token ? await seal(utf8(token), person.public, `token:${person.id}`) : null;
  keys.unlock(person.id, key);
  await changed(store, person.id, { pin: wrapped, open: null, token: null, sealed_token: sealed, wrong: none() });
}

/** @param {Store} store @param {Keys} keys @param {KeptPerson} person */
export async function removePin(store, keys, person) {
  const token = await keys.token(person);
  const key = keys.reading(person);
  await changed(store, person.id, { pin: null, open: key, token, sealed_token: null, wrong: none() });
}

/**
 * The private key, or null for a wrong PIN. Throws `Slow` while a wait lasts. A try is counted before it is made, so that
 * closing the page saves none.
 * @param {Store} store @param {KeptPerson} person @param {string} pin
 */
export async function unlock(store, person, pin) {
  const kept = await counted(store, person.id);
  if (!kept.pin) throw new Locked();
  const pkcs8 = await unwrapByPin(kept.pin, pin, await deviceKey(store), person.id);
  if (!pkcs8) return null;
  await unsealed(kept, pkcs8);
  felt.delete(person.id);
  await changed(store, person.id, { wrong: none() });
  return privateKey(pkcs8);
}

/** @param {KeptPerson} person @param {ArrayBuffer} pkcs8 */
async function unsealed(person, pkcs8) {
  await unseal(person.self, await privateKey(pkcs8), person.public, `self:${person.id}`);
}

/** @param {Store} store @param {number} id */
function counted(store, id) {
  return store.write(["people"], async (tx) => {
    const row = await tx.objectStore("people").get(id);
    if (!row) throw new Locked();
    const wait = waitOf(row.wrong, { page: PAGE, clock: Date.now(), felt: sinceFelt(id) });
    if (wait > 0) throw new Slow(wait);
    const clock = Math.max(Date.now(), row.wrong.seen);
    row.wrong = { count: row.wrong.count + 1, at: clock, seen: clock, page: PAGE };
    felt.set(id, performance.now());
    await tx.objectStore("people").put(row);
    return row;
  });
}

/** Seconds since this page saw a wrong PIN, or since it was opened. @param {number} id */
function sinceFelt(id) {
  return (performance.now() - (felt.get(id) ?? 0)) / 1000;
}

/**
 * Seconds still to wait. In the page that saw the wrong PIN only the time that this page lived through counts; after a
 * reload the clock counts too, but never for less than half a minute of the new page, so a clock set forward gains little.
 * @param {Wrong} wrong @param {{ page: string, clock: number, felt: number }} now
 */
export function waitOf(wrong, now) {
  const due = WAITS_S[Math.min(wrong.count, WAITS_S.length) - 1] ?? 0;
  const lived = due - now.felt;
  if (due === 0 || lived <= 0) return 0;
  if (wrong.page === now.page) return Math.ceil(lived);
  const byClock = due - (Math.max(now.clock, wrong.seen) - wrong.at) / 1000;
  return Math.ceil(Math.min(lived, Math.max(byClock, Math.min(due, AFTER_RELOAD_S) - now.felt, 0)));
}

/** @returns {Wrong} */
function none() {
  return { count: 0, at: 0, seen: 0, page: "" };
}

/** @param {Store} store @param {number} id @param {Partial<KeptPerson>} change */
async function changed(store, id, change) {
  await store.write(["people"], async (tx) => {
    const row = await tx.objectStore("people").get(id);
    if (row) await tx.objectStore("people").put({ ...row, ...change });
  });
}
