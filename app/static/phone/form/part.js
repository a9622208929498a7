// What the parts of the form share.

/**
 * @typedef {{
 *   model: import("./model.js").Model,
 *   changed: (how?: "typing") => void,
 *   suggested: () => string,
 *   takePhoto: () => void,
 *   now: () => number,
 * }} Form `changed` keeps and draws; while somebody types, keeping waits a moment
 * @typedef {{element: HTMLElement, refresh: () => void}} Part
 */

export {};
