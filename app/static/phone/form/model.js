// What is being filled in, and the inspection that it becomes. Pure: no page, no clock.

import { fits, typedNumber } from "../../readings/numbers.js";
import { position } from "./fix.js";
import { carried, questionsOf, shown } from "./questions.js";

/**
 * @typedef {import("../types").Condition} Condition
 * @typedef {import("../types").FormItem} Item
 * @typedef {import("./questions.js").Questions} Questions
 * @typedef {{
 *   said: Record<string, string | null | Record<string, string>>,
 *   context: Record<string, string>,
 *   condition: Condition | "",
 *   note: string,
 *   seen_at: number | null,
 *   looked: boolean,
 *   before: import("../types").Last | null,
 *   fix: import("../types").Fix | null,
 *   corrects: string | null,
 * }} Content what a draft keeps. `said` is what somebody touched: codes of choices, numbers as typed, null for an answer taken
 * back, for a series by gauge. `looked`: the checklist was unfolded. `before` is what the form was filled from. `fix` is the best
 * of this visit.
 * @typedef {{field: string, text: string, values: Record<string, string | number>}} Fault what must be mended before saving: a text's key
 */

export const MOST_NOTE = 4000;

/** @param {import("../types").Last | null} before @returns {Content} */
export function empty(before) {
  return { said: {}, context: {}, condition: "", note: "", seen_at: null, looked: false, before, fix: null, corrects: null };
}

/** The ranges of a number; a checklist without one takes everything. @param {Item} item */
export function rangeOf(item) {
  return { min: item.min ?? 0, max: item.max ?? Infinity, step: item.step ?? 1 };
}

export class Model {
  /** The rules, once they are there. @type {typeof import("./rules.js").suggest | null} */
  rules = null;

  /**
   * @param {import("../types").Forms} forms
   * @param {import("../types").Place} place
   * @param {Content} content
   */
  constructor(forms, place, content) {
    this.forms = forms;
    this.place = place;
    this.content = content;
    this.questions = questionsOf(forms, place);
  }

  /** The choice of a question: what was touched, else what last time left. @param {string} code @returns {string | null} */
  answer(code) {
    const said = this.content.said[code];
    if (typeof said === "string") return said;
    const item = this.questions.all.get(code);
    return said === undefined && item && !this.questions.parents.has(code) ? carried(item, this.content.before) : null;
  }

  /** Whether an answer stands only because it stood last time. @param {string} code */
  isCarried(code) {
    return this.content.said[code] === undefined && this.answer(code) !== null;
  }

  /** @param {string} code @param {string | null} value @param {string} [gauge] */
  say(code, value, gauge) {
    const { said } = this.content;
    if (gauge) {
      const known = said[code];
      const gauges = { ...(known && typeof known === "object" ? known : {}) };
      if (value === null || value === "") delete gauges[gauge];
      else gauges[gauge] = value;
      said[code] = gauges;
    } else {
      said[code] = value;
    }
  }

  /** A number as typed. @param {string} code @param {string} [gauge] */
  typed(code, gauge) {
    const said = this.content.said[code];
    if (gauge) return said && typeof said === "object" ? (said[gauge] ?? "") : "";
    return typeof said === "string" ? said : "";
  }

  /** Codes of the questions that stand on the screen. */
  shown() {
    return shown(this.questions, (code) => this.answer(code));
  }

  /**
   * Answers and numbers as the server takes them. What last time left goes along only where somebody stands behind it: they
   * said that nothing changed, or saw it in the list.
   */
  readings() {
    /** @type {Record<string, Record<string, any>>} */
    const parts = { answers: {}, measurements: {} };
    const vouched = this.content.condition === "no_change" || (this.content.looked && this.content.condition !== "not_seen");
    for (const code of this.shown()) {
      const item = this.questions.all.get(code);
      const part = item && parts[item.where];
      if (!item || !part) continue;
      const value = item.choices.length ? this.answer(code) : this.#numbers(item);
      if (value === null || (item.choices.length && this.isCarried(code) && !vouched)) continue;
      part[code] = value;
    }
    return { answers: parts["answers"] ?? {}, measurements: parts["measurements"] ?? {} };
  }

  /** @param {Item} item */
  #numbers(item) {
    const said = this.content.said[item.code];
    if (item.type === "series") {
      const gauges = Object.entries(said && typeof said === "object" ? said : {}).map(([gauge, text]) => [gauge, typedNumber(text)]);
      const known = gauges.filter(([, value]) => !Number.isNaN(value));
      return known.length ? Object.fromEntries(known) : null;
    }
    const value = typeof said === "string" ? typedNumber(said) : NaN;
    return Number.isNaN(value) ? null : value;
  }

  /** What the rules that this phone knows suggest; nothing before they are there. @param {number} now @returns {import("./rules.js").Suggestion} */
  suggestion(now) {
    const { answers, measurements } = this.readings();
    const { context, before } = this.content;
    return this.rules?.(this.questions, this.place, { context, answers, measurements, before, at: this.seenAt(now) }) ?? { condition: "no_change", reasons: [] };
  }

  /** Whether nothing at all was seen. */
  nothingSeen() {
    const { answers, measurements } = this.readings();
    return [...Object.values(answers), ...Object.values(measurements)].every((value) => value === "unknown");
  }

  /** The number of items answered. */
  answered() {
    const { answers, measurements } = this.readings();
    const given = new Set([...Object.keys(answers), ...Object.keys(measurements)]);
    return this.questions.items.filter((item) => given.has(item.code)).length;
  }

  /** The items that are asked at this moment. */
  asked() {
    const shownNow = this.shown();
    return this.questions.items.filter((item) => shownNow.has(item.code)).length;
  }

  /** What must be mended before it can be saved; the first is where the eye goes. @param {number} now @returns {Fault[]} */
  faults(now) {
    const { content } = this;
    if (content.condition === "") return [{ field: "condition", text: "form.choose", values: {} }];
    const found = this.#wrongNumbers();
    const suggestion = this.suggestion(now);
    if (content.condition === "not_seen" && !this.nothingSeen()) found.push({ field: "condition", text: "form.something_seen", values: {} });
    else if (lighter(content.condition, suggestion.condition) && !content.note.trim()) found.push({ field: "note", text: "form.note_needed", values: {} });
    if (content.note.length > MOST_NOTE) found.push({ field: "note", text: "form.note_long", values: { n: content.note.length - MOST_NOTE } });
    return found;
  }

  #wrongNumbers() {
    /** @type {Fault[]} */
    const found = [];
    const shownNow = this.shown();
    for (const [code, said] of Object.entries(this.content.said)) {
      const item = this.questions.all.get(code);
      if (!item || item.choices.length || !shownNow.has(code)) continue;
      const range = rangeOf(item);
      for (const [gauge, text] of typeof said === "string" ? [["", said]] : Object.entries(said ?? {})) {
        if (!text?.trim() || fits(typedNumber(text), range)) continue;
        found.push({ field: gauge ? `${code}.${gauge}` : code, text: "form.number_wrong", values: { low: range.min, high: range.max, step: range.step, unit: item.unit ?? "" } });
      }
    }
    const { measurements } = this.readings();
    for (const [part, whole] of Object.entries(PARTS)) {
      if ((measurements[part] ?? 0) > (measurements[whole] ?? Infinity)) found.push({ field: part, text: "form.part_larger", values: {} });
    }
    return found;
  }

  /** When it was seen. @param {number} now */
  seenAt(now) {
    return this.content.seen_at ?? now;
  }

  /** The inspection as the server takes it. @param {number} now @returns {import("../types").InspectionBody} */
  body(now) {
    const { content } = this;
    if (content.condition === "") throw new Error("no condition chosen");
    return {
      place: this.place.code,
      seen_at: new Date(this.seenAt(now)).toISOString(),
      condition: content.condition,
      context: { ...content.context },
      ...this.readings(),
      note: content.note.trim() || null,
      position: position(content.fix, this.seenAt(now)),
      corrects: content.corrects,
      form_version: this.forms.form_version,
    };
  }
}

const PARTS = { bags_burst: "bags_total", stakes_tilted: "stakes_total" };
/** From the lightest to the gravest: who could see nothing cannot say that nothing changed. */
const GRAVITY = ["no_change", "not_seen", "worse", "danger"];

/** @param {string} chosen @param {string} suggested */
export function lighter(chosen, suggested) {
  return GRAVITY.indexOf(chosen) < GRAVITY.indexOf(suggested);
}
