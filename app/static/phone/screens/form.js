// One visit to one place: filled from the last one, kept at every tap, saved without a signal.

import { h, icon } from "../../map/dom.js";
import { chips } from "../form/chips.js";
import { bestFix } from "../form/fix.js";
import { Keeper, overtaken } from "../form/keeper.js";
import { keptMark, why } from "../form/kept.js";
import { note, seenAt } from "../form/note.js";
import { picks } from "../form/picks.js";
import { gpsLine, pinFirst, positionPart } from "../form/position.js";
import { start } from "../form/start.js";
import { kindWord } from "../form/words.js";
import { number } from "../format.js";
import { gauge, plate } from "../near/tags.js";
import { again } from "../router.js";
import { say } from "../texts.js";

/** @typedef {import("../types").App} App @typedef {import("../form/part.js").Part} Part @typedef {import("../form/model.js").Model} Model */

const TICK_MS = 5000;

/** A part that comes later. @param {string} [look] @returns {Part} */
const later = (look = "") => ({ element: h("div", { class: look }), refresh() {} });

/** @param {Part} place @param {Part} part @param {string} [look] */
function fill(place, part, look) {
  place.element.replaceChildren(part.element);
  place.refresh = part.refresh;
  if (look) part.element.classList.add("block", look);
}

/** @type {import("../types").Show} */
export async function show(app, code) {
  const pack = await app.packs.read();
  const place = pack?.places.find((each) => each.code === code.toUpperCase());
  if (!pack || !place) return unknown(app, code, pack !== null);
  const begun = await start(app, pack, place, Date.now());
  return new Visit(app, place, begun).screen();
}

class Visit {
  saving = false;
  /** @type {(Part | null)[]} */
  parts = [];
  advice = later();
  number = later();
  photos = later("photos-place");
  context = later();
  list = later();
  /** @type {ReturnType<typeof import("../shots.js").shots> | null} */
  shots = null;

  /** @param {App} app @param {import("../types").Place} place @param {Awaited<ReturnType<typeof start>>} begun */
  constructor(app, place, { model, draft, begun, locked }) {
    this.app = app;
    this.place = place;
    this.model = model;
    this.draft = draft;
    this.touched = begun;
    this.locked = locked;
    this.keeper = new Keeper(app.drafts, draft);
    this.ended = new AbortController();
    this.form = {
      model,
      changed: (/** @type {"typing" | undefined} */ how) => this.changed(how),
      suggested: () => model.suggestion(Date.now()).condition,
      takePhoto: () => void this.shots?.take(),
      now: () => Date.now(),
    };
  }

  /** @returns {import("../types").Screen} */
  screen() {
    const { form, place } = this;
    this.where = positionPart({ place, gps: this.app.gps, fix: () => this.model.content.fix, now: () => Date.now() });
    this.noted = note(form);
    const parts = [picks(form), chips(form), this.advice, this.number, this.photos, this.noted, this.where, this.context, this.list, seenAt(form)];
    this.parts = parts;
    const body = h("form", { class: "visit-body", novalidate: true, "aria-label": say("form.title", { code: place.code }) },
      this.locked && this.lockedNote(), pinFirst(place), ...parts.flatMap((part) => (part ? [part.element] : [])), this.dropButton());
    body.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    const element = h("section", { class: "screen visit" }, this.head(), body, this.dock(body));
    this.listen();
    this.refresh();
    void this.app.gps.look();
    void this.complete().catch(console.error);
    return { element, title: say("form.title", { code: place.code }), leave: () => this.leave(), busy: () => true };
  }

  /** The rules, the photos and the list come once the form stands on the screen. */
  async complete() {
    const { form } = this;
    const [{ suggestion }, { shots }, { items, mainNumber, question }, { context }] = await Promise.all([
      import("../form/suggestion.js"), import("../shots.js"), import("../form/items.js"), import("../form/context.js"),
    ]);
    this.shots = shots({ app: this.app, draft: this.draft, before: () => this.keepFirst(), changed: () => this.refresh() });
    const main = mainNumber(form);
    fill(this.advice, suggestion(form));
    if (main) fill(this.number, question(form, main), "main-number");
    fill(this.photos, { element: this.shots.element, refresh() {} });
    fill(this.context, context(form));
    fill(this.list, items(form, main));
    this.refresh();
  }

  head() {
    const { place } = this;
    return h("header", { class: "visit-head" },
      h("a", { class: "ib", href: "/phone#/" }, icon("arrow-left", "l"), h("span", { class: "vh" }, say("form.back"))),
      h("div", { class: "grow" },
        h("h1", { class: "row wrap" }, plate(place.code), h("span", { class: "vh" }, say("form.title", { code: "" }).trim()), place.risk_level && gauge(place)),
        h("p", { class: "sm mut one-line" }, place.name || kindWord(place.kind))),
      keptMark(this.keeper, (text) => this.tell(text), this.ended.signal));
  }

  /** The bar at the bottom: words, and the one button that ends it. @param {HTMLFormElement} body */
  dock(body) {
    body.id = "visit";
    this.state = h("p", { class: "state", role: "alert", hidden: true });
    this.gpsSmall = h("small", {});
    this.button = h("button", { class: "btn pri big", form: "visit" }, h("span", {}, say("form.save"), this.gpsSmall));
    const dictate = h("button", { type: "button", class: "btn quiet mic", "aria-label": say("form.dictate") }, icon("mic", "l"));
    dictate.addEventListener("click", () => this.noted?.focus());
    return h("div", { class: "dock savebar" }, this.state, h("div", { class: "row" }, dictate, this.button));
  }

  lockedNote() {
    const open = h("button", { type: "button", class: "btn quiet" }, icon("lock-open"), say("form.open_draft"));
    open.addEventListener("click", async () => {
      const { unlock } = await import("../lock.js");
      if (await unlock(this.app)) await again();
    });
    return h("div", { class: "note plain block" }, h("p", {}, say("form.draft_locked")), open);
  }

  /** Two taps to throw a draft away. */
  dropButton() {
    const button = h("button", { type: "button", class: "btn quiet drop" }, icon("trash-2"), h("span", {}, say("form.drop")));
    let sure = false;
    button.addEventListener("click", async () => {
      if (!sure) {
        sure = true;
        button.querySelector("span")?.replaceChildren(say("form.drop_sure"));
        return;
      }
      await this.keeper.end();
      await this.app.drafts.drop(this.draft);
      this.app.go("/");
    });
    this.drop = button;
    return button;
  }

  listen() {
    const { signal } = this.ended;
    const flush = () => void this.keeper.now();
    addEventListener("pagehide", flush, { signal });
    document.addEventListener("visibilitychange", () => (document.hidden ? flush() : void this.seenAgain()), { signal });
    this.app.gps.addEventListener("change", () => this.located(), { signal });
    const timer = setInterval(() => this.refreshGps(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    this.located();
  }

  /** What another tab made of this draft meanwhile is shown, and not written over. */
  async seenAgain() {
    await this.keeper.now();
    if (this.saving || this.keeper.failed || !(await overtaken(this.app, this.draft))) return;
    if (!this.saving && !this.ended.signal.aborted) await again();
  }

  located() {
    const { content } = this.model;
    const fix = bestFix(content.fix, this.app.gps.last(), this.model.seenAt(Date.now()));
    const fresh = fix?.at !== content.fix?.at || fix?.accuracy_m !== content.fix?.accuracy_m;
    content.fix = fix;
    if (fresh && this.touched && !document.hidden) this.keeper.changed();
    this.refreshGps();
  }

  /** @param {"typing" | undefined} how */
  changed(how) {
    this.touched = true;
    this.model.content.seen_at ??= Date.now();
    this.keeper.changed(how);
    this.tell("");
    this.refresh();
  }

  /** Everything is kept before the camera opens. */
  async keepFirst() {
    this.touched = true;
    this.model.content.seen_at ??= Date.now();
    this.keeper.changed();
    await this.keeper.now();
  }

  refresh() {
    for (const part of this.parts) part?.refresh();
    this.refreshGps();
    if (this.drop) this.drop.hidden = !this.touched;
  }

  refreshGps() {
    const { fix } = this.model.content;
    if (this.gpsSmall) this.gpsSmall.textContent = fix ? say("form.with", { what: gpsLine(this.app.gps, fix, Date.now()) }) : say("form.without_gps");
    this.where?.refresh();
  }

  /** @param {string} text */
  tell(text) {
    if (!this.state) return;
    this.state.hidden = text === "";
    this.state.className = "state no";
    this.state.textContent = text;
  }

  async save() {
    if (this.saving) return;
    const [fault] = this.model.faults(Date.now());
    if (fault) return this.point(fault);
    this.saving = true;
    this.button?.setAttribute("aria-busy", "true");
    try {
      this.model.content.seen_at ??= Date.now();
      await this.shots?.settled();
      await this.keepFirst();
      const row = await this.app.queue.save(this.draft, this.model.body(Date.now()));
      await this.keeper.end();
      this.app.go(`/saved/${row.id}`);
    } catch (problem) {
      console.error(problem);
      this.tell(why(problem));
    } finally {
      this.saving = false;
      this.button?.removeAttribute("aria-busy");
    }
  }

  /** Lead the eye, and the keyboard, to what must be mended. @param {import("../form/model.js").Fault} fault */
  point({ field, text, values }) {
    const spelt = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? number(value) : value]));
    this.tell(say(text, spelt));
    const found = document.getElementById(`f-${field}`);
    found?.closest("details")?.setAttribute("open", "");
    const target = found?.matches("input, textarea") ? found : found?.querySelector("input");
    for (const old of document.querySelectorAll(".visit-body [aria-invalid]")) old.removeAttribute("aria-invalid");
    found?.setAttribute("aria-invalid", "true");
    target?.scrollIntoView({ block: "center" });
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }

  async leave() {
    await this.keeper.now();
    this.ended.abort();
    this.shots?.end();
  }
}

/** A place that this phone does not know. @param {App} app @param {string} code @param {boolean} others @returns {import("../types").Screen} */
function unknown(app, code, others) {
  const load = h("button", { type: "button", class: "btn pri big" }, icon("download"), say("near.load"));
  load.addEventListener("click", async () => {
    load.disabled = true;
    await app.packs.refresh();
    load.disabled = false;
    const pack = await app.packs.read();
    if (pack?.places.some((place) => place.code === code.toUpperCase())) await again();
    else app.toast(say(pack ? "form.unknown" : "near.not_loaded", { code }));
  });
  const element = h("section", { class: "screen pad empty" }, h("h1", {}, say("form.unknown", { code })), h("p", {}, say(others ? "form.unknown_more" : "near.empty_more")), load,
    h("a", { class: "btn quiet", href: "/phone#/" }, say("saved.to_list")));
  return { element, title: code };
}
