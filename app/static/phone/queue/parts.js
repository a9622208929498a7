// One thing of the list: what it is, how far it came, and the three ways out where it was refused.

/** @import { App, Row } from "../types.js" */

import { h, icon } from "../../map/dom.js";
import { symbol } from "../../map/symbols.js";
import { exportSheet } from "./export.js";
import { unlock } from "../lock.js";
import { isParked, lookSays, reason, standing, stations } from "./words.js";
import { bytes, clock, say } from "../texts.js";
import { brief, CONDITIONS, hour } from "./typed.js";

/** @param {import("./words.js").Saying} saying */
export const tell = ({ key, values }) => say(key, values);

const LOOKS = { no_change: "same", worse: "worse", danger: "danger", not_seen: "unseen" };
const ICONS = { no_change: "check", worse: "chevrons-down", danger: "octagon-alert", not_seen: "eye-off" };

/** @param {import("../types.js").Condition} condition */
export const conditionTag = (condition) => h("span", { class: `tag ${LOOKS[condition]}` }, icon(ICONS[condition]), say(CONDITIONS[condition]));

/** @typedef {Map<string, import("../types.js").Place>} Places by code */

/** What this phone knows of places, read once for a whole list. @param {App} app @returns {Promise<Places>} */
export async function placesOf(app) {
  return new Map((await app.packs.read())?.places.map((place) => [place.code, place]));
}

/** @param {App} app @param {Row} row @param {Places} places */
export function itemRow(app, row, places) {
  const tags = h("span", { class: "tags" });
  const head = h(
    "a", { class: "item-head", href: `#/queue/${row.id}` },
    signOf(places.get(row.place)), h("h2", { class: "plate" }, row.place), tags, h("time", { class: "num", datetime: new Date(row.saved_at).toISOString() }, brief(row.saved_at)),
  );
  const item = h("li", { class: `queue-item${isParked(row) ? " parked" : ""}` }, head, stationList(row), ...sentences(row, app.people.current()?.state !== "locked"));
  if (isParked(row)) item.append(waysOut(app, row));
  void tag(app, row, tags, item);
  return item;
}

/** @param {import("../types.js").Place} [place] */
const signOf = (place) => h("span", { class: "sign" }, place ? symbol({ kind: place.kind, risk: place.risk_level, size: 44 }) : null);

/** What was seen, once it can be read. @param {App} app @param {Row} row @param {HTMLElement} tags @param {HTMLElement} item */
async function tag(app, row, tags, item) {
  if (row.kind === "position") {
    tags.append(h("span", { class: "tag" }, icon("map-pin"), say("queue.position")));
    return;
  }
  const body = await readable(app, row.id);
  if (!body || !("condition" in body)) return;
  tags.append(conditionTag(body.condition));
  item.dataset.condition = body.condition;
}

/** What was typed; null while it cannot be read. @param {App} app @param {string} id */
export async function readable(app, id) {
  try {
    return await app.queue.content(id);
  } catch {
    return null;
  }
}

/** @param {Row} row */
export function stationList(row) {
  return h(
    "ol", { class: "stations" },
    ...stations(row, clock).map((station) => h("li", { class: station.look, "data-station": station.name }, tell(station.says), h("span", { class: "vh" }, `: ${say(lookSays(station.look))}`))),
  );
}

/** @param {Row} row @param {boolean} open whether what was typed may be spoken of */
export function sentences(row, open) {
  const why = reason(row);
  const found = [];
  if (isParked(row) || why) {
    found.push(h("p", { class: "why" }, h("b", {}, say("queue.why")), ` ${why ?? say("queue.why_unknown")} `, isParked(row) && say("queue.set_aside")));
  }
  if (!isParked(row)) found.push(h("p", { class: "standing" }, standing(row, hour, (size) => bytes(size).replace(" ", "\u00a0"), open).map(tell).join(" ")));
  return found;
}

/** @param {Node} sign @param {string} text @param {() => void} act */
export function way(sign, text, act) {
  const button = h("button", { type: "button", class: "btn quiet" }, sign, text);
  button.addEventListener("click", act);
  return button;
}

/** Edit, send again, export; what the server has cannot be edited, only corrected by a new one. @param {App} app @param {Row} row */
export function waysOut(app, row) {
  return h(
    "div", { class: "ways", role: "group", "aria-label": row.place },
    row.receipt ? null : way(icon("pencil"), say("queue.edit"), () => void edit(app, row)),
    way(icon("refresh-cw"), say("queue.again"), () => void again(app, row)),
    way(icon("file-down"), say("queue.export"), () => void exportSheet(app, [row])),
  );
}

/** @param {App} app @param {Row} row */
async function edit(app, row) {
  if (app.people.current()?.state === "locked" && !(await unlock(app))) return;
  const draft = await app.queue.edit(row.id);
  app.go(`/${draft.kind === "position" ? "pin" : "form"}/${draft.place}`);
}

/** @param {App} app @param {Row} row */
async function again(app, row) {
  await app.queue.retry(row.id);
  app.toast(say("queue.again_said", { place: row.place }));
  app.sender.now();
}
