// The sender as the app knows it. What does the sending comes once it is needed, see sending.js.

/** @import { Sender as Promised } from "./types.d.ts" */
/** @import { Sending } from "./sending.js" */
/** @import { Store } from "./store.js" */
/** @import { Bus } from "./bus.js" */
/** @import { Keys } from "./keys.js" */
/** @import { People } from "./people.js" */

/** @typedef {ReturnType<Promised["state"]>} State */

/** @implements {Promised} */
export class Sender extends EventTarget {
  #parts;
  /** @type {State} */
  #state = { doing: "idle", why: "", next: null, since: null };
  /** @type {Promise<Sending> | null} */
  #sending = null;

  /** @param {Store} store @param {Bus} bus @param {Keys} keys @param {People} people */
  constructor(store, bus, keys, people) {
    super();
    this.#parts = { store, bus, keys, people };
    bus.on("sending", (said) => {
      this.#state = said.state;
      this.dispatchEvent(new Event("change"));
    });
  }

  start() {
    this.#sending ??= this.#begun().catch((error) => {
      // it did not come: not kept for offline use yet, and no network
      this.#sending = null;
      addEventListener("online", () => this.start(), { once: true });
      throw error;
    });
    this.#sending.catch(() => undefined);
  }

  now() {
    if (!this.#sending) this.start();
    this.#parts.bus.tell("now");
  }

  state() {
    return this.#state;
  }

  async #begun() {
    const { Sending } = await import("./sending.js");
    const { store, bus, keys, people } = this.#parts;
    return new Sending(store, bus, keys, people);
  }
}
