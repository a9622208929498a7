// Words, numbers and dates in the language of the page. Message ids are English; app/maps/words.py reads them here.

/** @type {Record<string, string>} */
let phrases = {};
/** @type {Record<string, Record<string, string>>} */
let tables = {};
let vietnamese = true;

const ZONE = "Asia/Ho_Chi_Minh";
const DAY_MS = 86_400_000;
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit",
});

/** @param {import("./types").Config} config */
export function useWords(config) {
  phrases = config.phrases;
  tables = config.tables;
  vietnamese = config.language === "vi";
}

/**
 * The text of a message, its braces filled.
 * @param {string} id @param {Record<string, string | number>} [values]
 */
export function say(id, values) {
  const text = phrases[id] ?? id;
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole)) : text;
}

/** What a stored word is called. @param {string} table @param {string | null | undefined} key */
export function called(table, key) {
  return tables[table]?.[key ?? ""] ?? key ?? "";
}

/** @param {number} value @param {number} [digits] most digits after the comma */
export function figure(value, digits = 0) {
  return value.toLocaleString(vietnamese ? "vi-VN" : "en-GB", { maximumFractionDigits: digits });
}

/** A number with exactly so many digits. @param {number} value @param {number} digits */
export function decimals(value, digits) {
  return value.toLocaleString(vietnamese ? "vi-VN" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @param {number} value metres */
export function metres(value) {
  return value < 1000 ? `${figure(value)} m` : `${figure(value / 1000, 1)} km`;
}

/** An accuracy: ±1.250 m. @param {number} value metres */
export function within(value) {
  return `±${figure(value)} m`;
}

/** Year, month, day and time in Vietnam. @param {Date} moment */
function local(moment) {
  const parts = clock.formatToParts(moment);
  /** @param {string} type */
  const part = (type) => parts.find((found) => found.type === type)?.value ?? "";
  return { year: +part("year"), month: +part("month"), day: +part("day"), time: `${part("hour")}:${part("minute")}` };
}

/** Days since 1970 of the calendar day in Vietnam. @param {Date} moment */
function dayNumber(moment) {
  const { year, month, day } = local(moment);
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

/** Today in Vietnam, as `daysBetween` counts. */
export function today() {
  return dayNumber(new Date());
}

/** Days from `date` until a day; negative where it comes later. @param {string} date yyyy-mm-dd @param {number} until */
export function daysBetween(date, until) {
  return until - Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** 05/8/2026: zeros before days below 10 and before months 1 and 2. @param {number} year @param {number} month @param {number} day */
function dated(year, month, day) {
  if (!vietnamese) return new Date(Date.UTC(year, month - 1, day)).toLocaleDateString("en-GB", { dateStyle: "medium", timeZone: "UTC" });
  return `${String(day).padStart(2, "0")}/${month < 3 ? `0${month}` : month}/${year}`;
}

/** @param {string} date yyyy-mm-dd */
export function day(date) {
  const [year = 0, month = 1, number = 1] = date.split("-").map(Number);
  return dated(year, month, number);
}

/** The day before, for periods whose end is exclusive. @param {string} date yyyy-mm-dd */
export function dayBefore(date) {
  return day(new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10));
}

/** 14:03, 14/8/2026. @param {Date} moment */
export function stamp(moment) {
  const { year, month, day: number, time } = local(moment);
  return `${time}, ${dated(year, month, number)}`;
}

/** How long ago, in words. @param {Date} moment */
export function ago(moment) {
  const minutes = Math.floor((Date.now() - moment.getTime()) / 60_000);
  if (minutes >= 0 && minutes < 60) return minutes ? say("{n} minutes ago", { n: minutes }) : say("just now");
  const days = dayNumber(new Date()) - dayNumber(moment);
  if (days === 0) return say("today");
  return days === 1 ? say("yesterday") : say("{n} days ago", { n: days });
}

const MARKS = /[\u0300-\u036f]/g;

/** Text for searching: lower case, without diacritics, đ as d. @param {string} text */
export function searchKey(text) {
  return text.replace(/[đĐ]/g, "d").normalize("NFD").replace(MARKS, "").toLowerCase().replace(/\s+/g, " ").trim();
}
