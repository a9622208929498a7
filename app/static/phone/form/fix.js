// Which fix a visit carries. Pure.

/** @typedef {import("../types").Fix} Fix */

/** A fix belongs to a visit when it was taken at most so long before or after. */
const NEAR_MS = 600_000;

/**
 * The fix that a visit carries: the best one near the moment when it was seen.
 * @param {Fix | null} kept @param {Fix | null} fresh @param {number} seenAt @returns {Fix | null}
 */
export function bestFix(kept, fresh, seenAt) {
  const fits = (/** @type {Fix | null} */ fix) => fix !== null && Math.abs(fix.at - seenAt) <= NEAR_MS;
  if (!fresh || !fits(fresh)) return kept && fits(kept) ? kept : null;
  return kept && fits(kept) && kept.accuracy_m < fresh.accuracy_m ? kept : fresh;
}

/** As the server takes it; the age counts up to the moment when it was seen. @param {Fix | null} fix @param {number} seenAt @returns {import("../types").Position | null} */
export function position(fix, seenAt) {
  if (!fix) return null;
  const { lon, lat, accuracy_m } = fix;
  return { lon, lat, accuracy_m, age_s: Math.max(0, Math.round((seenAt - fix.at) / 1000)), source: "gps" };
}
