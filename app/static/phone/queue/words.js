// What the list of unsent things says, worked out from rows and states only: no element, no clock of its own.

/**
 * @import { Person, Row, PhotoState, Sender } from "../types.js"
 * @typedef {{key: string, values?: Record<string, string | number>}} Saying a text of the catalogue and what stands in its gaps
 * @typedef {{name: "kept" | "text" | "photos" | "whole", look: "on" | "now" | "no" | "", says: Saying}} Station
 */

export const DAY_MS = 86_400_000;
/** From this age on an unsent thing is spoken of: browsers clear what is not used. */
export const OLD_MS = 3 * DAY_MS;
/** How much one exported file may weigh, in bytes; the ward's server takes 12 MB. */
export const FILE_BYTES = 10_000_000;
/** Text of one record, sealed and wrapped, at most about this many bytes. */
const TEXT_BYTES = 24_000;

/** Set aside until somebody decides. @param {Row} row */
export const isParked = (row) => row.state === "refused" || row.state === "conflict";

/** Not whole on the server yet. @param {Row} row */
export const isUnsent = (row) => row.state !== "done";

/** Not whole there, and nothing stands in its way but the network. @param {Row} row */
export const isWaiting = (row) => isUnsent(row) && !isParked(row);

/** @param {PhotoState[]} photos @param {PhotoState["state"]} state */
const those = (photos, state) => photos.filter((photo) => photo.state === state);

/** Bytes of photos that the server has not got. @param {Row} row */
export const bytesLeft = (row) => those(row.photos, "kept").reduce((sum, photo) => sum + Math.max(0, photo.bytes - photo.sent), 0);

/** The heading. @param {Row[]} rows @returns {Saying[]} */
export function headline(rows) {
  const waiting = rows.filter(isWaiting).length;
  const parked = rows.filter(isParked).length;
  const said = [];
  if (waiting) said.push({ key: "queue.waiting_n", values: { n: waiting } });
  if (parked) said.push({ key: "queue.parked_n", values: { n: parked } });
  if (said.length) return said;
  return [{ key: rows.length ? "queue.all_sent" : "queue.nothing" }];
}

/**
 * The four stations; times are made by `clock`.
 * @param {Row} row @param {(at: number) => string} clock @returns {Station[]}
 */
export function stations(row, clock) {
  const there = row.receipt !== null;
  const photos = row.photos.length;
  const got = those(row.photos, "received").length;
  const bad = those(row.photos, "refused").length;
  return [
    { name: "kept", look: "on", says: { key: "queue.station_kept" } },
    { name: "text", look: there ? "on" : isParked(row) ? "no" : "", says: textStation(row, clock) },
    { name: "photos", look: photosLook(row, there, got, bad), says: photosStation(photos, got, there) },
    { name: "whole", look: row.state === "done" ? "on" : "", says: { key: "queue.station_whole" } },
  ];
}

/** @param {Row} row @param {(at: number) => string} clock @returns {Saying} */
function textStation(row, clock) {
  if (row.receipt) return { key: "queue.station_text_at", values: { at: clock(Date.parse(row.receipt.received_at)) } };
  return { key: isParked(row) ? "queue.station_refused" : "queue.station_text" };
}

/** @param {Row} row @param {boolean} there @param {number} got @param {number} bad @returns {Station["look"]} */
function photosLook(row, there, got, bad) {
  if (bad) return "no";
  if (there && got === row.photos.length) return "on";
  return there ? "now" : "";
}

/** @param {number} photos @param {number} got @param {boolean} there @returns {Saying} */
function photosStation(photos, got, there) {
  if (!photos) return { key: "queue.station_no_photo" };
  if (there && got < photos) return { key: "queue.station_photos_of", values: { n: got, all: photos } };
  return { key: "queue.station_photos", values: { n: photos } };
}

/** The name of a station's look, for whoever hears it. @param {Station["look"]} look */
export const lookSays = (look) => ({ on: "queue.look_on", now: "queue.look_now", no: "queue.look_no", "": "queue.look_off" })[look];

/**
 * One sentence about where a row stands.
 * @param {Row} row @param {(at: number) => string} clock @param {(bytes: number) => string} size
 * @param {boolean} [open] whether what was typed may be spoken of
 * @returns {Saying[]}
 */
export function standing(row, clock, size, open = false) {
  if (isParked(row)) return [{ key: "queue.set_aside" }];
  if (!row.receipt) return [kept(row, size)];
  const at = clock(Date.parse(row.receipt.received_at));
  if (row.state === "done") return [{ key: "queue.done_at", values: { at } }];
  const left = those(row.photos, "kept").length;
  const bad = those(row.photos, "refused").length;
  /** @type {Saying[]} */
  const said = [{ key: row.urgent && open ? "queue.danger_at" : "queue.text_at", values: { at } }];
  if (left) said.push({ key: "queue.photos_left", values: { n: left, size: size(bytesLeft(row)) } });
  if (bad) said.push({ key: "queue.photos_refused", values: { n: bad } });
  return said;
}

/** @param {Row} row @param {(bytes: number) => string} size @returns {Saying} */
function kept(row, size) {
  if (!row.photos.length) return { key: "queue.only_here" };
  return { key: "queue.only_here_photos", values: { n: row.photos.length, size: size(bytesLeft(row)) } };
}

/** The server's own sentence about what it refused; null where it gave none. @param {Row} row @returns {string | null} */
export function reason(row) {
  const problem = row.problem ?? row.photos.find((photo) => photo.state === "refused")?.problem ?? null;
  if (!problem) return null;
  const details = [...new Set((problem.errors ?? []).map((error) => error.detail))].filter(Boolean);
  return details.length ? details.join(" ") : (problem.detail ?? problem.title ?? null);
}

/**
 * Why nothing of this person goes at this moment, and whether that is theirs to mend. (The sender's reasons may be others'.)
 * @param {ReturnType<Sender["state"]>} state @param {number} waiting how many things wait @param {number} now
 * @param {Person["state"]} [person]
 * @returns {{look: "off" | "err" | "go" | "ask", icon: string, why: Saying, when: Saying | null} | null}
 */
export function wait(state, waiting, now, person = "open") {
  if (person === "expired") return { look: "ask", icon: "user", why: { key: "queue.why_sign_in" }, when: null };
  if (person === "locked" && (state.why === "locked" || state.doing === "idle")) return { look: "ask", icon: "lock", why: { key: "queue.why_locked" }, when: null };
  if (!waiting) return null;
  if (state.doing === "text" || state.doing === "photo") {
    return { look: "go", icon: "cloud-upload", why: { key: state.doing === "text" ? "queue.sending_text" : "queue.sending_photo" }, when: null };
  }
  const when = state.next === null ? null : next(state.next - now);
  if (state.why === "offline") return { look: "off", icon: "wifi-off", why: { key: "queue.why_offline" }, when: when ?? { key: "queue.next_by_itself" } };
  if (state.why === "silent") return { look: "err", icon: "server-off", why: { key: "queue.why_silent" }, when };
  return null;
}

/** When it tries again. @param {number} left milliseconds @returns {Saying} */
export function next(left) {
  if (left < 1000) return { key: "queue.next_now" };
  const seconds = Math.ceil(left / 1000);
  if (seconds < 100) return { key: "queue.next_s", values: { n: seconds } };
  return { key: "queue.next_min", values: { n: Math.round(seconds / 60) } };
}

/** Whole days that something has lain here; 0 below three. @param {number | null} oldest @param {number} now */
export function daysOld(oldest, now) {
  return oldest !== null && now - oldest >= OLD_MS ? Math.floor((now - oldest) / DAY_MS) : 0;
}

/**
 * Rows in groups that fit one exported file each. A single row that is too heavy stands alone.
 * @param {Row[]} rows @param {number} [limit] bytes
 */
export function batches(rows, limit = FILE_BYTES) {
  /** @type {string[][]} */
  const found = [];
  let weight = Infinity;
  for (const row of rows) {
    const own = TEXT_BYTES + row.photos.reduce((sum, photo) => sum + 300 + Math.ceil(photo.bytes / 3) * 4, 0);
    if (weight + own > limit) {
      found.push([]);
      weight = 0;
    }
    found.at(-1)?.push(row.id);
    weight += own;
  }
  return found;
}
