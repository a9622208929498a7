// Finding a place by code, name or address, with or without accents: a combobox with a list.

import { h, one } from "./dom.js";
import { signOf } from "./pins.js";
import { called, say, searchKey } from "./words.js";

/** @typedef {import("./types").App} App @typedef {import("./types").Place} Place */

const MOST = 12;

/** @param {App} app */
export function search(app) {
  const input = /** @type {HTMLInputElement} */ (one("#find")), list = one("#found");
  /** @type {{place: Place, key: string}[] | null} */
  let keys = null;
  /** @type {Place[]} */
  let found = [];
  let active = -1;
  app.on("data", () => { keys = null; });
  const mark = (/** @type {number} */ next) => {
    active = next;
    for (const [i, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(i === active));
    const option = list.children[active];
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  };
  const pick = (/** @type {Place | undefined} */ place) => {
    if (!place) return;
    input.value = "";
    close();
    goTo(app, place);
  };
  const look = () => {
    keys ??= app.places.map((place) => ({ place, key: searchKey([place.code, place.props.name, place.props.address].filter(Boolean).join(" ")) }));
    const words = searchKey(input.value).split(" ").filter(Boolean);
    found = words.length ? best(keys, words) : [];
    list.replaceChildren(...found.map((place, i) => option(place, i, () => pick(place))));
    if (words.length && !found.length) list.append(h("li", { class: "none", role: "option", "aria-disabled": "true" }, say("Nothing found. Try a code or fewer words.")));
    list.hidden = !words.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
  };
  input.addEventListener("input", look);
  input.addEventListener("focus", () => { if (input.value) look(); });
  input.addEventListener("blur", () => window.setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(found.length ? (active + step + found.length + (active < 0 && step < 0 ? 1 : 0)) % found.length : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      pick(found[Math.max(0, active)]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (list.hidden) input.value = "";
      close();
    }
  });
}

/** Those that hold every word; a match at the start of the code or of a word first. @param {{place: Place, key: string}[]} keys @param {string[]} words */
function best(keys, words) {
  const hits = keys.filter(({ key }) => words.every((word) => key.includes(word)));
  const score = (/** @type {string} */ key) => words.reduce((sum, word) => sum + (key.startsWith(word) ? 2 : key.includes(` ${word}`) ? 1 : 0), 0);
  return hits.map((hit) => ({ ...hit, score: score(hit.key) })).sort((a, b) => b.score - a.score).slice(0, MOST).map(({ place }) => place);
}

/** @param {Place} place @param {number} i @param {() => void} pick */
function option(place, i, pick) {
  const element = h("li", { role: "option", id: `found-${i}`, "aria-selected": "false" },
    signOf(place, 44),
    h("span", { class: "grow" }, h("b", {}, place.props.name), h("span", { class: "mut sm" }, `${place.code} · ${called("kind", place.layer)}`)));
  element.addEventListener("mousedown", (event) => event.preventDefault());
  element.addEventListener("click", pick);
  return element;
}

/** Show a place: its layer, the map there, its panel. @param {App} app @param {Place} place */
export function goTo(app, place) {
  if (app.hidden.delete(place.layer)) {
    const box = document.querySelector(`[data-layer="${place.layer}"]`);
    if (box instanceof HTMLInputElement) box.checked = true;
    app.tell("layers", undefined);
  }
  if (!place.unlocated) app.map.setView(place.at, Math.max(app.map.getZoom(), 16), { animate: false });
  app.choose({ what: "place", code: place.code }, "list");
}
