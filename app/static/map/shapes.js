// Circles, bands and lines of the places, on canvas: how surely each is known where it is.

import { around, isArea, lines, moved } from "./geo.js";
import { paint, reach } from "./paint.js";

/** @typedef {import("./types").App} App @typedef {import("./types").Place} Place */

const LEAST_RADIUS_PX = 24;

/** @param {App} app @returns {(places: Place[], groups: import("./types").Group[]) => void} */
export function shapes(app) {
  const { map } = app;
  for (const [name, z] of /** @type {const} */ ([["bands", 350], ["lines", 400]])) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(z);
    pane.style.pointerEvents = "none";
  }
  const bands = L.canvas({ pane: "bands", padding: 0.4 }), strokes = L.canvas({ pane: "lines", padding: 0.4 });
  const group = L.layerGroup().addTo(map);
  return (places, groups) => {
    const colours = paint(), chosen = chosenCodes(app);
    group.clearLayers();
    for (const { at, accuracy, sites } of groups) {
      const on = sites.some((place) => chosen.has(place.code)) || (app.choice?.what === "group");
      L.circle(at, { radius: accuracy, renderer: bands, interactive: false, ...reach(colours, false, on) }).addTo(group);
    }
    for (const place of places) {
      const on = chosen.has(place.code);
      drawReach(place, { group, renderer: bands, colours, on, map });
      drawLines(place, { group, renderer: strokes, colours, on, map });
    }
  };
}

/** Codes that are drawn strongly. @param {App} app @returns {Set<string>} */
export function chosenCodes(app) {
  const { choice } = app;
  if (choice?.what === "place") return new Set([choice.code]);
  return new Set(choice?.what === "list" ? choice.codes : []);
}

/** @typedef {{group: L.LayerGroup, renderer: L.Renderer, colours: import("./paint.js").Paint, on: boolean, map: L.Map}} Pen */

/** The circle or band within which a place lies. @param {Place} place @param {Pen} pen */
function drawReach(place, { group, renderer, colours, on, map }) {
  const { props, geometry } = place, accuracy = props.location_accuracy_m;
  if (!accuracy || isArea(geometry) || place.layer === "signboard" && !on) return;
  const sure = props.location_status === "surveyed";
  const look = { renderer, interactive: false, ...reach(colours, sure, on, place.layer === "drowning" && !on ? colours.water : colours.ink) };
  for (const line of place.layer === "proposal" && !on ? [] : lines(geometry)) {
    L.polygon(around(line, accuracy).map(([lon = 0, lat = 0]) => /** @type {[number, number]} */ ([lat, lon])), look).addTo(group);
  }
  if (geometry.type === "Point" && accuracy / metresPer(map, place.at) > LEAST_RADIUS_PX) {
    L.circle(place.at, { ...look, radius: accuracy }).addTo(group);
  }
}

/** @param {L.Map} map @param {[number, number]} at */
function metresPer(map, at) {
  const point = map.latLngToContainerPoint(at);
  return map.distance(at, map.containerPointToLatLng([point.x + 1, point.y]));
}

/** @param {Place} place @param {Pen} pen */
function drawLines(place, pen) {
  const { group, renderer, colours, on } = pen;
  for (const line of lines(place.geometry)) {
    const course = line.map(([lon = 0, lat = 0]) => /** @type {[number, number]} */ ([lat, lon]));
    const look = { renderer, interactive: false, color: colours.ink, lineJoin: /** @type {const} */ ("round") };
    if (place.layer === "proposal") {
      ladder(course, pen, look);
    } else if (isArea(place.geometry)) {
      L.polygon(course, { ...look, weight: on ? 3 : 2, fillOpacity: 0.1, ...(place.props.location_status === "surveyed" ? {} : { dashArray: "6 6" }) }).addTo(group);
    } else {
      const sure = place.props.location_status === "surveyed";
      L.polyline(course, { ...look, color: colours.surface, weight: on ? 8 : 6 }).addTo(group);
      L.polyline(course, { ...look, color: colours.water, weight: on ? 5 : 4, lineCap: "butt", ...(sure ? {} : { dashArray: "10 4" }) }).addTo(group);
    }
  }
}

/** A proposed work: a line with rungs beside what it is about. @param {[number, number][]} course @param {Pen} pen @param {L.PathOptions} look */
function ladder(course, { group, map, on }, look) {
  const pixels = course.map((at) => map.latLngToLayerPoint(at));
  const shifted = moved(pixels, 9).map(({ x, y }) => map.layerPointToLatLng([x, y]));
  L.polyline(shifted, { ...look, weight: on ? 3 : 1.8 }).addTo(group);
  L.polyline(shifted, { ...look, weight: on ? 13 : 9, dashArray: "1.8 8", lineCap: "butt" }).addTo(group);
}
