// A position in the making: a point, a line or an outline, measured or tapped; and the proposal that it becomes. Pure.

import { average } from "../average.js";
import { area, bearing, crossesItself, encloses, length, nearest } from "../geo.js";

/** @typedef {import("../types").Fix} Fix @typedef {import("../types").Place} Place @typedef {import("geojson").Position} Position @typedef {import("geojson").Geometry} Geometry */
/** @typedef {"point" | "line" | "area"} Shape */
/** @typedef {{lon: number, lat: number, accuracy_m: number | null, fixes: number | null}} Corner accuracy_m is null where a finger said it */
/**
 * @typedef {{shape: Shape, how: "gps" | "map", corners: Corner[], fixes: Fix[], note: string, seen_at: number | null}} Content
 * what a draft keeps. `fixes` are those of the point, or of the corner that is being measured.
 */
/** @typedef {{text: string, values: Record<string, number | string>}} Said a key of texts.json and what fills it; metres are numbers */

/** @type {Record<Shape, number>} */
export const LEAST = { point: 1, line: 2, area: 3 };
const MOST_CORNERS = 400;
const FAR_M = 1250;
const DOUBTFUL_M = 50;

/** @returns {Content} */
export function empty() {
  return { shape: "point", how: "gps", corners: [], fixes: [], note: "", seen_at: null };
}

/** A draft's content, or what came back from the queue to be mended. @param {unknown} found @returns {Content} */
export function contentOf(found) {
  const { body, ...own } = /** @type {Partial<Content> & {body?: import("../types").PositionBody}} */ (found ?? {});
  if (!body) return { ...empty(), ...own };
  const g = body.geometry, tapped = body.method === "tapped";
  const spots = g.type === "Point" ? [g.coordinates] : g.type === "LineString" ? g.coordinates : g.type === "Polygon" ? (g.coordinates[0] ?? []).slice(0, -1) : [];
  const corners = spots.map(([lon = 0, lat = 0], i) => ({ lon, lat, accuracy_m: tapped ? null : body.accuracy_m, fixes: i === 0 ? body.fixes : tapped ? null : 0 }));
  const shape = g.type === "LineString" ? "line" : g.type === "Polygon" ? "area" : "point";
  return { ...empty(), shape, how: tapped ? "map" : "gps", corners, note: body.note ?? "", seen_at: Date.parse(body.seen_at) };
}

/** @param {Corner} corner @returns {Position} */
export function at({ lon, lat }) {
  return [lon, lat];
}

export class Model {
  /** @param {Content} content @param {Place} place */
  constructor(content, place) {
    this.content = content;
    this.place = place;
  }

  /** Another shape keeps what was measured, as far as it can hold it. @param {Shape} shape */
  choose(shape) {
    const { content } = this;
    if (shape === "point") content.corners = content.corners.slice(0, 1);
    if (content.shape === "point") content.fixes = [];
    content.shape = shape;
  }

  /** A fix of the measurement under way; a point follows at once. @param {Fix} fix @param {number} now */
  fix(fix, now) {
    this.content.fixes.push(fix);
    if (this.content.shape === "point") this.settle(now);
  }

  /** What was measured becomes the point, or one more corner. False where nothing was. @param {number} now */
  settle(now) {
    const { content } = this, made = average(content.fixes);
    if (!made) return false;
    if (content.shape === "point") content.corners = [made];
    else {
      this.#corner(made);
      content.fixes = [];
    }
    content.seen_at = now;
    return true;
  }

  /** Measure again from nothing. */
  restart() {
    this.content.fixes = [];
    if (this.content.shape === "point") this.content.corners = [];
  }

  /** A spot that a finger showed on the map: it has no accuracy. @param {Position} p @param {number} now */
  tap([lon = 0, lat = 0], now) {
    const round = (/** @type {number} */ degrees) => Math.round(degrees * 1e7) / 1e7;
    const corner = { lon: round(lon), lat: round(lat), accuracy_m: null, fixes: null };
    if (this.content.shape === "point") this.content.corners = [corner];
    else this.#corner(corner);
    this.content.fixes = [];
    this.content.seen_at = now;
  }

  /** @param {Corner} corner */
  #corner(corner) {
    if (this.content.corners.length < MOST_CORNERS) this.content.corners.push(corner);
  }

  undo() {
    this.content.corners.pop();
    this.content.fixes = [];
  }

  /** Metres within which all of it lies; null where a finger had a part in it, or nothing is there. */
  accuracy() {
    const all = this.content.corners.map((corner) => corner.accuracy_m);
    return all.length && all.every((metres) => metres !== null) ? Math.max(...all.map(Number)) : null;
  }

  /** @returns {Geometry | null} */
  geometry() {
    const { shape, corners } = this.content, spots = corners.map(at), [first] = spots;
    if (!first || spots.length < LEAST[shape]) return null;
    if (shape === "point") return { type: "Point", coordinates: first };
    return shape === "line" ? { type: "LineString", coordinates: spots } : { type: "Polygon", coordinates: [[...spots, first]] };
  }

  /** How large it is, in words: metres of a line, square metres of an outline. @returns {Said | null} */
  extent() {
    const { shape, corners } = this.content, spots = corners.map(at);
    if (shape === "point" || spots.length < LEAST[shape]) return null;
    return shape === "line" ? { text: "pin.long", values: { metres: length(spots) } } : { text: "pin.wide", values: { square: Math.round(area(spots)) } };
  }

  /** Why it cannot be saved yet, or null. @returns {Said | null} */
  lacking() {
    const { shape, corners } = this.content;
    if (!corners.length) return { text: "pin.nothing", values: {} };
    if (corners.length < LEAST[shape]) return { text: shape === "line" ? "pin.line_more" : "pin.area_more", values: { n: LEAST[shape] - corners.length } };
    return shape === "area" && crossesItself(corners.map(at)) ? { text: "pin.crosses", values: {} } : null;
  }

  /** How far the new lies from where the place was drawn. */
  moved() {
    const [first] = this.content.corners, { geometry } = this.place;
    if (!first || !geometry) return null;
    const near = nearest(at(first), geometry);
    return { metres: near.metres, bearing: bearing(near.at, at(first)), within: near.metres <= (this.place.location_accuracy_m ?? 0) };
  }

  /** What somebody should look at twice; nothing of it keeps from saving. @param {import("../types").Pack["ground"]} ground @returns {Said[]} */
  warnings(ground) {
    /** @type {Said[]} */
    const found = [];
    const outside = this.#outside(ground.outlines), moved = this.moved(), accuracy = this.accuracy();
    if (outside) found.push({ text: "pin.outside", values: outside });
    if (moved && moved.metres > Math.max(FAR_M, this.place.location_accuracy_m ?? 0)) found.push({ text: "pin.far", values: { metres: moved.metres } });
    if (accuracy !== null && accuracy > DOUBTFUL_M) found.push({ text: "pin.doubtful", values: { doubt: accuracy } });
    return found;
  }

  /** @param {import("../types").Pack["ground"]["outlines"]} outlines */
  #outside(outlines) {
    const areas = outlines.map(({ ring, accuracy_m }) => ({ g: /** @type {Geometry} */ ({ type: "Polygon", coordinates: [ring] }), accuracy_m }));
    const lost = this.content.corners.filter((corner) => !areas.some(({ g }) => encloses(g, at(corner))));
    if (!areas.length || !lost.length) return null;
    const ways = lost.map((corner) => Math.min(...areas.map(({ g }) => nearest(at(corner), g).metres)));
    return { metres: Math.max(...ways), doubt: Math.max(...areas.map(({ accuracy_m }) => accuracy_m)) };
  }

  /** The proposal as PUT /api/positions takes it; only once nothing is lacking. @param {number} now @returns {import("../types").PositionBody} */
  body(now) {
    const { content, place } = this, geometry = this.geometry();
    if (!geometry) throw new Error("nothing to propose");
    const accuracy_m = this.accuracy(), measured = accuracy_m !== null;
    const fixes = content.corners.reduce((sum, corner) => sum + (corner.fixes ?? 0), 0);
    return {
      place: place.code, seen_at: new Date(content.seen_at ?? now).toISOString(), geometry, accuracy_m,
      method: !measured ? "tapped" : content.shape === "point" ? "gps" : "corners",
      fixes: measured && fixes > 0 ? fixes : null, note: content.note.trim() || null, place_version: place.version,
    };
  }
}
