// Keeps a draft: one writing at a time, the newest last; nobody is told "Nháp" before it was read back.

const TYPING_MS = 250;

/** @typedef {import("../types").Draft} Draft */

/**
 * Whether another tab went on with a draft, or saved it, so that what stands here is older.
 * @param {Pick<import("../types").App, "drafts" | "queue">} app @param {Draft} draft
 */
export async function overtaken({ drafts, queue }, draft) {
  const found = await drafts.of(draft.kind, draft.place).catch(() => null);
  return found ? found.updated_at > draft.updated_at : (await queue.one(draft.id)) !== null;
}

export class Keeper extends EventTarget {
  /** When it was kept last. @type {number | null} */
  at = null;
  /** Why it could not be kept, the last time. @type {unknown} */
  failed = null;
  #dirty = false;
  #ended = false;
  #waiting = 0;
  /** @type {Promise<void> | null} */
  #running = null;

  /** @param {Pick<import("../types").Drafts, "keep">} drafts @param {Draft} draft */
  constructor(drafts, draft) {
    super();
    this.drafts = drafts;
    this.draft = draft;
  }

  /** Something changed. Words wait until the fingers rest; everything else is kept at once. @param {"typing" | undefined} [how] */
  changed(how) {
    if (this.#ended) return;
    this.#dirty = true;
    clearTimeout(this.#waiting);
    if (how === "typing") this.#waiting = window.setTimeout(() => void this.now(), TYPING_MS);
    else void this.now();
  }

  /** Resolves once everything that changed until now is kept, or could not be. */
  async now() {
    clearTimeout(this.#waiting);
    while (this.#dirty || this.#running) {
      this.#running ??= this.#keep().finally(() => { this.#running = null; });
      await this.#running;
    }
  }

  async #keep() {
    this.#dirty = false;
    this.draft.updated_at = Date.now();
    try {
      await this.drafts.keep(this.draft);
      this.at = this.draft.updated_at;
      this.failed = null;
    } catch (problem) {
      this.failed = problem;
    }
    this.dispatchEvent(new Event("change"));
  }

  /** The draft became something else: nothing is kept any more. */
  async end() {
    await this.now();
    this.#ended = true;
  }
}
