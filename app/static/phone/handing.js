// One file that anybody may carry and only its author or the ward's server can open. See app/phone/sealed.py.

import { base64url } from "./bytes.js";
import { Unreadable } from "./errors.js";
import { photosOf } from "./records.js";
import { vouch } from "./vault.js";

/** @import { KeptPerson, KeptPhoto, KeptRow } from "./kept.d.ts" */
/** @import { Sealed } from "./types.d.ts" */
/** @import { Store } from "./store.js" */

/**
 * Rows of one person that the server has not got whole, sealed as they are kept: works locked and signed out.
 * @param {Store} store @param {string[]} ids @param {(id: number) => KeptPerson | null} personOf
 */
export async function exported(store, ids, personOf) {
  const found = await Promise.all(ids.map((id) => oneWhole(store, id)));
  const whole = found.filter((one) => one !== null);
  const person = whole[0] && personOf(whole[0].row.person);
  if (!person || whole.some(({ row }) => row.person !== person.id)) throw new Unreadable("nothing to hand in");
  const made_at = new Date().toISOString();
  const file = {
    taluy: "hand-in",
    v: 1,
    made_at,
    person: person.id,
    public_key: base64url(person.public),
    wrapped: { iv: base64url(person.wrapped.iv), data: base64url(person.wrapped.data) },
    records: await Promise.all(whole.map((one) => record(person, one))),
  };
  const name = `taluy-${made_at.slice(0, 10)}-${whole.length}.taluy.json`;
  return new File([JSON.stringify(file)], name, { type: "application/json" });
}

/** @param {Store} store @param {string} id @returns {Promise<{ row: KeptRow, photos: KeptPhoto[] } | null>} */
async function oneWhole(store, id) {
  return store.read(["rows", "photos"], async (tx) => {
    const row = await tx.objectStore("rows").get(id);
    if (!row?.sealed) return null;
    return { row, photos: await tx.objectStore("photos").getAll(photosOf(id)) };
  });
}

/** @param {KeptPerson} person @param {{ row: KeptRow, photos: KeptPhoto[] }} one */
async function record(person, { row, photos }) {
  const sealed = /** @type {Sealed} */ (row.sealed);
  return {
    id: row.id,
    kind: row.kind,
    place: row.place,
    sealed: spelt(sealed),
    mac: base64url(await vouch(person.voucher, row.id, sealed)),
    photos: photos.map((photo) => ({ sha: photo.sha, sealed: spelt(photo.sealed) })),
  };
}

/** @param {Sealed} sealed */
function spelt({ epk, iv, data }) {
  return { epk: base64url(epk), iv: base64url(iv), data: base64url(data) };
}
