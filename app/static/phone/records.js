// Rows of the queue: reading them, changing them one by one, and what others see of them.

/** @import { KeptRow } from "./kept.d.ts" */
/** @import { Row } from "./types.d.ts" */
/** @import { Store, Writing } from "./store.js" */

/** All photos of one record. @param {string} id */
export function photosOf(id) {
  return IDBKeyRange.bound([id], [id, []]);
}

/** @param {Store} store @returns {Promise<KeptRow[]>} */
export function allRows(store) {
  return store.read(["rows"], (tx) => tx.objectStore("rows").getAll());
}

/** @param {Store} store @param {string} id @returns {Promise<KeptRow | null>} */
export async function oneRow(store, id) {
  return (await store.read(["rows"], (tx) => tx.objectStore("rows").get(id))) ?? null;
}

/**
 * Change rows as they stand now; what is not there any longer is passed over.
 * @param {Store} store @param {string[]} ids @param {(row: KeptRow, tx: Writing) => void | Promise<unknown>} change
 */
export async function changeRows(store, ids, change) {
  await store.write(["rows", "photos"], async (tx) => {
    for (const id of ids) {
      const row = await tx.objectStore("rows").get(id);
      if (!row) continue;
      await change(row, tx);
      await tx.objectStore("rows").put(row);
    }
  });
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
