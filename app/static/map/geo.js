// Plane geometry on small areas: positions are [longitude, latitude], lengths metres.

/** @typedef {import("geojson").Position} Position */

const M_PER_DEGREE = 111_320;

/** Metres east and north of `origin`, and back. @param {Position} origin */
export function plane(origin) {
  const [lon = 0, lat = 0] = origin;
  const east = M_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  return {
    /** @param {Position} p @returns {[number, number]} */
    to: (p) => [((p[0] ?? 0) - lon) * east, ((p[1] ?? 0) - lat) * M_PER_DEGREE],
    /** @param {[number, number]} q @returns {Position} */
    from: (q) => [lon + q[0] / east, lat + q[1] / M_PER_DEGREE],
  };
}

/** Metres between two positions. @param {Position} a @param {Position} b */
export function distance(a, b) {
  const [x, y] = plane(a).to(b);
  return Math.hypot(x, y);
}

/** The position at a share (0 to 1) of a line's length. @param {Position[]} line @param {number} share @returns {Position} */
export function along(line, share) {
  const lengths = line.slice(1).map((point, i) => distance(line[i] ?? point, point));
  let left = lengths.reduce((sum, length) => sum + length, 0) * share;
  for (const [i, length] of lengths.entries()) {
    const a = line[i] ?? [0, 0], b = line[i + 1] ?? a;
    if (left <= length && length > 0) {
      const t = left / length;
      return [(a[0] ?? 0) + ((b[0] ?? 0) - (a[0] ?? 0)) * t, (a[1] ?? 0) + ((b[1] ?? 0) - (a[1] ?? 0)) * t];
    }
    left -= length;
  }
  return line.at(-1) ?? [0, 0];
}

/** The lines of a geometry: lines themselves, outer and inner rings of polygons. @param {import("geojson").Geometry} g @returns {Position[][]} */
export function lines(g) {
  if (g.type === "LineString") return [g.coordinates];
  if (g.type === "MultiLineString" || g.type === "Polygon") return g.coordinates;
  if (g.type === "MultiPolygon") return g.coordinates.flat();
  return [];
}

/** The points of a geometry that is made of points. @param {import("geojson").Geometry} g @returns {Position[]} */
export function points(g) {
  if (g.type === "Point") return [g.coordinates];
  return g.type === "MultiPoint" ? g.coordinates : [];
}

/** Whether a geometry encloses an area. @param {import("geojson").Geometry} g */
export function isArea(g) {
  return g.type === "Polygon" || g.type === "MultiPolygon";
}

/** Latitude and longitude where a geometry's symbol stands. @param {import("geojson").Geometry} g @param {number} share along a line @returns {[number, number]} */
export function anchor(g, share = 0.5) {
  const [point] = points(g);
  const [line = []] = lines(g);
  const found = point ?? (isArea(g) ? centre(line) : along(line, share));
  return [found[1] ?? 0, found[0] ?? 0];
}

/** The mean of a ring's corners. @param {Position[]} ring @returns {Position} */
function centre(ring) {
  const corners = ring.slice(0, -1);
  /** @param {0 | 1} i */
  const mean = (i) => corners.reduce((sum, corner) => sum + (corner[i] ?? 0), 0) / Math.max(1, corners.length);
  return [mean(0), mean(1)];
}

/** @param {[number, number]} p @param {[number, number]} a @param {[number, number]} b */
function toSegment(p, a, b) {
  const dx = b[0] - a[0], dy = b[1] - a[1];
  const t = Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}

/**
 * The outline of everything within `reach` metres of a line, as a closed ring.
 * It walks there and back beside the line and leaves out what lies nearer to another part of it.
 * @param {Position[]} line @param {number} reach
 */
export function around(line, reach) {
  const flat = plane(line[0] ?? [0, 0]);
  const course = line.map(flat.to).filter((p, i, all) => i === 0 || p[0] !== all[i - 1]?.[0] || p[1] !== all[i - 1]?.[1]);
  const there = course.slice(1).map((b, i) => /** @type {const} */ ([course[i] ?? b, b]));
  const walk = [...there, ...there.map(([a, b]) => /** @type {const} */ ([b, a])).reverse()];
  const ring = walk.flatMap(([a, b], i) => {
    const [c, d] = walk[(i + 1) % walk.length] ?? [a, b];
    return [...beside(a, b, reach), ...corner(b, heading(a, b), heading(c, d), reach)];
  });
  const outer = ring.filter((p) => there.every(([a, b]) => toSegment(p, a, b) > reach * 0.99));
  const closed = outer.map(flat.from);
  return closed[0] ? [...closed, closed[0]] : [];
}

/** @param {[number, number]} a @param {[number, number]} b */
function heading(a, b) {
  return Math.atan2(b[1] - a[1], b[0] - a[0]);
}

/** Points at the left of a segment. @param {[number, number]} a @param {[number, number]} b @param {number} reach @returns {[number, number][]} */
function beside(a, b, reach) {
  const left = heading(a, b) + Math.PI / 2;
  const steps = Math.max(1, Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / (reach / 3)));
  return Array.from({ length: steps + 1 }, (_, i) => [
    a[0] + ((b[0] - a[0]) * i) / steps + Math.cos(left) * reach,
    a[1] + ((b[1] - a[1]) * i) / steps + Math.sin(left) * reach,
  ]);
}

/** The arc at the left of a right turn or of an end. @param {[number, number]} at @param {number} before @param {number} after @param {number} reach @returns {[number, number][]} */
function corner(at, before, after, reach) {
  let turn = after - before;
  while (turn > 1e-9) turn -= 2 * Math.PI;
  if (turn < -Math.PI - 1e-6) return [];
  const steps = Math.max(1, Math.ceil(-turn / 0.2));
  return Array.from({ length: steps }, (_, i) => {
    const left = before + Math.PI / 2 + (turn * (i + 1)) / steps;
    return [at[0] + Math.cos(left) * reach, at[1] + Math.sin(left) * reach];
  });
}

/**
 * A line in pixels moved to its left (or right, where negative).
 * @param {{x: number, y: number}[]} line @param {number} by pixels
 */
export function moved(line, by) {
  return line.map((point, i) => {
    const before = line[i - 1] ?? point, after = line[i + 1] ?? point;
    const dx = after.x - before.x, dy = after.y - before.y, length = Math.hypot(dx, dy) || 1;
    return { x: point.x + (dy / length) * by, y: point.y - (dx / length) * by };
  });
}
