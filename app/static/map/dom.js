// Building elements. Text is only ever set as text.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children; text children become text nodes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean | null | undefined>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (typeof value === "string") element.setAttribute(name, value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** An icon that the page holds. @param {string} name @param {string} [look] */
export function icon(name, look = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `ic ${look}`.trim());
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * The one element that matches; missing ones are a mistake of ours.
 * @param {string} selector @param {ParentNode} [within]
 * @returns {HTMLElement}
 */
export function one(selector, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** Run `act` when any button with this data-act is pressed. @param {string} name @param {() => void} act */
export function onAct(name, act) {
  for (const button of document.querySelectorAll(`[data-act="${name}"]`)) button.addEventListener("click", act);
}

let fading = 0;

/** Say something for a few seconds, to eyes and to screen readers. @param {string} text */
export function toast(text) {
  const place = one("[data-toast]");
  place.textContent = text;
  window.clearTimeout(fading);
  fading = window.setTimeout(() => { place.textContent = ""; }, Math.max(5000, text.length * 90));
}

/** Whether the page is laid out for a phone. */
export function isNarrow() {
  return window.matchMedia("(max-width: 799px)").matches;
}
