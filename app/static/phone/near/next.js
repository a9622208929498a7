// What this phone knows of the places around: visits of today, lateness, and where to go next.

import { daysSince } from "../format.js";
import { next, order } from "./order.js";
import { lateness } from "./tags.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Place} Place @typedef {import("../types").Pack} Pack */

/** When places were visited today, by code: from this phone, and from the ward. @param {Pack} pack @param {import("../types").Row[]} rows @param {number} now */
export function visitedToday(pack, rows, now) {
  const found = new Map();
  const put = (/** @type {string} */ code, /** @type {number} */ at) => {
    if (daysSince(at, now) === 0 && at > (found.get(code) ?? 0)) found.set(code, at);
  };
  for (const place of pack.places) if (place.last_inspected_at) put(place.code, Date.parse(place.last_inspected_at));
  for (const row of rows) if (row.kind === "inspection") put(row.place, row.saved_at);
  return found;
}

/** A measure stands where its site is. @param {Pack} pack @returns {Place[]} */
export function placed(pack) {
  const sites = new Map(pack.places.map((place) => [place.code, place]));
  return pack.places.map((place) => {
    const site = place.geometry ? null : sites.get(place.site ?? "");
    return site ? { ...place, geometry: site.geometry, location_status: site.location_status, location_accuracy_m: site.location_accuracy_m } : place;
  });
}

/** Days past the due day; very early where nothing is due. @param {number} now @returns {(place: Place) => number} */
export const lateDays = (now) => (place) => lateness(place, now) ?? -Infinity;

/** @param {App} app @param {string} besides @param {number} now */
export async function nextPlace(app, besides, now) {
  const pack = await app.packs.read();
  if (!pack) return null;
  const found = order(placed(pack), app.gps.last(), lateDays(now), visitedToday(pack, await app.queue.rows(), now));
  return next(found, besides, lateDays(now));
}
