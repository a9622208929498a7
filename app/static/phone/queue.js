// What is to be sent, from "saved" until the server has all of it. Nothing leaves the queue without the server's word.

import { canonical, sha256, text, utf8 } from "./bytes.js";
import { Locked, NotSaved, Unreadable } from "./errors.js";
import { allRows, changeRows, inOrder, oneRow, photosOf, shown } from "./records.js";
import { seal } from "./vault.js";

/** @import { KeptPerson, KeptRow } from "./kept.d.ts" */
/** @import { Draft, InspectionBody, PhotoState, PositionBody, Queue as Promised, Row } from "./types.d.ts" */
/** @import { Store } from "./store.js" */
/** @import { Bus } from "./bus.js" */
/** @import { Keys } from "./keys.js" */
/** @import { People } from "./people.js" */
/** @import { Drafts } from "./drafts.js" */

const KEEP_DONE_MS = 30 * 24 * 3600 * 1000;

/** @implements {Promised} */
export class Queue extends EventTarget {
  #store;
  #bus;
  #keys;
  #people;
  #drafts;

  /** @param {Store} store @param {Bus} bus @param {Keys} keys @param {People} people @param {Drafts} drafts */
  constructor(store, bus, keys, people, drafts) {
    super();
    this.#store = store;
    this.#bus = bus;
    this.#keys = keys;
    this.#people = people;
    this.#drafts = drafts;
    bus.on("queue", () => this.dispatchEvent(new Event("change")));
  }

  /** @param {Draft} draft @param {InspectionBody | PositionBody} body */
  async save(draft, body) {
    return this.#drafts.inTurn(draft.id, () => this.#save(draft, body));
  }

  /** @param {Draft} draft @param {InspectionBody | PositionBody} given @returns {Promise<Row>} */
  async #save(draft, given) {
    const person = this.#drafts.owner(draft.id);
    const body = JSON.parse(JSON.stringify(given));
    const sha = await sha256(utf8(canonical(body)));
    const before = await oneRow(this.#store, draft.id);
    if (before?.sha === sha) return shown(before);
    if (before) return this.#save(await this.#renamed(draft), given); // another tab saved this draft otherwise
    const photos = await this.#photosOf(draft);
    const row = await sealedRow(person, draft, body, sha, photos);
    await this.#write(row);
    this.#drafts.saved.add(row.id);
    await this.#readBack(row);
    this.#bus.tell("queue");
    this.#bus.tell("saved", { urgent: row.urgent });
    return shown(row);
  }

  async rows() {
    const me = this.#people.current();
    const rows = me ? await allRows(this.#store, me.id) : [];
    return rows.map(shown).sort(inOrder);
  }

  /** @param {string} id */
  async one(id) {
    const row = await this.#own(id).catch(() => null);
    return row && shown(row);
  }

  /** @param {string} id @returns {Promise<InspectionBody | PositionBody>} */
  async content(id) {
    const row = await this.#own(id);
    if (!row.sealed) throw new Unreadable("sent and gone");
    return JSON.parse(text(await this.#keys.open(this.#people.mine(), row.sealed, `record:${id}`))).body;
  }

  async unsent() {
    const me = this.#people.current()?.id ?? null;
    const waiting = (await allRows(this.#store)).filter((row) => row.state !== "done");
    const mine = waiting.filter((row) => row.person === me);
    const oldest = mine.length ? Math.min(...mine.map((row) => row.saved_at)) : null;
    return { mine: mine.length, others: waiting.length - mine.length, oldest };
  }

  /** @param {string} id */
  async retry(id) {
    await this.#own(id);
    await changeRows(this.#store, [id], (row) => {
      if (row.state === "refused" || row.state === "conflict") row.state = row.receipt ? "received" : "ready";
      row.problem = null;
      for (const photo of row.photos) if (photo.state === "refused") Object.assign(photo, { state: "kept", problem: null });
    });
    this.#bus.tell("queue");
    this.#bus.tell("retry", { id });
  }

  /** @param {string} id @returns {Promise<Draft>} */
  async edit(id) {
    const row = await this.#own(id);
    const { mended } = await import("./mending.js");
    return mended(this.#parts(), row, () => this.content(id));
  }

  /** @param {string[]} ids */
  async exportFile(ids) {
    const { exported } = await import("./handing.js");
    return exported(this.#store, ids, (person) => this.#people.kept(person));
  }

  async tidy() {
    const gone = (await allRows(this.#store)).filter((row) => row.done_at !== null && row.done_at < Date.now() - KEEP_DONE_MS);
    await this.#store.write(["rows"], async (tx) => {
      for (const row of gone) await tx.objectStore("rows").delete(row.id);
    });
    if (gone.length) this.#bus.tell("queue");
  }

  /** @param {string} id */
  async #own(id) {
    const row = await oneRow(this.#store, id);
    if (!row || row.person !== this.#people.mine().id) throw row ? new Locked() : new Unreadable("no such row");
    return row;
  }

  /** @param {Draft} draft */
  async #renamed(draft) {
    const { renamed } = await import("./mending.js");
    return renamed(this.#parts(), draft, null);
  }

  #parts() {
    return { store: this.#store, keys: this.#keys, drafts: this.#drafts, me: this.#people.mine() };
  }

  /** What is really there of a draft's photos. @param {Draft} draft @returns {Promise<PhotoState[]>} */
  async #photosOf(draft) {
    const keys = await this.#store.read(["photos"], (tx) => tx.objectStore("photos").getAllKeys(photosOf(draft.id)));
    const there = new Set(keys.map(([, sha]) => sha));
    return draft.photos
      .filter((photo) => there.has(photo.sha))
      .map(({ sha, bytes }) => ({ sha, bytes, state: "kept", sent: 0, problem: null }));
  }

  /** @param {KeptRow} row */
  async #write(row) {
    await this.#store.write(["rows", "drafts", "photos"], async (tx) => {
      const draft = await tx.objectStore("drafts").get(row.id);
      await tx.objectStore("rows").put({ ...row, form: draft?.sealed ?? null });
      await tx.objectStore("drafts").delete(row.id);
      if (!draft?.replaces) return;
      const parked = await tx.objectStore("rows").get(draft.replaces);
      if (!parked || parked.receipt || (parked.state !== "refused" && parked.state !== "conflict")) return;
      await tx.objectStore("rows").delete(parked.id);
      await tx.objectStore("photos").delete(photosOf(parked.id));
    });
  }

  /** @param {KeptRow} row */
  async #readBack(row) {
    const kept = await oneRow(this.#store, row.id);
    const same = kept?.sha === row.sha && (!kept.sealed || (await sha256(kept.sealed.data)) === row.sealed_sha);
    if (!same) throw new NotSaved("row");
  }
}

/**
 * @param {KeptPerson} person @param {Draft} draft @param {any} body @param {string} sha @param {PhotoState[]} photos
 * @returns {Promise<KeptRow>}
 */
async function sealedRow(person, draft, body, sha, photos) {
  const record = JSON.stringify({ kind: draft.kind, body, photos: photos.map((photo) => photo.sha) });
  const sealed = await seal(utf8(record), person.public, `record:${draft.id}`);
  return {
    id: draft.id,
    kind: draft.kind,
    person: person.id,
    place: body.place,
    urgent: draft.kind === "inspection" && body.condition === "danger",
    saved_at: Date.now(),
    state: "ready",
    photos,
    receipt: null,
    problem: null,
    tries: 0,
    sha,
    sealed,
    form: null,
    sealed_sha: await sha256(sealed.data),
    done_at: null,
  };
}
