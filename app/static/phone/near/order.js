// Which place comes first: nearest where this phone knows where it is, else what is most urgent. Pure.

import { way } from "../geo.js";

/**
 * @typedef {import("../types").Place} Place @typedef {import("../types").Fix} Fix
 * @typedef {{metres: number, bearing: number, around: boolean, doubt: number, inside: boolean}} Way
 * @typedef {{place: Place, way: Way | null, visited: number | null}} Entry visited: when today
 */

/** From the most urgent: danger, overdue, due today, worse, the rest. @param {Place} place @param {number} days past the due day */
export function urgency(place, days) {
  if (place.condition === "danger") return 0;
  if (days > 0) return 1;
  if (days === 0) return 2;
  return place.condition === "worse" ? 3 : 4;
}

/** Whether a place has no position that anybody could walk to. @param {Place} place */
export const unlocated = (place) => place.location_status === "unlocated" || !place.geometry;

/**
 * @param {Place[]} places @param {Fix | null} fix @param {(place: Place) => number} lateDays
 * @param {Map<string, number>} visited when, by code, today
 * @returns {{near: Entry[], lost: Entry[]}} `lost` have no position
 */
export function order(places, fix, lateDays, visited) {
  const entries = places.map((place) => ({
    place,
    way: fix && place.geometry && !unlocated(place) ? way(fix, place.geometry, place.location_accuracy_m) : null,
    visited: visited.get(place.code) ?? null,
  }));
  const urgent = (/** @type {Entry} */ a, /** @type {Entry} */ b) =>
    Number(a.visited !== null) - Number(b.visited !== null) ||
    urgency(a.place, lateDays(a.place)) - urgency(b.place, lateDays(b.place)) ||
    lateDays(b.place) - lateDays(a.place) || a.place.code.localeCompare(b.place.code);
  const nearest = (/** @type {Entry} */ a, /** @type {Entry} */ b) => (a.way?.metres ?? Infinity) - (b.way?.metres ?? Infinity) || urgent(a, b);
  return {
    near: entries.filter((entry) => fix === null || entry.way).sort(fix ? nearest : urgent),
    lost: fix === null ? [] : entries.filter((entry) => !entry.way).sort(urgent),
  };
}

/** The place to go to after this one: what asks for a visit, nearest first; else the nearest not seen today. @param {{near: Entry[], lost: Entry[]}} found @param {string} besides @param {(place: Place) => number} lateDays @returns {Entry | null} */
export function next({ near, lost }, besides, lateDays) {
  const left = [...near, ...lost].filter((entry) => entry.visited === null && entry.place.code !== besides);
  return left.find((entry) => urgency(entry.place, lateDays(entry.place)) < 3) ?? left[0] ?? null;
}
