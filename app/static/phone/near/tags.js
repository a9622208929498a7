// What a place shows of itself: its symbol, its code plate, its risk gauge, and what somebody should know at once.

import { h, icon } from "../../map/dom.js";
import { symbol } from "../../map/symbols.js";
import { daysSince } from "../format.js";
import { say } from "../texts.js";
import { conditionWord, lower, riskLevel, riskWord } from "../form/words.js";

/** @typedef {import("../types").Place} Place */

const RATED = new Set(["slide", "flood", "drowning"]);

/** Days past the day it was due; 0 is today, negative days to come, null where nothing is due. @param {Place} place @param {number} now */
export function lateness(place, now) {
  if (place.due_on) return daysSince(`${place.due_on.slice(0, 10)}T00:00:00+07:00`, now);
  return place.overdue ? 0 : null;
}

/** @param {Place} place @param {number} now */
export const isDue = (place, now) => (lateness(place, now) ?? -1) >= 0;

/** @param {Place} place @param {number} now @param {number} [size] */
export function sign(place, now, size = 40) {
  return symbol({ kind: place.kind, risk: place.risk_level, condition: place.condition, late: isDue(place, now), size });
}

/** @param {string} code */
export const plate = (code) => h("span", { class: "plate" }, code);

/** The risk as an amount of ink with its word; nothing for kinds that are not rated. @param {Place} place */
export function gauge(place) {
  if (!RATED.has(place.kind)) return null;
  const level = riskLevel(place.risk_level);
  const notches = [1, 2, 3, 4].map(() => h("i", {}));
  return h("span", { class: "gauge sm", "data-r": String(level) }, h("span", { class: "vh" }, say("near.risk")), ...notches, h("span", {}, riskWord(place.risk_level)));
}

/** @param {string | null} condition */
export function conditionTag(condition) {
  if (condition === "danger") return h("span", { class: "tag danger" }, icon("octagon-alert"), conditionWord(condition));
  if (condition === "worse") return h("span", { class: "tag worse" }, icon("chevrons-down"), conditionWord(condition));
  if (condition === "not_seen") return h("span", { class: "tag unseen" }, icon("eye-off"), conditionWord(condition));
  return h("span", { class: "tag same" }, icon("check"), conditionWord(condition));
}

/** How late it is, in words; "" where nothing is due. @param {Place} place @param {number} now */
export function lateWords(place, now) {
  const days = lateness(place, now);
  if (days === null || days < 0) return "";
  if (!place.last_inspected_at) return say("near.never");
  return days > 0 ? say("near.overdue", { n: days }) : say("near.due_today");
}

/** The same as tags. @param {Place} place @param {number} now */
export function tags(place, now) {
  const text = lateWords(place, now);
  const grave = place.condition === "danger" || place.condition === "worse";
  return [grave && conditionTag(place.condition), text && h("span", { class: "tag late" }, icon("clock"), text)].filter((tag) => tag instanceof HTMLElement);
}

/** What asks for care, in one line of words beside the symbol's badges; null for nothing. @param {Place} place @param {number} now */
export function care(place, now) {
  const late = lateWords(place, now);
  const grave = place.condition === "danger" || place.condition === "worse";
  if (!late && !grave) return null;
  return h("span", { class: "care" }, grave && h("b", { class: place.condition }, conditionWord(place.condition)), grave && late && " · ", late && h("span", {}, grave ? lower(late) : late));
}
