// What of the pack is drawn, and how surely it is known: solid was measured, dashed inferred, dotted said by nobody. Pure: no page.

import { anchor, around, isArea, lines, plane, points } from "../../map/geo.js";
import { badness } from "../../map/groups.js";

/** @typedef {import("../types").Place} Place @typedef {import("../types").Pack} Pack @typedef {import("./face").Drawing} Drawing @typedef {import("geojson").Position} Position */
/** @typedef {{key: string, at: Position, metres: number, places: Place[], worst: Place}} Group places that share one circle, since nobody knows where in it they are */

/** @param {Pack["ground"]} ground @returns {Drawing[]} */
export function groundDrawings({ outlines, streams }) {
  return [
    ...outlines.map(({ ring }) => /** @type {const} */ ({ what: "line", line: ring, look: "om-ward", closed: true })),
    ...streams.map(({ line, accuracy_m }) => /** @type {const} */ ({ what: "band", line, metres: accuracy_m, look: "om-band" })),
    ...streams.map(({ line }) => /** @type {const} */ ({ what: "line", line, look: "om-stream" })),
    ...outlines.map(({ ring }) => /** @type {const} */ ({ what: "line", line: ring, look: "om-edge", closed: true })),
  ];
}

/** Lines of latitude and longitude around the ward; fine ones for when one stands close. @param {Position} centre @returns {Drawing[]} */
export function gridDrawings(centre) {
  return [...grid(centre, 0.005, 14, "om-grid"), ...grid(centre, 0.001, 50, "om-grid fine")];
}

/** @param {Position} centre @param {number} step degrees @param {number} count @param {string} look @returns {Drawing[]} */
function grid([lon = 0, lat = 0], step, count, look) {
  const [west = 0, south = 0] = [lon, lat].map((degrees) => (Math.round(degrees / step) - count / 2) * step), far = count * step;
  /** @param {Position} a @param {Position} b @returns {Drawing} */
  const line = (a, b) => ({ what: "line", line: [a, b], look });
  return Array.from({ length: count + 1 }, (_, i) => i * step)
    .flatMap((way) => [line([west + way, south], [west + way, south + far]), line([west, south + way], [west + far, south + way])]);
}

/** Four corners of the square around a circle. @param {Position} at @param {number} metres @returns {Position[]} */
export function square(at, metres) {
  const flat = plane(at);
  return [[-metres, -metres], [metres, metres]].map(([x = 0, y = 0]) => flat.from([x, y]));
}

/** Whether a place stands on the map by itself. @param {Place} place */
export function located(place) {
  return place.geometry !== null && place.location_status !== "unlocated" && place.location_status !== null;
}

/** Whether a better position of a place is wanted most. @param {Place} place */
export function wanting(place) {
  return place.location_status === "unlocated" || place.location_status === "inferred";
}

/** Sites and boards have a position of their own to be fixed. @param {Place} place */
export function fixable(place) {
  return place.kind !== "temporary_measure";
}

/** Longitude and latitude where a place's symbol stands. @param {Place} place @returns {Position} */
export function spotOf(place) {
  const [lat, lon] = place.geometry ? anchor(place.geometry) : [0, 0];
  return [lon, lat];
}

/** The circles and lines of what stands by itself. @param {Place[]} places @param {Set<string>} chosen @returns {Drawing[]} */
export function placeDrawings(places, chosen) {
  return places.filter(located).flatMap((place) => {
    const look = `m-acc${place.location_status === "surveyed" ? " sure" : ""}${chosen.has(place.code) ? " on" : ""}`;
    return place.geometry ? [...reach(place.geometry, place.location_accuracy_m ?? 0, look), ...body(place.geometry)] : [];
  });
}

/** How far off a geometry may be. @param {import("geojson").Geometry} g @param {number} metres @param {string} look @returns {Drawing[]} */
export function reach(g, metres, look) {
  if (metres <= 0) return [];
  const spots = points(g).map((at) => /** @type {const} */ ({ what: "circle", at, metres, look }));
  if (isArea(g)) return spots;
  return [...spots, ...lines(g).map((line) => /** @type {const} */ ({ what: "line", line: around(line, metres), look, closed: true }))];
}

/** A geometry that is more than a point. @param {import("geojson").Geometry} g @param {string} [look] @returns {Drawing[]} */
export function body(g, look = "om-body") {
  return lines(g).map((line) => ({ what: "line", line, look: isArea(g) ? `${look} area` : look, closed: isArea(g) }));
}

/** The unlocated ones by the circle that they share. @param {Place[]} places @returns {Group[]} */
export function groups(places) {
  /** @type {Map<string, Place[]>} */
  const found = new Map();
  for (const place of places.filter((one) => one.location_status === "unlocated" && one.geometry)) {
    const key = [...spotOf(place).map((n) => n.toFixed(5)), place.location_accuracy_m].join("/");
    found.set(key, [...(found.get(key) ?? []), place]);
  }
  return [...found].flatMap(([key, members]) => {
    const [first] = members, sites = members.filter((place) => place.kind !== "signboard");
    const worst = [...(sites.length ? sites : members)].sort((a, b) => badness(a.condition) - badness(b.condition))[0];
    return first && worst ? [{ key, at: spotOf(first), metres: first.location_accuracy_m ?? 0, places: members, worst }] : [];
  });
}

/** @param {Group[]} found @param {string | null} chosen the key of one @returns {Drawing[]} */
export function groupDrawings(found, chosen) {
  return found.map(({ key, at, metres }) => ({ what: "circle", at, metres, look: key === chosen ? "m-acc on" : "m-acc" }));
}

/** Everything that a first view should show. @param {Pack} pack @returns {Position[]} */
export function extent(pack) {
  const rings = pack.ground.outlines.flatMap((outline) => outline.ring);
  return rings.length ? rings : pack.places.filter((place) => place.geometry).map(spotOf);
}
