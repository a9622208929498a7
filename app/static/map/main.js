// The map starts here: Folium made the Leaflet map, the page carries the settings, the server has the places.

import { load } from "./data.js";
import { h, icon, one } from "./dom.js";
import { furniture } from "./furniture.js";
import { grid } from "./grid.js";
import { ground } from "./ground.js";
import { grouped } from "./groups.js";
import { follow, hash, readHash } from "./hash.js";
import { layers } from "./layers.js";
import { locate } from "./locate.js";
import { markers } from "./markers.js";
import { panel } from "./panel.js";
import { printing } from "./print.js";
import { search } from "./search.js";
import { useShapes } from "./symbols.js";
import { tiles } from "./tiles.js";
import { fit, tools } from "./tools.js";
import { say, useWords } from "./words.js";

/** @typedef {import("./types").App} App @typedef {import("./types").Told} Told */

/** @param {L.Map} map @param {import("./types").Config} config @returns {App} */
function made(map, config) {
  /** @type {Map<string, ((told: any, from?: string) => void)[]>} */
  const listeners = new Map();
  /** @type {App} */
  const app = {
    map, config, places: [], groups: [], units: [], measures: [], hidden: new Set(), choice: null, asOf: null,
    byCode: (code) => app.places.find((place) => place.code === code),
    on: (name, listener) => void listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    tell: (name, told, from) => listeners.get(name)?.forEach((listener) => listener(told, from)),
    choose: (choice, from) => {
      app.choice = choice;
      app.tell("choice", choice, from);
    },
    shown: (layer) => !app.hidden.has(layer),
  };
  return app;
}

/** Fetch the places and say how that went. @param {App} app @param {boolean} first */
async function refresh(app, first) {
  const news = one("[data-news]");
  news.textContent = say("Loading the places…");
  document.body.classList.remove("failed");
  try {
    await load(app);
  } catch {
    const retry = h("button", { class: "btn", type: "button" }, icon("refresh-cw"), say("Try again"));
    retry.addEventListener("click", () => void refresh(app, first));
    document.body.classList.add("failed");
    app.tell("layers", undefined);
    news.replaceChildren(h("span", {}, say("The server did not answer, so no places are shown. The ground map still works.")), retry);
    return;
  }
  app.groups = grouped(app.places);
  news.textContent = app.places.length ? "" : say("No places are registered yet.");
  const went = first && follow(app);
  if (first && !went) fit(app, false);
  app.tell("data", undefined);
  document.body.dataset["drawn"] = String(app.places.length);
}

/** @param {L.Map} map */
export function start(map) {
  const text = one("#taluy-config").textContent ?? "{}";
  const config = /** @type {import("./types").Config} */ (JSON.parse(text));
  useWords(config);
  useShapes(config.shapes);
  const app = made(map, config);
  ground(app);
  grid(app);
  tiles(app);
  layers(app);
  markers(app);
  furniture(app);
  panel(app);
  search(app);
  tools(app);
  locate(app);
  printing(app);
  if (!readHash(location.hash).view) fit(app, false);
  void refresh(app, true).then(() => hash(app));
}
