// On paper: the map in a fixed size, light colours, then legend, credit and time (map.css says how).

import { onAct } from "./dom.js";

/** @param {import("./types").App} app */
export function printing(app) {
  const root = document.documentElement;
  /** @type {{theme: string | undefined, centre: L.LatLng, zoom: number} | null} */
  let before = null;
  const prepare = () => {
    if (before) return;
    const bounds = app.map.getBounds();
    before = { theme: root.dataset["theme"], centre: app.map.getCenter(), zoom: app.map.getZoom() };
    root.dataset["theme"] = "light";
    document.body.classList.add("printing");
    app.map.invalidateSize({ animate: false });
    app.map.fitBounds(bounds.pad(-0.08), { animate: false });
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
