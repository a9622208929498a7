// One position made of many fixes of a phone that stands still, with an accuracy that can be defended.

import { plane } from "../map/geo.js";

/** @typedef {import("./types").Fix} Fix */
/** @typedef {{lon: number, lat: number, accuracy_m: number, fixes: number}} Averaged `fixes`: how many of them count */

/** A phone is never surer than this: it is no surveying instrument. */
const LEAST_M = 3;
/** Fixes of one moment share their error; those this far apart count as two looks at the sky. */
const APART_MS = 5000;
const HOPELESS = 5;
const ASTRAY = 3;

/**
 * The mean weighted by 1/accuracy², without those that lie astray. Its accuracy is never below 3 m, never below the best
 * one's by the root of their number, and never below how far they scatter. Null for none.
 * @param {Fix[]} fixes @returns {Averaged | null}
 */
export function average(fixes) {
  const [first] = fixes;
  if (!first) return null;
  const flat = plane([first.lon, first.lat]);
  const best = Math.min(...fixes.map((fix) => fix.accuracy_m));
  const all = fixes.filter((fix) => fix.accuracy_m <= HOPELESS * best)
    .map((fix) => ({ fix, at: flat.to([fix.lon, fix.lat]), weight: 1 / Math.max(1, fix.accuracy_m) ** 2 }));
  const x = median(all.map(({ at, weight }) => [at[0], weight])), y = median(all.map(({ at, weight }) => [at[1], weight]));
  const near = all.filter(({ at, fix }) => Math.hypot(at[0] - x, at[1] - y) <= ASTRAY * fix.accuracy_m);
  const used = near.length ? near : all;
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  /** @param {(one: typeof used[0]) => number} value */
  const mean = (value) => used.reduce((sum, one) => sum + one.weight * value(one), 0) / total;
  const east = mean(({ at }) => at[0]), north = mean(({ at }) => at[1]);
  const scatter = Math.sqrt(mean(({ at }) => (at[0] - east) ** 2 + (at[1] - north) ** 2));
  const formal = Math.sqrt(used.length / total / looks(used.map(({ fix }) => fix)));
  const [lon = 0, lat = 0] = flat.from([east, north]);
  return {
    lon: seven(lon), lat: seven(lat), accuracy_m: Math.ceil(Math.max(LEAST_M, formal, scatter)), fixes: used.length,
  };
}

/** How many looks at the sky the fixes are worth. @param {Fix[]} fixes */
function looks(fixes) {
  const moments = fixes.map((fix) => fix.at);
  return Math.min(fixes.length, 1 + Math.floor((Math.max(...moments) - Math.min(...moments)) / APART_MS));
}

/** The value at which half of the weight is reached. @param {[number, number][]} values value and weight @returns {number} */
function median(values) {
  const sorted = [...values].sort((a, b) => a[0] - b[0]);
  const half = sorted.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let sum = 0;
  for (const [value, weight] of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return 0;
}

/** @param {number} degrees */
function seven(degrees) {
  return Math.round(degrees * 1e7) / 1e7;
}
