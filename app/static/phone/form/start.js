// Opening the form of a place: its draft, or a fresh one filled from the last visit.

import { Model, empty } from "./model.js";

/**
 * @typedef {import("../types").App} App @typedef {import("../types").Pack} Pack @typedef {import("../types").Place} Place
 * @typedef {import("./model.js").Content} Content
 */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * What needs no asking: day or night by the clock, and rain in the last 24 h where a visit of this day already saw it rain.
 * @param {number} now @param {{at: number, context: Record<string, unknown>}[]} earlier visits saved on this phone
 * @returns {Record<string, string>}
 */
export function known(now, earlier) {
  const hour = new Date(now + 7 * HOUR_MS).getUTCHours();
  const rained = earlier.some(({ at, context: seen }) => now - at < DAY_MS && now >= at && ["light", "heavy"].includes(String(seen["rain_now"])));
  return { light: hour >= 6 && hour < 18 ? "day" : "night", ...(rained ? { rain_last_24h: "yes" } : {}) };
}

/** Contexts of what was saved on this phone in the last day; nothing where it cannot be read. @param {App} app @param {number} now */
async function seenToday(app, now) {
  const found = [];
  try {
    for (const row of (await app.queue.rows()).filter((each) => each.kind === "inspection" && now - each.saved_at < DAY_MS).slice(0, 3)) {
      const body = /** @type {import("../types").InspectionBody} */ (await app.queue.content(row.id));
      found.push({ at: Date.parse(body.seen_at), context: body.context });
    }
  } catch {
    // Locked, or gone: nothing is known beforehand.
  }
  return found;
}

/**
 * The form's model and its draft. `locked`: a draft is there, but its owner must unlock it first.
 * @param {App} app @param {Pack} pack @param {Place} place @param {number} now
 * @returns {Promise<{model: Model, draft: import("../types").Draft<Content>, begun: boolean, locked: boolean}>}
 */
export async function start(app, pack, place, now) {
  const before = pack.last[place.code] ?? null;
  let locked = false;
  const found = await app.drafts.of("inspection", place.code).catch((problem) => {
    if (/** @type {Error} */ (problem).name !== "Locked") throw problem;
    locked = true;
    return null;
  });
  const content = found ? { ...empty(before), .../** @type {Content} */ (found.content) } : { ...empty(before), context: known(now, await seenToday(app, now)) };
  const draft = /** @type {import("../types").Draft<Content>} */ (found ?? app.drafts.fresh("inspection", place.code, content));
  draft.content = content;
  return { model: new Model(pack.forms, place, content), draft, begun: found !== null, locked };
}
