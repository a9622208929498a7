// What is asked at one place, and what was answered there last time. Pure: no page, no clock.

import { asksMore, needless } from "../../readings/questions.js";

/**
 * @typedef {import("../types").FormItem} Item
 * @typedef {import("../types").LastReading} Reading
 * @typedef {{items: Item[], chips: import("../types").FormChip[], all: Map<string, Item>, parents: Map<string, Item>}} Questions
 * `all` holds items and companions by code, `parents` the item of each companion
 * @typedef {{kind: import("../types").Kind, measure?: string | null, stream_mouth?: boolean}} Asked a place
 */

/** @param {Item} item @param {Asked} place */
function fitting(item, place) {
  return (!item.measures.length || item.measures.includes(place.measure ?? "")) && (!item.stream_mouth_only || place.stream_mouth === true);
}

/**
 * The checklist of a place: of a temporary measure only what fits that measure.
 * @param {import("../types").Forms} forms @param {Asked} place @returns {Questions}
 */
export function questionsOf(forms, place) {
  const form = forms.kinds[place.kind];
  const items = form.items.filter((item) => fitting(item, place)).map((item) => ({ ...item, companions: item.companions.filter((each) => fitting(each, place)) }));
  const all = new Map(items.flatMap((item) => [item, ...item.companions]).map((item) => [item.code, item]));
  const parents = new Map(items.flatMap((item) => item.companions.map((each) => [each.code, item])));
  return { items, chips: form.chips.filter((chip) => all.has(chip.code)), all, parents };
}

/** What was read last of one item; null where nobody read it. @param {import("../types").Last | null} last @param {string} code @param {string} [gauge] @returns {Reading | null} */
export function readBefore(last, code, gauge) {
  const found = last?.readings[code];
  if (!found) return null;
  if (gauge) return /** @type {Record<string, Reading>} */ (found)[gauge] ?? null;
  return "at" in found && typeof found.at === "string" ? /** @type {Reading} */ (found) : null;
}

/** Gauges that were read before, in their order. @param {import("../types").Last | null} last @param {string} code */
export function gaugesBefore(last, code) {
  const found = last?.readings[code];
  return found && !("at" in found && typeof found.at === "string") ? Object.keys(found).sort() : [];
}

/**
 * The answer that is filled in beforehand: last time's, where it has no effect and somebody knew it. Companions are asked
 * only after something happened, so theirs is never filled in.
 * @param {Item} item @param {import("../types").Last | null} last @returns {string | null}
 */
export function carried(item, last) {
  if (!item.choices.length || item.where !== "answers") return null;
  const value = readBefore(last, item.code)?.value;
  const choice = item.choices.find((each) => each.code === value);
  return choice && choice.suggests === "none" && choice.code !== "unknown" ? choice.code : null;
}

/**
 * Which questions stand on the screen, by code.
 * @param {Questions} questions @param {(code: string) => string | null} answer what is chosen
 */
export function shown(questions, answer) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const item of questions.items) {
    if (needless(item.hidden_when, answer)) continue;
    found.add(item.code);
    const more = item.choices.length ? asksMore(answer(item.code)) : true;
    for (const each of item.companions) if (more && !needless(each.hidden_when, answer)) found.add(each.code);
    for (const each of item.companions) if (!needless(each.hidden_when, answer) && answer(each.code) !== null) found.add(each.code);
  }
  return found;
}
