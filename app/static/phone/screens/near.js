// The list of places: the nearest first where this phone knows where it is, else the most urgent.

import { h, icon } from "../../map/dom.js";
import { accuracy, ago, clock, lasting } from "../format.js";
import { distance as metres } from "../geo.js";
import { kindWord } from "../form/words.js";
import { lateDays, placed, visitedToday } from "../near/next.js";
import { order } from "../near/order.js";
import { lostGroup, row } from "../near/rows.js";
import { plate } from "../near/tags.js";
import { say } from "../texts.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Fix} Fix @typedef {import("../types").Pack} Pack */

const TICK_MS = 5000;
/** Somebody who walked so far wants the list in a new order. */
const MOVED_M = 50;
const FEW = 12;
const MOST = 60;

/** @type {import("../types").Show} */
export async function show(app) {
  return new Near(app).screen();
}

class Near {
  /** @type {Pack | null} */
  pack = null;
  /** @type {Fix | null} */
  fix = null;
  /** @type {import("../types").Row[]} */
  rows = [];
  text = "";
  /** @type {typeof import("../near/search.js").search | null} */
  search = null;
  all = false;
  lostOpen = false;
  loading = true;
  pressed = false;
  ended = new AbortController();
  cards = h("div", {});
  gpsText = h("span", {});
  gpsBox = h("div", { class: "gps-box", hidden: true });
  heading = h("h1", { tabindex: "-1" });
  list = h("ul", { class: "near-list" });
  lost = h("div", {});
  more = h("div", { class: "pad-x" });
  field = h("input", { type: "search", id: "near-search", autocomplete: "off", enterkeyhint: "search" });

  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  /** @returns {Promise<import("../types").Screen>} */
  async screen() {
    const { signal } = this.ended;
    this.searching = h("div", { class: "near-search", role: "search", hidden: true }, h("label", { class: "vh", for: "near-search" }, say("near.search")), icon("search"), this.field);
    this.field.placeholder = say("near.search");
    this.field.addEventListener("input", async () => {
      this.search ??= (await import("../near/search.js")).search;
      this.text = this.field.value;
      this.drawList();
    });
    const again = h("button", { type: "button", class: "gps-line", "aria-label": say("near.gps_again") }, icon("locate-fixed"), this.gpsText);
    again.addEventListener("click", () => void this.app.gps.look());
    this.head = h("div", { class: "near-head" }, this.heading, again);
    this.body = h("div", {}, this.cards, this.head, this.gpsBox, this.searching, this.list, this.lost, this.more);
    const element = h("section", { class: "screen near" }, this.body, h("div", { class: "dock" }, h("a", { class: "btn pri big", href: "/phone#/scan" }, icon("scan-qr-code", "l"), say("near.scan"))));
    this.listen(signal);
    await this.read();
    void this.refresh();
    void this.app.gps.look();
    return { element, title: say("near.title"), tab: "near", leave: () => this.ended.abort() };
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const read = () => void this.read().catch(console.error);
    this.app.packs.addEventListener("change", read, { signal });
    this.app.queue.addEventListener("change", read, { signal });
    this.app.gps.addEventListener("change", () => this.located(), { signal });
    addEventListener("pointerdown", () => { this.pressed = true; }, { signal, passive: true });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { this.pressed = false; }, { signal });
    const timer = setInterval(() => this.drawGps(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  async refresh() {
    await this.app.packs.refresh();
    this.loading = false;
    await this.read();
  }

  async read() {
    const [pack, rows, begun, unsent] = await Promise.all([this.app.packs.read(), this.app.queue.rows(), this.app.drafts.begun(), this.app.queue.unsent()]);
    this.pack = pack;
    this.rows = rows;
    this.fix = this.app.gps.last();
    this.drawCards(begun, unsent);
    this.draw();
  }

  /** The list changes its order under nobody's finger: at the first fix, and when somebody walked on. */
  located() {
    const now = this.app.gps.last();
    const moved = now && this.fix ? metres([now.lon, now.lat], [this.fix.lon, this.fix.lat]) > Math.max(MOVED_M, now.accuracy_m) : Boolean(now) !== Boolean(this.fix);
    if (moved && !this.pressed) {
      this.fix = now;
      this.draw();
    }
    this.drawGps();
  }

  /** @param {Awaited<ReturnType<App["drafts"]["begun"]>>} begun @param {Awaited<ReturnType<App["queue"]["unsent"]>>} unsent */
  drawCards(begun, unsent) {
    const now = Date.now();
    const waiting = unsent.mine
      ? [h("a", { class: "near-card", href: "/phone#/queue" }, icon("cloud-upload", "l"), h("span", { class: "grow" }, h("b", {}, say("near.unsent", { n: unsent.mine })), h("small", {}, unsent.oldest === null ? say("near.in_phone") : say("near.in_phone_since", { time: lasting(now - unsent.oldest) }))), icon("chevron-right", "l"))]
      : [];
    const drafts = begun.map(({ kind, place, updated_at }) =>
      h("a", { class: "near-card begun", href: `/phone#/${kind === "position" ? "pin" : "form"}/${place}` }, icon("pencil", "l"), h("span", { class: "grow row wrap" }, h("b", {}, say(kind === "position" ? "near.begun_pin" : "near.begun")), plate(place)), h("small", { class: "nb" }, say("form.draft", { time: clock(updated_at) })), icon("chevron-right", "l")));
    this.cards.replaceChildren(...waiting, ...drafts);
  }

  draw() {
    this.head?.toggleAttribute("hidden", !this.pack || !this.pack.places.length);
    this.heading.textContent = say(this.fix ? "near.nearest" : "near.urgent");
    this.drawGps();
    this.drawList();
  }

  drawGps() {
    const { gps } = this.app;
    const fix = gps.last();
    const why = /** @type {{why?: () => string}} */ (gps).why?.() ?? "";
    const line = fix ? say("form.gps", { accuracy: accuracy(fix.accuracy_m), ago: ago(fix.at) }) : say(gps.state() === "denied" || gps.state() === "unavailable" ? "near.no_gps" : "gps.looking");
    if (this.gpsText.textContent !== line) this.gpsText.textContent = line;
    const helpless = !fix && (gps.state() === "denied" || gps.state() === "unavailable") && Boolean(this.pack?.places.length);
    if (helpless === !this.gpsBox.hidden) return;
    this.gpsBox.hidden = !helpless;
    const retry = h("button", { type: "button", class: "btn" }, icon("locate-fixed"), say("near.gps_again"));
    retry.addEventListener("click", () => void gps.look());
    this.gpsBox.replaceChildren(...(helpless ? [h("p", {}, `${say("near.by_urgency")} ${say(why || "gps.none")}`), retry] : []));
  }

  drawList() {
    const { pack } = this;
    if (!pack || !pack.places.length) return this.drawNothing(pack !== null);
    const now = Date.now();
    const places = placed(pack);
    const found = order(places, this.fix, lateDays(now), visitedToday(pack, this.rows, now));
    if (this.searching) this.searching.hidden = this.fix !== null && places.length <= FEW;
    const near = this.text && this.search ? this.search([...found.near, ...found.lost], this.text, (place) => kindWord(place.kind)) : found.near;
    const shown = this.all ? near : near.slice(0, MOST);
    this.list.replaceChildren(...shown.map((entry) => row(entry, now)));
    const lost = this.text ? null : lostGroup(found.lost, now, this.lostOpen, (open) => { this.lostOpen = open; });
    this.lost.replaceChildren(...(lost ? [lost] : []));
    this.more.replaceChildren(...this.end(near.length, shown.length));
  }

  /** @param {number} all @param {number} shown @returns {HTMLElement[]} */
  end(all, shown) {
    if (!all && this.text) return [h("p", { class: "pad mut", role: "status" }, say("near.found_none", { text: this.text }))];
    if (all === shown) return [];
    const button = h("button", { type: "button", class: "btn quiet wide-btn" }, say("near.show_all", { n: all }));
    button.addEventListener("click", () => {
      this.all = true;
      this.drawList();
    });
    return [button];
  }

  /** Nothing yet: what comes, or how to get it. @param {boolean} answered */
  drawNothing(answered) {
    this.lost.replaceChildren();
    this.list.replaceChildren();
    if (this.loading && navigator.onLine) return this.more.replaceChildren(waiting());
    const viewer = this.app.people.current()?.role === "viewer";
    const [title, more] = viewer ? ["near.viewer", "near.viewer_more"] : answered ? ["near.no_places", "near.no_places_more"] : ["near.empty", "near.empty_more"];
    const load = h("button", { type: "button", class: "btn pri big" }, icon("download"), say("near.load"));
    load.addEventListener("click", async () => {
      this.loading = true;
      this.drawList();
      await this.refresh();
      if (!this.pack) this.app.toast(say("near.not_loaded"));
    });
    this.more.replaceChildren(h("div", { class: "empty" }, emptySign(), h("h1", {}, say(title)), h("p", {}, say(more)), viewer ? h("a", { class: "btn pri big", href: "/" }, say("app.ward_pages")) : load));
  }
}

/** Grey rows for what has not come yet. */
function waiting() {
  const line = () => h("div", { class: "near-row", "aria-hidden": "true" }, h("span", { class: "skel dot" }), h("span", { class: "grow" }, h("span", { class: "skel a" }), h("span", { class: "skel b" })));
  return h("div", {}, h("p", { class: "strip load", role: "status" }, icon("download"), say("near.loading")), line(), line(), line(), h("p", { class: "pad sm mut" }, say("near.no_need_to_wait")));
}

function emptySign() {
  const box = h("span", { class: "empty-sign" });
  box.append(icon("triangle"));
  return box;
}
