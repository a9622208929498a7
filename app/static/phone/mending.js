// A parked row becomes a draft again. What the server has under the old id is never overwritten: the draft has a new one.

import { text } from "./bytes.js";
import { AlreadyReceived } from "./errors.js";
import { photosOf } from "./records.js";
import { seal } from "./vault.js";

/** @import { KeptDraft, KeptPerson, KeptPhoto, KeptRow } from "./kept.d.ts" */
/** @import { Draft } from "./types.d.ts" */
/** @import { Store } from "./store.js" */
/** @import { Keys } from "./keys.js" */
/** @import { Drafts } from "./drafts.js" */

/** @typedef {{ store: Store, keys: Keys, drafts: Drafts, me: KeptPerson }} Parts */

/**
 * The draft of a parked row, as its screen kept it, or `{body}`. The row stays until the draft is saved. Throws `Locked`.
 * @param {Parts} parts @param {KeptRow} row @param {() => Promise<unknown>} body @returns {Promise<Draft>}
 */
export async function mended(parts, row, body) {
  if (row.receipt || !row.sealed || (row.state !== "refused" && row.state !== "conflict")) throw new AlreadyReceived();
  const { store, keys, drafts, me } = parts;
  const all = await store.read(["drafts"], (tx) => tx.objectStore("drafts").index("person").getAll(me.id));
  const begun = all.find((draft) => draft.replaces === row.id);
  const source = begun ?? row;
  const sealed = begun?.sealed ?? row.form;
  const content = sealed ? JSON.parse(text(await keys.open(me, sealed, `draft:${source.id}`))) : { body: await body() };
  if (begun) {
    const draft = { ...bare(begun), content };
    await drafts.keep(draft).catch(console.error); // of all drafts of its place the newest is opened
    return draft;
  }
  const photos = row.photos.map(({ sha, bytes }) => ({ sha, bytes, evidence: false }));
  return renamed(parts, { id: row.id, kind: row.kind, place: row.place, updated_at: 0, content, photos }, row.id);
}

/**
 * The same draft under a new id, stored with its photos sealed anew, all or nothing.
 * @param {Parts} parts @param {Draft} draft @param {string | null} replaces @returns {Promise<Draft>}
 */
export async function renamed({ store, keys, drafts, me }, draft, replaces) {
  const copy = drafts.fresh(draft.kind, draft.place, draft.content);
  const old = await store.read(["photos"], (tx) => tx.objectStore("photos").getAll(photosOf(draft.id)));
  const photos = await Promise.all(old.map((photo) => resealed(keys, me, photo, copy.id)));
  copy.photos = draft.photos.filter((photo) => photos.some(({ sha }) => sha === photo.sha));
  const kept = { ...(await drafts.sealed(copy)), replaces };
  await store.write(["drafts", "photos"], async (tx) => {
    for (const photo of photos) await tx.objectStore("photos").put(photo);
    await tx.objectStore("drafts").put(kept);
  });
  return copy;
}

/** @param {Keys} keys @param {KeptPerson} me @param {KeptPhoto} photo @param {string} id @returns {Promise<KeptPhoto>} */
async function resealed(keys, me, photo, id) {
  const bytes = await keys.open(me, photo.sealed, `photo:${photo.id}/${photo.sha}`);
  return { ...photo, id, sealed: await seal(bytes, me.public, `photo:${id}/${photo.sha}`) };
}

/** @param {KeptDraft} draft */
function bare({ id, kind, place, updated_at, photos }) {
  return { id, kind, place, updated_at, photos };
}
