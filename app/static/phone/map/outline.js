// Our own map: a few outlines as SVG, drawn once in metres and moved by one attribute. No tiles, no network.

import { h } from "../../map/dom.js";
import { gestures } from "./gestures.js";
import { View } from "./view.js";

/** @typedef {import("geojson").Position} Position @typedef {import("./face").Face} Face @typedef {import("./face").Drawing} Drawing @typedef {import("./face").Mark} Mark */

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string | number>} attributes */
function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** @implements {Face} */
export class Outline {
  /** @type {Map<string, Element>} */
  #layers = new Map();
  /** @type {Map<string, {holder: HTMLElement, marks: Mark[]}>} */
  #marks = new Map();
  /** @type {(() => void)[]} */
  #watchers = [];
  #frame = 0;
  /** @type {() => void} */
  #home = () => {};

  /** @param {Position} origin near what is drawn @param {{label: string, hint: string}} words */
  constructor(origin, { label, hint }) {
    this.view = new View(origin);
    this.paper = shape("svg", { class: "om-paper", "aria-hidden": "true", focusable: "false" });
    this.ground = shape("g", {});
    this.paper.append(this.ground);
    this.element = h("div", { class: "om", tabindex: "0", role: "region", "aria-label": `${label}. ${hint}` });
    this.element.append(this.paper);
    /** @type {(p: Position) => void} */
    this.tapped = () => {};
    gestures(this.element, {
      pan: (dx, dy) => { this.view.pan(dx, dy); this.#later(); },
      zoom: (factor, about) => { this.view.zoom(factor, about); this.#later(); },
      tap: (at) => this.tapped(this.view.position(at)),
      home: () => this.#home(),
    });
    this.element.addEventListener("focusin", (event) => this.#bring(event.target));
    this.sizes = new ResizeObserver(() => this.#resized());
    this.sizes.observe(this.element);
  }

  #resized() {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    const first = !this.element.dataset["drawn"];
    Object.assign(this.view, { width: clientWidth, height: clientHeight });
    this.element.dataset["drawn"] = "yes";
    if (first) this.#home();
    this.#later();
  }

  /** What the keyboard reaches comes into view. @param {EventTarget | null} focused */
  #bring(focused) {
    const mark = [...this.#marks.values()].flatMap(({ marks }) => marks).find(({ element }) => element === focused);
    if (!mark) return;
    const [x, y] = this.view.pixel(mark.at), { width, height } = this.view;
    if (x < 0 || y < 0 || x > width || y > height) this.#go(() => this.view.centreOn(mark.at));
  }

  #later() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#show());
  }

  #show() {
    this.#frame = 0;
    this.ground.setAttribute("transform", this.view.transform());
    for (const { marks } of this.#marks.values()) for (const mark of marks) this.#put(mark);
    for (const act of this.#watchers) act();
  }

  /** @param {Mark} mark */
  #put({ at, element }) {
    const [x, y] = this.view.pixel(at);
    element.style.transform = `translate(${x.toFixed(1)}px,${y.toFixed(1)}px)`;
  }

  /** @param {string} layer @param {Drawing[]} drawings */
  draw(layer, drawings) {
    let group = this.#layers.get(layer);
    if (!group) {
      group = shape("g", { "data-layer": layer });
      const above = [...this.#layers].sort(([a], [b]) => (a < b ? -1 : 1)).find(([name]) => name > layer);
      this.#layers.set(layer, group);
      this.ground.insertBefore(group, above?.[1] ?? null);
    }
    group.replaceChildren(...drawings.map((drawing) => this.#drawn(drawing)));
    this.#later();
  }

  /** @param {Drawing} drawing */
  #drawn(drawing) {
    const still = "non-scaling-stroke", class_ = drawing.look;
    if (drawing.what === "circle") {
      const [cx, cy] = this.view.metres(drawing.at);
      return shape("circle", { cx, cy, r: drawing.metres, class: class_, "vector-effect": still });
    }
    const closed = drawing.what === "line" && drawing.closed ? "Z" : "";
    const d = `M${drawing.line.map((p) => this.view.metres(p).map((n) => n.toFixed(2)).join(" ")).join("L")}${closed}`;
    if (drawing.what === "band") return shape("path", { d, class: class_, "stroke-width": 2 * drawing.metres });
    return shape("path", { d, class: class_, "vector-effect": still });
  }

  /** @param {string} layer @param {Mark[]} marks */
  marks(layer, marks) {
    let known = this.#marks.get(layer);
    if (!known) {
      known = { holder: h("div", { class: `om-marks ${layer}` }), marks };
      this.#marks.set(layer, known);
      this.element.append(known.holder);
    }
    known.marks = marks;
    known.holder.replaceChildren(...marks.map((mark) => mark.element));
    this.#later();
  }

  /** @param {Position} p */
  pixel(p) {
    return this.view.pixel(p);
  }

  /** @returns {[number, number]} */
  size() {
    return [this.view.width, this.view.height];
  }

  scale() {
    return this.view.scale;
  }

  centre() {
    return this.view.centre();
  }

  /** @param {Position} p @param {number} [scale] */
  centreOn(p, scale) {
    this.#home = () => this.#go(() => this.view.centreOn(p, scale));
    this.#home();
  }

  /** @param {Position[]} all @param {number} [room] */
  fit(all, room = 36) {
    this.#home = () => this.#go(() => this.view.fit(all, room));
    this.#home();
  }

  /** @param {() => void} act */
  #go(act) {
    act();
    this.#later();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.#go(() => this.view.zoom(factor));
  }

  /** @param {() => void} act */
  onView(act) {
    this.#watchers.push(act);
  }

  /** @param {(p: Position) => void} act */
  onTap(act) {
    this.tapped = act;
  }

  end() {
    this.sizes.disconnect();
    cancelAnimationFrame(this.#frame);
  }
}
