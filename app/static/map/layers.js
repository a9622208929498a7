// The layer tree: what is shown, how many there are, and the sheet that holds it on phones.

import { isNarrow, onAct, one } from "./dom.js";
import { figure, say } from "./words.js";

/** @typedef {import("./types").App} App */

const SITES = ["slide", "flood", "drowning"];

/** @param {App} app */
export function layers(app) {
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-layer]"));
  const all = /** @type {HTMLInputElement} */ (one('[data-layer="sites"]'));
  const agree = () => {
    const shown = SITES.filter((name) => app.shown(name)).length;
    all.checked = shown === SITES.length;
    all.indeterminate = shown > 0 && shown < SITES.length;
    for (const box of boxes) if (box !== all) box.checked = app.shown(box.dataset["layer"] ?? "");
  };
  for (const box of boxes) {
    box.addEventListener("change", () => {
      const names = box === all ? SITES : [box.dataset["layer"] ?? ""];
      for (const name of names) {
        if (box.checked) app.hidden.delete(name);
        else app.hidden.add(name);
      }
      agree();
      app.tell("layers", undefined);
    });
  }
  app.on("data", () => count(app));
  sheet();
}

/** @param {App} app */
function count(app) {
  const of = (/** @type {string[]} */ names) => app.places.filter((place) => names.includes(place.layer)).length;
  for (const name of [...SITES, "signboard", "proposal"]) one(`[data-count="${name}"]`).textContent = figure(of([name]));
  one('[data-count="sites"]').textContent = figure(of(SITES));
  one("[data-total]").textContent = say("{sites} sites, {proposals} proposals", { sites: figure(of(SITES)), proposals: figure(of(["proposal"])) });
}

/** On phones the tree and the legend are a sheet that a button opens. */
function sheet() {
  const box = one("#layers"), opener = one('[data-act="layers"]');
  const set = (/** @type {boolean} */ open) => {
    document.body.classList.toggle("has-layers", open);
    opener.setAttribute("aria-expanded", String(open));
    if (open) one("button", box).focus();
    else opener.focus();
  };
  const isOpen = () => document.body.classList.contains("has-layers");
  onAct("layers", () => set(!isOpen()));
  onAct("layers-close", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && isNarrow()) set(false);
  });
}
