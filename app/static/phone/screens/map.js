// The map on the phone: ward, streams and places from what the phone keeps; what is chosen and a list of all below it.

import { h, icon } from "../../map/dom.js";
import { Marks } from "../map/marks.js";
import { MapBox, mapStyle } from "../map/box.js";
import { groupDrawings, groups, placeDrawings, spotOf, square } from "../map/drawings.js";
import { groupCard, placeCard, placeRows } from "../map/cards.js";
import { say } from "../texts.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Pack} Pack @typedef {import("../types").Screen} Screen */

const CLOSE = 0.35;

/** The place in `argument` is chosen from the start. @param {App} app @param {string} argument @returns {Promise<Screen>} */
export async function show(app, argument) {
  const [pack] = await Promise.all([app.packs.read(), mapStyle()]);
  if (!pack) return nothing(app);
  const screen = new Shown(app, pack);
  if (argument) screen.place(argument);
  return { element: screen.element, title: say("map.title"), tab: "map", leave: () => screen.end() };
}

/** @param {App} app @returns {Screen} */
function nothing(app) {
  void app.packs.refresh().then(async () => { if (await app.packs.read()) app.go("/map"); });
  const element = h("section", { class: "screen pad" }, h("h1", {}, say("map.title")), h("p", {}, say("map.no_pack")));
  return { element, title: say("map.title"), tab: "map" };
}

class Shown {
  /** @param {App} app @param {Pack} pack */
  constructor(app, pack) {
    this.app = app;
    this.pack = pack;
    this.groups = groups(pack.places);
    this.box = new MapBox(app, pack, { label: say("map.title") });
    this.below = h("div", { class: "om-below" });
    this.element = h("section", { class: "screen om-screen" }, h("h1", { class: "vh" }, say("map.title")), this.box.element, this.below);
    this.marks = new Marks(this.box, pack.places, this.groups, { place: (code) => this.place(code), group: (key) => this.group(key) });
    this.fixed = () => this.#list();
    this.chosen = "";
    this.news = () => void this.renew();
    app.gps.addEventListener("change", this.fixed);
    app.packs.addEventListener("change", this.news);
    this.none();
    void app.gps.look();
    void app.packs.refresh();
  }

  /** The pack came anew: what is chosen stays chosen. */
  async renew() {
    this.pack = (await this.app.packs.read()) ?? this.pack;
    this.groups = groups(this.pack.places);
    this.marks.use(this.pack.places, this.groups);
    if (!this.chosen) this.none();
  }

  /** @param {string[]} codes @param {string | null} group */
  #draw(codes, group) {
    const chosen = new Set(codes);
    this.box.draw("4-groups", groupDrawings(this.groups, group));
    this.box.draw("5-places", placeDrawings(this.pack.places, chosen));
    this.marks.choosing(chosen);
  }

  #list() {
    if (this.chosen) return;
    const before = this.below.scrollTop, held = this.below.contains(document.activeElement);
    if (held) return;
    this.below.replaceChildren(...placeRows(this.app, this.pack, (code) => this.place(code)));
    this.below.scrollTop = before;
  }

  none() {
    this.chosen = "";
    this.#draw([], null);
    this.#list();
  }

  /** @param {string} code */
  place(code) {
    const place = this.pack.places.find((one) => one.code === code);
    if (!place) return this.app.toast(say("map.no_place", { code }));
    const group = this.groups.find((one) => one.places.includes(place));
    this.chosen = code;
    this.#draw([code], group?.key ?? null);
    if (place.geometry && !group) this.box.face.centreOn(spotOf(place), Math.max(CLOSE, this.box.face.scale()));
    if (group) this.box.fit(square(group.at, group.metres));
    this.#card(placeCard(this.app, this.pack, place));
  }

  /** @param {string} key */
  group(key) {
    const group = this.groups.find((one) => one.key === key);
    if (!group) return;
    this.chosen = key;
    this.#draw([], key);
    this.box.fit(square(group.at, group.metres));
    this.#card(groupCard(this.app, group, (code) => this.place(code)));
  }

  /** @param {HTMLElement} card */
  #card(card) {
    const shut = h("button", { type: "button", class: "ib om-shut", "aria-label": say("map.shut") }, icon("x"));
    shut.addEventListener("click", () => {
      this.none();
      this.box.face.element.focus({ preventScroll: true });
    });
    card.append(shut);
    this.below.replaceChildren(card);
    this.below.scrollTop = 0;
    card.querySelector("h2")?.focus({ preventScroll: true });
  }

  end() {
    this.app.gps.removeEventListener("change", this.fixed);
    this.app.packs.removeEventListener("change", this.news);
    this.box.end();
  }
}
