/** What the rules suggest while the form is filled in: shown with its reasons, never chosen for the person. */

import { suggestion } from "./send.js";
import { say } from "./texts.js";

const PAUSE_MS = 500;

export class Suggestion {
  /**
   * @param {HTMLFormElement} form
   * @param {() => {condition: string}} body
   */
  constructor(form, body) {
    this.form = form;
    this.body = body;
    this.box = /** @type {HTMLElement} */ (document.getElementById("suggestion"));
    this.asked = "";
    this.waiting = 0;
    this.condition = "";
  }

  later() {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.ask(), PAUSE_MS);
    this.warn();
  }

  async ask() {
    const body = { ...this.body(), position: null, note: null, corrects: null, condition: "no_change" };
    const text = JSON.stringify({ ...body, seen_at: "" });
    if (text === this.asked) return;
    this.asked = text;
    const found = await suggestion(this.form.dataset.code ?? "", body);
    if (!found || text !== this.asked) return;
    this.condition = found.reasons.length ? found.condition : "";
    const condition = this.box.querySelector("[data-condition]");
    if (condition) condition.textContent = say(found.condition);
    this.list("[data-reasons]", found.reasons.map(({ text: why, mark }) => `${why} (${mark})`));
    this.list("[data-notices]", found.notices);
    this.box.hidden = found.reasons.length + found.notices.length === 0;
    this.warn();
  }

  /** @param {string} where @param {string[]} lines */
  list(where, lines) {
    this.box.querySelector(where)?.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }),
    );
  }

  /** Danger, chosen or suggested: whom to call comes before everything else. */
  warn() {
    const chosen = new FormData(this.form).get("condition");
    const call = document.getElementById("call");
    if (call) call.hidden = chosen !== "danger" && this.condition !== "danger";
  }
}
