// The parts of fixing a position that are only drawn: what was measured, how far it lies from the old, what to look at twice.

import { h, icon } from "../../map/dom.js";
import { body, reach } from "../map/drawings.js";
import { accuracy, direction, distance, number, say } from "../texts.js";
import { LEAST, at } from "./model.js";

/** @typedef {import("./model.js").Model} Model @typedef {import("./model.js").Said} Said @typedef {import("../map/face").Drawing} Drawing @typedef {import("../map/face").Mark} Mark */

const SHAPES = /** @type {const} */ (["point", "line", "area"]);
const WAYS = /** @type {const} */ (["gps", "map"]);
// The words: say("pin.point") say("pin.line") say("pin.area") say("pin.by_gps") say("pin.by_map")

/** A sentence of the model in words. @param {Said} said */
export function worded({ text, values }) {
  const { metres, doubt, square, ...rest } = values;
  return say(text, {
    ...rest, ...(metres === undefined ? {} : { metres: distance(Number(metres)) }), ...(doubt === undefined ? {} : { doubt: accuracy(Number(doubt)) }),
    ...(square === undefined ? {} : { square: number(Number(square), 0) }),
  });
}

/**
 * A choice of a few, as large buttons; gives the element.
 * @template {string} T
 * @param {string} name @param {string} legend @param {readonly [T, Node, string][]} options @param {T} chosen @param {(value: T) => void} choose
 */
function choice(name, legend, options, chosen, choose) {
  return h("fieldset", { class: "block" }, h("legend", { class: "lab" }, legend),
    h("div", { class: `pin-choice of-${options.length}` }, ...options.map(([value, sign, words]) => {
      const input = h("input", { type: "radio", name, value, checked: value === chosen });
      input.addEventListener("change", () => choose(value));
      return h("label", { class: "pick" }, input, sign, h("span", {}, words));
    })));
}

/** @param {import("./model.js").Shape} chosen @param {(shape: import("./model.js").Shape) => void} choose */
export function shapes(chosen, choose) {
  const signs = { point: icon("map-pin"), line: icon("route"), area: icon("pentagon") };
  return choice("shape", say("pin.shape"), SHAPES.map((shape) => /** @type {const} */ ([shape, signs[shape], say(`pin.${shape}`)])), chosen, choose);
}

/** @param {"gps" | "map"} chosen @param {(how: "gps" | "map") => void} choose */
export function ways(chosen, choose) {
  const signs = { gps: icon("locate-fixed"), map: icon("hand") };
  return choice("how", say("pin.how"), WAYS.map((how) => /** @type {const} */ ([how, signs[how], say(`pin.by_${how}`)])), chosen, choose);
}

/** What there is by now, how far from the old place, and what to look at twice. @param {Model} model @param {import("../types").Pack["ground"]} ground */
export function facts(model, ground) {
  const { corners, shape } = model.content, moved = model.moved(), extent = model.extent(), { place } = model;
  const old = accuracy(place.location_accuracy_m ?? 0);
  /** @type {string[]} */
  const lines = [];
  if (corners.length && shape !== "point") lines.push([say("pin.corners", { n: corners.length }), extent ? worded(extent) : ""].filter(Boolean).join(", "));
  if (corners.length && model.accuracy() === null) lines.push(say("pin.no_accuracy"));
  if (moved) lines.push(moved.within && place.location_status !== "surveyed" ? say("pin.within", { old }) : say("pin.moved", { metres: distance(moved.metres), whither: direction(moved.bearing) }));
  return [
    ...lines.map((line) => h("p", { class: "sm" }, line)),
    ...model.warnings(ground).map((said) => h("p", { class: "pin-warn sm" }, icon("triangle-alert"), h("span", {}, worded(said)))),
  ];
}

/** The old place below the new one. @param {Model} model @returns {Drawing[]} */
export function drawings({ content: { corners, shape }, place }) {
  const spots = corners.map(at), whole = spots.length >= LEAST[shape];
  /** @type {Drawing[]} */
  const old = place.geometry ? [...reach(place.geometry, place.location_accuracy_m ?? 0, "om-old"), ...body(place.geometry, "om-body old")] : [];
  const circles = corners.flatMap((corner) => (corner.accuracy_m === null ? [] : [{ what: /** @type {const} */ ("circle"), at: at(corner), metres: corner.accuracy_m, look: "om-new round" }]));
  if (shape === "point" || spots.length < 2) return [...old, ...circles];
  const look = shape === "area" && whole ? "om-new area" : "om-new";
  return [...old, ...circles, { what: "line", line: spots, look, closed: shape === "area" && whole }];
}

/** @param {Model} model @returns {Mark[]} */
export function marks({ content: { corners, shape } }) {
  return corners.map((corner, i) => ({ at: at(corner), element: h("span", { class: "om-corner" }, shape === "point" ? icon("map-pin", "s") : String(i + 1)) }));
}
