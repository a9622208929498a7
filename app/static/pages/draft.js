/** What was typed, kept on this phone until the server has answered; and the form as the API takes it. */

import { typedNumber } from "../readings/numbers.js";

/** @typedef {{lon: number, lat: number, accuracy_m: number | null, age_s: number | null, source: "gps" | "map"}} Position */
/**
 * @typedef {object} Draft
 * @property {string} id
 * @property {[string, string][]} fields
 * @property {Position | null} position
 * @property {string | null} corrects
 * @property {string | null} sent  the text of a request whose answer never came: a retry repeats it letter by letter
 */

/** @param {HTMLFormElement} form */
const key = (form) => `taluy-draft:${form.dataset.who}:${form.dataset.code}:${correctedBy(form) ?? ""}`;

/** The visit that the page was opened to correct. @param {HTMLFormElement} form */
export function correctedBy(form) {
  const field = form.elements.namedItem("corrects");
  return field instanceof HTMLInputElement && field.value ? field.value : null;
}

/**
 * The kept draft, if there is one that can be read.
 * @param {HTMLFormElement} form
 * @returns {Draft | null}
 */
export function kept(form) {
  try {
    return JSON.parse(localStorage.getItem(key(form)) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Keep a draft; true only once it was read back.
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 */
export function keep(form, draft) {
  const text = JSON.stringify(draft);
  try {
    localStorage.setItem(key(form), text);
    return localStorage.getItem(key(form)) === text;
  } catch {
    return false;
  }
}

/** @param {HTMLFormElement} form */
export function forget(form) {
  localStorage.removeItem(key(form));
}

/**
 * Every field of the form that says something.
 * @param {HTMLFormElement} form
 * @returns {[string, string][]}
 */
export function fieldsOf(form) {
  /** @type {[string, string][]} */
  const found = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value.trim() !== "" && name !== "id" && name !== "corrects") found.push([name, value]);
  }
  return found;
}

/**
 * Put a draft's fields back into the form.
 * @param {HTMLFormElement} form
 * @param {[string, string][]} fields
 */
export function fill(form, fields) {
  for (const [name, value] of fields) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox")) {
        if (field.value === value) field.checked = true;
      } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
        field.value = value;
      }
    }
  }
}

/**
 * The inspection as `PUT /api/inspections/{uuid}` takes it. Hidden questions say nothing.
 * @param {HTMLFormElement} form
 * @param {Position | null} position
 * @param {string | null} corrects
 */
export function bodyOf(form, position, corrects) {
  /** @type {Record<string, Record<string, unknown>>} */
  const parts = { context: {}, answers: {}, measurements: {} };
  /** @type {Record<string, string>} */
  const plain = {};
  for (const [name, value] of fieldsOf(form)) {
    const [head = "", code = "", gauge] = name.split(".");
    const part = parts[head];
    const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!part) plain[name] = value.trim();
    else if (field?.closest("[hidden]")) continue;
    else {
      const number = field?.closest(".step") ? typedNumber(value) : NaN;
      const said = Number.isNaN(number) ? value : number;
      if (gauge) part[code] = { .../** @type {object} */ (part[code] ?? {}), [gauge]: said };
      else part[code] = said;
    }
  }
  const seen = plain["seen_at"];
  return {
    place: form.dataset.code,
    seen_at: seen ? `${seen.length === 16 ? `${seen}:00` : seen}+07:00` : new Date().toISOString(),
    condition: plain["condition"] ?? "",
    ...parts,
    note: plain["note"] ?? null,
    position,
    corrects,
    form_version: form.dataset.formVersion,
  };
}
