// What lies below the places: the ward, its guessed edge, streams, names, and lines of latitude and longitude.

import { along, anchor, lines, points } from "./geo.js";
import { h } from "./dom.js";
import { dayBefore, say, within } from "./words.js";

/** @typedef {import("./types").App} App @typedef {import("geojson").Position} Position */

/** @param {Position} p @returns {[number, number]} */
const latLng = (p) => [p[1] ?? 0, p[0] ?? 0];

const LEAST_WIDTH_PX = 600;

/** Draw the ground and keep it drawn. @param {App} app */
export function ground(app) {
  const { map } = app;
  for (const [name, z] of /** @type {const} */ ([["paper", 250], ["water", 260], ["edge", 270], ["names", 550]])) {
    map.createPane(name).style.zIndex = String(z);
  }
  const svg = L.svg({ pane: "paper", padding: 0.5 });
  const ward = L.layerGroup(), water = L.layerGroup().addTo(map), names = L.layerGroup().addTo(map);
  drawWater(app, water);
  const draw = () => {
    ward.clearLayers();
    names.clearLayers();
    for (const unit of app.units) if (unit.geometry) drawUnit(app, ward, unit, svg);
    drawNames(app, names);
  };
  const show = () => (app.shown("ward") ? ward.addTo(map) : ward.remove());
  app.on("data", () => { draw(); show(); });
  app.on("layers", () => { draw(); show(); });
  map.on("zoomend", () => { names.clearLayers(); drawNames(app, names); });
  draw();
}

/** The streams with the band within which they lie. @param {App} app @param {L.LayerGroup} to */
function drawWater(app, to) {
  const { map } = app, { streams } = app.config.ground;
  const renderer = L.svg({ pane: "water", padding: 0.5 });
  const drawn = streams.map((stream) => {
    const line = stream.line.map(latLng);
    const look = { renderer, interactive: false };
    const band = L.polyline(line, { ...look, className: "g-band" }).addTo(to);
    L.polyline(line, { ...look, className: "g-stream" }).addTo(to);
    return { band, accuracy: stream.accuracy_m, lat: line[0]?.[0] ?? 0 };
  });
  const widen = () => {
    for (const { band, accuracy, lat } of drawn) {
      band.setStyle({ weight: Math.max(10, (2 * accuracy) / metresPerPixel(map, lat)) });
    }
  };
  map.on("zoomend", widen);
  widen();
}

/** @param {L.Map} map @param {number} lat */
export function metresPerPixel(map, lat) {
  return (40_075_017 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** map.getZoom());
}

/** @param {App} app @param {L.LayerGroup} to @param {import("./types").Feature<import("./types").UnitProps>} unit @param {L.Renderer} svg */
function drawUnit(app, to, unit, svg) {
  if (!unit.geometry) return;
  const guessed = app.config.ground.guessed.filter((edge) => edge.unit === unit.properties.code);
  const look = { renderer: svg, interactive: false };
  for (const ring of lines(unit.geometry)) {
    L.polygon(ring.map(latLng), { ...look, className: "g-ward" }).addTo(to);
    for (const run of knownRuns(ring, guessed)) L.polyline(run.map(latLng), { ...look, className: "g-edge" }).addTo(to);
  }
  for (const edge of guessed) {
    L.polyline(edge.ends.map(latLng), { ...look, className: "g-guess" }).addTo(to);
  }
}

/** A ring without its guessed edges, as lines. @param {Position[]} ring @param {{ends: [Position, Position]}[]} guessed */
function knownRuns(ring, guessed) {
  /** @param {Position | undefined} a @param {Position} b */
  const same = (a, b) => !!a && Math.abs((a[0] ?? 0) - (b[0] ?? 0)) < 1e-6 && Math.abs((a[1] ?? 0) - (b[1] ?? 0)) < 1e-6;
  /** @type {Position[][]} */
  const runs = [[]];
  ring.forEach((point, i) => {
    const before = ring[i - 1];
    const cut = guessed.some(({ ends: [a, b] }) => (same(before, a) && same(point, b)) || (same(before, b) && same(point, a)));
    if (cut) runs.push([]);
    runs.at(-1)?.push(point);
  });
  return runs.filter((run) => run.length > 1);
}

/** @param {App} app @param {L.LayerGroup} to */
function drawNames(app, to) {
  const { map } = app, { ground: known } = app.config;
  if (map.getZoom() < 14 || map.getSize().x < LEAST_WIDTH_PX) return;
  for (const mark of known.marks) name(to, mark.at, [h("i", { class: `dot ${mark.look}` }), mark.name], "mark");
  for (const stream of known.streams) {
    const [from, until] = stream.label;
    const [a, b] = [along(stream.line, from), along(stream.line, until)];
    turned(app, to, a, b, stream.name, "stream", stream.lift);
  }
  if (!app.shown("ward")) return;
  for (const unit of app.units) nameUnit(app, to, unit);
  for (const edge of known.guessed) {
    const text = say("guessed edge, {within}", { within: within(edge.accuracy_m) });
    if (app.units.length) turned(app, to, ...edge.ends, text, "guess", 12);
  }
}

/** The old unit's name, how long it was so called, and what it is today. @param {App} app @param {L.LayerGroup} to @param {import("./types").Feature<import("./types").UnitProps>} unit */
function nameUnit(app, to, unit) {
  const { code, valid_from: from, valid_to: until, name: own } = unit.properties;
  const at = app.config.ground.labels[code] ?? (unit.geometry ? anchor(unit.geometry).reverse() : null);
  if (!at || (!until && !unit.geometry)) return;
  const heirs = app.units.filter((other) => other.properties.predecessors.some((p) => p.code === code && p.valid_from === from));
  const now = heirs.map((heir) => inText(heir.properties.name)).join(", ");
  const lines_ = [h("b", {}, own)];
  if (until) lines_.push(h("span", {}, say("until {day}", { day: dayBefore(until) })));
  if (now) lines_.push(h("span", {}, say("now: {name}", { name: now })));
  name(to, /** @type {[number, number]} */ (at), lines_, "unit");
}

/** "phường Cam Ly - Đà Lạt": a common noun before a proper name is small inside a sentence. @param {string} unit */
function inText(unit) {
  return unit.replace(/^(Phường|Xã) (?=\D)/, (noun) => noun.toLowerCase());
}

/** @param {L.LayerGroup} to @param {Position} at @param {(Node | string)[]} content @param {string} look */
function name(to, at, content, look) {
  const html = h("div", { class: `name ${look}` }, ...content);
  const label = L.divIcon({ html, className: "named", iconSize: [0, 0] });
  L.marker(latLng(at), { icon: label, pane: "names", interactive: false, keyboard: false }).addTo(to);
}

/** A name along the straight line from a to b. @param {App} app @param {L.LayerGroup} to @param {Position} a @param {Position} b @param {string} text @param {string} look @param {number} lift pixels off the line */
function turned(app, to, a, b, text, look, lift) {
  const p = app.map.latLngToLayerPoint(latLng(a)), q = app.map.latLngToLayerPoint(latLng(b));
  if (p.distanceTo(q) < text.length * 6.5) return;
  let angle = Math.atan2(q.y - p.y, q.x - p.x);
  if (Math.abs(angle) > Math.PI / 2) angle += Math.PI;
  const inner = h("span", {}, text);
  inner.style.transform = `translate(-50%,-50%) rotate(${angle.toFixed(3)}rad) translateY(${lift}px)`;
  name(to, along([a, b], 0.5), [inner], look);
}

/** The box around everything known, or the ground's own. @param {App} app */
export function reachOf(app) {
  const bounds = L.latLngBounds(app.config.ground.bounds);
  if (!app.places.length) return bounds;
  const own = L.latLngBounds([]);
  for (const place of app.places) {
    own.extend(place.at);
    for (const point of [...points(place.geometry), ...lines(place.geometry).flat()]) own.extend(latLng(point));
  }
  for (const unit of app.units) if (unit.geometry) for (const point of lines(unit.geometry).flat()) own.extend(latLng(point));
  return own;
}
