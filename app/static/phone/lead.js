// One tab of this phone sends at a time. A tab that the system has frozen while it led loses the lead.

/** @import { Bus } from "./bus.js" */

const LOCK = "taluy-sender";
const ANSWER_MS = 4000;

export class Lead {
  #bus;
  #leads = false;
  #asked = 0;

  /** @param {Bus} bus */
  constructor(bus) {
    this.#bus = bus;
    bus.on("lead?", (said) => { if (this.#leads && !said.here) bus.tell("lead!"); });
    bus.on("lead!", () => this.#heard());
  }

  get leads() {
    return this.#leads;
  }

  /**
   * Run `work` while this tab has the lead: at once, or when the other tab closes. `work` ends when its signal does.
   * @param {(signal: AbortSignal) => Promise<void>} work
   */
  async run(work) {
    if (!navigator.locks) return this.#lead(work);
    for (let steal = false; ;) steal = await this.#hold(work, steal);
  }

  /** @type {((steal: boolean) => void) | null} */
  #giveUp = null;

  /** One turn in the queue for the lock; gives whether the next turn takes it by force. @param {(signal: AbortSignal) => Promise<void>} work @param {boolean} steal */
  async #hold(work, steal) {
    const waiting = new AbortController();
    let again = false;
    this.#giveUp = () => {
      again = true;
      waiting.abort();
    };
    const stop = new AbortController();
    const options = steal ? { steal } : { signal: waiting.signal };
    try {
      await navigator.locks.request(LOCK, options, () => this.#lead(work, stop.signal));
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "AbortError") throw error;
    } finally {
      stop.abort();
      this.#leads = false;
    }
    return again;
  }

  /** @param {(signal: AbortSignal) => Promise<void>} work @param {AbortSignal} [signal] */
  async #lead(work, signal = new AbortController().signal) {
    this.#leads = true;
    this.#heard();
    await work(signal);
  }

  /** Ask the leading tab for a sign of life; where none comes, this tab takes over. */
  challenge() {
    if (this.#leads || this.#asked || !navigator.locks) return;
    this.#asked = setTimeout(() => {
      this.#asked = 0;
      if (!this.#leads) this.#giveUp?.(true);
    }, ANSWER_MS);
    this.#bus.tell("lead?");
  }

  #heard() {
    clearTimeout(this.#asked);
    this.#asked = 0;
  }
}
