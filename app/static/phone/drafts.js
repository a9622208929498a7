// What is being filled in: kept at every tap, sealed to whoever fills it in.

import { canonical, sha256, text, utf8 } from "./bytes.js";
import { Locked, NotSaved, TooMany, Unreadable } from "./errors.js";
import { seal } from "./vault.js";
import { photosOf } from "./records.js";

/** @import { KeptDraft, KeptPhoto } from "./kept.d.ts" */
/** @import { Draft, Drafts as Promised } from "./types.d.ts" */
/** @import { Store } from "./store.js" */
/** @import { Bus } from "./bus.js" */
/** @import { Keys } from "./keys.js" */
/** @import { People } from "./people.js" */

export const MOST_PHOTOS = 10;

/** @implements {Promised} */
export class Drafts {
  #store;
  #bus;
  #keys;
  #people;
  /** Writes of one draft come one after the other. @type {Map<string, Promise<unknown>>} */
  #writing = new Map();
  /** Whose a draft is that is open in this tab, whoever takes the phone in another. @type {Map<string, number>} */
  #owners = new Map();
  /** Drafts that this tab has saved. @type {Set<string>} */
  saved = new Set();

  /** @param {Store} store @param {Bus} bus @param {Keys} keys @param {People} people */
  constructor(store, bus, keys, people) {
    this.#store = store;
    this.#bus = bus;
    this.#keys = keys;
    this.#people = people;
  }

  /** @template T @param {Draft["kind"]} kind @param {string} place @returns {Promise<Draft<T> | null>} */
  async of(kind, place) {
    const me = this.#people.mine();
    const found = (await this.#of(me.id)).filter((draft) => draft.kind === kind && draft.place === place);
    const last = found.sort((a, b) => b.updated_at - a.updated_at)[0];
    if (!last) return null;
    const content = JSON.parse(text(await this.#keys.open(me, last.sealed, `draft:${last.id}`)));
    const { id, updated_at, photos } = last;
    this.#owners.set(id, me.id);
    return { id, kind, place, updated_at, content, photos };
  }

  /** @template T @param {Draft["kind"]} kind @param {string} place @param {T} content @returns {Draft<T>} */
  fresh(kind, place, content) {
    const id = crypto.randomUUID();
    this.#owners.set(id, this.#people.mine().id);
    return { id, kind, place, updated_at: Date.now(), content, photos: [] };
  }

  /** @param {Draft} draft */
  async keep(draft) {
    await this.inTurn(draft.id, () => this.#put(draft, null));
  }

  /** @param {Draft} draft */
  async drop(draft) {
    await this.inTurn(draft.id, () => this.#store.write(["drafts", "photos", "rows"], async (tx) => {
      await tx.objectStore("drafts").delete(draft.id);
      if (!(await tx.objectStore("rows").get(draft.id))) await tx.objectStore("photos").delete(photosOf(draft.id));
    }));
    this.#bus.tell("drafts");
  }

  /** @param {Draft} draft @param {ArrayBuffer} bytes @param {boolean} evidence */
  async addPhoto(draft, bytes, evidence) {
    const sha = await sha256(bytes);
    if (draft.photos.some((photo) => photo.sha === sha)) return sha;
    if (draft.photos.length >= MOST_PHOTOS) throw new TooMany();
    const person = this.owner(draft.id);
    const sealed = await seal(bytes, person.public, `photo:${draft.id}/${sha}`);
    const photo = { id: draft.id, sha, person: person.id, bytes: bytes.byteLength, sealed };
    draft.photos.push({ sha, bytes: bytes.byteLength, evidence });
    try {
      await this.inTurn(draft.id, () => this.#put(draft, photo));
    } catch (error) {
      draft.photos = draft.photos.filter((one) => one.sha !== sha);
      throw error;
    }
    return sha;
  }

  /** @param {Draft} draft @param {string} sha */
  async removePhoto(draft, sha) {
    draft.photos = draft.photos.filter((photo) => photo.sha !== sha);
    await this.inTurn(draft.id, () => this.#put(draft, null, sha));
  }

  /** @param {string} id @param {string} sha */
  async photo(id, sha) {
    const me = this.#people.mine();
    const kept = await this.#store.read(["photos"], (tx) => tx.objectStore("photos").get([id, sha]));
    if (!kept || kept.person !== me.id) throw kept ? new Locked() : new Unreadable("no such photo");
    return new Blob([await this.#keys.open(me, kept.sealed, `photo:${id}/${sha}`)], { type: "image/jpeg" });
  }

  async begun() {
    const found = await this.#of(this.#people.mine().id);
    return found.sort((a, b) => b.updated_at - a.updated_at).map(({ kind, place, updated_at }) => ({ kind, place, updated_at }));
  }

  /** Who began a draft; what they typed is theirs even if somebody else has the phone by now. @param {string} id */
  owner(id) {
    return this.#people.kept(this.#owners.get(id) ?? -1) ?? this.#people.mine();
  }

  /** @param {number} person */
  #of(person) {
    return this.#store.read(["drafts"], (tx) => tx.objectStore("drafts").index("person").getAll(person));
  }

  /**
   * Store a draft as it is now, with one photo more or less, and read it back.
   * @param {Draft} draft @param {KeptPhoto | null} photo @param {string} [without]
   */
  async #put(draft, photo, without) {
    const kept = await this.sealed(draft);
    await this.#store.write(["drafts", "photos", "rows"], async (tx) => {
      const before = await tx.objectStore("drafts").get(draft.id);
      const row = before ? null : await tx.objectStore("rows").get(draft.id);
      if (row && !photo) return this.#late(draft.id);
      kept.replaces = before?.replaces ?? null;
      if (photo) await tx.objectStore("photos").put(photo);
      if (without) await tx.objectStore("photos").delete([draft.id, without]);
      await tx.objectStore("drafts").put(kept);
    }, photo ? "strict" : "relaxed"); // a tap outlives the page; a photo and a save outlive the battery as well
    await this.#readBack(kept, photo);
    this.#bus.tell("drafts");
  }

  /** Saved meanwhile: a late tap does not bring the draft back; what another tab did not save is not kept. @param {string} id */
  #late(id) {
    if (!this.saved.has(id)) throw new NotSaved("saved in another tab");
  }

  /** A draft as it is kept, sealed to its owner. @param {Draft} draft @returns {Promise<KeptDraft>} */
  async sealed(draft) {
    const person = this.owner(draft.id);
    draft.updated_at = Date.now();
    const { id, kind, place, updated_at } = draft;
    const sealed = await seal(utf8(canonical(JSON.parse(JSON.stringify(draft.content ?? null)))), person.public, `draft:${id}`);
    return { id, person: person.id, kind, place, updated_at, photos: structuredClone(draft.photos), sealed, replaces: null };
  }

  /** @param {KeptDraft} kept @param {KeptPhoto | null} photo */
  async #readBack(kept, photo) {
    const [draft, row, stored] = await this.#store.read(["drafts", "rows", "photos"], (tx) => Promise.all([
      tx.objectStore("drafts").get(kept.id),
      tx.objectStore("rows").count(kept.id),
      photo ? tx.objectStore("photos").get([photo.id, photo.sha]) : undefined,
    ]));
    if (row && !draft && !photo) return this.#late(kept.id);
    const newer = draft !== undefined && draft.updated_at > kept.updated_at;
    if (!newer && (await hashOf(draft)) !== (await hashOf(kept))) throw new NotSaved("draft");
    if (photo && (await hashOf(stored)) !== (await hashOf(photo))) throw new NotSaved("photo");
  }

  /** @template T @param {string} id @param {() => Promise<T>} work @returns {Promise<T>} */
  inTurn(id, work) {
    const turn = (this.#writing.get(id) ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#writing.set(id, turn);
    const done = () => { if (this.#writing.get(id) === turn) this.#writing.delete(id); };
    turn.then(done, done);
    return turn;
  }
}

/** @param {{ sealed: { data: ArrayBuffer } } | undefined} kept */
async function hashOf(kept) {
  return kept ? sha256(kept.sealed.data) : null;
}
