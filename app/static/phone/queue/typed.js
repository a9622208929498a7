// What somebody typed, as labels and values that people read: from the forms, in the language shown.

/**
 * @import { FormItem, Forms, InspectionBody, Kind, PositionBody, Row } from "../types.js"
 * @typedef {{label: string, value: string}} Line
 */

import { accuracy, bytes, clock, day, daysSince, language, number, say, shortDay } from "../texts.js";

/** @param {number | string} at */
export const fullTime = (at) => `${clock(at)}, ${day(at)}`;

/** "18:40" today, "02/10" on another day. @param {number | string} at */
export const brief = (at) => (daysSince(at) === 0 ? clock(at) : shortDay(at));

/** "18:40" today, "18:40, 02/10" on another day. @param {number | string} at */
export const hour = (at) => (daysSince(at) === 0 ? clock(at) : `${clock(at)}, ${shortDay(at)}`);

/** @type {Record<import("../types.js").Condition, string>} */
export const CONDITIONS = { no_change: "condition.no_change", worse: "condition.worse", danger: "condition.danger", not_seen: "condition.not_seen" };

/** @param {{vi: string, en: string}} label */
const spoken = (label) => (language() === "en" ? label.en : label.vi);

/** @param {FormItem[]} items @returns {FormItem[]} */
const flat = (items) => items.flatMap((item) => [item, ...item.companions]);

/** The question behind a code: of the kind first, else of any. @param {Forms | null} forms @param {Kind | null} kind @param {string} code */
function itemOf(forms, kind, code) {
  const kinds = Object.entries(forms?.kinds ?? {}).sort(([a], [b]) => Number(b === kind) - Number(a === kind));
  return kinds.flatMap(([, each]) => flat(each.items)).find((item) => item.code === code) ?? null;
}

/** @param {FormItem | null} item @param {unknown} value @returns {string} */
function valueOf(item, value) {
  const choice = item?.choices.find(({ code }) => code === value);
  if (choice) return spoken(choice.label);
  if (typeof value === "number") return `${number(value)}${item?.unit ? ` ${item.unit}` : ""}`;
  if (value && typeof value === "object") {
    return Object.entries(value).map(([name, each]) => `${name}: ${valueOf(item, each)}`).join("; ");
  }
  return String(value);
}

/** @param {Forms | null} forms @param {Record<string, unknown>} context @returns {Line[]} */
function contextLines(forms, context) {
  return Object.entries(context).map(([code, value]) => {
    const item = forms?.context[code];
    const choice = item?.choices.find((each) => each.code === value);
    return { label: item ? spoken(item.label) : code, value: choice ? spoken(choice.label) : String(value) };
  });
}

/** @param {InspectionBody["position"]} position @returns {Line[]} */
function positionLines(position) {
  if (!position) return [];
  const how = { gps: say("queue.from_gps"), map: say("queue.from_map"), site: say("queue.from_site") }[position.source];
  const within = position.accuracy_m === null ? "" : ` ${accuracy(position.accuracy_m)}`;
  return [{ label: say("queue.where"), value: `${how}${within}: ${position.lat.toFixed(6)}, ${position.lon.toFixed(6)}` }];
}

/** @param {InspectionBody} body @param {Forms | null} forms @param {Kind | null} kind @returns {Line[]} */
function inspectionLines(body, forms, kind) {
  const answered = { ...body.answers, ...body.measurements };
  const items = Object.entries(answered).map(([code, value]) => {
    const item = itemOf(forms, kind, code);
    return { label: item ? spoken(item.label) : code, value: valueOf(item, value) };
  });
  return [
    { label: say("queue.condition"), value: say(CONDITIONS[body.condition]) },
    { label: say("queue.seen_at"), value: fullTime(body.seen_at) },
    ...items,
    ...contextLines(forms, body.context),
    ...(body.note ? [{ label: say("queue.note"), value: body.note }] : []),
    ...positionLines(body.position),
    ...(body.corrects ? [{ label: say("queue.corrects"), value: body.corrects }] : []),
  ];
}

/** @param {import("geojson").Geometry} geometry */
function shapeOf(geometry) {
  if (geometry.type === "LineString") return say("queue.geometry_line", { n: geometry.coordinates.length });
  if (geometry.type === "Polygon") return say("queue.geometry_outline", { n: (geometry.coordinates[0]?.length ?? 1) - 1 });
  if (geometry.type !== "Point") return geometry.type;
  const [lon = 0, lat = 0] = geometry.coordinates;
  return `${say("queue.geometry_point")} ${lat.toFixed(6)}, ${lon.toFixed(6)}`;
}

/** @param {PositionBody} body @returns {Line[]} */
function proposalLines(body) {
  const how = {
    gps: say("queue.method_gps", { n: body.fixes ?? 1 }), corners: say("queue.method_corners"), tapped: say("queue.method_tapped"),
  }[body.method];
  const within = body.accuracy_m === null ? "" : `, ${accuracy(body.accuracy_m)}`;
  return [
    { label: say("queue.geometry"), value: `${shapeOf(body.geometry)}${within}` },
    { label: say("queue.method"), value: how },
    { label: say("queue.seen_at"), value: fullTime(body.seen_at) },
    ...(body.note ? [{ label: say("queue.note"), value: body.note }] : []),
  ];
}

/**
 * Everything that was typed; codes instead of questions where this phone has no forms yet.
 * @param {InspectionBody | PositionBody} body @param {Forms | null} forms @param {Kind | null} kind
 */
export const typedLines = (body, forms, kind) => ("condition" in body ? inspectionLines(body, forms, kind) : proposalLines(body));

/** Where a photo is, and how much of it. @param {Row["photos"][number]} photo @returns {[string, string]} */
export function photoSays(photo) {
  if (photo.state === "received") return [say("queue.photo_received"), bytes(photo.bytes)];
  if (photo.state === "refused") return [say("queue.photo_refused"), bytes(photo.bytes)];
  if (photo.sent > 0) return [say("queue.look_now"), `${bytes(photo.sent)} / ${bytes(photo.bytes)}`];
  return [say("queue.photo_kept"), bytes(photo.bytes)];
}
