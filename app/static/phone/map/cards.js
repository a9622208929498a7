// What stands below the map: the chosen place, the ones that nobody can pin, or all of them as a list.

import { h, icon } from "../../map/dom.js";
import { kindWord, locatedWord } from "../form/words.js";
import { way } from "../geo.js";
import { nameOf } from "../near/rows.js";
import { conditionTag, gauge, plate, sign, tags } from "../near/tags.js";
import { accuracy, direction, distance, say, when } from "../texts.js";
import { fixable, located, wanting } from "./drawings.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Pack} Pack @typedef {import("../types").Place} Place @typedef {import("./drawings.js").Group} Group */

/** How far and whither, as far as it is known. @param {App} app @param {Place} place */
export function wayWords(app, place) {
  if (!located(place) || !place.geometry) return locatedWord("unlocated");
  const fix = app.gps.last();
  if (!fix) return accuracy(place.location_accuracy_m ?? 0);
  const found = way(fix, place.geometry, place.location_accuracy_m);
  return found.around ? say("map.around", { doubt: accuracy(found.doubt) }) : `${distance(found.metres)}, ${direction(found.bearing)}`;
}

/** What became of the last proposal for a place. @param {Pack} pack @param {Place} place */
export function proposal(pack, place) {
  const last = pack.positions.filter((one) => one.place === place.code).at(-1);
  if (!last) return null;
  const words = {
    pending: say("pin.pending"), accepted: say("pin.accepted"), amended: say("pin.amended"),
    refused: say("pin.refused", { reason: last.reason ?? "" }),
  };
  return h("p", { class: last.status === "refused" ? "state no" : "state" }, words[last.status]);
}

/** @param {App} app @param {Pack} pack @param {Place} place */
export function placeCard(app, pack, place) {
  const now = Date.now(), found = tags(place, now), quiet = place.condition === "no_change" || place.condition === "not_seen";
  const pin = h("a", { class: `btn${wanting(place) ? " pri" : ""}`, href: `/phone#/pin/${place.code}` }, icon("map-pin-plus"), say("pin.title"));
  return h("article", { class: "om-card" },
    h("div", { class: "row top" }, sign(place, now, 52),
      h("div", { class: "grow" }, h("p", { class: "row wrap" }, plate(place.code), h("span", { class: "sm mut" }, kindWord(place.kind))),
        h("h2", { tabindex: "-1" }, nameOf(place)), h("p", { class: "sm mut" }, wayWords(app, place)))),
    proposal(pack, place),
    h("div", { class: "om-acts" },
      h("a", { class: `btn${wanting(place) && fixable(place) ? "" : " pri"}`, href: `/phone#/form/${place.code}` }, icon("pencil"), say("map.inspect")),
      fixable(place) && pin),
    h("p", { class: "row wrap" }, quiet && conditionTag(place.condition), ...found, gauge(place)),
    place.last_inspected_at && h("p", { class: "sm" }, say("map.last_seen", { when: when(place.last_inspected_at) })),
    h("p", { class: `sm ${place.location_status === "surveyed" ? "om-sure" : "inf om-sure"}` },
      [locatedWord(place.location_status).replace(/^./u, (letter) => letter.toLocaleUpperCase()), accuracy(place.location_accuracy_m ?? 0)].join(", ")),
    h("a", { class: "btn quiet", href: `/s/${place.site ?? place.code}?public=1`, target: "_blank", rel: "noopener" }, icon("external-link"), say("map.page")));
}

/** @param {App} app @param {Group} group @param {(code: string) => void} choose */
export function groupCard(app, group, choose) {
  const boards = group.places.filter((place) => place.kind === "signboard").length, n = group.places.length - boards;
  const title = n && boards ? say("map.group_both", { n, boards }) : say(n ? "map.group_title" : "map.group_boards", { n: n || boards });
  return h("article", { class: "om-card" }, h("h2", { tabindex: "-1" }, title),
    h("p", { class: "sm mut" }, say("map.group_why", { doubt: accuracy(group.metres) })),
    h("ul", {}, ...group.places.map((place) => h("li", {}, row(app, place, choose)))));
}

/** @param {App} app @param {Place} place @param {(code: string) => void} choose */
function row(app, place, choose) {
  const now = Date.now();
  const button = h("button", { type: "button", class: "om-row" }, sign(place, now),
    h("span", { class: "grow" }, h("span", { class: "row wrap" }, plate(place.code), ...tags(place, now)),
      h("b", { class: "om-what" }, nameOf(place)), h("small", {}, wayWords(app, place))), icon("chevron-right"));
  button.addEventListener("click", () => choose(place.code));
  return button;
}

/** Nearest first, what has no position first of all. @param {App} app @param {Pack} pack @param {(code: string) => void} choose */
export function placeRows(app, pack, choose) {
  const fix = app.gps.last();
  const far = (/** @type {Place} */ place) => (fix && place.geometry ? way(fix, place.geometry).metres : 0);
  const known = pack.places.filter(located).sort((a, b) => far(a) - far(b) || a.code.localeCompare(b.code));
  const unknown = pack.places.filter((place) => !located(place) && fixable(place));
  return [
    ...(unknown.length ? [h("h2", { class: "om-head" }, say("map.to_pin", { n: unknown.length })), list(app, unknown, choose)] : []),
    h("h2", { class: "om-head" }, say(fix ? "map.nearest" : "map.list")), list(app, known, choose),
  ];
}

/** @param {App} app @param {Place[]} places @param {(code: string) => void} choose */
function list(app, places, choose) {
  return h("ul", {}, ...places.map((place) => h("li", {}, row(app, place, choose))));
}
