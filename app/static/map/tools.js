// The buttons of the map: zoom, whole ward, full screen, share, light or dark.

import { h, isNarrow, onAct, one, toast } from "./dom.js";
import { reachOf } from "./ground.js";
import { inset } from "./grid.js";
import { hashOf } from "./hash.js";
import { say } from "./words.js";

/** @typedef {import("./types").App} App */

/** @param {App} app */
export function tools(app) {
  const { map } = app;
  onAct("in", () => map.zoomIn(1));
  onAct("out", () => map.zoomOut(1));
  onAct("fit", () => fit(app, true));
  fullScreen();
  onAct("share", () => void share(app));
  theme(app);
}

/** Everything in view, beside the panels. @param {App} app @param {boolean} animate */
export function fit(app, animate) {
  const narrow = isNarrow(), panel = one("#details");
  const right = narrow || panel.hidden ? 30 : panel.getBoundingClientRect().width + 30;
  app.map.fitBounds(reachOf(app), {
    animate,
    paddingTopLeft: [narrow ? 16 : inset() + 20, narrow ? 84 : 90],
    paddingBottomRight: [narrow ? 70 : right, 70],
    maxZoom: 16,
  });
}

function fullScreen() {
  const can = document.fullscreenEnabled;
  for (const button of document.querySelectorAll('[data-act="full"]')) if (button instanceof HTMLElement) button.hidden = !can;
  onAct("full", () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => toast(say("The browser does not allow full screen here.")));
  });
}

/** @param {App} app */
async function share(app) {
  const url = location.href.replace(/#.*$/, "") + hashOf(app);
  if (navigator.share) {
    try {
      await navigator.share({ title: document.title, url });
      return;
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === "AbortError") return;
    }
  }
  try {
    await navigator.clipboard.writeText(url);
    toast(say("The link to this view is copied."));
  } catch {
    showLink(url);
  }
}

/** Where the browser does not let us copy, the person can. @param {string} url */
function showLink(url) {
  const field = h("input", { readonly: true, value: url, "aria-label": say("Link to this view") });
  one("[data-toast]").replaceChildren(h("span", {}, say("Copy this link:")), field);
  field.focus();
  field.select();
}

const YEAR_S = 31_536_000;

/** The saved choice of light or dark; without one the device decides. @param {App} app */
function theme(app) {
  const root = document.documentElement, dark = window.matchMedia("(prefers-color-scheme: dark)");
  onAct("theme", () => {
    const isDark = (root.dataset["theme"] ?? (dark.matches ? "dark" : "light")) === "dark";
    root.dataset["theme"] = isDark ? "light" : "dark";
    if (location.protocol !== "file:") document.cookie = `taluy_theme=${root.dataset["theme"]}; path=/; max-age=${YEAR_S}; samesite=lax`;
    app.tell("theme", undefined);
    toast(isDark ? say("Light colours") : say("Dark colours"));
  });
  dark.addEventListener("change", () => app.tell("theme", undefined));
}
