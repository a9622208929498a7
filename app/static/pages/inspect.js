/** The inspection form: keeps what is typed, sends it once, and shows the receipt when the server has answered. */

import { bodyOf, correctedBy, fieldsOf, fill, forget, keep, kept } from "./draft.js";
import { Photos } from "./photos.js";
import { Where } from "./position.js";
import { checklist } from "./checklist.js";
import { showReceipt, showStations } from "./receipt.js";
import { sendVisit } from "./send.js";
import { steppers } from "./steppers.js";
import { Suggestion } from "./suggest.js";
import { clock, say } from "./texts.js";

const KEEP_MS = 250;
const RETRY_MS = 20_000;

class Visit {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.state = /** @type {HTMLElement} */ (document.getElementById("state"));
    this.button = /** @type {HTMLButtonElement} */ (document.getElementById("send"));
    /** @type {string | null} */
    this.corrects = correctedBy(form);
    /** @type {string | null} */
    this.sent = null;
    this.received = false;
    this.keeping = 0;
    this.where = new Where(() => this.changed());
    this.photos = new Photos(() => this.id, (message) => this.tell(message, "no"));
    this.suggestion = new Suggestion(form, () => this.body());
    this.restore();
    steppers(form);
    this.checklist = checklist(form);
    this.where.tell();
    this.photos.restore().catch(() => {});
    this.listen();
    this.suggestion.ask();
  }

  get idField() {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem("id"));
  }

  get id() {
    return this.idField.value;
  }

  restore() {
    const draft = this.form.dataset.fresh === "yes" ? kept(this.form) : null;
    if (!draft) return;
    this.idField.value = draft.id;
    fill(this.form, draft.fields);
    this.corrects = draft.corrects;
    this.sent = draft.sent;
    this.where.restore(draft.position);
    this.showKept(true);
  }

  listen() {
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    addEventListener("pagehide", () => this.keepNow());
    addEventListener("online", () => this.sent !== null && !this.received && this.send());
    addEventListener("beforeunload", (event) => {
      if (this.received && this.photos.left().length) event.preventDefault();
    });
  }

  body() {
    return bodyOf(this.form, this.where.value(), this.corrects);
  }

  changed() {
    if (this.received) return;
    clearTimeout(this.keeping);
    this.keeping = window.setTimeout(() => this.keepNow(), KEEP_MS);
    this.checklist();
    this.suggestion.later();
  }

  keepNow() {
    const fields = fieldsOf(this.form);
    if (this.received || !fields.some(([name]) => name !== "seen_at" && name !== "form_version")) return;
    const position = this.where.value();
    this.showKept(keep(this.form, { id: this.id, fields, position, corrects: this.corrects, sent: this.sent }));
  }

  /** @param {boolean} safe */
  showKept(safe) {
    const tag = document.getElementById("draft");
    const text = tag?.querySelector("[data-text]");
    if (!tag || !text) return;
    tag.hidden = !safe;
    text.textContent = say("draft", { time: clock(new Date()) });
  }

  /** @param {string} message @param {"" | "off" | "no"} [look] */
  tell(message, look = "") {
    this.state.hidden = message === "";
    this.state.className = `state ${look}`;
    this.state.textContent = message;
  }

  /** @param {string} name */
  label(name) {
    const text = this.button.querySelector("span")?.firstChild;
    if (text) text.textContent = say(name);
  }

  async send() {
    if (this.button.disabled || this.received) return;
    const body = this.body();
    if (!body.condition) {
      this.tell(say("choose"), "no");
      this.form.querySelector("input[name=condition]")?.scrollIntoView({ block: "center" });
      /** @type {HTMLElement | null} */ (this.form.querySelector("input[name=condition]"))?.focus();
      return;
    }
    const text = this.sameAgain(body);
    this.sent = text;
    this.keepNow();
    this.button.disabled = true;
    this.clearMarks();
    this.tell(say("sending"));
    const outcome = await sendVisit(this.id, text);
    this.button.disabled = false;
    if (outcome.kind === "received") await this.done(outcome.receipt);
    else this.failed(outcome);
  }

  /**
   * The text sent before, where only the GPS has moved on since: a retry must repeat it letter by letter.
   * @param {ReturnType<typeof bodyOf>} body
   */
  sameAgain(body) {
    const before = this.sent ? JSON.parse(this.sent) : null;
    const still = before && JSON.stringify({ ...before, position: null }) === JSON.stringify({ ...body, position: null });
    return still && this.sent ? this.sent : JSON.stringify(body);
  }

  /** @param {Exclude<import("./send.js").Outcome, {kind: "received"}>} outcome */
  failed(outcome) {
    this.label("again");
    if (outcome.kind === "refused") {
      this.sent = null;
      this.refused(outcome.problem);
    } else if (outcome.kind === "other_content") {
      this.corrects = this.id;
      this.idField.value = crypto.randomUUID();
      this.sent = null;
      this.photos.follow(this.id).catch(() => {});
      this.label("correct");
      this.tell(say("other_content"), "no");
    } else {
      this.tell(say(outcome.kind), outcome.kind === "offline" ? "off" : "no");
    }
    this.keepNow();
  }

  /** @param {import("./send.js").Problem} problem */
  refused(problem) {
    this.tell(say("refused", { reason: problem.detail ?? problem.title ?? "" }), "no");
    for (const { pointer, detail } of problem.errors ?? []) {
      const field = document.getElementById(`f-${pointer.split("/").filter(Boolean).join(".")}`);
      if (!field) continue;
      field.setAttribute("aria-invalid", "true");
      const reason = document.createElement("span");
      reason.className = "bad";
      reason.textContent = detail;
      (field.closest(".step") ?? field).after(reason);
      field.scrollIntoView({ block: "center" });
      field.focus();
    }
  }

  clearMarks() {
    for (const reason of this.form.querySelectorAll("span.bad")) reason.remove();
    for (const field of this.form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  }

  /** @param {import("./send.js").Receipt} receipt */
  async done(receipt) {
    this.received = true;
    clearTimeout(this.keeping);
    const body = this.body();
    forget(this.form);
    showReceipt(receipt, body.condition, body.seen_at, this.photos.all.length);
    this.form.hidden = true;
    document.querySelector(".visit-head #draft")?.setAttribute("hidden", "");
    await this.sendPhotos();
  }

  async sendPhotos() {
    const whole = await this.photos.send(() => showStations(this.photos));
    showStations(this.photos, !whole);
    if (!whole) setTimeout(() => this.sendPhotos(), RETRY_MS);
  }
}

const form = document.getElementById("visit");
if (form instanceof HTMLFormElement) new Visit(form);
