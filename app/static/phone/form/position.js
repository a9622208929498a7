// Where the observer stands: the best fix goes along by itself, and nothing waits for it.

import { h, icon } from "../../map/dom.js";
import { accuracy, ago, distance, number } from "../format.js";
import { way } from "../geo.js";
import { say } from "../texts.js";

/** @typedef {import("../types").Fix} Fix @typedef {import("../types").Place} Place */

const FAR_M = 200;

/** How far from the place somebody stands, where that is farther than anybody's error; null where it is not. @param {Fix | null} fix @param {Place} place */
export function farFrom(fix, place) {
  if (!fix || !place.geometry || place.location_status === "unlocated") return null;
  const { metres } = way(fix, place.geometry, place.location_accuracy_m);
  return metres > Math.max(FAR_M, 3 * fix.accuracy_m, place.location_accuracy_m ?? 0) ? metres : null;
}

/** "GPS ±6 m, 12 giây trước", or why there is none. @param {import("../types").Gps} gps @param {Fix | null} fix @param {number} now */
export function gpsLine(gps, fix, now) {
  if (fix) return say("form.gps", { accuracy: accuracy(fix.accuracy_m), ago: ago(fix.at, now) });
  return say(/** @type {{why?: () => string}} */ (gps).why?.() || "gps.none");
}

/**
 * The line above the end of the form, with a warning where somebody is far away.
 * @param {{place: Place, gps: import("../types").Gps, fix: () => Fix | null, now: () => number}} of
 * @returns {import("./part.js").Part}
 */
export function positionPart({ place, gps, fix, now }) {
  const text = h("span", { class: "grow" });
  const warning = h("p", { class: "note warn sm", role: "status" });
  const pin = place.kind === "temporary_measure" ? null : h("a", { class: "btn quiet", href: `/phone#/pin/${place.code}` }, icon("map-pin-plus"), say("form.pin"));
  const element = h("section", { class: "block where", "aria-label": say("form.position") }, h("div", { class: "row wrap" }, icon("locate-fixed", "l"), text, pin), warning);
  return {
    element,
    refresh() {
      const known = fix();
      const line = gpsLine(gps, known, now());
      const more = say(known ? "form.gps_goes_along" : "form.gps_not_needed");
      if (text.textContent !== line + more) text.replaceChildren(h("b", {}, line), h("small", { class: "mut" }, more));
      const far = farFrom(known, place);
      const said = far === null ? "" : say("form.far", { distance: far < 1000 ? `${number(Math.round(far / 10) * 10)} m` : distance(far) });
      if (warning.textContent !== said) warning.textContent = said;
      warning.hidden = !said;
    },
  };
}

/** For places that nobody has placed surely: the way to pin them, first of all. @param {Place} place */
export function pinFirst(place) {
  if (place.kind === "temporary_measure" || !["unlocated", "inferred"].includes(place.location_status ?? "")) return null;
  const unlocated = place.location_status === "unlocated";
  return h("a", { class: "pin-first", href: `/phone#/pin/${place.code}` }, unlocated ? icon("map-pin-off", "l") : icon("map-pin", "l"),
    h("span", { class: "grow" }, h("b", {}, say(unlocated ? "form.no_position" : "form.inferred_position")), h("small", {}, say("form.here_pin"))), h("span", { class: "btn quiet" }, icon("map-pin-plus"), say("form.pin")));
}
