// Which screen is shown. Screens are fetched when they are shown first; one that is missing or breaks says so.

import { h, icon, one } from "../map/dom.js";
import { everyText, say } from "./texts.js";

/** @typedef {import("./types.js").App} App */
/** @typedef {import("./types.js").Screen} Screen */

/** Names of screens by the first part of their route. @type {Record<string, string>} */
const SCREENS = {
  "": "near", form: "form", saved: "saved", queue: "queue", map: "map", me: "me", pin: "pin", scan: "scan",
  "sign-in": "sign-in",
};
/** Screens whose words come with the shell. */
const EARLY = new Set(["near", "form", "saved"]);
const WITHOUT_PERSON = new Set(["sign-in"]);
/** Screens that are made of what the phone knows of places at that moment; the others follow it, or need none of it. */
const OF_PLACES = new Set(["form", "map", "me", "pin", "scan"]);

/** @type {App | null} */
let app = null;
/** @type {Screen | null} */
let current = null;
let shown = "";
/** The route asked for last, which may still be on its way. */
let wanted = "";
/** Who was asked to sign in instead of seeing the screen. */
let asStranger = false;
/** Who had the phone when the screen was made. @type {import("./types.js").Person | null} */
let holder = null;
let count = 0;
let turn = 0;
/** @type {Map<string, number>} */
const scrolled = new Map();

/** The route in an address: what stands behind "#", or the form of a place that was opened by its code. */
export function routeOf(/** @type {{hash: string, pathname: string}} */ place) {
  if (place.hash.startsWith("#/")) return place.hash.slice(1);
  const code = /^\/s\/([A-Za-z0-9-]+)\/?$/.exec(place.pathname)?.[1];
  return code ? `/form/${code.toUpperCase()}` : "/";
}

/** @param {string} route @returns {[string, string]} the screen's name, or "" for none, and its argument */
export function partsOf(route) {
  const [, first = "", ...rest] = (route.split("?")[0] ?? "").split("/");
  const name = Object.hasOwn(SCREENS, first) ? SCREENS[first] ?? "" : "";
  return [name, rest.map(decoded).join("/")];
}

/** A part of an address that somebody broke stays as it is. @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Whether the screen that is shown has something open that an update must not interrupt. */
export function busy() {
  return current?.busy?.() ?? false;
}

/** Whether the screen that is asked for is to be made anew once the first places are there. */
export function isOfPlaces() {
  return !isStranger(wanted) && OF_PLACES.has(partsOf(wanted)[0]);
}

/** Change the screen. @param {string} route */
export function go(route) {
  const address = `/phone#${route}`;
  if (location.pathname + location.hash !== address) history.pushState(null, "", address);
  void show(route);
}

/** Show the current screen anew, as after a change of the language. */
export function again() {
  const route = wanted;
  shown = wanted = "";
  return route ? show(route) : Promise.resolve();
}

/** The phone was handed over or locked, here or in another tab: nothing that one typed stays for the next to read. */
export function personChanged() {
  const now = app?.people.current() ?? null;
  const handed = now?.id !== holder?.id || (now?.state === "locked" && holder?.state !== "locked");
  if (asStranger !== isStranger(shown) || (handed && !WITHOUT_PERSON.has(partsOf(shown)[0]))) void again();
}

/** What waits to be sent stands before the title. @param {number} waiting */
export function countInTitle(waiting) {
  count = waiting;
  if (current) entitle(current);
}

/** @param {Screen} screen */
function entitle(screen) {
  document.title = `${count ? `(${count}) ` : ""}${screen.title} · Taluy`;
}

/** @param {string} route */
async function show(route) {
  if (route === wanted && asStranger === isStranger(route)) return;
  wanted = route;
  const mine = ++turn;
  scrolled.set(shown, one("#main").scrollTop);
  await leave();
  if (mine !== turn) return;
  const first = shown === "";
  const screen = await made(route);
  if (mine !== turn) {
    await screen.leave?.();
    return;
  }
  shown = route;
  current = screen;
  place(screen, route, first);
}

async function leave() {
  const left = current;
  current = null;
  try {
    await left?.leave?.();
  } catch (error) {
    console.error(error);
  }
}

/** Whether somebody has to sign in before the screen of `route` is shown. @param {string} route */
function isStranger(route) {
  return !app?.people.current() && !WITHOUT_PERSON.has(partsOf(route)[0]);
}

/** @param {string} route @returns {Promise<Screen>} */
async function made(route) {
  if (!app) throw new Error("startRouter() comes first");
  const [name, argument] = partsOf(route);
  if (!name) return apology(say("app.no_such_screen"), false);
  asStranger = isStranger(route);
  holder = app.people.current();
  try {
    const module = await import(`./screens/${asStranger ? "sign-in" : name}.js`);
    if (!EARLY.has(name) || asStranger) await everyText();
    return await module.show(app, asStranger ? route : argument);
  } catch (error) {
    console.error(error);
    return apology(navigator.onLine ? say("app.screen_broke") : say("app.screen_not_kept"), true);
  }
}

/** A screen in place of one that is not there. @param {string} text @param {boolean} reload @returns {Screen} */
function apology(text, reload) {
  const retry = h("button", { type: "button", class: "btn" }, icon("rotate-cw"), say("app.again"));
  retry.addEventListener("click", () => location.reload());
  const element = h("section", { class: "screen pad sorry" }, h("h1", {}, text), h("p", {}, say("app.nothing_lost")), reload && retry);
  return { element, title: text, tab: "near" };
}

/** @param {Screen} screen @param {string} route @param {boolean} first */
function place(screen, route, first) {
  const main = one("#main");
  main.replaceChildren(screen.element);
  main.scrollTop = scrolled.get(route) ?? 0;
  entitle(screen);
  document.body.dataset["screen"] = partsOf(route)[0];
  for (const part of document.querySelectorAll("[data-frame]")) part.toggleAttribute("hidden", !screen.tab);
  for (const tab of document.querySelectorAll("[data-tab]")) {
    if (tab.getAttribute("data-tab") === screen.tab) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  if (!first) focusOn(main);
}

/** Where reading goes on after a change of the screen: at its heading. @param {HTMLElement} main */
function focusOn(main) {
  const heading = main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  (heading ?? main).focus({ preventScroll: true });
}

/** Links of the app change the screen without leaving the page. @param {MouseEvent} event */
function follow(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const href = link?.getAttribute("href") ?? "";
  const route = href.startsWith("/phone#/") ? href.slice("/phone#".length) : href.startsWith("#/") ? href.slice(1) : "";
  if (!route) return;
  event.preventDefault();
  go(route);
}

/** Show the screen of the address and follow it from now on. @param {App} made */
export function startRouter(made) {
  app = made;
  addEventListener("click", follow);
  addEventListener("popstate", () => void show(routeOf(location)));
  addEventListener("hashchange", () => void show(routeOf(location)));
  return show(routeOf(location));
}
