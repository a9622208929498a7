// The full map: Leaflet, fetched when somebody asks for it, over the ward's tile server where there is network.

import { h } from "../../map/dom.js";
import { loadStyle } from "../shell.js";

/** @typedef {import("geojson").Position} Position @typedef {import("./face").Face} Face @typedef {import("./face").Drawing} Drawing @typedef {import("./face").Mark} Mark */

const METRES_ROUND = 40_075_017;
const MOST_ZOOM = 19;

/** @param {Position} p @returns {[number, number]} */
const latLng = ([lon = 0, lat = 0]) => [lat, lon];

/** Throws where Leaflet does not come. @param {Position} origin @param {string} tiles @param {{label: string, failed: () => void}} told @returns {Promise<Face>} */
export async function leaflet(origin, tiles, told) {
  await Promise.all([import("leaflet"), loadStyle("leaflet/leaflet.css")]);
  return new Full(origin, tiles, told);
}

/** @implements {Face} */
class Full {
  /** @type {Map<string, L.LayerGroup>} */
  #layers = new Map();
  /** @type {Map<string, L.LayerGroup>} */
  #marks = new Map();

  /** @param {Position} origin @param {string} tiles @param {{label: string, failed: () => void}} told */
  constructor(origin, tiles, { label, failed }) {
    this.element = h("div", { class: "om full", role: "region", "aria-label": label });
    this.map = L.map(this.element, { zoomControl: false, attributionControl: false, zoomSnap: 0, center: latLng(origin), zoom: 15, maxZoom: MOST_ZOOM });
    this.svg = L.svg({ padding: 0.5 });
    const background = L.tileLayer(tiles, { maxZoom: MOST_ZOOM, className: "om-tiles" });
    background.once("tileload", () => this.element.classList.add("has-tiles"));
    background.once("tileerror", failed);
    background.addTo(this.map);
    this.sizes = new ResizeObserver(() => this.map.invalidateSize());
    this.sizes.observe(this.element);
  }

  /** @param {string} layer @param {Drawing[]} drawings */
  draw(layer, drawings) {
    const group = this.#layers.get(layer) ?? L.layerGroup().addTo(this.map);
    this.#layers.set(layer, group);
    group.clearLayers();
    for (const drawing of drawings) {
      const look = { renderer: this.svg, interactive: false, className: drawing.look };
      if (drawing.what === "circle") L.circle(latLng(drawing.at), { ...look, radius: drawing.metres }).addTo(group);
      else if (drawing.what === "line") {
        const line = drawing.line.map(latLng);
        (drawing.closed ? L.polygon(line, look) : L.polyline(line, look)).addTo(group);
      }
    }
  }

  /** @param {string} layer @param {Mark[]} marks */
  marks(layer, marks) {
    const group = this.#marks.get(layer) ?? L.layerGroup().addTo(this.map);
    this.#marks.set(layer, group);
    group.clearLayers();
    for (const { at, element } of marks) {
      element.style.transform = "";
      const holder = L.divIcon({ html: h("div", { class: layer }, element), className: "om-mark", iconSize: [0, 0] });
      L.marker(latLng(at), { icon: holder, keyboard: false, bubblingMouseEvents: false }).addTo(group);
    }
  }

  /** @param {Position} p @returns {[number, number]} */
  pixel(p) {
    const { x, y } = this.map.latLngToContainerPoint(latLng(p));
    return [x, y];
  }

  /** @returns {[number, number]} */
  size() {
    const { x, y } = this.map.getSize();
    return [x, y];
  }

  scale() {
    return (256 * 2 ** this.map.getZoom()) / (METRES_ROUND * Math.cos((this.map.getCenter().lat * Math.PI) / 180));
  }

  /** @returns {Position} */
  centre() {
    const { lng, lat } = this.map.getCenter();
    return [lng, lat];
  }

  /** @param {Position} p @param {number} [scale] */
  centreOn(p, scale = this.scale()) {
    this.map.setView(latLng(p), Math.min(MOST_ZOOM, this.map.getZoom() + Math.log2(scale / this.scale())), { animate: false });
  }

  /** @param {Position[]} all @param {number} [room] */
  fit(all, room = 36) {
    if (all.length) this.map.fitBounds(L.latLngBounds(all.map(latLng)), { padding: [room, room], maxZoom: 18, animate: false });
  }

  /** @param {number} factor */
  zoom(factor) {
    this.map.setZoom(this.map.getZoom() + Math.log2(factor), { animate: false });
  }

  /** @param {() => void} act */
  onView(act) {
    this.map.on("move zoom resize", act);
    act();
  }

  /** @param {(p: Position) => void} act */
  onTap(act) {
    this.map.on("click", ({ latlng: { lng, lat } }) => act([lng, lat]));
  }

  end() {
    this.sizes.disconnect();
    this.map.remove();
  }
}
