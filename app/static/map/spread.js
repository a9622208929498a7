// Room for symbols and code plates: nothing covers anything, or it is left out. All in pixels of the view.

/** @typedef {{x: number, y: number, w: number, h: number}} Box */
/** @typedef {{key: string, x: number, y: number, text: string, must: boolean, small: boolean}} Item */
/** @typedef {{dx: number, dy: number, side: "right" | "left" | "above" | "below" | ""}} Place */

const SYMBOL = 46;
const BOARD = 34;
const SITE_TOUCH = 26;
const PLATE_HEIGHT = 24;
const AWAY = [[-48, 34], [48, 34], [-52, -30], [52, -30], [0, 58], [-64, 0], [64, 0], [0, -58]];

/** @param {Box} a @param {Box} b */
function overlap(a, b) {
  return Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h;
}

/** @param {number} x @param {number} y @param {number} size @returns {Box} */
const square = (x, y, size) => ({ x, y, w: size, h: size });

/**
 * Where each symbol stands (moved off another where it may be) and on which side its plate.
 * Names, badges and clusters (`taken`) move no site, only boards, proposals and plates.
 * @param {Item[]} items the first have the first choice @param {boolean} plates @param {Box[]} taken
 * @returns {Map<string, Place>}
 */
export function spread(items, plates, taken = []) {
  /** @type {Box[]} */
  const boxes = [...taken];
  /** @type {Box[]} */
  const symbols = [];
  /** @type {Map<string, Place>} */
  const found = new Map();
  for (const item of items) {
    const [dx, dy] = freeSpot(item, item.small ? boxes : symbols);
    found.set(item.key, { dx, dy, side: "" });
    symbols.push(square(item.x + dx, item.y + dy, sizeOf(item)));
    boxes.push(square(item.x + dx, item.y + dy, sizeOf(item)));
  }
  if (!plates) return found;
  for (const item of items) {
    const place = found.get(item.key);
    if (!place) continue;
    const free = sides(item, place).find(([, box]) => !boxes.some((other) => overlap(other, box)));
    const chosen = free ?? (item.must ? sides(item, place)[0] : undefined);
    if (!chosen) continue;
    place.side = chosen[0];
    boxes.push(chosen[1]);
  }
  return found;
}

/** @param {Item} item */
const sizeOf = (item) => (item.small ? BOARD : SYMBOL);

/** @param {Item} item @param {Box[]} boxes @returns {[number, number]} */
function freeSpot(item, boxes) {
  const clear = (/** @type {number} */ dx, /** @type {number} */ dy, /** @type {number} */ size) => (
    !boxes.some((other) => overlap(other, square(item.x + dx, item.y + dy, size)))
  );
  if (clear(0, 0, item.small ? BOARD : SITE_TOUCH)) return [0, 0];
  const [dx = 0, dy = 0] = AWAY.find(([x = 0, y = 0]) => clear(x, y, sizeOf(item))) ?? [0, 0];
  return [dx, dy];
}

/** The boxes of a plate on the four sides. @param {Item} item @param {Place} place @returns {["right" | "left" | "above" | "below", Box][]} */
function sides(item, { dx, dy }) {
  const x = item.x + dx, y = item.y + dy, w = item.text.length * 8.6 + 16, h = PLATE_HEIGHT, off = 31 + w / 2;
  return [
    ["right", { x: x + off, y, w, h }],
    ["left", { x: x - off, y, w, h }],
    ["below", { x, y: y + 44, w, h }],
    ["above", { x, y: y - 44, w, h }],
  ];
}
