// Pieces of the panel that several contents share.

import { h, icon } from "./dom.js";
import { signOf } from "./pins.js";
import { ago, called, day, say, stamp } from "./words.js";

/** @typedef {import("./types").Place} Place */

const NOTCHES = ["", "low", "medium", "high", "very_high"];

/** Symbol, code, kind, name and address. @param {Place} place */
export function heading(place) {
  const { props } = place;
  return h("div", { class: "head" }, signOf(place, 64),
    h("div", { class: "grow" },
      h("p", { class: "row wrap" }, h("span", { class: "plate" }, place.code), h("span", { class: "mut" }, called("kind", place.layer).toLocaleLowerCase())),
      h("h2", { id: "details-title" }, props.name),
      props.address ? h("p", { class: "mut" }, props.address) : null));
}

/** The risk in ink and in a word. @param {string | null | undefined} risk */
export function gauge(risk) {
  const level = NOTCHES.indexOf(risk ?? "");
  return h("span", { class: "gauge", "data-r": String(Math.max(0, level)) },
    h("i"), h("i"), h("i"), h("i"), " ", h("span", {}, called("risk", risk)));
}

/** "Last seen 12 days ago, 16:40, 02/10/2026", or that nobody has. @param {Place} place */
export function lastSeen(place) {
  const { last_inspected_at: at } = place.props;
  if (!at) return h("p", { class: "seen" }, h("b", {}, say("Nobody has inspected it yet.")));
  const moment = new Date(at);
  const due = place.props.due_on && !place.late ? say("Due on {day}", { day: day(place.props.due_on) }) : null;
  return h("p", { class: "seen" }, h("b", {}, say("Last seen {ago}", { ago: ago(moment) })), " ",
    h("time", { class: "mut", datetime: at }, stamp(moment)), due ? h("span", { class: "mut due" }, due) : null);
}

/**
 * One row of what is known: label, a line that says how surely, value, source.
 * @param {string} label @param {"" | "inf" | "con" | "non"} sure @param {string} value @param {(string | Node | null)[]} [small]
 */
export function fact(label, sure, value, small = []) {
  return h("div", {}, h("dt", {}, label),
    h("dd", sure ? { class: sure } : {}, value, ...small.filter(Boolean).map((text) => h("small", {}, text))));
}

/** A section with its title. @param {string} title @param {...(Node | string | null)} children */
export function section(title, ...children) {
  return h("section", {}, h("h3", {}, title), ...children);
}

/** What the four lines mean. */
export function lineKey() {
  return h("ul", { class: "line-key" },
    h("li", { class: "sure" }, say("stated")), h("li", { class: "inf" }, say("inferred")),
    h("li", { class: "con" }, say("sources conflict")), h("li", { class: "non" }, say("nobody said")));
}

/** The way to the phone's screen where an officer measures a place that nobody has found yet; null for anybody else. @param {import("./types").App} app @param {Place} place */
export function pin(app, place) {
  const { pages, pins } = app.config, { props } = place;
  const ours = (props.units ?? []).some((unit) => pins.includes(`${unit.code}@${unit.valid_from ?? ""}`));
  if (pages === null || !ours || place.layer === "proposal" || !["unlocated", "inferred"].includes(props.location_status)) return null;
  return h("a", { class: "btn", href: `${pages}/phone#/pin/${encodeURIComponent(place.code)}` }, icon("map-pin-plus"), say("Fix position"),
    h("span", { class: "vh" }, `: ${place.code}`));
}
