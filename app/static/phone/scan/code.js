// What a QR code or a typed word means: the code of a place, or nothing of ours. Pure.

import { searchKey } from "../../map/words.js";

const CODE = /^[A-Za-z0-9]{1,12}(?:-[A-Za-z0-9]{1,12}){1,4}$/;
const ADDRESS = /^\/s\/([A-Za-z0-9-]+)\/?$/;

/** The place's code in what a QR holds: our own address of a board, or the bare code. @param {string} text @param {string} origin @returns {string | null} */
export function codeOf(text, origin) {
  const said = text.trim();
  if (CODE.test(said)) return said.toUpperCase();
  if (!URL.canParse(said)) return null;
  const url = new URL(said), found = url.origin === origin ? ADDRESS.exec(url.pathname)?.[1] : undefined;
  return found && CODE.test(found) ? found.toUpperCase() : null;
}

/** A code as typed with wet fingers: blanks, dots and missing hyphens are forgiven. @param {string} text @param {{code: string}[]} places */
export function typedCode(text, places) {
  const bare = (/** @type {string} */ code) => code.replace(/[^A-Za-z0-9]/g, "").toUpperCase();
  const wanted = bare(text);
  return places.find((place) => bare(place.code) === wanted)?.code ?? null;
}

/** Places that begin with or hold what was typed so far, by code or name, accents aside. @template {{code: string, name: string}} P @param {string} text @param {P[]} places @param {number} most @returns {P[]} */
export function suggestions(text, places, most) {
  const bare = (/** @type {string} */ words) => searchKey(words).replace(/[^a-z0-9]/g, "");
  const wanted = bare(text);
  if (!wanted) return [];
  const rank = (/** @type {P} */ place) => [bare(place.code).startsWith(wanted), bare(place.code).includes(wanted), bare(place.name).includes(wanted)].indexOf(true);
  return places.map((place) => ({ place, at: rank(place) })).filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at || a.place.code.localeCompare(b.place.code)).slice(0, most).map(({ place }) => place);
}
