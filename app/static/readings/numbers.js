/** Numbers of a checklist: what was typed, one step further, and the change since the last visit. */

/** No rate under this change or interval: a tape is good to ±1 mm. */
const LEAST_MM = 3;
const LEAST_HOURS = 6;
/** Room for 0.1 in binary. */
const CLOSE = 1e-6;

/** @typedef {{min: number, max: number, step: number}} Range */
/** @typedef {{by: number, rate: number | null, shrunk: boolean}} Change by: since last time; rate: a day, null where it would be noise */

/**
 * The number that somebody typed, with a decimal comma or point; NaN for nothing or nonsense.
 * @param {string} text
 */
export function typedNumber(text) {
  const bare = text.trim().replace(/\s/g, "").replace("−", "-").replace(",", ".");
  return bare === "" ? NaN : Number(bare);
}

/**
 * Where a press of plus (1) or minus (-1) leads: from what was typed, else from the last reading, else from the start.
 * @param {number} typed NaN for nothing @param {number} last NaN for nothing @param {number} by @param {Range} range
 */
export function stepped(typed, last, by, { min, max, step }) {
  const from = Number.isNaN(typed) ? (Number.isNaN(last) ? (by > 0 ? min - step : min) : last) : typed;
  const next = Math.min(Math.max(from + by * step, min), max);
  return Number((Math.round(next / step) * step).toFixed(6));
}

/** A number as a field shows it: tenths where there are any. @param {number} value */
export function written(value) {
  return String(value).includes(".") ? value.toFixed(1) : String(value);
}

/** Whether the checklist takes a number. @param {number} value @param {Range} range */
export function fits(value, { min, max, step }) {
  const steps = value / step;
  return value >= min && value <= max && Math.abs(steps - Math.round(steps)) < CLOSE;
}

/**
 * What happened to a number since it was last read; null where there is no pair.
 * @param {number} now @param {number} last @param {number} hours between the two readings @param {string} unit
 * @returns {Change | null}
 */
export function change(now, last, hours, unit) {
  if (Number.isNaN(now) || Number.isNaN(last)) return null;
  const by = Number((now - last).toFixed(6));
  const rated = unit === "mm" && by >= LEAST_MM && hours >= LEAST_HOURS;
  return { by, rate: rated ? (by / hours) * 24 : null, shrunk: unit === "mm" && -by > LEAST_MM };
}
