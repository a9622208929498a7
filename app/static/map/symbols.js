// The map's symbols as SVG elements, from the same shapes (symbols.json) as app/maps/symbols.py.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {[string, string]} Badge a class and a path
 * @typedef {{outline: string, lines: string[], dots: string, notches: number}} Shape
 * @typedef {{left: number, step: number, width: number, reached: number, open: number}} Notch
 * @typedef {{
 *   box: string, risks: string[], rated: string[], kinds: Record<string, Shape>, notch: Notch, ring: string,
 *   clock: Badge[], worse: Badge[], danger: Badge[],
 * }} Shapes
 * @typedef {{
 *   kind: string, risk?: string | null, condition?: string | null, late?: boolean, size?: number,
 * }} Sign what a symbol says
 */

/** @type {Shapes | null} */
let known = null;

/** @param {Shapes} shapes the content of symbols.json */
export function useShapes(shapes) {
  known = shapes;
}

/** @param {Sign} sign @returns {SVGSVGElement} */
export function symbol(sign) {
  if (!known) throw new Error("useShapes() comes first");
  const shape = known.kinds[sign.kind] ?? known.kinds["slide"];
  if (!shape) throw new Error(`no shape for ${sign.kind}`);
  const rated = known.rated.includes(sign.kind);
  const level = rated && sign.risk ? known.risks.indexOf(sign.risk) + 1 : 0;
  const svg = drawing(known.box, sign.size ?? 44);
  if (sign.condition === "danger") svg.append(path("s-ring", known.ring));
  svg.append(path("s-h", shape.outline), path(`s-o f${level}`, shape.outline));
  for (const line of shape.lines) svg.append(path(`s-g g${level}`, line));
  if (shape.dots) svg.append(path(`s-dot g${level}`, shape.dots));
  if (rated) svg.append(...notches(known.notch, shape.notches, level));
  for (const [look, d] of badges(known, sign)) svg.append(path(look, d));
  return svg;
}

/** @param {Shapes} shapes @param {Sign} sign @returns {Badge[]} */
function badges(shapes, sign) {
  const found = sign.late ? [...shapes.clock] : [];
  if (sign.condition === "worse") found.push(...shapes.worse);
  if (sign.condition === "danger") found.push(...shapes.danger);
  return found;
}

/** @param {Notch} notch @param {number} top @param {number} level 0 is not rated */
function notches(notch, top, level) {
  return [0, 1, 2, 3].map((number) => {
    const reached = number < level || level === 0;
    const height = reached ? notch.reached : notch.open;
    const look = level === 0 ? "s-notch dotted f0" : `s-notch f${reached ? level : 0}`;
    const left = notch.left + number * notch.step;
    return path(look, `M${left} ${top + notch.reached - height}h${notch.width}v${height}h-${notch.width}Z`);
  });
}

/** @param {string} box @param {number} size */
function drawing(box, size) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "sym");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  return svg;
}

/** @param {string} look @param {string} d */
function path(look, d) {
  const element = document.createElementNS(SVG, "path");
  element.setAttribute("class", look);
  element.setAttribute("d", d);
  return element;
}
