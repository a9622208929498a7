// The sending runs by itself: on opening, `online`, becoming visible, after a save, and after waits that grow.

import { Courier } from "./courier.js";
import { Offline } from "./errors.js";
import { Lead } from "./lead.js";
import { backoff, photos, texts } from "./plan.js";
import { allRows } from "./records.js";

/** @import { KeptRow } from "./kept.d.ts" */
/** @import { State } from "./sender.js" */
/** @import { Carrier } from "./courier.js" */
/** @import { Store } from "./store.js" */
/** @import { Bus } from "./bus.js" */
/** @import { Keys } from "./keys.js" */
/** @import { People } from "./people.js" */

export class Sending {
  #store;
  #bus;
  #keys;
  #people;
  #lead;
  #courier;
  /** @type {State} */
  #state = { doing: "idle", why: "", next: null, since: null };
  #failures = 0;
  /** Somebody called while it was busy: do not sleep. */
  #called = false;
  /** @type {(() => void) | null} */
  #wake = null;
  /** @type {AbortController | null} */
  #photo = null;
  /** Text was saved while a photo goes: it stops at the next chunk. */
  #textWaits = false;

  /** @param {Store} store @param {Bus} bus @param {Keys} keys @param {People} people */
  constructor(store, bus, keys, people) {
    this.#store = store;
    this.#bus = bus;
    this.#keys = keys;
    this.#people = people;
    this.#lead = new Lead(bus);
    this.#courier = new Courier(store, bus, people);
    this.#listen();
    void this.#lead.run((signal) => this.#run(signal));
  }

  #listen() {
    const bus = this.#bus;
    bus.on("now", () => { this.#courier.forgetDelays(); this.#call(); });
    bus.on("saved", (said) => this.#saved(said.urgent));
    bus.on("retry", (said) => { this.#courier.forgetDelays(said.id); this.#call(); });
    for (const what of ["people", "unlocked"]) bus.on(what, () => this.#call());
    const now = () => {
      bus.tell("now");
      this.#lead.challenge();
    };
    addEventListener("online", now);
    addEventListener("offline", () => this.#call());
    addEventListener("pageshow", now);
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") now(); });
  }

  /** @param {boolean} urgent */
  #saved(urgent) {
    this.#textWaits = true;
    if (urgent) this.#photo?.abort();
    this.#call();
    this.#lead.challenge();
  }

  /** Try at once, whatever wait there was. */
  #call() {
    this.#failures = 0;
    this.#called = true;
    this.#wake?.();
  }

  /** @param {AbortSignal} signal */
  async #run(signal) {
    signal.addEventListener("abort", () => { this.#photo?.abort(); this.#wake?.(); });
    while (!signal.aborted) {
      this.#called = false;
      const wait = await this.#step().catch((error) => this.#failed(error));
      if (wait !== 0 && !signal.aborted) await this.#sleep(wait);
    }
  }

  /** One errand; gives how long to wait after it, null for until somebody calls. @returns {Promise<number | null>} */
  async #step() {
    this.#textWaits = false;
    const { carriers, blocked, open } = await this.#work();
    const rows = open.filter((row) => this.#courier.due(row));
    const next = nextOf(rows, this.#courier.toConfirm(rows));
    const carrier = next && carriers.get(next.person);
    if (!next || !carrier) return this.#rest(blocked, open);
    this.#tell(next.photo ? "photo" : "text");
    if (next.photo) await this.#sendPhoto(carrier, next.photo);
    else await this.#courier.sendTexts(carrier, next.rows);
    this.#failures = 0;
    return 0;
  }

  /** Nothing can go now. @param {State["why"]} blocked @param {KeptRow[]} open */
  #rest(blocked, open) {
    const later = open.filter((row) => !this.#courier.due(row));
    if (later.length) {
      const wait = this.#courier.nextDue(later);
      this.#tell("waiting", "silent", wait);
      return wait;
    }
    this.#tell(blocked ? "waiting" : "idle", blocked);
    return null;
  }

  /** @param {Carrier} carrier @param {{ row: KeptRow, photo: import("./types.d.ts").PhotoState }} next */
  async #sendPhoto(carrier, { row, photo }) {
    this.#photo = new AbortController();
    const until = { signal: this.#photo.signal, border: () => this.#textWaits };
    try {
      await this.#courier.sendPhoto(carrier, row, photo, until);
    } finally {
      this.#photo = null;
    }
  }

  /** Rows that can go and who sends them; `blocked`: why the current person's cannot, or anybody's where nobody has the phone. */
  async #work() {
    const open = (await allRows(this.#store)).filter((row) => row.state === "ready" || row.state === "received");
    /** @type {Map<number, Carrier>} */
    const carriers = new Map();
    /** @type {Map<number, State["why"]>} */
    const reasons = new Map();
    for (const id of new Set(open.map((row) => row.person))) {
      const carrier = await this.#carrier(id);
      if (typeof carrier === "string") reasons.set(id, carrier);
      else carriers.set(id, carrier);
    }
    const me = this.#people.current();
    const blocked = (me ? reasons.get(me.id) : [...reasons.values()][0]) ?? "";
    return { carriers, blocked, open: open.filter((row) => carriers.has(row.person)) };
  }

  /** @param {number} id @returns {Promise<Carrier | "sign-in" | "locked">} */
  async #carrier(id) {
    const person = this.#people.kept(id);
    if (!person || person.expired || (!person.token && !person.sealed_token)) return "sign-in";
    const key = this.#keys.of(person);
    const token = await this.#keys.token(person);
    return key && token ? { person, key, token } : "locked";
  }

  /** @param {unknown} error */
  #failed(error) {
    const { why, retry_after } = error instanceof Offline ? error : { why: /** @type {const} */ ("silent"), retry_after: null };
    if (!(error instanceof Offline)) console.error(error);
    this.#failures += 1;
    const wait = backoff(this.#failures, retry_after);
    this.#tell("waiting", why, wait);
    return wait;
  }

  /** @param {number | null} wait */
  async #sleep(wait) {
    if (this.#called) return;
    await new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
      if (wait !== null) setTimeout(resolve, wait);
    });
    this.#wake = null;
  }

  /** @param {State["doing"]} doing @param {State["why"]} [why] @param {number | null} [wait] */
  #tell(doing, why = "", wait = null) {
    const same = this.#state.doing === doing && this.#state.why === why;
    const since = doing === "idle" ? null : same ? this.#state.since : Date.now();
    this.#state = { doing, why, next: wait === null ? null : Date.now() + wait, since };
    this.#bus.tell("sending", { state: this.#state });
  }
}

/**
 * The next errand among rows that may go: text, then questions about what has arrived, then one photo.
 * @param {KeptRow[]} rows @param {KeptRow[]} doubtful
 */
function nextOf(rows, doubtful) {
  const [lines, photo] = [texts(rows), photos(rows)[0]];
  const first = lines.length ? lines : doubtful;
  const person = first[0]?.person;
  if (person !== undefined) return { person, rows: first.filter((row) => row.person === person), photo: null };
  return photo ? { person: photo.row.person, rows: [], photo } : null;
}
