// Which place to fix: those that nobody can pin first, then those that were only inferred.

import { h, icon } from "../../map/dom.js";
import { proposal, wayWords } from "../map/cards.js";
import { fixable, wanting } from "../map/drawings.js";
import { nameOf } from "../near/rows.js";
import { plate, sign } from "../near/tags.js";
import { say } from "../texts.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Pack} Pack @typedef {import("../types").Place} Place */

const ORDER = ["unlocated", "inferred", "approximate", "surveyed"];

/** @param {App} app @param {Pack | null} pack @param {string} code that was asked for @returns {import("../types").Screen} */
export function choose(app, pack, code) {
  const places = (pack?.places ?? []).filter(fixable);
  const rank = (/** @type {Place} */ place) => ORDER.indexOf(place.location_status ?? "unlocated");
  const sorted = [...places].sort((a, b) => rank(a) - rank(b) || Number(a.kind === "signboard") - Number(b.kind === "signboard") || a.code.localeCompare(b.code));
  const rows = (/** @type {Place[]} */ some) => h("ul", {}, ...some.map((place) => row(app, pack, place)));
  const wanted = sorted.filter(wanting), others = sorted.filter((place) => !wanting(place));
  const element = h("section", { class: "screen" },
    h("header", { class: "visit-head" }, h("a", { class: "ib", href: "/phone#/" }, icon("arrow-left", "l"), h("span", { class: "vh" }, say("pin.back"))), h("h1", { class: "pin-h" }, say("pin.which"))),
    code ? h("p", { class: "state" }, say("map.no_place", { code })) : null,
    !pack && h("p", { class: "pad" }, say("map.no_pack")),
    wanted.length > 0 && rows(wanted), others.length > 0 && h("h2", { class: "om-head" }, say("pin.others")), others.length > 0 && rows(others));
  return { element, title: say("pin.which") };
}

/** @param {App} app @param {Pack | null} pack @param {Place} place */
function row(app, pack, place) {
  return h("li", {}, h("a", { class: "place", href: `/phone#/pin/${place.code}` }, sign(place, Date.now()),
    h("span", { class: "grow" }, plate(place.code), h("b", { class: "om-what" }, nameOf(place)), h("small", { class: "sm mut" }, wayWords(app, place))), icon("chevron-right")),
  pack ? proposal(pack, place) : null);
}
