// The panel of the chosen place: opens, says that it loads, shows, closes, and gives the focus back.

import { detailsOf } from "./details.js";
import { h, icon, isNarrow, onAct, one } from "./dom.js";
import { groupContent, listContent } from "./lists.js";
import { say } from "./words.js";

/** @typedef {import("./types").App} App */
/** @typedef {{body: Node[], acts: Node[]}} Content */

/** @param {App} app */
export function panel(app) {
  const box = one("#details"), body = one("[data-body]", box), acts = one("[data-acts]", box), grip = one(".grip", box);
  /** @type {HTMLElement | SVGElement | null} */
  let cameFrom = null;
  let turn = 0;
  /** @param {Content} content */
  const fill = (content) => {
    body.replaceChildren(...content.body);
    acts.replaceChildren(...content.acts);
    acts.hidden = content.acts.length === 0;
    body.scrollTop = 0;
  };
  const show = async () => {
    const mine = (turn += 1);
    if (!app.choice) return;
    for await (const content of contents(app, () => void show())) {
      if (mine !== turn) return;
      fill(content);
    }
  };
  const close = () => {
    app.choose(null);
    (cameFrom?.isConnected ? cameFrom : one(".folium-map")).focus();
  };
  app.on("choice", (choice, from) => {
    const wasOpen = !box.hidden;
    if (choice && !wasOpen && document.activeElement instanceof HTMLElement) cameFrom = document.activeElement;
    box.hidden = !choice;
    document.body.classList.toggle("has-details", !!choice);
    if (!choice) return;
    void show();
    if (from !== "hash" && (!wasOpen || !box.contains(document.activeElement))) box.focus({ preventScroll: true });
  });
  app.on("data", () => { if (app.choice) void show(); });
  onAct("shut", close);
  onAct("grip", () => grip.setAttribute("aria-expanded", String(box.classList.toggle("tall"))));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && app.choice && !document.querySelector('#found:not([hidden])')) close();
  });
  keepInView(app);
}

/** What the panel shows, first what is known already. @param {App} app @param {() => void} again @returns {AsyncGenerator<Content>} */
async function* contents(app, again) {
  const { choice } = app;
  if (choice?.what === "place") {
    const place = app.byCode(choice.code);
    if (place) yield* detailsOf(app, place, again);
    else if (app.asOf) yield missing(choice.code);
    else yield { body: [h("p", { class: "mut", id: "details-title" }, say("Loading the places…"))], acts: [] };
  } else if (choice?.what === "group") {
    const group = app.groups.find((found) => found.key === choice.key);
    if (group) yield groupContent(app, group);
  } else if (choice?.what === "list") {
    yield listContent(app, choice.codes);
  }
}

/** @param {string} code @returns {Content} */
function missing(code) {
  return {
    body: [
      h("h2", { id: "details-title" }, say("No place has this code")),
      h("p", {}, h("span", { class: "plate" }, code.slice(0, 40))),
      h("p", { class: "mut" }, icon("search"), say("Check the letters, or search by name.")),
    ],
    acts: [],
  };
}

/** The share of a phone's height that a sheet leaves free. */
const SHEET = 0.46;

/** Move the map where the panel would cover what was chosen. @param {App} app */
function keepInView(app) {
  app.on("choice", (choice) => {
    const place = choice?.what === "place" ? app.byCode(choice.code) : null;
    const group = choice?.what === "group" ? app.groups.find((found) => found.key === choice.key) : null;
    const at = place?.at ?? group?.at;
    if (!at) return;
    const size = app.map.getSize(), box = one("#details").getBoundingClientRect(), side = one(".side").getBoundingClientRect();
    const narrow = isNarrow(), frame = app.map.getContainer().getBoundingClientRect();
    const room = group ? 160 : 60;
    const left = narrow ? 50 : side.right - frame.left + room, right = narrow ? size.x - 70 : box.left - frame.left - room;
    const top = narrow ? 130 : 60, bottom = narrow ? Math.max(180, size.y * SHEET - 50) : size.y - 80;
    const { x, y } = app.map.latLngToContainerPoint(at);
    const inside = x > left && x < right && y > top && y < bottom;
    if (!inside) app.map.panBy([x - (left + right) / 2, y - (top + bottom) / 2]);
  });
}
