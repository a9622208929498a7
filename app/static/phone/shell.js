// What the shell's page says about itself, and files that come only when they are used.

/**
 * @typedef {{
 *   version: string, practice: boolean, tiles: string, texts: Record<string, string[]>, styles: Record<string, string>, icons: string,
 *   shapes: import("../map/symbols.js").Shapes,
 * }} Config
 */

/** @type {Config | null} */
let read = null;

/** The browser's offer to install the app: it comes once, often before anybody asks. @type {{event: (Event & {prompt(): Promise<unknown>}) | null}} */
export const offered = { event: null };

/** @returns {Config} */
export function config() {
  read ??= JSON.parse(document.getElementById("config")?.textContent ?? "{}");
  return /** @type {Config} */ (read);
}

/** Add a stylesheet of the late files, such as "leaflet/leaflet.css", once. @param {string} name @returns {Promise<void>} */
export function loadStyle(name) {
  const address = config().styles[name];
  if (!address) throw new Error(`no late stylesheet is called ${name}`);
  if (document.querySelector(`link[href="${address}"]`)) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => { link.remove(); reject(new Error(`${name} did not come`)); });
    document.head.append(link);
  });
}

/** Icons that late screens use; where they are not there yet, nothing but them is missing. */
export async function loadIcons() {
  const answer = await fetch(config().icons);
  const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  sprite.setAttribute("class", "vh");
  document.body.prepend(document.adoptNode(sprite));
}
