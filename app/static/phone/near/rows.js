// Rows of the list of places.

import { h, icon } from "../../map/dom.js";
import { accuracy, clock, direction, distance } from "../format.js";
import { kindWord } from "../form/words.js";
import { say } from "../texts.js";
import { care, plate, sign } from "./tags.js";

/** @typedef {import("./order.js").Entry} Entry @typedef {import("./order.js").Way} Way */

const SVG = "http://www.w3.org/2000/svg";

/** An arrow that points there. @param {number} degrees */
function arrow(degrees) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", class: "arrow", "aria-hidden": "true", focusable: "false" })) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M12 1 19.5 22 12 17.5 4.5 22Z");
  path.setAttribute("transform", `rotate(${Math.round(degrees)} 12 12)`);
  svg.append(path);
  return svg;
}

/** How far, and where to. @param {Way} way */
function wayThere(way) {
  if (way.inside || way.around) return h("span", { class: "way" }, icon("locate", "l"), h("b", {}, say("near.around")), h("small", {}, accuracy(way.doubt)));
  return h("span", { class: "way" }, arrow(way.bearing), h("b", {}, distance(way.metres)), h("small", {}, direction(way.bearing)));
}

/** The name of a place; places of the seed may be named by their code only. @param {Entry["place"]} place */
export const nameOf = (place) => place.name || kindWord(place.kind);

/** @param {Entry} entry @param {number} now */
export function row({ place, way, visited }, now) {
  const doubt = place.location_accuracy_m && place.location_status !== "surveyed" && way ? h("small", { class: "nb" }, ` ${accuracy(place.location_accuracy_m)}`) : null;
  const seen = visited === null ? icon("chevron-right", "l") : h("span", { class: "tag same" }, icon("check"), h("span", { class: "vh" }, say("near.visited")), clock(visited));
  return h("li", {},
    h("a", { class: `near-row ${way ? "" : "no-way"} ${visited === null ? "" : "seen"}`, href: `/phone#/form/${place.code}` },
      way && wayThere(way),
      h("span", { class: "grow" }, h("span", { class: "row wrap" }, sign(place, now), plate(place.code)), h("span", { class: "name" }, h("b", {}, nameOf(place)), doubt), visited === null ? care(place, now) : null),
      seen));
}

/** A place without a position: inspect it, or say where it is. @param {Entry} entry @param {number} now */
function lostRow({ place, visited }, now) {
  return h("li", { class: "lost-row" },
    h("span", { class: "row wrap" }, sign(place, now), plate(place.code), visited !== null && h("span", { class: "tag same" }, icon("check"), h("span", { class: "vh" }, say("near.visited")), clock(visited))),
    h("span", { class: "name b" }, nameOf(place)), visited === null ? care(place, now) : null,
    h("span", { class: "pair" },
      h("a", { class: "btn", href: `/phone#/form/${place.code}`, "aria-label": `${say("near.inspect")}: ${place.code}` }, icon("clipboard-list"), say("near.inspect")),
      place.kind !== "temporary_measure" && h("a", { class: "btn quiet", href: `/phone#/pin/${place.code}`, "aria-label": `${say("form.pin")}: ${place.code}` }, icon("map-pin-plus"), say("form.pin"))));
}

/** All places without a position, as one dashed group at the end. @param {Entry[]} lost @param {number} now @param {boolean} open @param {(open: boolean) => void} opened */
export function lostGroup(lost, now, open, opened) {
  const worst = lost.find(({ place }) => place.condition === "danger") ?? lost.find(({ place }) => place.condition === "worse") ?? lost[0];
  if (!worst) return null;
  const left = lost.filter((entry) => entry.visited === null).map((entry) => entry.place.code);
  const some = left.length > 3 ? `${left.slice(0, 3).join(", ")}…` : left.join(", ");
  const kinds = new Set(lost.map((entry) => entry.place.kind));
  const title = say("near.lost_n", { n: lost.length, what: kinds.size === 1 ? kindWord(worst.place.kind).toLocaleLowerCase() : say("near.places") });
  const group = h("details", { class: "lost", open },
    h("summary", { class: "near-row" },
      h("span", { class: "way" }, icon("map-pin-off", "l"), h("small", {}, say("near.no_position"))),
      h("span", { class: "grow" }, h("span", { class: "row wrap" }, sign(worst.place, now), h("b", {}, title)), h("span", { class: "name" }, left.length ? say("near.lost_left", { codes: some }) : say("near.lost_pin"))),
      icon("chevron-down", "l")),
    h("ul", {}, ...lost.map((entry) => lostRow(entry, now))));
  group.addEventListener("toggle", () => opened(group.open));
  return group;
}
