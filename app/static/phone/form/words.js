// How the form names things: labels of the checklist, conditions, what was read last time.

import { language, say } from "../texts.js";
import { number, shortDay } from "../format.js";
import { gaugesBefore, readBefore } from "./questions.js";

/** @typedef {import("../types").FormItem} Item */

/** @type {Record<string, string>} */
const CONDITION = { no_change: "condition.no_change", worse: "condition.worse", danger: "condition.danger", not_seen: "condition.not_seen" };
/** @type {Record<string, string>} */
const RISK = { low: "risk.low", medium: "risk.medium", high: "risk.high", very_high: "risk.very_high" };
/** @type {Record<string, string>} */
const LOCATED = { surveyed: "located.surveyed", approximate: "located.approximate", inferred: "located.inferred", unlocated: "located.unlocated" };
/** @type {Record<string, string>} */
const KIND = { slide: "kind.slide", flood: "kind.flood", drowning: "kind.drowning", signboard: "kind.signboard", temporary_measure: "kind.temporary_measure" };

/** @param {string | null | undefined} code */
export const conditionWord = (code) => say(CONDITION[code ?? ""] ?? "condition.never");
/** @param {string | null | undefined} code */
export const riskWord = (code) => say(RISK[code ?? ""] ?? "risk.none");
/** @param {string | null | undefined} code */
export const locatedWord = (code) => say(LOCATED[code ?? ""] ?? "located.unlocated");
/** @param {string} code */
export const kindWord = (code) => say(KIND[code] ?? "kind.slide");

/** Notches of the gauge; 0 is not rated. @param {string | null | undefined} risk */
export const riskLevel = (risk) => Object.keys(RISK).indexOf(risk ?? "") + 1;

/** @param {{label: import("../types").Label}} named */
export function label(named) {
  return named.label[language() === "en" ? "en" : "vi"];
}

/** "28 mm", "Mới nghiêng". @param {Item} item @param {unknown} value */
export function amount(item, value) {
  const choice = item.choices.find((each) => each.code === value);
  if (choice) return label(choice);
  return typeof value === "number" ? `${number(value)} ${item.unit ?? ""}`.trim() : String(value);
}

/** @param {string} text */
export function lower(text) {
  return text.charAt(0).toLocaleLowerCase() + text.slice(1);
}

/**
 * One line on the visit before: "02/10, không thay đổi, V1 28 mm".
 * @param {import("../types").Last | null} before @param {import("./questions.js").Questions} questions
 */
export function lastLine(before, questions) {
  if (!before) return "";
  const figures = questions.items.filter((item) => !item.choices.length && item.see !== "private").flatMap((item) => {
    if (item.type === "series") return gaugesBefore(before, item.code).map((gauge) => `${gauge} ${amount(item, readBefore(before, item.code, gauge)?.value)}`);
    const last = readBefore(before, item.code);
    return last ? [amount(item, last.value)] : [];
  });
  return [shortDay(before.seen_at), lower(conditionWord(before.condition)), ...figures.slice(0, 1)].join(", ");
}
