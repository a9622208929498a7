// Lines of latitude and longitude with their degrees at the edge: a map that needs no tiles to say where it is.

import { h, one } from "./dom.js";
import { decimals, say } from "./words.js";

const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
const LEAST_PX = 150;

/** @param {number} degrees @param {number} step */
function degreeText(degrees, step) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return `${decimals(degrees, digits)}°`;
}

/** Draw the grid, and again whenever the view changes. @param {import("./types").App} app */
export function grid(app) {
  const { map } = app, group = L.layerGroup().addTo(map), labels = one("[data-degrees]");
  const renderer = L.svg({ pane: "paper", padding: 0.5 });
  map.createPane("grid").style.zIndex = "255";
  const draw = () => {
    const view = map.getBounds().pad(0.5), step = stepFor(map);
    group.clearLayers();
    const [south, north, west, east] = [view.getSouth(), view.getNorth(), view.getWest(), view.getEast()];
    /** @param {[number, number]} a @param {[number, number]} b */
    const line = (a, b) => L.polyline([a, b], { renderer, interactive: false, className: "g-grid" }).addTo(group);
    for (const lat of every(south, north, step)) line([lat, west], [lat, east]);
    for (const lon of every(west, east, step)) line([south, lon], [north, lon]);
  };
  const name = () => {
    const view = map.getBounds(), step = stepFor(map);
    const size = map.getSize(), left = inset();
    const rows = every(view.getSouth(), view.getNorth(), step).map((lat) => {
      const y = map.latLngToContainerPoint([lat, view.getWest()]).y;
      return y > 90 && y < size.y - 90 ? placed(`${degreeText(lat, step)} ${say("N")}`, left, y, "lat") : null;
    });
    const columns = every(view.getWest(), view.getEast(), step).map((lon) => {
      const x = map.latLngToContainerPoint([view.getSouth(), lon]).x;
      return x > left + 240 && x < size.x - 330 ? placed(`${degreeText(lon, step)} ${say("E")}`, x, size.y - 56, "lon") : null;
    });
    labels.replaceChildren(...[...rows, ...columns].filter((label) => label !== null));
  };
  map.on("moveend", () => { draw(); name(); });
  map.on("move", name);
  map.on("resize", name);
  draw();
  name();
}

/** Pixels at the left that the side panel covers. */
export function inset() {
  if (document.body.classList.contains("printing")) return 12;
  const side = one(".side").getBoundingClientRect();
  return window.matchMedia("(min-width: 800px)").matches && side.width ? side.right + 12 : 12;
}

/** @param {L.Map} map */
function stepFor(map) {
  const centre = map.getCenter(), size = map.getSize();
  const perPixel = (map.getBounds().getEast() - map.getBounds().getWest()) / Math.max(1, size.x);
  const fits = STEPS.filter((step) => step / perPixel >= LEAST_PX && centre.lat < 90);
  return fits.at(-1) ?? STEPS[0] ?? 1;
}

/** @param {number} from @param {number} until @param {number} step */
function every(from, until, step) {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.min(60, Math.floor(until / step) - first + 1)) }, (_, i) => (first + i) * step);
}

/** @param {string} text @param {number} x @param {number} y @param {string} look */
function placed(text, x, y, look) {
  const label = h("span", { class: look }, text);
  label.style.transform = `translate(${Math.round(x)}px,${Math.round(y)}px)`;
  return label;
}
