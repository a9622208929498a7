// What people read: one table a language, fetched from the shell; the page and the phone's pages share the choice.

export * from "./format.js";

const LANGUAGES = ["vi", "en"];
const YEAR_S = 31536000;

/** @type {Record<string, string>} */
let table = {};
let spoken = "vi";

/** "vi" or "en". */
export function language() {
  return spoken;
}

/** Speak `which` with the words of `words`. @param {string} which @param {Record<string, string>} words */
export function useTexts(which, words) {
  spoken = which;
  table = words;
}

/**
 * The text called `key` with its braces filled: "{n}" by values.n, "{n:photo|photos}" by the first word where n is 1.
 * @param {string} key @param {Record<string, string | number>} [values] @returns {string}
 */
export function say(key, values = {}) {
  const text = table[key] ?? key;
  return text.replace(/\{([a-z_]+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name, single, several) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (single === undefined) return String(value);
    return Number(value) === 1 ? single : several;
  });
}

/** The language that was chosen on this phone; Vietnamese where nobody chose. */
export function chosen() {
  const found = /(?:^|; )taluy_lang=([a-z]+)/.exec(document.cookie)?.[1] ?? "vi";
  return LANGUAGES.includes(found) ? found : "vi";
}

/** @param {string} which */
export function choose(which) {
  document.cookie = `taluy_lang=${which}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

/**
 * Fetch the words of `which`, or where they cannot be had those of Vietnamese, which every phone keeps.
 * @param {string} which @param {Record<string, string>} addresses
 */
export async function loadTexts(which, addresses) {
  for (const each of new Set([which, "vi"])) {
    try {
      const answer = await fetch(addresses[each] ?? "");
      if (!answer.ok) continue;
      useTexts(each, await answer.json());
      return;
    } catch {
      // No network, and not kept yet: the next one.
    }
  }
}
