// The symbols of places on a map: buttons that do not cover each other, a badge for what nobody can pin, figures where many stand.

import { h, icon } from "../../map/dom.js";
import { badness } from "../../map/groups.js";
import { spread } from "../../map/spread.js";
import { conditionWord, kindWord, locatedWord } from "../form/words.js";
import { nameOf } from "../near/rows.js";
import { isDue, sign } from "../near/tags.js";
import { accuracy, say } from "../texts.js";
import { located, spotOf } from "./drawings.js";

/** @typedef {import("../types").Place} Place @typedef {import("./drawings.js").Group} Group @typedef {import("./box.js").MapBox} MapBox @typedef {import("geojson").Position} Position */
/** @typedef {{place: (code: string) => void, group: (key: string) => void}} Choose */

const MANY = 40;
const CELL_PX = 72;
/** Pixels for a metre from which codes stand beside the symbols. */
const PLATES = 0.2;
const ORDER = ["drowning", "flood", "slide", "temporary_measure", "signboard"];

/** What a screen reader says of a place. @param {Place} place */
export function spoken(place) {
  return [place.code, nameOf(place), kindWord(place.kind), conditionWord(place.condition), isDue(place, Date.now()) ? say("map.due") : ""].filter(Boolean).join(", ");
}

export class Marks {
  /** @type {Map<string, HTMLElement>} */
  #pins = new Map();
  /** @type {Place[]} */
  places = [];
  /** @type {Group[]} */
  groups = [];
  #drawn = "";

  /** @param {MapBox} box @param {Place[]} places @param {Group[]} groups @param {Choose} choose */
  constructor(box, places, groups, choose) {
    this.box = box;
    this.choose = choose;
    /** @type {Set<string>} */
    this.chosen = new Set();
    this.use(places, groups);
    box.onView(() => this.arrange());
  }

  /** @param {Place[]} places @param {Group[]} groups */
  use(places, groups) {
    this.groups = groups;
    this.places = places.filter(located);
    this.#pins.clear();
    this.#drawn = "";
    this.box.marks("6-badges", groups.map((group) => ({ at: group.at, element: this.#badge(group) })));
    this.arrange();
  }

  /** @param {Set<string>} codes */
  choosing(codes) {
    this.chosen = codes;
    for (const [code, pin] of this.#pins) pin.setAttribute("aria-pressed", String(codes.has(code)));
    this.arrange();
  }

  /** @param {Group} group */
  #badge(group) {
    const n = group.places.filter((place) => place.kind !== "signboard").length || group.places.length;
    const button = h("button", { type: "button", class: "om-badge" }, sign(group.worst, Date.now(), 44),
      h("span", {}, h("b", {}, say("map.group", { n })), " ", h("small", {}, locatedWord("unlocated").toLocaleLowerCase())),
      h("span", { class: "vh" }, ` ${accuracy(group.metres)}, ${conditionWord(group.worst.condition)}`), icon("chevron-right", "s"));
    button.addEventListener("click", () => this.choose.group(group.key));
    return button;
  }

  /** @param {Place} place */
  #pin(place) {
    const known = this.#pins.get(place.code);
    if (known) return known;
    const pin = h("button", { type: "button", class: "om-pin", "aria-label": spoken(place), "aria-pressed": String(this.chosen.has(place.code)) },
      h("i", { class: "lead" }), sign(place, Date.now(), 44), h("span", { class: "plate", "aria-hidden": "true" }, place.code));
    pin.addEventListener("click", () => this.choose.place(place.code));
    this.#pins.set(place.code, pin);
    return pin;
  }

  /** Symbols stand where there is room for them in this view. */
  arrange() {
    const { face } = this.box, [width, height] = face.size();
    const seen = this.places.filter((place) => {
      const [x, y] = face.pixel(spotOf(place));
      return x > -CELL_PX && y > -CELL_PX && x < width + CELL_PX && y < height + CELL_PX;
    });
    const { alone, heaps } = seen.length > MANY ? this.#heaped(seen) : { alone: seen, heaps: [] };
    this.#put(alone, heaps);
    const rank = (/** @type {Place} */ place) => (this.chosen.has(place.code) ? -1 : ORDER.indexOf(place.kind));
    const items = [...alone].sort((a, b) => rank(a) - rank(b) || a.code.localeCompare(b.code)).map((place) => {
      const [x, y] = face.pixel(spotOf(place));
      return { key: place.code, x, y, text: place.code, must: this.chosen.has(place.code), small: place.kind === "signboard" };
    });
    for (const [code, { dx, dy, side }] of spread(items, face.scale() > PLATES, this.#taken(width))) this.#settle(code, dx, dy, side);
  }

  /** Room that is not free: badges, and the tools at the right. @param {number} width @returns {import("../../map/spread.js").Box[]} */
  #taken(width) {
    const badges = this.groups.map(({ at }) => {
      const [x, y] = this.box.face.pixel(at);
      return { x, y, w: 190, h: 60 };
    });
    return [...badges, { x: width - 30, y: 128, w: 64, h: 256 }];
  }

  /** @param {string} code @param {number} dx @param {number} dy @param {string} side */
  #settle(code, dx, dy, side) {
    const pin = this.#pins.get(code);
    if (!pin) return;
    pin.dataset["side"] = side || (this.chosen.has(code) ? "below" : "");
    pin.style.setProperty("--dx", `${dx}px`);
    pin.style.setProperty("--dy", `${dy}px`);
    pin.style.setProperty("--lead", `${Math.hypot(dx, dy)}px`);
    pin.style.setProperty("--turn", `${Math.atan2(-dy, -dx)}rad`);
  }

  /** The elements change only when what is in view changes, so that focus stays. @param {Place[]} alone @param {{at: Position, places: Place[]}[]} heaps */
  #put(alone, heaps) {
    const now = [...alone.map((place) => place.code), ...heaps.map((heap) => heap.places.map((place) => place.code).join("+"))].join(" ");
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.box.marks("7-places", [
      ...alone.map((place) => ({ at: spotOf(place), element: this.#pin(place) })),
      ...heaps.map(({ at, places }) => ({ at, element: this.#heap(at, places) })),
    ]);
  }

  /** Where too many stand, those of one square become a figure. @param {Place[]} seen */
  #heaped(seen) {
    /** @type {Map<string, Place[]>} */
    const cells = new Map();
    for (const place of seen) {
      const [x, y] = this.box.face.pixel(spotOf(place)), cell = `${Math.floor(x / CELL_PX)} ${Math.floor(y / CELL_PX)}`;
      cells.set(cell, [...(cells.get(cell) ?? []), place]);
    }
    const all = [...cells.values()];
    return {
      alone: all.flatMap((places) => (places.length === 1 ? places : [])),
      heaps: all.flatMap((places) => (places[0] && places.length > 1 ? [{ at: spotOf(places[0]), places }] : [])),
    };
  }

  /** @param {Position} at @param {Place[]} places */
  #heap(at, places) {
    const [worst] = [...places].sort((a, b) => badness(a.condition) - badness(b.condition)), bad = worst?.condition;
    const button = h("button", { type: "button", class: `om-heap ${bad === "danger" || bad === "worse" ? bad : ""}` },
      bad === "danger" && icon("octagon-alert", "s"), bad === "worse" && icon("chevrons-down", "s"),
      h("b", { class: "num" }, String(places.length)), h("span", { class: "vh" }, ` ${say("map.heap")}, ${conditionWord(bad)}`));
    button.addEventListener("click", () => {
      this.box.face.centreOn(at);
      this.box.face.zoom(2.5);
    });
    return button;
  }
}
