// The symbols on the map: only what is in view has an element, and what stays in view keeps its own.

import { spotOf } from "./badges.js";
import { Clusters } from "./clusters.js";
import { h } from "./dom.js";
import { badge, clusterPin, pin, spoken } from "./pins.js";
import { chosenCodes, shapes } from "./shapes.js";
import { spread } from "./spread.js";

/** @typedef {import("./types").App} App @typedef {import("./types").Place} Place */
/** @typedef {{key: string, at: [number, number], html: HTMLElement, label: string, act: () => void, z: number}} Mark */

const ROOM_PX = 26_000;
const PROPOSAL_ASIDE_PX = 36;
const WIDE_PX = 600;
const ORDER = ["drowning", "flood", "slide", "signboard", "proposal"];

/** Draw symbols and keep them drawn. @param {App} app */
export function markers(app) {
  const { map } = app, drawShapes = shapes(app);
  /** @type {Map<string, {marker: L.Marker, mark: Mark}>} */
  const drawn = new Map();
  let clusters = new Clusters([]);
  const index = () => {
    clusters = new Clusters(app.places.filter((place) => !place.unlocated && app.shown(place.layer)));
  };
  const draw = () => {
    const groups = app.groups.filter((group) => group.sites.concat(group.boards).some((place) => app.shown(place.layer)));
    const shown = inView(app, clusters);
    const places = shown.flatMap((found) => (found.what === "place" ? [found.place] : []));
    const boxes = clusterBoxes(map, shown);
    const badges = groups.map((group) => ({ group, spot: spotOf(map, group, clusters) }));
    const marks = [
      ...badges.map(({ group, spot }) => groupMark(app, group, spot)),
      ...shown.map((found) => (found.what === "place" ? placeMark(app, found.place) : clusterMark(app, clusters, found))),
    ];
    put(map, drawn, marks);
    arrange(app, drawn, places, [...boxes, ...badges.map(({ spot }) => spot.box)]);
    drawShapes(places, groups);
  };
  app.on("data", () => { index(); draw(); });
  app.on("layers", () => { index(); draw(); });
  app.on("choice", draw);
  app.on("theme", draw);
  map.on("moveend", draw);
  map.on("resize", draw);
}

/** @param {App} app @param {Clusters} clusters */
function inView(app, clusters) {
  const view = app.map.getBounds().pad(0.15), size = app.map.getSize();
  const few = Math.max(12, Math.round((size.x * size.y) / ROOM_PX));
  const found = clusters.within([view.getWest(), view.getSouth(), view.getEast(), view.getNorth()], app.map.getZoom(), few);
  const chosen = app.choice?.what === "place" ? app.byCode(app.choice.code) : undefined;
  if (!chosen || chosen.unlocated || found.some((shown) => shown.what === "place" && shown.place === chosen)) return found;
  return [...found, { what: /** @type {const} */ ("place"), place: chosen }];
}

/** @param {App} app @param {Place} place @returns {Mark} */
function placeMark(app, place) {
  const chosen = chosenCodes(app).has(place.code);
  return {
    key: `place ${place.code}`, at: place.at, html: pin(place, chosen), label: spoken(place), z: chosen ? 2000 : 0,
    act: () => app.choose({ what: "place", code: place.code }, "map"),
  };
}

/** @param {L.Map} map @param {import("./clusters.js").Shown[]} shown */
function clusterBoxes(map, shown) {
  return shown.flatMap((found) => (found.what === "cluster" ? [{ ...pointOf(map, found.at), w: 100, h: 56 }] : []));
}

/** @param {App} app @param {import("./types").Group} group @param {import("./badges.js").Spot} spot @returns {Mark} */
function groupMark(app, group, spot) {
  const { choice } = app;
  const chosen = choice?.what === "group" && choice.key === group.key
    || choice?.what === "place" && [...group.sites, ...group.boards].some((place) => place.code === choice.code);
  return {
    key: `group ${group.key}`, at: spot.at, html: badge(group, chosen, spot.small), z: chosen ? 1500 : 1000,
    label: "",
    act: () => app.choose({ what: "group", key: group.key }, "map"),
  };
}

/** @param {App} app @param {Clusters} clusters @param {{id: number, at: [number, number], count: number, rank: number, late: number}} found @returns {Mark} */
function clusterMark(app, clusters, found) {
  const open = () => {
    const zoom = clusters.opensAt(found.id);
    if (zoom > 18 || app.map.getZoom() >= 18.5) {
      app.choose({ what: "list", codes: clusters.places(found.id).map((place) => place.code) }, "map");
    } else app.map.setView(found.at, zoom);
  };
  return { key: `cluster ${found.id} ${found.count}`, at: found.at, html: clusterPin(found), label: "", act: open, z: 500 };
}

/** Bring the map's markers in line with `marks`. @param {L.Map} map @param {Map<string, {marker: L.Marker, mark: Mark}>} drawn @param {Mark[]} marks */
function put(map, drawn, marks) {
  const wanted = new Map(marks.map((mark) => [mark.key, mark]));
  for (const [key, { marker }] of drawn) {
    if (wanted.has(key)) continue;
    marker.remove();
    drawn.delete(key);
  }
  for (const mark of marks) {
    const known = drawn.get(mark.key);
    if (known) renew(known, mark);
    else drawn.set(mark.key, { marker: added(map, drawn, mark), mark });
  }
}

/** The element stays, so that focus stays. @param {{marker: L.Marker, mark: Mark}} known @param {Mark} mark */
function renew(known, mark) {
  const element = known.marker.getElement();
  known.mark = mark;
  known.marker.setZIndexOffset(mark.z).setLatLng(mark.at);
  element?.replaceChildren(mark.html);
  if (mark.label) element?.setAttribute("aria-label", mark.label);
}

/** @param {L.Map} map @param {Map<string, {marker: L.Marker, mark: Mark}>} drawn @param {Mark} mark */
function added(map, drawn, mark) {
  const holder = h("div", {}, mark.html);
  const marker = L.marker(mark.at, {
    icon: L.divIcon({ html: "", className: "mark", iconSize: [0, 0] }), zIndexOffset: mark.z, riseOnHover: true, keyboard: true,
  }).addTo(map);
  const element = marker.getElement();
  element?.replaceChildren(...holder.childNodes);
  if (mark.label) element?.setAttribute("aria-label", mark.label);
  marker.on("click", () => drawn.get(mark.key)?.mark.act());
  element?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    drawn.get(mark.key)?.mark.act();
  });
  return marker;
}

/** Move what would cover another, and put the plates where there is room. @param {App} app @param {Map<string, {marker: L.Marker, mark: Mark}>} drawn @param {Place[]} places @param {import("./spread.js").Box[]} taken */
function arrange(app, drawn, places, taken) {
  const { map } = app, chosen = chosenCodes(app), wide = map.getSize().x >= WIDE_PX;
  const rank = (/** @type {Place} */ place) => (chosen.has(place.code) ? -1 : ORDER.indexOf(place.layer));
  const items = [...places].sort((a, b) => rank(a) - rank(b) || a.code.localeCompare(b.code)).map((place) => {
    const { x, y } = map.latLngToContainerPoint(place.at);
    const small = place.layer === "signboard" || place.layer === "proposal";
    const beside = place.layer === "proposal" ? PROPOSAL_ASIDE_PX : 0;
    return { key: place.code, x: x + beside, y, text: place.code, must: chosen.has(place.code), small };
  });
  const names = wide ? Object.values(app.config.ground.labels).map(([lon, lat]) => nameBox(map, [lat, lon])) : [];
  for (const [code, { dx, dy, side }] of spread(items, wide && places.length <= 60, [...taken, ...names])) {
    const element = drawn.get(`place ${code}`)?.marker.getElement()?.firstElementChild;
    if (element instanceof HTMLElement) settle(element, dx, dy, side || (chosen.has(code) ? "below" : ""));
  }
}

/** @param {L.Map} map @param {[number, number]} at */
function pointOf(map, at) {
  const { x, y } = map.latLngToContainerPoint(at);
  return { x, y };
}

/** The room of a ward's name. @param {L.Map} map @param {[number, number]} at */
function nameBox(map, at) {
  const { x, y } = pointOf(map, at);
  return { x: x + 95, y, w: 190, h: 54 };
}

/** @param {HTMLElement} element @param {number} dx @param {number} dy @param {string} side */
function settle(element, dx, dy, side) {
  element.dataset["side"] = side;
  element.style.setProperty("--dx", `${dx}px`);
  element.style.setProperty("--dy", `${dy}px`);
  element.style.setProperty("--lead", `${Math.hypot(dx, dy)}px`);
  element.style.setProperty("--turn", `${Math.atan2(-dy, -dx)}rad`);
  element.classList.toggle("aside", dx !== 0 || dy !== 0);
}
