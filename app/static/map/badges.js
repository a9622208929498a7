// Where the badge of places that nobody can pin stands: anywhere in their circle is as true as its centre,
// so it goes where it covers least.

/** @typedef {{at: [number, number], box: import("./spread.js").Box, small: boolean}} Spot */

const FULL = { w: 280, h: 96 };
const PHONE = { w: 216, h: 64 };
const SMALL = { w: 84, h: 60 };
const WIDE_PX = 600;
const SHARES = [0, 0.3, 0.55, 0.75];

/**
 * @param {L.Map} map @param {import("./types").Group} group @param {import("./clusters.js").Clusters} clusters
 * @returns {Spot}
 */
export function spotOf(map, group, clusters) {
  const circle = L.latLng(group.at).toBounds(group.accuracy * 2);
  const centre = map.latLngToContainerPoint(group.at);
  const radius = (map.latLngToContainerPoint(circle.getNorthEast()).x - centre.x);
  const around = clusters.all([circle.getWest(), circle.getSouth(), circle.getEast(), circle.getNorth()]);
  const others = around.map((place) => map.latLngToContainerPoint(place.at));
  const full = map.getSize().x >= WIDE_PX ? FULL : PHONE;
  const first = best(centre, radius, full, others);
  const small = radius < full.w * 0.7 || first.cost > 2;
  const found = small ? best(centre, radius, SMALL, others) : first;
  const { lat, lng } = map.containerPointToLatLng([found.box.x, found.box.y]);
  return { at: [lat, lng], box: found.box, small };
}

/** @param {{x: number, y: number}} centre @param {number} radius @param {{w: number, h: number}} size @param {{x: number, y: number}[]} others */
function best(centre, radius, size, others) {
  const boxes = SHARES.flatMap((share) => Array.from({ length: share ? 12 : 1 }, (_, i) => ({
    ...size,
    x: centre.x + Math.cos((i * Math.PI) / 6) * share * radius,
    y: centre.y + Math.sin((i * Math.PI) / 6) * share * radius,
  })));
  const cost = (/** @type {{x: number, y: number, w: number, h: number}} */ box) => (
    others.filter(({ x, y }) => Math.abs(x - box.x) < box.w / 2 + 22 && Math.abs(y - box.y) < box.h / 2 + 22).length
  );
  const costs = boxes.map((box) => ({ box, cost: cost(box) }));
  return costs.reduce((least, found) => (found.cost < least.cost ? found : least));
}
