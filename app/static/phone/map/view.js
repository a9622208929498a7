// What a map shows: a centre, a scale, and pixels for positions. Pure: no page.

import { plane } from "../../map/geo.js";

/** @typedef {import("geojson").Position} Position @typedef {[number, number]} Pixel */

/** Pixels for a metre: from the whole province to a hand's breadth. */
const LEAST = 0.004;
const MOST = 6;

export class View {
  /** @param {Position} origin the plane's zero, near what is drawn */
  constructor(origin) {
    this.flat = plane(origin);
    this.width = 320;
    this.height = 320;
    /** Pixels for a metre. */
    this.scale = 0.1;
    /** Metres east and north of the origin at the middle. */
    this.x = 0;
    this.y = 0;
  }

  /** Metres on the plane, north down, as drawings have them. @param {Position} p @returns {Pixel} */
  metres(p) {
    const [x, y] = this.flat.to(p);
    return [x, -y];
  }

  /** @param {Position} p @returns {Pixel} */
  pixel(p) {
    const [x, y] = this.flat.to(p);
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  /** @param {Pixel} pixel @returns {Position} */
  position([px, py]) {
    return this.flat.from([this.x + (px - this.width / 2) / this.scale, this.y - (py - this.height / 2) / this.scale]);
  }

  /** @returns {Position} */
  centre() {
    return this.flat.from([this.x, this.y]);
  }

  /** What a drawing in metres needs to stand right, for the attribute `transform`. */
  transform() {
    const { scale } = this;
    return `matrix(${scale} 0 0 ${scale} ${this.width / 2 - this.x * scale} ${this.height / 2 + this.y * scale})`;
  }

  /** @param {number} dx pixels @param {number} dy pixels */
  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
  }

  /** What lies under `about` stays there. @param {number} factor @param {Pixel} [about] */
  zoom(factor, about = [this.width / 2, this.height / 2]) {
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    const dx = about[0] - this.width / 2, dy = about[1] - this.height / 2;
    this.x += dx / this.scale - dx / scale;
    this.y -= dy / this.scale - dy / scale;
    this.scale = scale;
  }

  /** @param {Position} p @param {number} [scale] pixels for a metre */
  centreOn(p, scale = this.scale) {
    [this.x, this.y] = this.flat.to(p);
    this.scale = Math.min(MOST, Math.max(LEAST, scale));
  }

  /** All of them in view, with room around. @param {Position[]} all @param {number} room pixels @param {number} [least] metres that are shown at least */
  fit(all, room, least = 60) {
    if (!all.length) return;
    const flat = all.map((p) => this.flat.to(p)), xs = flat.map(([x]) => x), ys = flat.map(([, y]) => y);
    const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.x = (west + east) / 2;
    this.y = (south + north) / 2;
    const wide = (this.width - 2 * room) / Math.max(least, east - west), high = (this.height - 2 * room) / Math.max(least, north - south);
    this.scale = Math.min(MOST, Math.max(LEAST, Math.min(wide, high)));
  }
}

/** A round length for the scale bar, and its pixels, at most `widest` of them. @param {number} scale @param {number} widest */
export function bar(scale, widest) {
  const steps = [1, 2, 5].flatMap((n) => [0, 1, 2, 3, 4].map((power) => n * 10 ** power)).sort((a, b) => b - a);
  const metres = steps.find((step) => step * scale <= widest) ?? 1;
  return { metres, pixels: metres * scale };
}
