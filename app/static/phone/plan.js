// What the sender does next, as pure functions: order, batches, what an answer means, how long to wait.

/** @import { KeptRow } from "./kept.d.ts" */
/** @import { PhotoState, ProblemBody, Receipt } from "./types.d.ts" */

export const MOST_RECORDS = 100;
export const MOST_BYTES = 1_000_000;
const BASE_MS = 2000;
const CAP_MS = 300_000;
const CONFIRM_PHOTOS = 5;

/** @typedef {{ id: string, status: string, receipt?: Receipt | null, lacking?: string[], held?: string[], problem?: ProblemBody | null }} Result */
/** @typedef {{ row: KeptRow, json: string }} Entry */

/** What the server has nothing of yet: danger first, then the oldest. @param {KeptRow[]} rows */
export function texts(rows) {
  return rows.filter((row) => row.state === "ready").sort(urgentFirst);
}

/** Photos to upload, those of danger first. @param {KeptRow[]} rows */
export function photos(rows) {
  return rows
    .filter((row) => row.state === "received")
    .sort(urgentFirst)
    .flatMap((row) => row.photos.filter((photo) => photo.state === "kept" && photo.sent < photo.bytes).map((photo) => ({ row, photo })));
}

/**
 * Rows whose photos have arrived, to be asked about once more before the phone lets go of them: danger at once, the others
 * a few at a time or when nothing is left to upload.
 * @param {KeptRow[]} rows
 */
export function toConfirm(rows) {
  const arrived = (/** @type {PhotoState} */ photo) => photo.state === "kept" && photo.sent >= photo.bytes;
  const found = rows.filter((row) => row.state === "received" && row.photos.some(arrived)).sort(urgentFirst);
  const whole = found.filter((row) => row.photos.every((photo) => photo.state !== "kept" || arrived(photo)));
  const count = whole.flatMap((row) => row.photos.filter(arrived)).length;
  if (count >= CONFIRM_PHOTOS || photos(rows).length === 0) return found;
  return whole.filter((row) => row.urgent);
}

/** @param {KeptRow} a @param {KeptRow} b */
function urgentFirst(a, b) {
  return Number(b.urgent) - Number(a.urgent) || a.saved_at - b.saved_at || (a.id < b.id ? -1 : 1);
}

/** How one record stands in the body of POST /api/sync. @param {KeptRow} row @param {unknown} body @param {string[]} shas */
export function spelt(row, body, shas) {
  return JSON.stringify({ id: row.id, [row.kind]: body, photos: shas });
}

/** Bytes of UTF-8. @param {string} json */
export function weight(json) {
  return new TextEncoder().encode(json).length;
}

/**
 * As many from the front as one request takes; at least one, and danger never waits for the rest to be read.
 * @param {Entry[]} entries @param {{ records: number, bytes: number }} limit
 */
export function batch(entries, limit) {
  /** @type {Entry[]} */
  const taken = [];
  let bytes = 40;
  for (const entry of entries) {
    bytes += weight(entry.json) + 1;
    const full = taken.length >= limit.records || bytes > limit.bytes || entry.row.urgent !== entries[0]?.row.urgent;
    if (taken.length && full) break;
    taken.push(entry);
  }
  return taken;
}

/** The request's body, inspections first: in that order the server answers. @param {Entry[]} entries */
export function bodyOf(entries) {
  const of = (/** @type {string} */ kind) => entries.filter((entry) => entry.row.kind === kind).map((entry) => entry.json);
  const lists = [["inspections", of("inspection")], ["positions", of("position")]].filter(([, list]) => list?.length);
  return `{${lists.map(([name, list]) => `"${name}":[${/** @type {string[]} */ (list).join(",")}]`).join(",")}}`;
}

/** Each record's own result, by its id; what the server did not answer is missing. @param {unknown} json @returns {Map<string, Result>} */
export function resultsOf(json) {
  const results = /** @type {any} */ (json)?.results;
  const known = (Array.isArray(results) ? results : []).filter((result) => typeof result?.id === "string");
  return new Map(known.map((result) => [result.id.toLowerCase(), result]));
}

/**
 * Write into `row` what the server said of it; gives the photos that may leave the phone.
 * @param {KeptRow} row @param {Result} result @param {number} clock
 * @returns {string[]}
 */
export function apply(row, result, clock) {
  if (result.status === "refused" || result.status === "conflict") {
    park(row, result.status, result.problem ?? { code: result.status });
    return [];
  }
  if (result.status !== "stored" && result.status !== "known") return [];
  const receipt = result.receipt;
  if (receipt?.id !== row.id || receipt.content_sha256 !== row.sha) {
    park(row, "conflict", { code: "receipt-differs" });
    return [];
  }
  const named = new Set(result.held ?? []);
  const lacking = new Set(result.lacking ?? []);
  for (const photo of row.photos) {
    if (named.has(photo.sha)) Object.assign(photo, { state: "received", sent: photo.bytes, problem: null });
    else if (photo.state === "kept" && lacking.has(photo.sha) && photo.sent >= photo.bytes) photo.sent = 0;
  }
  Object.assign(row, { receipt, problem: null, state: "received" });
  finish(row, clock);
  return row.photos.filter((photo) => photo.state === "received").map((photo) => photo.sha);
}

/** The server has named this photo as its own. @param {KeptRow} row @param {string} sha @param {number} clock */
export function held(row, sha, clock) {
  for (const photo of row.photos) if (photo.sha === sha) Object.assign(photo, { state: "received", sent: photo.bytes, problem: null });
  if (row.state === "received") finish(row, clock);
}

/** With the last photo the text may go; the receipt stays. @param {KeptRow} row @param {number} clock */
function finish(row, clock) {
  if (!row.receipt || row.photos.some((photo) => photo.state !== "received")) return;
  Object.assign(row, { state: "done", done_at: clock, sealed: null, form: null });
}

/** A parked row waits for somebody; one that the server has stays received. @param {KeptRow} row @param {"refused" | "conflict"} state @param {ProblemBody} problem */
export function park(row, state, problem) {
  Object.assign(row, { state, problem });
}

/**
 * What a refusal of a whole request means. single: too many cooks, send each alone. halve: too large. park: this record.
 * expired: the token. wait: not about any record (an older or newer server, a proxy), try later.
 * @param {number} status @param {number} count how many records were sent @param {boolean} spoken whether the problem is ours
 * @returns {"expired" | "halve" | "single" | "park" | "wait"}
 */
export function meaning(status, count, spoken) {
  if (status === 401 && spoken) return "expired";
  if (status === 413 && count > 1) return "halve";
  if (![400, 403, 409, 413, 415, 422, 426].includes(status) || !spoken) return "wait";
  if (count > 1) return "single";
  return status === 426 ? "wait" : "park";
}

/**
 * Milliseconds until the next try: doubling from 2 s to 5 min with full jitter, never less than the server asked for.
 * @param {number} failures in a row, 1 for the first @param {number | null} asked_s @param {() => number} [random]
 */
export function backoff(failures, asked_s, random = Math.random) {
  const most = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 20));
  const least = Math.min(CAP_MS, (asked_s ?? 0) * 1000);
  return Math.round(least + Math.max(250, random() * most));
}
