// Where things lie from here, and one position made of many fixes. Positions are [longitude, latitude], lengths metres.

import { distance, isArea, lines, plane, points } from "../map/geo.js";

export { distance };

/** @typedef {import("geojson").Position} Position @typedef {import("geojson").Geometry} Geometry @typedef {import("./types").Fix} Fix */
/** @typedef {{metres: number, at: Position, inside: boolean}} Nearest */

/** Degrees clockwise from north, 0 to 360. @param {Position} from @param {Position} to */
export function bearing(from, to) {
  const [east, north] = plane(from).to(to);
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** The spot of a geometry that lies nearest, and how far; 0 inside an area. @param {Position} from @param {Geometry} g @returns {Nearest} */
export function nearest(from, g) {
  const flat = plane(from);
  if (isArea(g) && encloses(g, from)) return { metres: 0, at: from, inside: true };
  const spots = [
    ...points(g).map(flat.to),
    ...lines(g).flatMap((line) => line.slice(1).map((b, i) => onSegment(flat.to(line[i] ?? b), flat.to(b)))),
  ];
  const best = spots.reduce((a, b) => (Math.hypot(...b) < Math.hypot(...a) ? b : a), /** @type {[number, number]} */ ([Infinity, Infinity]));
  return { metres: Math.hypot(...best), at: flat.from(best), inside: false };
}

/** The point of a segment that lies nearest to the origin. @param {[number, number]} a @param {[number, number]} b @returns {[number, number]} */
function onSegment(a, b) {
  const dx = b[0] - a[0], dy = b[1] - a[1];
  const t = Math.max(0, Math.min(1, -(a[0] * dx + a[1] * dy) / (dx * dx + dy * dy || 1)));
  return [a[0] + t * dx, a[1] + t * dy];
}

/** Whether an area holds a position; holes do not. @param {Geometry} g @param {Position} p */
export function encloses(g, p) {
  return lines(g).reduce((odd, ring) => (crossings(ring, p) % 2 ? !odd : odd), false);
}

/** How often a ring crosses the ray from `p` to the east. @param {Position[]} ring @param {Position} p */
function crossings(ring, [x = 0, y = 0]) {
  return ring.slice(1).filter((b, i) => {
    const [ax = 0, ay = 0] = ring[i] ?? b, [bx = 0, by = 0] = b;
    return ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax);
  }).length;
}

/** Whether a ring, open or closed, runs over itself. @param {Position[]} corners */
export function crossesItself(corners) {
  const flat = plane(corners[0] ?? [0, 0]);
  const path = corners.map(flat.to), n = path.length;
  if (n < 4) return false;
  /** @param {number} i @returns {[number, number]} */
  const at = (i) => path[i % n] ?? [0, 0];
  return path.some((_, i) => path.some((__, j) => j > i + 1 && (j + 1) % n !== i && cross(at(i), at(i + 1), at(j), at(j + 1))));
}

/** @param {[number, number]} a @param {[number, number]} b @param {[number, number]} c @param {[number, number]} d */
function cross(a, b, c, d) {
  /** @param {[number, number]} p @param {[number, number]} q @param {[number, number]} r */
  const side = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

/**
 * The way from a fix to a geometry; `around` where neither is known well enough to say how far.
 * @param {Fix} fix @param {Geometry} g @param {number | null} [accuracy] of the geometry
 */
export function way(fix, g, accuracy = null) {
  const here = [fix.lon, fix.lat], { metres, at, inside } = nearest(here, g);
  const doubt = Math.max(accuracy ?? 0, fix.accuracy_m);
  return { metres, inside, bearing: bearing(here, at), doubt, around: metres <= doubt };
}

/** Square metres in a ring, open or closed. @param {Position[]} corners */
export function area(corners) {
  const flat = plane(corners[0] ?? [0, 0]), path = corners.map(flat.to);
  const twice = path.reduce((sum, [x, y], i) => {
    const [u, v] = path[(i + 1) % path.length] ?? [0, 0];
    return sum + x * v - u * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Metres along a line. @param {Position[]} line */
export function length(line) {
  return line.slice(1).reduce((sum, b, i) => sum + distance(line[i] ?? b, b), 0);
}
