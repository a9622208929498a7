// The phone's IndexedDB: opened again when the browser loses it, upgraded step by step, never emptied.

import { openDB } from "idb";
import { Full, NoStore } from "./errors.js";

/** @import { IDBPDatabase, IDBPTransaction } from "idb" */
/** @import { Kept, StoreName } from "./kept.d.ts" */

/** @typedef {IDBPDatabase<Kept>} Db */
/** @typedef {IDBPTransaction<Kept, StoreName[], "versionchange">} Upgrading */
/** @typedef {IDBPTransaction<Kept, StoreName[], "readwrite">} Writing */
/** @typedef {IDBPTransaction<Kept, StoreName[], "readonly">} Reading */

export const NAME = "taluy-phone";

/**
 * Step N brings version N to N + 1. History: a step that was released never changes, and adds only: an older page may
 * still be open on the same database.
 * @type {((db: Db, tx: Upgrading) => void)[]}
 */
export const STEPS = [
  (db) => {
    db.createObjectStore("meta", { keyPath: "name" });
    db.createObjectStore("people", { keyPath: "id" });
    db.createObjectStore("drafts", { keyPath: "id" });
    db.createObjectStore("photos", { keyPath: ["id", "sha"] });
    db.createObjectStore("rows", { keyPath: "id" });
    db.createObjectStore("packs", { keyPath: "person" });
  },
  (_db, tx) => {
    tx.objectStore("drafts").createIndex("person", "person");
    tx.objectStore("rows").createIndex("person", "person");
  },
];

export class Store {
  /** @type {Promise<Db> | null} */
  #db = null;
  #name;

  /** @param {string} [name] */
  constructor(name = NAME) {
    this.#name = name;
  }

  /**
   * Read from one snapshot.
   * @template T @param {StoreName[]} stores @param {(tx: Reading) => Promise<T>} work @returns {Promise<T>}
   */
  read(stores, work) {
    return this.#twice(async (db) => {
      const tx = db.transaction(stores, "readonly");
      return settled(tx, work(tx));
    });
  }

  /**
   * Change all or nothing; resolves once the browser says that it is on disk. `work` may run twice, so it reads before it
   * writes. Throws `Full` where there is no room: nothing was changed then.
   * @template T @param {StoreName[]} stores @param {(tx: Writing) => Promise<T>} work
   * @param {IDBTransactionDurability} [durability] @returns {Promise<T>}
   */
  write(stores, work, durability = "strict") {
    return this.#twice(async (db) => {
      const tx = db.transaction(stores, "readwrite", { durability });
      return settled(tx, work(tx));
    });
  }

  /** @param {string} name @returns {Promise<unknown>} */
  async meta(name) {
    return (await this.read(["meta"], (tx) => tx.objectStore("meta").get(name)))?.value ?? null;
  }

  /** @param {string} name @param {unknown} value */
  async setMeta(name, value) {
    await this.write(["meta"], (tx) => tx.objectStore("meta").put({ name, value }));
  }

  async close() {
    const open = this.#db;
    this.#db = null;
    (await open)?.close();
  }

  /** A lost connection is opened again, once. @template T @param {(db: Db) => Promise<T>} work @returns {Promise<T>} */
  async #twice(work) {
    try {
      return await work(await this.#opened());
    } catch (error) {
      if (!isLost(error)) throw told(error);
      await this.close().catch(() => undefined);
    }
    try {
      return await work(await this.#opened());
    } catch (error) {
      throw told(error);
    }
  }

  #opened() {
    this.#db ??= this.#open().catch((error) => {
      this.#db = null;
      throw error;
    });
    return this.#db;
  }

  /** @returns {Promise<Db>} */
  async #open() {
    if (!globalThis.indexedDB) throw new NoStore("no IndexedDB");
    const forget = () => { this.#db = null; };
    /** @type {import("idb").OpenDBCallbacks<Kept>} */
    const callbacks = {
      upgrade: (db, from, _to, tx) => {
        for (const step of STEPS.slice(from)) step(db, /** @type {Upgrading} */ (/** @type {unknown} */ (tx)));
      },
      blocking: (_from, _to, event) => {
        forget();
        /** @type {IDBDatabase} */ (event.target).close();
      },
      terminated: forget,
    };
    try {
      return await openDB(this.#name, STEPS.length, callbacks);
    } catch (error) {
      // A newer page has upgraded the database already: it only added, so this page can go on.
      if (isNamed(error, "VersionError")) return openDB(this.#name, undefined, callbacks);
      if (isNamed(error, "SecurityError") || isNamed(error, "InvalidStateError")) throw new NoStore("shut", { cause: error });
      throw error;
    }
  }
}

/**
 * The transaction is over, and `work` with it; the transaction's own reason counts more than its last request's.
 * @template T @param {Reading | Writing} tx @param {Promise<T>} work @returns {Promise<T>}
 */
async function settled(tx, work) {
  tx.done.catch(() => undefined);
  try {
    const result = await work;
    await tx.done;
    return result;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // it is over already
    }
    throw tx.error ?? error;
  }
}

/** @param {unknown} error @param {string} name */
function isNamed(error, name) {
  return error instanceof Error && error.name === name;
}

/** Whether the connection broke, not the work: closed for an upgrade, or "Connection to Indexed Database server lost". */
function isLost(/** @type {unknown} */ error) {
  if (!(error instanceof DOMException)) return false;
  return ["InvalidStateError", "UnknownError", "AbortError"].includes(error.name);
}

/** @param {unknown} error */
function told(error) {
  if (isNamed(error, "DataCloneError")) return new NoStore("no keys", { cause: error }); // some private windows
  const full = isNamed(error, "QuotaExceededError") || (error instanceof Error && /quota|disk.*full|no space/i.test(error.message));
  return full && !(error instanceof Full) ? new Full("no room", { cause: error }) : error;
}
