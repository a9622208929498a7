/** The words of the page's script, in the reader's language; the server puts them into the page. */

const element = document.getElementById("texts");
/** @type {Record<string, string>} */
const words = element ? JSON.parse(element.textContent ?? "{}") : {};
const language = document.documentElement.lang === "en" ? "en" : "vi";

/**
 * The sentence called `name` with its braces filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function say(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/**
 * A number with the reader's decimal sign.
 * @param {number} value
 * @param {number} [digits]
 */
export function figure(value, digits = 2) {
  return value.toLocaleString(language === "vi" ? "vi-VN" : "en-GB", { maximumFractionDigits: digits });
}

/**
 * 14:03 in Vietnam.
 * @param {Date} moment
 */
export function clock(moment) {
  return moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
}

/**
 * 14:03, 14/8/2026 in Vietnam: a zero before days under 10 and before months 1 and 2 only.
 * @param {Date} moment
 */
export function stamp(moment) {
  const zone = "Asia/Ho_Chi_Minh";
  if (language === "en") {
    return `${clock(moment)}, ${moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: zone })}`;
  }
  const parts = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "numeric", year: "numeric", timeZone: zone }).formatToParts(moment);
  const part = (/** @type {string} */ type) => parts.find((each) => each.type === type)?.value ?? "";
  const month = Number(part("month"));
  return `${clock(moment)}, ${part("day")}/${month < 3 ? `0${month}` : month}/${part("year")}`;
}

/**
 * How long ago, in words.
 * @param {number} seconds
 */
export function age(seconds) {
  return seconds < 60 ? say("seconds", { n: Math.max(0, Math.round(seconds)) }) : say("minutes", { n: Math.round(seconds / 60) });
}
