// What the tabs of one phone tell each other. Every tab hears its own words as well.

/** @typedef {{ what: string, here: boolean, [more: string]: any }} Said */

export class Bus extends EventTarget {
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("taluy-phone") : null;

  constructor() {
    super();
    this.#channel?.addEventListener("message", (event) => this.#hear({ ...event.data, here: false }));
  }

  /** @param {string} what @param {Record<string, unknown>} [more] things that can be cloned */
  tell(what, more = {}) {
    try {
      this.#channel?.postMessage({ what, ...more });
    } catch (error) {
      // a browser that does not pass keys from tab to tab: each is unlocked by itself
      if (!(error instanceof DOMException)) throw error;
    }
    this.#hear({ what, ...more, here: true });
  }

  /** @param {string} what @param {(said: Said) => void} act */
  on(what, act) {
    this.addEventListener(what, (event) => act(/** @type {CustomEvent<Said>} */ (event).detail));
  }

  /** @param {Said} said */
  #hear(said) {
    this.dispatchEvent(new CustomEvent(said.what, { detail: said }));
  }
}
