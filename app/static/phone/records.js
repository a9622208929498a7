// Rows of the queue: reading them, changing them one by one, and what others see of them.

import { Full } from "./errors.js";

/** @import { KeptRow } from "./kept.d.ts" */
/** @import { Row } from "./types.d.ts" */
/** @import { Store, Writing } from "./store.js" */

/** All photos of one record. @param {string} id */
export function photosOf(id) {
  return IDBKeyRange.bound([id], [id, []]);
}

/**
 * What the server said while the phone had no room to write it down. Nothing is lost with the page: it would be asked again,
 * and its photos have made room.
 * @type {Map<string, KeptRow>}
 */
const unwritten = new Map();

/** @param {Store} store @param {number} [person] @returns {Promise<KeptRow[]>} */
export async function allRows(store, person) {
  const rows = await store.read(["rows"], (tx) => {
    const kept = tx.objectStore("rows");
    return person === undefined ? kept.getAll() : kept.index("person").getAll(person);
  });
  return unwritten.size ? rows.map((row) => unwritten.get(row.id) ?? row) : rows;
}

/** @param {Store} store @param {string} id @returns {Promise<KeptRow | null>} */
export async function oneRow(store, id) {
  const row = await store.read(["rows"], (tx) => tx.objectStore("rows").get(id));
  return row ? unwritten.get(id) ?? row : null;
}

/**
 * Change rows as they stand now; what is not there any longer is passed over. `change` gives the photos that may go.
 * @param {Store} store @param {string[]} ids @param {(row: KeptRow) => string[] | void} change
 */
export async function changeRows(store, ids, change) {
  try {
    const changed = await store.write(["rows", "photos"], (tx) => changedIn(tx, ids, change, true));
    for (const row of changed) unwritten.delete(row.id);
  } catch (error) {
    if (!(error instanceof Full)) throw error;
    const changed = await store.write(["rows", "photos"], (tx) => changedIn(tx, ids, change, false)); // deleting needs no room
    for (const row of changed) unwritten.set(row.id, row);
  }
}

/** @param {Writing} tx @param {string[]} ids @param {(row: KeptRow) => string[] | void} change @param {boolean} put */
async function changedIn(tx, ids, change, put) {
  const [rows, photos, changed] = [tx.objectStore("rows"), tx.objectStore("photos"), /** @type {KeptRow[]} */ ([])];
  for (const id of ids) {
    const kept = await rows.get(id);
    if (!kept) continue;
    const row = structuredClone(unwritten.get(id) ?? kept);
    for (const sha of change(row) ?? []) await photos.delete([id, sha]);
    if (put) await rows.put(row);
    changed.push(row);
  }
  return changed;
}

/** A row as the list shows it. @param {KeptRow} kept @returns {Row} */
export function shown(kept) {
  const { sealed: _sealed, form: _form, sealed_sha: _sha, done_at: _done, begun: _begun, ...row } = kept;
  return row;
}

/** Whether somebody must look at it. @param {Row} row */
export function needsCare(row) {
  return row.state === "refused" || row.state === "conflict" || row.photos.some((photo) => photo.state === "refused");
}

/** What needs care first, then what waits, then what is done; the newest first. @param {Row} a @param {Row} b */
export function inOrder(a, b) {
  return rank(a) - rank(b) || b.saved_at - a.saved_at || (a.id < b.id ? -1 : 1);
}

/** @param {Row} row */
function rank(row) {
  if (row.state === "done") return 3;
  if (needsCare(row)) return 0;
  return row.urgent ? 1 : 2;
}
