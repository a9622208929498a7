// Measuring on the spot: one large button, then the fixes as they come, then what they gave.

import { h, icon } from "../../map/dom.js";
import { average } from "../average.js";
import { accuracy, number, say } from "../texts.js";
import { Take } from "./take.js";

/** @typedef {import("./model.js").Model} Model @typedef {import("../types").Gps} Gps @typedef {import("../types").Fix} Fix */

const POINT_MS = 20_000;
const CORNER_MS = 5000;
const TICK_MS = 500;

export class GpsPanel {
  /** @type {Take | null} */
  #take = null;
  #tick = 0;

  /** @param {Model} model @param {Gps} gps @param {(fix: Fix | null) => void} changed after every fix, and with null after a change by hand */
  constructor(model, gps, changed) {
    this.model = model;
    this.gps = gps;
    this.changed = changed;
    this.figure = h("b", { class: "num pin-figure" });
    this.said = h("span", { class: "sm", role: "status" });
    this.left = h("span", { class: "sm mut num" });
    this.progress = h("progress", { max: "1", value: "0", "aria-label": say("pin.taking") });
    this.why = h("p", { class: "state", hidden: true });
    this.buttons = h("div", { class: "pin-buttons" });
    this.element = h("div", { class: "pin-take" }, h("div", { class: "row" }, this.figure, h("span", { class: "grow" }, this.said, " ", this.left)), this.progress, this.why, this.buttons);
    this.show();
  }

  get running() {
    return this.#take?.running ?? false;
  }

  /** @param {boolean} more go on with the fixes that there are */
  start(more) {
    const point = this.model.content.shape === "point";
    if (!more) this.model.restart();
    const take = new Take(this.gps, point ? POINT_MS : CORNER_MS);
    this.#take = take;
    take.addEventListener("fix", (event) => {
      const fix = /** @type {CustomEvent<Fix>} */ (event).detail;
      this.model.fix(fix, Date.now());
      this.changed(fix);
    });
    take.addEventListener("end", () => this.#ended());
    take.addEventListener("change", () => this.show());
    this.#tick = window.setInterval(() => this.#time(), TICK_MS);
    take.start(point ? this.model.content.fixes : []);
    this.changed(null);
  }

  #ended() {
    clearInterval(this.#tick);
    if (this.model.content.shape !== "point") this.model.settle(Date.now());
    this.changed(null);
  }

  /** Nothing is listened to any more; what came is kept. */
  stop() {
    this.#take?.end();
    clearInterval(this.#tick);
  }

  #time() {
    const take = this.#take;
    if (!take?.running) return;
    this.progress.value = take.share();
    this.left.textContent = say("pin.left", { n: Math.max(0, Math.ceil((1 - take.share()) * take.lasts_ms / 1000)) });
  }

  show() {
    const { content } = this.model, running = this.running, made = average(content.fixes), point = content.shape === "point";
    const tapped = point && content.corners[0]?.accuracy_m === null, known = made && !tapped;
    this.element.classList.toggle("running", running);
    this.progress.hidden = !running;
    this.figure.hidden = !known;
    this.figure.textContent = known ? accuracy(made.accuracy_m) : "";
    this.said.textContent = known ? say("pin.fixes", { n: number(made.fixes, 0) }) : running ? say("gps.looking") : "";
    if (!running) this.left.textContent = "";
    this.#reason(running || Boolean(known));
    this.buttons.replaceChildren(...this.#buttonsFor(running, point, Boolean(known)));
    this.#time();
  }

  /** Why nothing comes, and what to do. @param {boolean} well */
  #reason(well) {
    const key = this.gps.why(), bad = this.gps.state() === "denied" || this.gps.state() === "unavailable";
    const tried = this.#take !== null && !well && this.model.content.corners.length === 0;
    this.why.hidden = !(bad || tried);
    this.why.textContent = bad ? say(key) : tried ? say("pin.no_fix") : "";
  }

  /** @param {boolean} running @param {boolean} point @param {boolean} known */
  #buttonsFor(running, point, known) {
    if (running) return [this.#button("check", say("pin.enough"), "btn big", () => this.stop(), this.model.content.fixes.length === 0)];
    if (point && known) {
      return [this.#button("plus", say("pin.more"), "btn", () => this.start(true)), this.#button("rotate", say("pin.anew"), "btn quiet", () => this.start(false))];
    }
    const words = point ? [say("pin.stand"), say("pin.stand_how")] : [say("pin.corner_here"), say("pin.corner_how")];
    return [this.#button("locate", words[0] ?? "", `btn big${this.model.lacking() ? " pri" : ""}`, () => this.start(false), false, words[1])];
  }

  /** @param {"check" | "plus" | "rotate" | "locate"} sign @param {string} words @param {string} look @param {() => void} act @param {boolean} [off] @param {string} [how] */
  #button(sign, words, look, act, off = false, how = "") {
    const signs = { check: () => icon("check"), plus: () => icon("plus"), rotate: () => icon("rotate-cw"), locate: () => icon("locate-fixed", "l") };
    const button = h("button", { type: "button", class: look, disabled: off }, signs[sign](), h("span", {}, words, how && h("small", {}, how)));
    button.addEventListener("click", () => {
      act();
      this.buttons.querySelector("button")?.focus({ preventScroll: true });
    });
    return button;
  }
}
