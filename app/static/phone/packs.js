// What the phone knows of the ward: places and forms in the open, what only insiders may read sealed to the person.

import { text, utf8 } from "./bytes.js";
import { Locked, Offline } from "./errors.js";
import { seal } from "./vault.js";

/** @import { KeptPack } from "./kept.d.ts" */
/** @import { Pack, Packs as Promised } from "./types.d.ts" */
/** @import { Store } from "./store.js" */
/** @import { Bus } from "./bus.js" */
/** @import { Keys } from "./keys.js" */
/** @import { People } from "./people.js" */

/** @implements {Promised} */
export class Packs extends EventTarget {
  #store;
  #bus;
  #keys;
  #people;

  /** @param {Store} store @param {Bus} bus @param {Keys} keys @param {People} people */
  constructor(store, bus, keys, people) {
    super();
    this.#store = store;
    this.#bus = bus;
    this.#keys = keys;
    this.#people = people;
    for (const what of ["pack", "unlocked", "locked"]) bus.on(what, () => this.dispatchEvent(new Event("change")));
  }

  /** @returns {Promise<Pack | null>} */
  async read() {
    const kept = await this.#kept();
    if (!kept) return null;
    const person = this.#people.kept(kept.person);
    const closed = { last: {}, positions: [] };
    if (!person || person.id !== this.#people.current()?.id) return { ...kept.open, ...closed };
    try {
      return { ...kept.open, ...JSON.parse(text(await this.#keys.open(person, kept.sealed, `pack:${person.id}`))) };
    } catch (error) {
      if (error instanceof Locked) return { ...kept.open, ...closed };
      throw error;
    }
  }

  async refresh() {
    const id = this.#people.current()?.id ?? null;
    const person = id === null ? null : this.#people.kept(id);
    const token = person && !person.expired ? await this.#keys.token(person) : null;
    if (!person || !token) return;
    const before = await this.#store.read(["packs"], (tx) => tx.objectStore("packs").get(person.id));
    try {
      const { ask } = await import("./wire.js");
      const answer = await ask("/api/phone/pack", { token, headers: before?.etag ? { "If-None-Match": before.etag } : {} });
      if (answer.status === 401) await this.#people.expire(person.id, token);
      if (answer.status === 200 && Array.isArray(answer.json?.places)) await this.#take(person.id, answer.json, answer.headers.get("etag"));
    } catch (error) {
      if (!isNoNetwork(error)) throw error;
    }
  }

  /** The current person's, else the one that came last. */
  async #kept() {
    const all = await this.#store.read(["packs"], (tx) => tx.objectStore("packs").getAll());
    const me = this.#people.current()?.id;
    return all.find((pack) => pack.person === me) ?? all.sort((a, b) => b.fetched_at - a.fetched_at)[0] ?? null;
  }

  /** @param {number} id @param {Pack} pack @param {string | null} etag */
  async #take(id, pack, etag) {
    const person = this.#people.kept(id);
    if (!person) return;
    const { last, positions, ...open } = pack;
    const sealed = await seal(utf8(JSON.stringify({ last, positions })), person.public, `pack:${id}`);
    /** @type {KeptPack} */
    const kept = { person: id, etag, fetched_at: Date.now(), open, sealed };
    await this.#store.write(["packs"], (tx) => tx.objectStore("packs").put(kept), "relaxed");
    this.#bus.tell("pack");
  }
}

/** No answer, or not even the script that would ask. @param {unknown} error */
function isNoNetwork(error) {
  return error instanceof Offline || error instanceof TypeError;
}
