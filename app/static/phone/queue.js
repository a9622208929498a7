// What is to be sent, from "saved" until the server has all of it. Nothing leaves the queue without the server's word.

import { canonical, sha256, text, utf8 } from "./bytes.js";
import { AlreadyReceived, Locked, NotSaved, Unreadable } from "./errors.js";
import { allRows, changeRows, inOrder, oneRow, photosOf, shown } from "./records.js";
import { seal } from "./vault.js";

/** @import { KeptDraft, KeptPerson, KeptPhoto, KeptRow } from "./kept.d.ts" */
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
    if (before) return this.#save(await this.#renamed(person, draft), given); // another tab saved this draft otherwise
    const photos = await this.#photosOf(draft);
    const row = await sealedRow(person, draft, body, sha, photos);
    await this.#write(row);
    await this.#readBack(row);
    this.#bus.tell("queue");
    this.#bus.tell("saved", { urgent: row.urgent });
    return shown(row);
  }

  async rows() {
    const me = this.#people.current();
    const rows = me ? await this.#store.read(["rows"], (tx) => tx.objectStore("rows").index("person").getAll(me.id)) : [];
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
    const me = this.#people.mine();
    const row = await this.#own(id);
    if (row.receipt || !row.sealed) throw new AlreadyReceived();
    if (row.state !== "refused" && row.state !== "conflict") throw new AlreadyReceived("not parked");
    const begun = (await this.#draftsOf(me.id)).find((draft) => draft.replaces === id);
    const content = await this.#form(me, row, begun);
    if (begun) return { ...bare(begun), content };
    const draft = await this.#renamed(me, { ...bare({ ...row, updated_at: Date.now(), photos: [] }), content, photos: asDrafted(row) });
    await this.#store.write(["drafts"], async (tx) => {
      const kept = await tx.objectStore("drafts").get(draft.id);
      if (kept) await tx.objectStore("drafts").put({ ...kept, replaces: id });
    });
    return draft;
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

  /** @param {number} person */
  #draftsOf(person) {
    return this.#store.read(["drafts"], (tx) => tx.objectStore("drafts").index("person").getAll(person));
  }

  /** What the screen kept while this row was a draft. @param {KeptPerson} me @param {KeptRow} row @param {KeptDraft} [begun] */
  async #form(me, row, begun) {
    const sealed = begun?.sealed ?? row.form;
    if (!sealed) return { body: await this.content(row.id) };
    return JSON.parse(text(await this.#keys.open(me, sealed, `draft:${begun?.id ?? row.id}`)));
  }

  /** The same draft under a new id, stored, its photos sealed anew. @param {KeptPerson} me @param {Draft} draft @returns {Promise<Draft>} */
  async #renamed(me, draft) {
    const copy = { ...this.#drafts.fresh(draft.kind, draft.place, draft.content), photos: structuredClone(draft.photos) };
    const old = await this.#store.read(["photos"], (tx) => tx.objectStore("photos").getAll(photosOf(draft.id)));
    /** @type {KeptPhoto[]} */
    const photos = [];
    for (const photo of old) {
      const bytes = await this.#keys.open(me, photo.sealed, `photo:${photo.id}/${photo.sha}`);
      photos.push({ ...photo, id: copy.id, sealed: await seal(bytes, me.public, `photo:${copy.id}/${photo.sha}`) });
    }
    copy.photos = copy.photos.filter((photo) => photos.some(({ sha }) => sha === photo.sha));
    await this.#store.write(["photos"], async (tx) => {
      for (const photo of photos) await tx.objectStore("photos").put(photo);
    });
    await this.#drafts.keep(copy);
    return copy;
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

/** @param {{ id: string, kind: Draft["kind"], place: string, updated_at: number, photos: Draft["photos"] }} draft */
function bare({ id, kind, place, updated_at, photos }) {
  return { id, kind, place, updated_at, photos };
}

/** @param {KeptRow} row @returns {Draft["photos"]} */
function asDrafted(row) {
  return row.photos.map(({ sha, bytes }) => ({ sha, bytes, evidence: false }));
}
