// On paper: the map in a fixed size, light colours, then legend, credit and time (map.css says how).

import { onAct } from "./dom.js";
import { inset } from "./grid.js";

/** What is seen beside the panel at the left. @param {L.Map} map */
function uncovered(map) {
  const size = map.getSize(), left = inset();
  const corner = (/** @type {number} */ x, /** @type {number} */ y) => map.containerPointToLatLng([x, y]);
  return L.latLngBounds(corner(left, size.y - 60), corner(size.x - 20, 20));
}

/** @param {import("./types").App} app */
export function printing(app) {
  const root = document.documentElement;
  /** @type {{theme: string | undefined, centre: L.LatLng, zoom: number} | null} */
  let before = null;
  const prepare = () => {
    if (before) return;
    const bounds = uncovered(app.map);
    before = { theme: root.dataset["theme"], centre: app.map.getCenter(), zoom: app.map.getZoom() };
    root.dataset["theme"] = "light";
    document.body.classList.add("printing");
    app.map.invalidateSize({ animate: false });
    app.map.fitBounds(bounds, { animate: false });
    app.tell("theme", undefined);
  };
  const restore = () => {
    if (!before) return;
    if (before.theme) root.dataset["theme"] = before.theme;
    else delete root.dataset["theme"];
    document.body.classList.remove("printing");
    app.map.invalidateSize({ animate: false });
    app.map.setView(before.centre, before.zoom, { animate: false });
    before = null;
    app.tell("theme", undefined);
  };
  window.addEventListener("beforeprint", prepare);
  window.addEventListener("afterprint", restore);
  onAct("print", () => {
    prepare();
    window.print();
  });
}
