// Finding a place by a few letters.

import { searchKey } from "../../map/words.js";

/** @typedef {import("./order.js").Entry} Entry @typedef {import("../types").Place} Place */

/** Places that a search means; every word must be found in code, name or kind, accents aside. @param {Entry[]} entries @param {string} text @param {(place: Place) => string} more */
export function search(entries, text, more) {
  const words = searchKey(text).split(" ").filter(Boolean);
  if (!words.length) return entries;
  return entries.filter(({ place }) => {
    const hay = searchKey(`${place.code} ${place.code.replaceAll("-", "")} ${place.name} ${more(place)}`);
    return words.every((word) => hay.includes(word));
  });
}
