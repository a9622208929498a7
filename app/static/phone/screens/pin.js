// "Ghim vị trí": where a place really is, measured or shown on the spot, for the ward to look at.

import { h, icon } from "../../map/dom.js";
import { Keeper } from "../form/keeper.js";
import { keptMark, why } from "../form/kept.js";
import { unlock } from "../lock.js";
import { MapBox, mapStyle } from "../map/box.js";
import { proposal } from "../map/cards.js";
import { fixable, located, spotOf, square } from "../map/drawings.js";
import { plate, sign } from "../near/tags.js";
import { nameOf } from "../near/rows.js";
import { GpsPanel } from "../pin/gps-panel.js";
import { choose } from "../pin/list.js";
import { Model, at, contentOf, empty } from "../pin/model.js";
import { drawings, facts, marks, shapes, ways, worded } from "../pin/parts.js";
import { shots } from "../shots.js";
import { loadStyle } from "../shell.js";
import { accuracy, say } from "../texts.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Pack} Pack @typedef {import("../types").Place} Place @typedef {import("../pin/model.js").Content} Content */

const CLOSE_PX_PER_M = 1.2;

/** @type {import("../types").Show} */
export async function show(app, code) {
  const [pack] = await Promise.all([app.packs.read(), mapStyle(), loadStyle("taluy/phone/pin.css")]);
  const place = pack?.places.find((one) => one.code === code.toUpperCase() && fixable(one));
  if (!pack || !place) return choose(app, pack, code);
  const draft = await begun(app, place);
  return new Pin(app, pack, place, draft).screen();
}

/** What was begun, or a fresh one; what is locked stays where it is. @param {App} app @param {Place} place @returns {Promise<import("../types").Draft<Content>>} */
async function begun(app, place) {
  const of = () => app.drafts.of("position", place.code);
  const found = await of().catch(async (problem) => {
    if (/** @type {Error} */ (problem).name !== "Locked") throw problem;
    return (await unlock(app)) ? await of() : null;
  });
  const draft = /** @type {import("../types").Draft<Content>} */ (found ?? app.drafts.fresh("position", place.code, empty()));
  draft.content = contentOf(draft.content);
  return draft;
}

class Pin {
  saving = false;
  touched = false;

  /** @param {App} app @param {Pack} pack @param {Place} place @param {import("../types").Draft<Content>} draft */
  constructor(app, pack, place, draft) {
    this.app = app;
    this.pack = pack;
    this.place = place;
    this.draft = draft;
    this.model = new Model(draft.content, place);
    this.keeper = new Keeper(app.drafts, draft);
    this.ended = new AbortController();
    this.box = new MapBox(app, pack, { label: say("pin.map", { code: place.code }) });
    this.gps = new GpsPanel(this.model, app.gps, (fix) => this.changed(fix ? [fix.lon, fix.lat] : null));
    this.shots = shots({ app, draft, before: () => this.keepNow(), changed: () => this.refresh() });
    this.cross = h("span", { class: "om-cross", "aria-hidden": "true", hidden: true });
    this.facts = h("div", { class: "pin-facts", "aria-live": "polite" });
  }

  /** @returns {import("../types").Screen} */
  screen() {
    const { content } = this.model;
    this.box.element.append(this.cross);
    this.box.marks("6-others", this.pack.places.filter((one) => located(one) && one !== this.place).map((one) => ({ at: spotOf(one), element: h("span", { class: "om-other" }, sign(one, Date.now(), 30)) })));
    this.box.onTap((p) => { if (content.how === "map") this.box.face.centreOn(p); });
    this.how = h("div", { class: "pin-how" });
    const shape = shapes(content.shape, (chosen) => this.act(() => this.model.choose(chosen)));
    const way = ways(content.how, (chosen) => this.act(() => { content.how = chosen; }));
    this.verdict = h("div", {});
    const main = h("div", { class: "pin-body" }, this.verdict, shape, way, this.how, this.facts, this.shots.element, this.note());
    const element = h("section", { class: "screen visit pin-screen" }, this.head(), h("div", { class: "pin-map" }, this.box.element), main, this.dock());
    this.listen();
    this.look();
    this.refresh();
    return { element, title: `${say("pin.title")} ${this.place.code}`, leave: () => this.leave(), busy: () => true };
  }

  head() {
    return h("header", { class: "visit-head" },
      h("a", { class: "ib", href: "/phone#/" }, icon("arrow-left", "l"), h("span", { class: "vh" }, say("pin.back"))),
      h("div", { class: "grow" }, h("h1", { class: "row wrap" }, plate(this.place.code), h("span", { class: "pin-h" }, say("pin.title"))),
        h("p", { class: "sm mut one-line" }, nameOf(this.place))),
      keptMark(this.keeper, (text) => this.tell(text), this.ended.signal));
  }

  note() {
    const area = h("textarea", { id: "pin-note", rows: "2", maxlength: "4000" });
    area.value = this.model.content.note;
    area.addEventListener("input", () => {
      this.model.content.note = area.value;
      this.touched = true;
      this.keeper.changed("typing");
    });
    return h("div", { class: "block" }, h("label", { class: "lab", for: "pin-note" }, say("pin.note")), area);
  }

  dock() {
    this.state = h("p", { class: "state no", role: "alert", hidden: true });
    this.small = h("small", {});
    this.save = h("button", { type: "button", class: "btn pri big" }, h("span", {}, say("pin.save"), this.small));
    this.save.addEventListener("click", () => void this.finish());
    return h("div", { class: "dock savebar" }, this.state, this.save);
  }

  listen() {
    const { signal } = this.ended, flush = () => void this.keeper.now();
    addEventListener("pagehide", flush, { signal });
    document.addEventListener("visibilitychange", flush, { signal });
    this.app.gps.addEventListener("change", () => { if (!this.gps.running) this.gps.show(); }, { signal });
    this.app.packs.addEventListener("change", () => void this.decided(), { signal });
    void this.decided();
    void this.app.packs.refresh();
  }

  /** What the ward made of the last position that was sent. */
  async decided() {
    const note = proposal((await this.app.packs.read()) ?? this.pack, this.place);
    this.verdict?.replaceChildren(...(note ? [note] : []));
  }

  /** What was begun is looked at first, else where the phone is. */
  look() {
    const [first] = this.model.content.corners;
    if (first) this.box.face.centreOn(at(first), CLOSE_PX_PER_M);
    else {
      if (this.place.geometry) this.box.fit(square(spotOf(this.place), Math.max(60, this.place.location_accuracy_m ?? 0)));
      this.box.follow();
      void this.app.gps.look();
    }
  }

  /** @param {() => void} change */
  act(change) {
    this.gps.stop();
    change();
    this.changed(null);
  }

  /** @param {import("geojson").Position | null} seen where to look */
  changed(seen) {
    this.touched = true;
    this.keeper.changed();
    const { corners } = this.model.content, last = corners.at(-1);
    if (seen) this.box.face.centreOn(last && this.model.content.shape === "point" ? at(last) : seen, Math.max(CLOSE_PX_PER_M, this.box.face.scale()));
    this.tell("");
    this.refresh();
  }

  refresh() {
    const { content } = this.model;
    this.cross.hidden = content.how !== "map";
    this.gps.show();
    this.how?.replaceChildren(...(content.how === "gps" ? [this.gps.element] : this.byMap()), ...this.undo());
    this.facts.replaceChildren(...facts(this.model, this.pack.ground));
    this.box.draw("5-pin", drawings(this.model));
    this.box.marks("9-pin", marks(this.model));
    const lacking = this.model.lacking(), doubt = this.model.accuracy();
    this.save?.toggleAttribute("disabled", lacking !== null);
    if (this.small) this.small.textContent = lacking ? worded(lacking) : say(`pin.with_${content.shape}`, { doubt: doubt === null ? say("pin.by_hand") : accuracy(doubt) });
    // The words: say("pin.with_point") say("pin.with_line") say("pin.with_area")
  }

  byMap() {
    const point = this.model.content.shape === "point";
    const put = h("button", { type: "button", class: `btn big${this.model.lacking() ? " pri" : ""}` }, icon("plus", "l"), h("span", {}, say(point ? "pin.put" : "pin.put_corner"), h("small", {}, say("pin.put_how"))));
    put.addEventListener("click", () => {
      this.model.tap(this.box.face.centre(), Date.now());
      this.changed(null);
      this.how?.querySelector("button")?.focus({ preventScroll: true });
    });
    return [put];
  }

  undo() {
    const { corners, shape } = this.model.content;
    if (!corners.length || (shape === "point" && this.model.content.how === "gps")) return [];
    const button = h("button", { type: "button", class: "btn quiet" }, icon("undo-2"), say(shape === "point" ? "pin.undo_point" : "pin.undo"));
    button.addEventListener("click", () => this.act(() => this.model.undo()));
    return [button];
  }

  async keepNow() {
    this.touched = true;
    this.keeper.changed();
    await this.keeper.now();
  }

  /** @param {string} text */
  tell(text) {
    if (!this.state) return;
    this.state.hidden = text === "";
    this.state.textContent = text;
  }

  async finish() {
    if (this.saving || this.model.lacking()) return;
    this.saving = true;
    this.gps.stop();
    try {
      await this.shots.settled();
      await this.keepNow();
      const row = await this.app.queue.save(this.draft, this.model.body(Date.now()));
      await this.keeper.end();
      this.app.go(`/saved/${row.id}`);
    } catch (problem) {
      console.error(problem);
      this.tell(why(problem));
    } finally {
      this.saving = false;
    }
  }

  async leave() {
    this.gps.stop();
    if (this.touched) await this.keeper.now();
    this.ended.abort();
    this.shots.end();
    this.box.end();
  }
}
