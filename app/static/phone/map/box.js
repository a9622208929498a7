// A map with its tools: nearer, farther, here, everything; scale, north and credit; and the full map in its place on demand.

import { h, icon } from "../../map/dom.js";
import { distance as metres } from "../geo.js";
import { poor } from "../gps.js";
import { config, loadStyle } from "../shell.js";
import { accuracy, clock, distance, say } from "../texts.js";
import { extent, gridDrawings, groundDrawings } from "./drawings.js";
import { Outline } from "./outline.js";
import { bar } from "./view.js";

/** @typedef {import("geojson").Position} Position @typedef {import("./face").Face} Face @typedef {import("./face").Drawing} Drawing @typedef {import("./face").Mark} Mark */
/** @typedef {import("../types").App} App @typedef {import("../types").Pack} Pack */

const BAR_PX = 110;
const HERE_PX = 90;
/** Pixels for a metre below which only symbols stand, and above which a finer grid helps. */
const FAR = 0.2;
const CLOSE = 0.4;

export class MapBox {
  /** @type {Map<string, Drawing[]>} */
  #drawings = new Map();
  /** @type {Map<string, Mark[]>} */
  #marks = new Map();
  /** @type {(() => void)[]} */
  #watchers = [];
  /** @type {(p: Position) => void} */
  #tapped = () => {};
  #me = h("span", { class: "om-me" });
  #following = false;

  /** @param {App} app @param {Pack} pack @param {{label: string}} words */
  constructor(app, pack, { label }) {
    this.app = app;
    this.pack = pack;
    this.label = label;
    this.all = extent(pack);
    const [origin] = this.all;
    this.origin = origin ?? [108.42, 11.95];
    /** @type {Face} */
    this.face = new Outline(this.origin, { label, hint: say("map.keys") });
    this.scale = h("div", { class: "om-scale", "aria-hidden": "true" }, h("span", {}), h("i", {}));
    this.said = h("p", { class: "om-credit" });
    const foot = h("div", { class: "om-foot" }, this.scale, this.said);
    this.element = h("div", { class: "om-box" }, this.face.element, this.#tools(), this.#north(), foot);
    this.#listen();
        this.draw("1-ground", groundDrawings(pack.ground));
    this.draw("2-grid", gridDrawings(this.origin));
    this.marks("1-names", this.#names());
    this.fit(this.all);
    this.moved = () => this.#here();
    app.gps.addEventListener("change", this.moved);
    this.#here();
    this.#credit();
  }

  #tools() {
    const tools = h("div", { class: "om-tools panel" });
    const add = (/** @type {SVGElement} */ sign, /** @type {string} */ words, /** @type {() => void} */ act) => {
      const button = h("button", { type: "button", class: "ib", "aria-label": words });
      button.append(sign);
      button.addEventListener("click", act);
      tools.append(button);
      return button;
    };
    add(icon("plus"), say("map.nearer"), () => this.face.zoom(1.8));
    add(icon("minus"), say("map.farther"), () => this.face.zoom(1 / 1.8));
    add(icon("locate-fixed"), say("map.me"), () => void this.locate());
    add(icon("maximize"), say("map.all"), () => this.fit(this.all));
    if (config().tiles) {
      const full = add(icon("layers"), say("map.full"), () => void this.#turn(full));
      full.setAttribute("aria-pressed", "false");
    }
    return tools;
  }

  #north() {
    return h("span", { class: "om-north", "aria-hidden": "true" }, icon("arrow-up", "s"), say("map.north"));
  }

  /** Names of the ground, with how surely it is known. @returns {Mark[]} */
  #names() {
    const { outlines, streams } = this.pack.ground;
    const edge = outlines.flatMap(({ ring, name, accuracy_m }) => {
      const at = longest(ring);
      return at ? [{ at, text: accuracy_m ? `${name} ${accuracy(accuracy_m)}` : name, look: "edge" }] : [];
    });
    const water = streams.flatMap(({ line, name }) => {
      const middle = line[Math.floor(line.length / 2)];
      return middle ? [{ at: middle, text: name, look: "water" }] : [];
    });
    return [...edge, ...water].map(({ at, text, look }) => ({ at, element: h("span", { class: `om-name ${look}`, lang: "vi" }, h("span", {}, text)) }));
  }

  #listen() {
    this.face.onView(() => {
      this.#scale();
      for (const act of this.#watchers) act();
    });
    this.face.onTap((p) => this.#tapped(p));
  }

  #scale() {
    const { metres, pixels } = bar(this.face.scale(), BAR_PX), [text, line] = this.scale.children;
    if (text) text.textContent = metres < 10 ? `${metres} m` : distance(metres);
    if (line instanceof HTMLElement) line.style.width = `${pixels.toFixed(0)}px`;
    this.face.element.classList.toggle("far", this.face.scale() < FAR);
    this.face.element.classList.toggle("close", this.face.scale() > CLOSE);
  }

  #credit() {
    this.said.replaceChildren(h("b", {}, say("map.as_of", { time: clock(this.pack.made_at) })), ` ${say("map.credit")}`);
  }

  /** Where this phone is, with its circle; a mast's fix is drawn, but never flown to. */
  #here() {
    const fix = this.app.gps.last();
    if (!fix) return;
    const at = [fix.lon, fix.lat];
    this.draw("8-here", [{ what: "circle", at, metres: fix.accuracy_m, look: "om-here" }]);
    this.marks("8-here", [{ at, element: this.#me }]);
    if (this.#following && !poor(fix)) this.#fly(at, fix.accuracy_m);
  }

  /** @param {Position} at @param {number} metres */
  #fly(at, metres) {
    this.#following = false;
    this.face.centreOn(at, Math.min(2, HERE_PX / Math.max(40, metres)));
  }

  /** Fly to the first good fix that comes. */
  follow() {
    this.#following = true;
    this.#here();
  }

  /** To where the phone is: at once if it knows, else as soon as it does. */
  async locate() {
    const known = this.app.gps.last();
    this.#following = !known || poor(known);
    if (known && !poor(known)) this.#fly([known.lon, known.lat], known.accuracy_m);
    const looked = this.app.gps.look();
    const words = this.app.gps.why();
    if (words) this.app.toast(say(words));
    const found = await looked, after = this.app.gps.why();
    this.#following = false;
    if (!found && after) this.app.toast(say(after));
  }

  /** @param {string} layer in the order of the alphabet @param {Drawing[]} drawings */
  draw(layer, drawings) {
    this.#drawings.set(layer, drawings);
    this.face.draw(layer, drawings);
  }

  /** @param {string} layer @param {Mark[]} marks */
  marks(layer, marks) {
    this.#marks.set(layer, marks);
    this.face.marks(layer, marks);
  }

  /** @param {Position[]} all */
  fit(all) {
    this.face.fit(all);
  }

  /** @param {() => void} act */
  onView(act) {
    this.#watchers.push(act);
  }

  /** @param {(p: Position) => void} act */
  onTap(act) {
    this.#tapped = act;
  }

  /** The full map instead of ours, or back. @param {HTMLButtonElement} full */
  async #turn(full) {
    const back = this.face.element.classList.contains("full");
    if (!back && !navigator.onLine) return this.app.toast(say("map.needs_network"));
    const centre = this.face.centre(), scale = this.face.scale();
    try {
      this.#exchange(back ? new Outline(this.origin, { label: this.label, hint: say("map.keys") }) : await this.#leaflet());
    } catch {
      return this.app.toast(say("map.no_full"));
    }
    this.face.centreOn(centre, scale);
    full.setAttribute("aria-pressed", String(!back));
  }

  async #leaflet() {
    const { leaflet } = await import("./leaflet.js");
    return await leaflet(this.origin, config().tiles, { label: this.label, failed: () => this.app.toast(say("map.no_tiles")) });
  }

  /** @param {Face} face */
  #exchange(face) {
    const before = this.face;
    before.element.replaceWith(face.element);
    before.end();
    this.face = face;
    this.#listen();
    for (const [layer, drawings] of this.#drawings) face.draw(layer, drawings);
    for (const [layer, marks] of this.#marks) face.marks(layer, marks);
  }

  end() {
    this.app.gps.removeEventListener("change", this.moved);
    this.face.end();
  }
}

/** The middle of a ring's longest straight run. @param {Position[]} ring @returns {Position | null} */
function longest(ring) {
  const runs = ring.slice(1).map((b, i) => ({ a: ring[i] ?? b, b })).sort((p, q) => metres(q.a, q.b) - metres(p.a, p.b));
  const [run] = runs;
  return run ? [((run.a[0] ?? 0) + (run.b[0] ?? 0)) / 2, ((run.a[1] ?? 0) + (run.b[1] ?? 0)) / 2] : null;
}

/** The map's looks, which come when a map is shown first. */
export function mapStyle() {
  return loadStyle("taluy/phone/map.css");
}
