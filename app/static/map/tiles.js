// The background tiles: below everything, grey, and never needed.

import { one } from "./dom.js";
import { say } from "./words.js";

const GIVE_UP_AFTER = 4;

/** @param {import("./types").App} app */
export function tiles(app) {
  const { map, config } = app;
  const box = /** @type {HTMLInputElement} */ (one('[data-layer="tiles"]')), status = one('[data-count="tiles"]');
  if (!config.tiles) {
    box.checked = false;
    box.disabled = true;
    status.textContent = say("not set up");
    return;
  }
  /** @type {L.TileLayer | null} */
  let layer = null;
  let failed = 0, loaded = false;
  const remove = () => {
    layer?.remove();
    layer = null;
    map.getContainer().classList.remove("has-tiles");
  };
  const add = () => {
    failed = 0;
    loaded = false;
    status.textContent = say("loading");
    layer = L.tileLayer(config.tiles, { maxZoom: 19, maxNativeZoom: 19, className: "tiles" });
    layer.on("tileload", () => {
      loaded = true;
      status.textContent = "";
      map.getContainer().classList.add("has-tiles");
    });
    layer.on("tileerror", () => {
      failed += 1;
      if (loaded || failed < GIVE_UP_AFTER) return;
      remove();
      status.textContent = say("could not be loaded");
      box.checked = false;
      app.hidden.add("tiles");
    });
    layer.addTo(map);
  };
  app.on("layers", () => {
    if (app.shown("tiles") && !layer) add();
    if (!app.shown("tiles") && layer) { remove(); status.textContent = ""; }
  });
  if (app.shown("tiles")) add();
}
