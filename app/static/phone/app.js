// The officer's app: puts its parts together and draws what stands around every screen.

import { h, icon, one, toast } from "../map/dom.js";
import { useShapes } from "../map/symbols.js";
import { clock } from "./format.js";
import { again, busy, countInTitle, go, isOfPlaces, personChanged, startRouter } from "./router.js";
import { config, loadIcons, loadStyle, offered } from "./shell.js";
import { choose, chosen, language, loadTexts, say } from "./texts.js";
import { holdVersion, keepShell, noteOfficer } from "./update.js";

/** @typedef {import("./types.js").App} App */

const YEAR_S = 31536000;

/** Words of the frame, which the page brought in Vietnamese. */
function speak() {
  document.documentElement.lang = language();
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.getAttribute("data-text") ?? "");
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.getAttribute("data-label") ?? ""));
  const other = language() === "vi" ? "en" : "vi";
  const word = one("[data-language]");
  word.lang = other;
  word.textContent = other === "en" ? "English" : "Tiếng Việt";
}

/** @param {string} theme */
function dress(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
}

function switches() {
  one('[data-switch="theme"]').addEventListener("click", () => {
    const set = document.documentElement.dataset["theme"];
    const dark = set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    dress(dark ? "light" : "dark");
    document.cookie = `taluy_theme=${dark ? "light" : "dark"}; path=/; max-age=${YEAR_S}; samesite=lax`;
  });
  one('[data-switch="language"]').addEventListener("click", async () => {
    const wanted = language() === "vi" ? "en" : "vi";
    await loadTexts(wanted, config().texts);
    if (language() !== wanted) toast(say("app.no_words"));
    else choose(wanted);
    speak();
    dispatchEvent(new Event("taluy:language"));
    closeMenu();
    await again();
  });
}

function closeMenu() {
  document.querySelector(".phone-menu")?.removeAttribute("open");
}

function menu() {
  addEventListener("click", (event) => {
    const inside = event.target instanceof Element && event.target.closest(".phone-menu");
    if (!inside || (event.target instanceof Element && event.target.closest("a"))) closeMenu();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !document.querySelector(".phone-menu[open]")) return;
    closeMenu();
    one(".phone-menu summary").focus();
  });
}

/** What everybody must know on every screen: no network, a server that keeps silent. @param {App} app */
function strips(app) {
  const place = one("[data-strips]");
  let drawn = "";
  let gone = navigator.onLine ? 0 : Date.now();
  const draw = () => {
    const { why, since } = app.sender.state();
    gone = navigator.onLine ? 0 : gone || Date.now();
    const kind = gone || why === "offline" ? "offline" : why === "silent" ? "silent" : "";
    const text = kind ? say(`strip.${kind}`, { time: clock(since ?? (gone || Date.now())) }) : "";
    if (text === drawn) return;
    drawn = text;
    place.replaceChildren(
      ...(text ? [h("p", { class: `strip ${kind === "offline" ? "off" : "err"}` }, icon(kind === "offline" ? "wifi-off" : "server-off"), h("span", {}, text))] : []),
    );
  };
  for (const event of ["online", "offline", "taluy:language"]) addEventListener(event, draw);
  app.sender.addEventListener("change", draw);
  draw();
}

/** How many wait, on the tab. @param {App} app */
function badge(app) {
  const count = one("[data-count]");
  const draw = async () => {
    const { mine } = await app.queue.unsent();
    count.hidden = mine === 0;
    count.replaceChildren(String(mine), h("span", { class: "vh" }, ` ${say("tab.unsent")}`));
    countInTitle(mine);
    await (mine ? navigator.setAppBadge?.(mine) : navigator.clearAppBadge?.());
  };
  const quietly = () => void draw().catch(console.error);
  app.queue.addEventListener("change", quietly);
  app.people.addEventListener("change", quietly);
  addEventListener("taluy:language", quietly);
  quietly();
}

/** The units whose places this phone knows. @param {App} app */
function units(app) {
  const place = one("[data-units]");
  const draw = async () => {
    const pack = await app.packs.read();
    place.textContent = pack?.units.map((unit) => unit.name).join(" · ") ?? "";
  };
  const quietly = () => void draw().catch(console.error);
  app.packs.addEventListener("change", quietly);
  quietly();
}

/** Ask for the ward's places whenever they may have changed; the first ones show the screen that waits for them. @param {App} app */
async function places(app) {
  const ask = () => void app.packs.refresh().catch(console.error);
  let missing = !(await app.packs.read());
  app.packs.addEventListener("change", async () => {
    if (!missing || !(await app.packs.read().catch(() => null))) return;
    missing = false;
    if (isOfPlaces() && !busy()) await again();
  });
  addEventListener("online", ask);
  app.people.addEventListener("change", ask);
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  ask();
}

/** Who has the phone decides what is shown, here and where a place is opened by its code. @param {App} app */
function person(app) {
  const note = () => void noteOfficer(app.people.current() !== null).catch(console.error);
  app.people.addEventListener("change", () => {
    note();
    personChanged();
  });
  note();
}

/** What the screens work with. @returns {Promise<App>} */
async function parts() {
  const [engine, gps] = await Promise.all([import("./engine.js"), import("./gps.js")]);
  return { ...(await engine.start()), gps: new gps.Gps(), go, toast };
}

/** A part that does not come up: say it, keep what is stored. @param {unknown} error */
function failed(error) {
  console.error(error);
  const retry = h("button", { type: "button", class: "btn" }, icon("rotate-cw"), say("app.again"));
  retry.addEventListener("click", () => location.reload());
  one("#main").replaceChildren(
    h("section", { class: "screen pad sorry" }, h("h1", {}, say("app.no_start")), h("p", {}, say("app.nothing_lost")), retry),
  );
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offered.event = /** @type {typeof offered.event} */ (event);
});

async function start() {
  holdVersion();
  const made = parts();
  const words = loadTexts(chosen(), config().texts);
  made.catch(() => undefined); // it is awaited below
  dress(/(?:^|; )taluy_theme=([a-z]+)/.exec(document.cookie)?.[1] ?? "");
  useShapes(config().shapes);
  for (const late of [loadStyle("taluy/fonts.css"), loadIcons()]) late.catch(console.warn);
  await words;
  speak();
  switches();
  menu();
  const app = await made;
  strips(app);
  badge(app);
  units(app);
  person(app);
  await startRouter(app);
  void places(app).catch(console.error);
  app.sender.start();
  await app.queue.tidy().catch(console.error);
  await keepShell(busy).catch(console.error);
}

start().catch(failed);
