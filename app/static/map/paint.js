// Colours for what is drawn on canvas: the tokens of taluy.css as they stand now.

/** @typedef {Record<"ink" | "ink2" | "line" | "water" | "ward" | "surface" | "focus", string>} Paint */

/** @returns {Paint} */
export function paint() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: token("ink"), ink2: token("ink2"), line: token("line"), water: token("water"),
    ward: token("ward"), surface: token("surface"), focus: token("focus"),
  };
}

/**
 * The look of an accuracy circle or band: solid only where somebody measured, strong only for the chosen one.
 * @param {Paint} colours @param {boolean} sure @param {boolean} chosen @param {string} [ink]
 * @returns {import("leaflet").PathOptions}
 */
export function reach(colours, sure, chosen, ink = colours.ink) {
  return {
    color: ink, weight: chosen ? 2.2 : 1.2, opacity: chosen ? 1 : 0.55, fill: true, fillColor: ink,
    fillOpacity: chosen ? 0.08 : 0.025, ...(sure ? {} : { dashArray: chosen ? "7 6" : "5 5" }),
  };
}
