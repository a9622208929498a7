// The address keeps the view and what is chosen: #P6-NL-01, #15/11.95/108.42, #15/11.95/108.42/P6-NL-01.

/** @typedef {import("./types").App} App */

/** @param {string} text @returns {{view: [number, number, number] | null, code: string | null}} */
export function readHash(text) {
  let plain = "";
  try {
    plain = decodeURIComponent(text.replace(/^#/, ""));
  } catch {
    return { view: null, code: null };
  }
  const parts = plain.split("/");
  const [zoom = NaN, lat = NaN, lon = NaN] = parts.slice(0, 3).map(Number);
  const view = parts.length >= 3 && zoom >= 0 && zoom <= 22 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  const code = view ? parts[3] : parts[0];
  return { view: view ? [zoom, lat, lon] : null, code: code && /^[A-Za-z0-9-]{2,40}$/.test(code) ? code.toUpperCase() : null };
}

/** The address of what is seen now, without the page. @param {App} app */
export function hashOf(app) {
  const { lat, lng } = app.map.getCenter(), zoom = Number(app.map.getZoom().toFixed(2));
  const code = app.choice?.what === "place" ? `/${app.choice.code}` : "";
  return `#${zoom}/${lat.toFixed(5)}/${lng.toFixed(5)}${code}`;
}

/** Keep the address in line, and follow it. @param {App} app */
export function hash(app) {
  let written = location.hash;
  const write = () => {
    written = hashOf(app);
    history.replaceState(history.state, "", written);
    for (const link of document.querySelectorAll("a[data-keep-hash]")) if (link instanceof HTMLAnchorElement) link.hash = written;
  };
  app.map.on("moveend", write);
  app.on("choice", write);
  window.addEventListener("hashchange", () => {
    if (location.hash === written) return;
    follow(app);
  });
}

/** Go where the address says; whether it said anything. @param {App} app */
export function follow(app) {
  const { view, code } = readHash(location.hash);
  if (view) app.map.setView([view[1], view[2]], view[0], { animate: false });
  const place = code ? app.byCode(code) : undefined;
  if (code && place && !view && !place.unlocated) app.map.setView(place.at, 16, { animate: false });
  if (code) app.choose({ what: "place", code }, "hash");
  return !!view || !!(place && !place.unlocated);
}
