/** The board's forms: only the coordinate fields of the chosen system, and a map to take a point from. */

import { pinMap } from "./pin-map.js";

/** @param {Element} block */
function systems(block) {
  const show = () => {
    const chosen = block.querySelector("input[name=system]:checked");
    const system = chosen instanceof HTMLInputElement ? chosen.value : "wgs84";
    for (const part of block.querySelectorAll("[data-system]")) {
      if (part instanceof HTMLElement) part.hidden = !part.dataset.system?.split(" ").includes(system);
    }
  };
  block.addEventListener("change", show);
  show();
}

/** @param {Element} block */
function map(block) {
  const details = block.querySelector("[data-pin]");
  const box = block.querySelector(".map");
  if (!(details instanceof HTMLDetailsElement) || !(box instanceof HTMLElement)) return;
  details.addEventListener("toggle", async () => {
    if (!details.open || box.dataset.ready) return;
    box.dataset.ready = "yes";
    const centre = await pinMap(box, null);
    block.querySelector("#pin-here")?.addEventListener("click", () => take(block, centre()));
  });
}

/** @param {Element} block @param {{lon: number, lat: number}} point */
function take(block, point) {
  const put = (/** @type {string} */ name, /** @type {string} */ value) => {
    const field = block.querySelector(`[name="${name}"]`);
    if (field instanceof HTMLInputElement) field.value = value;
  };
  const system = block.querySelector("input[name=system][value=wgs84]");
  if (system instanceof HTMLInputElement) system.checked = true;
  put("first", point.lat.toFixed(6));
  put("second", point.lon.toFixed(6));
  block.dispatchEvent(new Event("change"));
}

for (const block of document.querySelectorAll("[data-position]")) {
  systems(block);
  map(block);
}
