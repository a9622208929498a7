// Numbers, times and lengths as people read them. Times are those of Vietnam, wherever the phone thinks it is.

import { language, say } from "./texts.js";

const MINUTE = 60_000;
const DAY = 86_400_000;
const VIETNAM = 7 * 3_600_000;
const WINDS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];

/** @param {number} ms */
function local(ms) {
  return new Date(ms + VIETNAM);
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}

/** A moment as milliseconds, whatever it came as. @param {number | string} moment */
export function moment(moment) {
  return typeof moment === "number" ? moment : Date.parse(moment);
}

/** "18:40". @param {number | string} at */
export function clock(at) {
  const time = local(moment(at));
  return `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
}

/** "02/10/2026"; a date without a time stays what it is. @param {number | string} at */
export function day(at) {
  if (typeof at === "string" && /^\d{4}-\d\d-\d\d$/.test(at)) return at.split("-").reverse().join("/");
  const time = local(moment(at));
  return `${two(time.getUTCDate())}/${two(time.getUTCMonth() + 1)}/${time.getUTCFullYear()}`;
}

/** "02/10". @param {number | string} at */
export function shortDay(at) {
  return day(at).slice(0, 5);
}

/** Days of the calendar in Vietnam from `at` to `now`. @param {number | string} at @param {number} [now] */
export function daysSince(at, now = Date.now()) {
  return Math.floor((now + VIETNAM) / DAY) - Math.floor((moment(at) + VIETNAM) / DAY);
}

/** How long something lasts: "44 phút", "3 giờ", "2 ngày". @param {number} ms */
export function lasting(ms) {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  if (minutes < 1) return say("time.seconds", { n: Math.max(0, Math.round(ms / 1000)) });
  if (minutes < 60) return say("time.minutes", { n: minutes });
  if (minutes < 48 * 60) return say("time.hours", { n: Math.floor(minutes / 60) });
  return say("time.days", { n: Math.floor(minutes / 1440) });
}

/** "20 giây trước", "22 phút trước". @param {number | string} at @param {number} [now] */
export function ago(at, now = Date.now()) {
  return say("time.ago", { time: lasting(now - moment(at)) });
}

/** Under an hour "22 phút trước", the same day "18:40", older "12 ngày trước, 02/10/2026". @param {number | string} at @param {number} [now] */
export function when(at, now = Date.now()) {
  const since = now - moment(at);
  if (since >= 0 && since < 60 * MINUTE) return ago(at, now);
  const days = daysSince(at, now);
  if (days === 0) return clock(at);
  return days > 0 ? `${say("time.ago", { time: say("time.days", { n: days }) })}, ${day(at)}` : `${clock(at)}, ${day(at)}`;
}

/** A number with the language's comma or point. @param {number} value @param {number} [digits] most digits behind it */
export function number(value, digits = 2) {
  const text = new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value);
  return language() === "en" ? text : text.replace(/[.,]/g, (mark) => (mark === "." ? "," : "."));
}

/** To 10 m below 1 km ("240 m"), then "1,2 km". @param {number} metres */
export function distance(metres) {
  if (metres < 995) return `${number(Math.round(metres / 10) * 10, 0)} m`;
  return `${number(metres / 1000, 1)} km`;
}

/** "±8 m". @param {number} metres */
export function accuracy(metres) {
  return `±${metres < 10_000 ? `${number(Math.ceil(metres), 0)} m` : distance(metres)}`;
}

/** Where a bearing in degrees leads: "đông bắc". @param {number} degrees clockwise from north */
export function direction(degrees) {
  return say(`direction.${WINDS[Math.round((((degrees % 360) + 360) % 360) / 45) % 8]}`);
}

/** "412 kB". @param {number} bytes */
export function bytes(bytes) {
  return bytes < 1_000_000 ? `${number(Math.ceil(bytes / 1000), 0)} kB` : `${number(bytes / 1_000_000, 1)} MB`;
}
