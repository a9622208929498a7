// One errand at a time: a batch of texts, or one photo. What the server said is written down before anything else is done.

import { text } from "./bytes.js";
import { Offline, Refused, Unreadable } from "./errors.js";
import * as plan from "./plan.js";
import { changeRows } from "./records.js";
import { uploaded } from "./uploads.js";
import { unseal } from "./vault.js";
import { ask, problemOf } from "./wire.js";

/** @import { KeptPerson, KeptRow } from "./kept.d.ts" */
/** @import { PhotoState, ProblemBody } from "./types.d.ts" */
/** @import { Store } from "./store.js" */
/** @import { Bus } from "./bus.js" */
/** @import { People } from "./people.js" */

/** @typedef {{ person: KeptPerson, key: CryptoKey, token: string }} Carrier */

export class Courier {
  #store;
  #bus;
  #people;
  #limit = { records: plan.MOST_RECORDS, bytes: plan.MOST_BYTES };
  /** Rows that were in a batch that was refused as a whole: each goes alone. @type {Set<string>} */
  #alone = new Set();
  /** Rows that the server puts off, and until when by performance.now(). @type {Map<string, number>} */
  #later = new Map();
  /** Rows that the server must be asked about again before their photos go on. @type {Set<string>} */
  #doubted = new Set();
  /** Rows with nothing left to upload of which the server has said what it has; the others are asked about. @type {Set<string>} */
  #settled = new Set();
  /** How often a row's photo failed for a reason of its own. @type {Map<string, number>} */
  #stumbles = new Map();

  /** @param {Store} store @param {Bus} bus @param {People} people */
  constructor(store, bus, people) {
    this.#store = store;
    this.#bus = bus;
    this.#people = people;
  }

  /** Whether a row may go now. @param {KeptRow} row */
  due(row) {
    return (this.#later.get(row.id) ?? 0) <= performance.now();
  }

  /** Milliseconds until the first of the rows put off may go. @param {KeptRow[]} rows */
  nextDue(rows) {
    return Math.max(250, Math.min(...rows.map((row) => (this.#later.get(row.id) ?? 0) - performance.now())));
  }

  /** @param {string} [id] all of them without one */
  forgetDelays(id) {
    if (id) this.#later.delete(id);
    else this.#later.clear();
  }

  /** Rows to ask the server about again. @param {KeptRow[]} rows */
  toConfirm(rows) {
    const over = (/** @type {KeptRow} */ row) => !this.#settled.has(row.id) && row.photos.every((photo) => photo.state !== "kept");
    const doubted = rows.filter((row) => row.state === "received" && (this.#doubted.has(row.id) || over(row)));
    return doubted.length ? doubted : plan.toConfirm(rows);
  }

  /**
   * Send the text of as many of `rows` as one request takes. Throws `Offline`.
   * @param {Carrier} carrier @param {KeptRow[]} rows in order
   */
  async sendTexts(carrier, rows) {
    const first = rows[0];
    if (!first) return;
    const limit = this.#alone.has(first.id) ? { ...this.#limit, records: 1 } : this.#limit;
    const entries = await this.#entries(carrier, rows.slice(0, limit.records));
    const batch = plan.batch(entries, limit);
    if (!batch.length) return;
    const answer = await this.#asked(carrier, batch);
    if (answer.status === 200) await this.#written(batch, plan.resultsOf(answer.json));
    else await this.#refused(carrier, batch, answer.status, problemOf(answer));
  }

  /** @param {Carrier} carrier @param {plan.Entry[]} batch */
  async #asked({ token }, batch) {
    try {
      return await ask("/api/sync", { method: "POST", token, json: plan.bodyOf(batch) });
    } catch (error) {
      if (error instanceof Offline && error.why === "silent") await this.#unanswered(batch, error.status);
      throw error;
    }
  }

  /** @param {Carrier} carrier @param {KeptRow[]} rows @returns {Promise<plan.Entry[]>} */
  async #entries({ person, key }, rows) {
    /** @type {plan.Entry[]} */
    const entries = [];
    for (const row of rows) {
      try {
        if (!row.sealed) throw new Unreadable("no text");
        const record = JSON.parse(text(await unseal(row.sealed, key, person.public, `record:${row.id}`)));
        entries.push({ row, json: plan.spelt(row, record.body, record.photos) });
      } catch (error) {
        if (!(error instanceof Unreadable || error instanceof SyntaxError)) throw error;
        await this.#park([row.id], { code: "unreadable" });
      }
    }
    return entries;
  }

  /** @param {plan.Entry[]} batch @param {Map<string, plan.Result>} results */
  async #written(batch, results) {
    const ids = batch.map(({ row }) => row.id);
    await changeRows(this.#store, ids, (row) => {
      const result = results.get(row.id);
      row.tries += 1;
      if (!result || (row.state !== "ready" && row.state !== "received")) return [];
      return plan.apply(row, result, Date.now());
    });
    for (const { row } of batch) this.#putOff(row, results.get(row.id));
    const answered = ids.some((id) => results.has(id) && results.get(id)?.status !== "later");
    this.#limit.records = Math.min(plan.MOST_RECORDS, this.#limit.records * 2);
    this.#bus.tell("queue");
    if (!answered) throw new Offline("silent");
  }

  /** @param {KeptRow} row @param {plan.Result} [result] */
  #putOff(row, result) {
    this.#alone.delete(row.id);
    this.#doubted.delete(row.id);
    this.#settled.add(row.id);
    if (result && result.status !== "later") this.#later.delete(row.id);
    else this.#wait(row.id, row.tries + 1);
  }

  /** @param {Carrier} carrier @param {plan.Entry[]} batch @param {number} status @param {ProblemBody} problem */
  async #refused({ person, token }, batch, status, problem) {
    const ids = batch.map(({ row }) => row.id);
    const meaning = plan.meaning(status, batch.length, !problem.code.startsWith("http-"));
    if (meaning === "expired") await this.#people.expire(person.id, token);
    else if (meaning === "single") ids.forEach((id) => this.#alone.add(id));
    else if (meaning === "halve") this.#smaller(batch.length, 1);
    else if (meaning === "park") await this.#park(ids, problem);
    else {
      await this.#unanswered(batch, status);
      throw new Offline("silent", null, status);
    }
  }

  /**
   * No use for the whole batch. A server that stumbles over one record must not hold up the others: each goes alone then,
   * and whichever fails alone waits for itself.
   * @param {plan.Entry[]} batch @param {number | null} status
   */
  async #unanswered(batch, status) {
    const ids = batch.map(({ row }) => row.id);
    if (status === null) this.#smaller(ids.length);
    else if (status === 500 && ids.length > 1) ids.forEach((id) => this.#alone.add(id));
    else if (status === 500) batch.forEach(({ row }) => this.#wait(row.id, row.tries + 1));
    await changeRows(this.#store, ids, (row) => { row.tries += 1; });
  }

  /** @param {string} id @param {number} times */
  #wait(id, times) {
    this.#later.set(id, performance.now() + plan.backoff(times, null));
  }

  /** @param {number} sent @param {number} [least] */
  #smaller(sent, least = 10) {
    this.#limit.records = Math.max(Math.min(least, sent), Math.floor(sent / 2));
  }

  /** @param {string[]} ids @param {ProblemBody} problem */
  async #park(ids, problem) {
    ids.forEach((id) => this.#alone.delete(id));
    await changeRows(this.#store, ids, (row) => {
      if (row.state === "ready" || row.state === "received") plan.park(row, problem.status === 409 ? "conflict" : "refused", problem);
    });
    this.#bus.tell("queue");
  }

  /**
   * Send one photo, or as much of it as `signal` and `border` allow. Throws `Offline`.
   * @param {Carrier} carrier @param {KeptRow} row @param {PhotoState} photo
   * @param {{ signal: AbortSignal, border: () => boolean }} until
   */
  async sendPhoto({ person, key, token }, row, photo, until) {
    const { sha } = photo;
    const begun = row.begun?.includes(sha) ?? false;
    const progress = (/** @type {number} */ bytes) => this.#photo(row.id, sha, (one) => { one.sent = Math.min(bytes, one.bytes - 1); });
    try {
      const blob = await this.#blob(person, key, row.id, sha);
      if (!begun) await changeRows(this.#store, [row.id], (kept) => { kept.begun = [...(kept.begun ?? []), sha]; });
      const end = await uploaded({ record: row.id, sha, blob, token, begun, progress, ...until });
      if (end === "sent") await this.#photo(row.id, sha, (one) => { one.sent = one.bytes; });
      if (end === "held") await this.#held(row.id, sha);
      if (end !== "cut") this.#stumbles.delete(row.id);
    } catch (error) {
      if (error instanceof Unreadable) await this.#photoParked(row.id, sha, { code: "unreadable" });
      else if (error instanceof Refused) await this.#photoRefused(person.id, token, row, sha, error.problem);
      else {
        if (!(error instanceof Offline) || error.status !== null) this.#stumbled(row.id);
        throw error;
      }
    }
  }

  /** @param {string} id @param {string} sha */
  async #held(id, sha) {
    await changeRows(this.#store, [id], (row) => {
      plan.held(row, sha, Date.now());
      return [sha];
    });
    this.#bus.tell("queue");
  }

  /** This row's photos wait longer each time, and others go on meanwhile. @param {string} id */
  #stumbled(id) {
    const times = (this.#stumbles.get(id) ?? 0) + 1;
    this.#stumbles.set(id, times);
    this.#wait(id, times);
  }

  /** @param {KeptPerson} person @param {CryptoKey} key @param {string} id @param {string} sha */
  async #blob(person, key, id, sha) {
    const kept = await this.#store.read(["photos"], (tx) => tx.objectStore("photos").get([id, sha]));
    if (!kept) throw new Unreadable("no such photo");
    return new Blob([await unseal(kept.sealed, key, person.public, `photo:${id}/${sha}`)], { type: "image/jpeg" });
  }

  /** @param {number} person @param {string} token @param {KeptRow} row @param {string} sha @param {ProblemBody} problem */
  async #photoRefused(person, token, row, sha, problem) {
    if (problem.status === 401) return this.#people.expire(person, token);
    if (problem.status === 404 || problem.status === 409 || problem.status === 410) {
      this.#doubted.add(row.id);
      this.#stumbled(row.id);
      return this.#photo(row.id, sha, (one) => { one.sent = 0; });
    }
    return this.#photoParked(row.id, sha, problem);
  }

  /** The answer that named it may have been lost: the server is asked once more. @param {string} id @param {string} sha @param {ProblemBody} problem */
  #photoParked(id, sha, problem) {
    this.#settled.delete(id);
    return this.#photo(id, sha, (one) => { Object.assign(one, { state: "refused", problem }); });
  }

  /** @param {string} id @param {string} sha @param {(photo: PhotoState) => void} change */
  async #photo(id, sha, change) {
    await changeRows(this.#store, [id], (row) => {
      const photo = row.photos.find((one) => one.sha === sha);
      if (photo && photo.state === "kept") change(photo);
    });
    this.#bus.tell("queue");
  }
}
