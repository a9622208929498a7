// Lists in the panel: places that share a circle, places of a cluster that no zoom can part.

import { h, icon } from "./dom.js";
import { conditionTag, groupTitle, lateTag, signOf } from "./pins.js";
import { gauge, pin } from "./parts.js";
import { ago, called, say, within } from "./words.js";

/** @typedef {import("./types").App} App @typedef {import("./types").Place} Place */

/** One place in a list. @param {App} app @param {Place} place */
function entry(app, place) {
  const at = place.props.last_inspected_at;
  const button = h("button", { class: "entry", type: "button" },
    h("span", { class: "plate" }, place.code), conditionTag(place.props.condition), lateTag(place, true),
    at ? h("time", { class: "mut sm", datetime: at }, ago(new Date(at))) : null, icon("chevron-right"));
  button.addEventListener("click", () => app.choose({ what: "place", code: place.code }, "list"));
  return h("li", {}, button, pin(app, place));
}

/** @param {App} app @param {import("./types").Group} group @returns {import("./panel.js").Content} */
export function groupContent(app, group) {
  const { sites, boards, worst } = group;
  const risks = new Set(sites.map((place) => place.props.risk_level ?? null));
  const [risk] = risks;
  const inspect = h("p", { class: "mut sm" }, say("No pin stands where nobody has measured: a wrong pin blames somebody's house. Officers fix the position on the spot."));
  return {
    body: [
      h("div", { class: "head" }, signOf({ ...worst, late: [...sites, ...boards].some((place) => place.late) }, 64),
        h("div", { class: "grow" },
          h("h2", { id: "details-title" }, groupTitle(group)),
          h("p", { class: "mut" }, say("somewhere in the ward, {within}", { within: within(group.accuracy) })),
          sites.length && risks.size === 1 ? h("p", { class: "row wrap" }, h("span", { class: "mut" }, say("Risk level")), gauge(risk)) : null)),
      h("ul", { class: "entries" }, ...sites.map((place) => entry(app, place))),
      ...(boards.length ? [
        h("h3", {}, sites.length ? say("and {n} warning signboards", { n: boards.length }) : say("Warning signboards")),
        h("ul", { class: "entries" }, ...boards.map((place) => entry(app, place))),
      ] : []),
      inspect,
    ],
    acts: [],
  };
}

/** @param {App} app @param {string[]} codes @returns {import("./panel.js").Content} */
export function listContent(app, codes) {
  const places = codes.flatMap((code) => app.byCode(code) ?? []);
  return {
    body: [
      h("h2", { id: "details-title" }, say("{n} places stand together here", { n: places.length })),
      h("ul", { class: "entries" }, ...places.map((place) => entry(app, place))),
      h("p", { class: "mut sm" }, [...new Set(places.map((place) => called("kind", place.layer)))].join(", ")),
    ],
    acts: [],
  };
}
