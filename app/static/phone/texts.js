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

/** @type {Promise<void>} */
let rest = Promise.resolve();

/** Once the words of all screens are there, or cannot be had. */
export function everyText() {
  return rest;
}

/**
 * Fetch the words of `which`, or where they cannot be had those of Vietnamese, which every phone keeps. What only late
 * screens say follows by itself.
 * @param {string} which @param {Record<string, string[]>} addresses
 */
export async function loadTexts(which, addresses) {
  for (const each of new Set([which, "vi"])) {
    const [early = "", late = ""] = addresses[each] ?? [];
    const words = await fetched(early);
    if (!words) continue;
    useTexts(each, words);
    rest = fetched(late).then((more) => {
      if (more && spoken === each) useTexts(each, { ...words, ...more });
    });
    return;
  }
}

/** @param {string} address @returns {Promise<Record<string, string> | null>} */
async function fetched(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
