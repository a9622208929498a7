// Which condition the readings suggest, as far as this phone can know: the rows of app/inspections/signs.py that need no more
// than this visit and the last reading of each item. The server has the last word; tests hold the two together.

import { readBefore } from "./questions.js";

/**
 * @typedef {"none" | "worse" | "danger"} Effect
 * @typedef {{context: Record<string, string>, answers: Record<string, any>, measurements: Record<string, any>, before: import("../types").Last | null, at: number}} Visit
 * @typedef {{item: string, effect: Effect, rule: string, mark: string, source: string}} Reason
 * @typedef {{condition: import("../types").Condition, reasons: Reason[]}} Suggestion
 * @typedef {[item: string, effect: Effect, rule: string, holds: (v: Seen) => boolean]} Rule
 */

const HIGH_RISK = ["high", "very_high"];
const HOUR_MS = 3_600_000;
const PRACTICE = new Map([["depth-15-cm", "NWS, FEMA"], ["depth-30-cm-flowing", "NWS, FEMA"], ["speed-0.8-mps", "AU-EMA"]]);

/** What one visit knows. */
class Seen {
  /** @param {import("./questions.js").Questions} questions @param {Visit} visit @param {import("../types").Place} place */
  constructor(questions, visit, place) {
    this.questions = questions;
    this.visit = visit;
    this.highRisk = HIGH_RISK.includes(place.risk_level ?? "");
  }

  /** @param {string} code @param {string[]} values */
  said(code, ...values) {
    return values.includes(this.visit.answers[code]);
  }

  /** Whether one of the things asked about is there at all. @param {string[]} codes */
  there(...codes) {
    return codes.some((code) => !["none", "unknown"].includes(this.visit.answers[code] ?? "none"));
  }

  /** Whether an answer suggests something by itself. @param {string[]} codes */
  grave(...codes) {
    return codes.some((code) => (effectOf(this.questions, code, this.visit.answers[code]) ?? "none") !== "none");
  }

  /** @param {string} code @returns {number} */
  number(code) {
    return this.visit.measurements[code] ?? 0;
  }

  /** How much a number grew since it was last read. @param {string} code */
  change(code) {
    const last = readBefore(this.visit.before, code)?.value;
    return typeof last === "number" && code in this.visit.measurements ? this.number(code) - last : 0;
  }

  /** @param {string} part @param {string} whole */
  share(part, whole) {
    return this.number(whole) ? this.number(part) / this.number(whole) : 0;
  }

  get rainySeason() {
    const [month = 0, day = 0] = new Date(this.visit.at + 7 * HOUR_MS).toISOString().slice(5, 10).split("-").map(Number);
    return month * 100 + day >= 415 && month <= 10;
  }

  get raining() {
    return ["light", "heavy"].includes(this.visit.context["rain_now"] ?? "");
  }

  get rained() {
    return this.raining || this.visit.context["rain_last_24h"] === "yes";
  }

  get depth() {
    const body = this.questions.all.get("depth_estimated")?.choices.find((each) => each.code === this.visit.measurements["depth_estimated"]);
    const known = this.visit.measurements["depth_cm"] ?? body?.value ?? null;
    return this.said("over_30_cm", "yes") ? Math.max(known ?? 0, 30) : known;
  }

  get deep() {
    return (this.depth ?? 0) >= (this.said("flow", "still") ? 50 : 30);
  }

  get peopleThere() {
    return this.number("households_present") > 0 || this.number("people_present") > 0;
  }

  /** Whether a gauge moved so since it was last read. @param {(mm: number, hours: number, days: number) => boolean} test */
  gauge(test) {
    const now = Object.entries(/** @type {Record<string, number>} */ (this.visit.measurements["crack_gauge_mm"] ?? {}));
    return now.some(([name, mm]) => {
      const last = readBefore(this.visit.before, "crack_gauge_mm", name);
      const at = last ? Date.parse(last.at) : NaN;
      if (!last || !(at < this.visit.at)) return false;
      return test(mm - Number(last.value), (this.visit.at - at) / HOUR_MS, localDay(this.visit.at) - localDay(at));
    });
  }
}

/** The day in Vietnam. @param {number} at */
const localDay = (at) => Math.floor((at + 7 * HOUR_MS) / (24 * HOUR_MS));

/** @type {Record<string, Rule[]>} */
const RULES = {
  slide: [
    ["fallen_material", "danger", "volume-1-m3", (v) => v.number("fallen_volume_m3") >= 1],
    ["structure_bulge", "danger", "wall-2-cm", (v) => Math.abs(v.change("wall_offset_mm")) >= 20],
    ["tilted_objects", "danger", "leaning-with-crack-or-seepage", (v) => v.said("tilted_objects", "newly_leaning") && v.there("crack_change", "water_change")],
    ["building_distress", "danger", "house-cracks-people-inside", (v) => v.said("building_distress", "new") && (v.said("people_inside", "yes") || v.peopleThere)],
    ["drain_state", "danger", "overflow-while-raining", (v) => v.said("drain_state", "overflows_onto_slope") && v.raining],
    ["cover_state", "danger", "cover-gone-with-signs", (v) => v.said("cover_state", "gone") && v.grave("crack_change", "water_change")],
    ["toe_cut", "danger", "toe-cut-going-on", (v) => v.said("toe_cut", "yes") && v.said("toe_cut_going_on", "yes")],
    ["toe_cut", "danger", "toe-cut-in-rainy-season", (v) => v.said("toe_cut", "yes") && v.rainySeason],
    ["crack_gauge_mm", "worse", "gauge-3-mm", (v) => v.gauge((mm) => mm >= 3)],
    ["crack_gauge_mm", "danger", "gauge-10-mm-in-24-h", (v) => v.gauge((mm, hours) => hours <= 24 && mm >= 10)],
    ["crack_gauge_mm", "danger", "gauge-10-mm-a-day", (v) => v.gauge((mm, hours, days) => days > 0 && mm >= 3 && hours >= 6 && (mm / hours) * 24 >= 10)],
    ["crack_gauge_mm", "danger", "gauge-2-mm-an-hour", (v) => v.gauge((mm, hours) => hours >= 1 && mm >= Math.max(2, 2 * hours))],
  ],
  flood: [
    ["water_now", "danger", "rising-and-deep", (v) => v.said("water_now", "rising") && v.deep],
    ["depth_cm", "worse", "depth-15-cm", (v) => (v.depth ?? 0) >= 15],
    ["depth_cm", "danger", "depth-30-cm-flowing", (v) => (v.depth ?? 0) >= 30 && !v.said("flow", "still")],
    ["depth_cm", "danger", "depth-50-cm-still", (v) => (v.depth ?? 0) >= 50],
    ["road_passable", "danger", "closed-people-beyond", (v) => v.said("road_passable", "closed") && v.said("people_beyond", "yes")],
    ["culvert_state", "danger", "culvert-blocked-rising", (v) => v.said("culvert_state", "blocked") && v.said("water_now", "rising")],
    ["high_water_mark_cm", "worse", "highest-mark-yet", (v) => v.change("high_water_mark_cm") > 0],
    ["duration_h", "worse", "duration-2-h", (v) => v.number("duration_h") >= 2],
    ["houses_flooded", "worse", "house-flooded", (v) => v.number("houses_flooded") >= 1],
    ["houses_flooded", "danger", "house-flooded-rising", (v) => v.number("houses_flooded") >= 1 && v.said("water_now", "rising")],
  ],
  drowning: [
    ["people_at_water", "worse", "people-in-water", (v) => v.said("people_at_water", "adults", "children_with_adult") && v.said("in_water", "yes")],
    ["bank_state", "danger", "fresh-collapse-on-path", (v) => v.said("bank_state", "fresh_collapse") && v.said("path_used", "yes")],
    ["barrier_state", "danger", "barrier-lost", (v) => v.said("barrier_state", "missing") && (v.said("barrier_stood", "yes") || lastSaid(v, "barrier_state", "whole", "damaged"))],
    ["access_open", "worse", "access-new", (v) => v.said("access_open", "yes") && (v.said("access_new", "yes") || lastSaid(v, "access_open", "no"))],
    ["depth_cm", "worse", "stream-over-50-cm", (v) => v.number("depth_cm") > 50],
    ["depth_cm", "worse", "stream-20-cm-more", (v) => v.change("depth_cm") >= 20],
    ["depth_cm", "danger", "stream-over-100-cm", (v) => v.number("depth_cm") > 100],
    ["depth_cm", "danger", "stream-50-cm-more", (v) => v.change("depth_cm") >= 50],
    ["surface_speed_mps", "worse", "speed-0.5-mps", (v) => v.number("surface_speed_mps") >= 0.5],
    ["surface_speed_mps", "danger", "speed-0.8-mps", (v) => v.number("surface_speed_mps") >= 0.8],
  ],
  temporary_measure: [
    ["in_place", "danger", "measure-gone-rain-high-risk", (v) => v.said("in_place", "gone") && v.raining && v.highRisk],
    ["torn", "danger", "torn-high-up-in-rain", (v) => v.said("torn", "half_metre_or_more") && v.said("torn_upper_third", "yes") && v.raining],
    ["water_under", "danger", "water-under-with-signs", (v) => v.said("water_under", "yes") && v.said("slope_signs", "yes")],
    ["bags_burst", "worse", "bags-10-percent", (v) => v.share("bags_burst", "bags_total") >= 0.1],
    ["bags_burst", "danger", "bags-30-percent", (v) => v.share("bags_burst", "bags_total") >= 0.3],
    ["stakes_tilted", "worse", "stake-tilted", (v) => v.number("stakes_tilted") >= 1],
    ["stakes_tilted", "danger", "stakes-30-percent", (v) => v.share("stakes_tilted", "stakes_total") >= 0.3],
  ],
};

/** @param {Seen} v @param {string} code @param {string[]} values */
function lastSaid(v, code, ...values) {
  return values.includes(String(readBefore(v.visit.before, code)?.value));
}

/** @param {import("./questions.js").Questions} questions @param {string} code @param {unknown} answer @returns {Effect | null} */
function effectOf(questions, code, answer) {
  return questions.all.get(code)?.choices.find((each) => each.code === answer)?.suggests ?? null;
}

/** What each answer suggests by itself; shallow water takes the current's part back. @param {Seen} seen @returns {Reason[]} */
function byThemselves(seen) {
  const { questions, visit } = seen;
  return [...questions.all.values()].flatMap((field) => {
    const effect = effectOf(questions, field.code, visit.answers[field.code]);
    const shallow = field.code === "flow" && seen.depth !== null && seen.depth < 15;
    if (!effect || effect === "none" || shallow) return [];
    const item = questions.parents.get(field.code) ?? field;
    const marked = field.source || !questions.parents.has(field.code) ? field : item;
    return [{ item: item.code, effect, rule: `${field.code}=${visit.answers[field.code]}`, mark: marked.mark, source: marked.source ?? "" }];
  });
}

/**
 * The gravest condition that the readings suggest, and why.
 * @param {import("./questions.js").Questions} questions
 * @param {import("../types").Place} place
 * @param {Visit} visit
 * @returns {Suggestion}
 */
export function suggest(questions, place, visit) {
  const seen = new Seen(questions, visit, place);
  const reasons = byThemselves(seen);
  for (const [item, effect, rule, holds] of RULES[place.kind] ?? []) {
    if (holds(seen)) reasons.push({ item, effect, rule, mark: PRACTICE.has(rule) ? "practice" : "proposed", source: PRACTICE.get(rule) ?? "" });
  }
  const worse = new Set(reasons.filter((reason) => reason.effect === "worse").map((reason) => reason.item));
  if (worse.size > 1 && ["slide", "drowning"].includes(place.kind) && seen.rained) {
    reasons.push({ item: "", effect: "danger", rule: "two-worse-and-rain", mark: "proposed", source: "" });
  }
  const given = [...Object.values(visit.answers), ...Object.values(visit.measurements)];
  const unknown = given.every((value) => value === "unknown") && Object.values(visit.answers).includes("unknown");
  return { condition: gravest(reasons, unknown), reasons };
}

/** @param {Reason[]} reasons @param {boolean} unknown @returns {import("../types").Condition} */
function gravest(reasons, unknown) {
  if (reasons.some((reason) => reason.effect === "danger")) return "danger";
  if (reasons.length) return "worse";
  return unknown ? "not_seen" : "no_change";
}
