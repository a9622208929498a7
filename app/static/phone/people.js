// Who uses this phone, and who of them can be read now.

import { Locked, Nobody } from "./errors.js";

/** @import { KeptPerson } from "./kept.d.ts" */
/** @import { People as Promised, Person } from "./types.d.ts" */
/** @import { Store } from "./store.js" */
/** @import { Bus } from "./bus.js" */
/** @import { Keys } from "./keys.js" */

/** @implements {Promised} */
export class People extends EventTarget {
  /** @type {Map<number, KeptPerson>} */
  #rows = new Map();
  /** @type {Map<number, number>} */
  #unsent = new Map();
  /** @type {number | null} */
  #current = null;
  /** @type {Promise<void> | null} */
  #counting = null;
  #store;
  #bus;
  #keys;

  /** @param {Store} store @param {Bus} bus @param {Keys} keys */
  constructor(store, bus, keys) {
    super();
    this.#store = store;
    this.#bus = bus;
    this.#keys = keys;
    for (const what of ["people", "unlocked", "locked"]) bus.on(what, () => void this.load());
    bus.on("queue", () => {
      this.#counting ??= this.#count().finally(() => { this.#counting = null; });
    });
  }

  /** Read again who is there. */
  async load() {
    const [rows, current] = await this.#store.read(["people", "meta"], (tx) =>
      Promise.all([tx.objectStore("people").getAll(), tx.objectStore("meta").get("current")]));
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#current = typeof current?.value === "number" && this.#rows.has(current.value) ? current.value : null;
    await this.#count();
    this.dispatchEvent(new Event("change"));
  }

  async #count() {
    const rows = await this.#store.read(["rows"], (tx) => tx.objectStore("rows").getAll());
    this.#unsent = new Map();
    for (const row of rows) {
      if (row.state !== "done") this.#unsent.set(row.person, (this.#unsent.get(row.person) ?? 0) + 1);
    }
  }

  async all() {
    const drafts = await this.#store.read(["drafts"], (tx) => tx.objectStore("drafts").getAll());
    const begun = new Set(drafts.map((draft) => draft.person));
    return [...this.#rows.values()]
      .filter((row) => row.id === this.#current || hasToken(row) || this.#unsent.has(row.id) || begun.has(row.id))
      .sort((a, b) => Number(b.id === this.#current) - Number(a.id === this.#current) || a.name.localeCompare(b.name, "vi"))
      .map((row) => this.#shown(row));
  }

  current() {
    const row = this.#rows.get(this.#current ?? -1);
    return row ? this.#shown(row) : null;
  }

  /** What is kept of the current person. Throws `Nobody`. */
  mine() {
    const row = this.#rows.get(this.#current ?? -1);
    if (!row) throw new Nobody();
    return row;
  }

  /** @param {number} id */
  kept(id) {
    return this.#rows.get(id) ?? null;
  }

  /** @param {{ name: string, password: string, code?: string, device: string }} given */
  async signIn(given) {
    const { signedIn } = await import("./signing.js");
    const person = await signedIn(this.#store, given, new Map(this.#rows));
    this.#leave(person.id);
    this.#keys.lock(person.id);
    await this.#take(person.id);
    return this.#shown(person);
  }

  async signOut() {
    const row = this.mine();
    const token = await this.#keys.token(row).catch(() => null);
    await this.#change(row.id, forgotten);
    await this.#store.setMeta("current", null);
    this.#keys.lock(row.id);
    await this.#changed();
    if (token) void revoked(token).catch(() => undefined);
  }

  /** @param {number} id */
  async switchTo(id) {
    const row = this.#rows.get(id);
    if (!row || !hasToken(row)) throw new Locked();
    this.#leave(id);
    await this.#take(id);
    return this.#shown(this.mine());
  }

  async pinNeeded() {
    const row = this.#rows.get(this.#current ?? -1);
    return this.#rows.size > 1 && row !== undefined && !row.pin && hasToken(row);
  }

  /** @param {string} pin */
  async setPin(pin) {
    const { setPin } = await import("./pin.js");
    await setPin(this.#store, this.#keys, this.mine(), pin);
    await this.#changed();
  }

  async removePin() {
    const { removePin } = await import("./pin.js");
    await removePin(this.#store, this.#keys, this.mine());
    await this.#changed();
  }

  /** @param {string} pin */
  async unlock(pin) {
    const row = this.mine();
    if (!row.pin) throw new Locked();
    const { unlock } = await import("./pin.js");
    const key = await unlock(this.#store, row, pin);
    if (key) this.#keys.unlock(row.id, key);
    if (key) await this.#changed();
    return key !== null;
  }

  async lock() {
    const row = this.mine();
    if (row.pin) this.#keys.lock(row.id);
    await this.#changed();
  }

  /** The server does not take this token any longer. @param {number} id @param {string} token */
  async expire(id, token) {
    const row = this.#rows.get(id);
    if (!row || row.expired || (await this.#keys.token(row)) !== token) return;
    await this.#change(id, (kept) => { kept.expired = true; });
    await this.#changed();
  }

  /** @param {number} id @param {(row: KeptPerson) => void} change */
  #change(id, change) {
    return this.#store.write(["people"], async (tx) => {
      const row = await tx.objectStore("people").get(id);
      if (!row) return;
      change(row);
      await tx.objectStore("people").put(row);
    });
  }

  /** The current person gives the phone away: a PIN closes behind them. @param {number} to */
  #leave(to) {
    if (this.#current !== null && this.#current !== to && this.#rows.get(this.#current)?.pin) this.#keys.lock(this.#current);
  }

  /** `id` has the phone; who left it without a PIN can be read again only after a sign-in. @param {number} id */
  async #take(id) {
    await this.#store.write(["people", "meta"], async (tx) => {
      await tx.objectStore("meta").put({ name: "current", value: id });
      for (const row of await tx.objectStore("people").getAll()) {
        if (row.id !== id && row.open && !row.aside) await tx.objectStore("people").put({ ...row, aside: true });
      }
    });
    await this.#changed();
  }

  async #changed() {
    await this.load();
    this.#bus.tell("people");
  }

  /** @param {KeptPerson} row @returns {Person} */
  #shown(row) {
    const { id, name, role, expires_at } = row;
    return { id, name, role, state: this.#state(row), hasPin: row.pin !== null, unsent: this.#unsent.get(id) ?? 0, expires_at };
  }

  /** @param {KeptPerson} row @returns {Person["state"]} */
  #state(row) {
    if (!hasToken(row)) return "signed-out";
    if (row.aside || !this.#keys.of(row)) return "locked";
    return row.expired ? "expired" : "open";
  }
}

/** @param {string} token */
async function revoked(token) {
  const { ask } = await import("./wire.js");
  await ask("/api/session", { method: "DELETE", token, patience: 20_000 });
}

/** What goes when somebody signs out; what they made stays, sealed. @param {KeptPerson} row */
function forgotten(row) {
  Object.assign(row, { token: null, sealed_token: null, open: null, pin: null, expired: false, aside: false });
}

/** @param {KeptPerson} row */
function hasToken(row) {
  return row.token !== null || row.sealed_token !== null;
}
