// What was not sent yet, why it waits, and what one can do about it. Below it what the ward has received.

/** @import { App, Row, Screen } from "../types.js" */

import { h, icon } from "../../map/dom.js";
import { exportSheet } from "../queue/export.js";
import { keepingLine, oldWarning } from "../keeping.js";
import { askForPin, unlock } from "../lock.js";
import { daysOld, headline, isUnsent, wait } from "../queue/words.js";
import { dress } from "../sheet.js";
import { say } from "../texts.js";
import { itemPage } from "../queue/item.js";
import { itemRow, placesOf, tell } from "../queue/parts.js";

/** How many rows are drawn before the screen is shown, and how many at a time after that. */
const FIRST = 12;
const PORTION = 60;

/** @param {App} app @param {string} argument the id of one row @returns {Promise<Screen>} */
export async function show(app, argument) {
  await dress();
  return argument ? itemPage(app, argument) : listPage(app);
}

/** @param {App} app @returns {Promise<Screen>} */
async function listPage(app) {
  const page = await drawn(app);
  const live = new AbortController();
  const refresh = once(() => page.fill());
  app.queue.addEventListener("change", refresh, { signal: live.signal });
  for (const part of [app.people, app.packs]) part.addEventListener("change", refresh, { signal: live.signal });
  app.sender.addEventListener("change", () => page.strip.draw(), { signal: live.signal });
  for (const event of ["online", "offline"]) addEventListener(event, () => page.strip.draw(), { signal: live.signal });
  const ticking = window.setInterval(page.strip.tick, 1000);
  await page.fill();
  void askForPin(app);
  return {
    element: page.element, title: say("tab.queue"), tab: "queue",
    leave() {
      live.abort();
      window.clearInterval(ticking);
      page.stop();
    },
  };
}

/** One run at a time; what is asked for meanwhile is one more run. @param {() => Promise<void>} run */
function once(run) {
  let running = false;
  let again = false;
  return async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await run();
    } while (again);
    running = false;
  };
}

/** @param {App} app */
async function drawn(app) {
  const heading = h("h1", {});
  const now = h("button", { type: "button", class: "ib", "aria-label": say("queue.try_now"), title: say("queue.try_now") }, icon("refresh-cw", "l"));
  now.addEventListener("click", () => {
    app.sender.now();
    app.toast(say("queue.trying"));
  });
  const waiting = list(app);
  const done = list(app);
  const fold = h("details", { class: "done-fold" }, h("summary", {}), done.element);
  const above = h("div", {});
  const empty = h("div", { class: "empty stack", hidden: true }, h("p", {}, say("queue.nothing_more")), h("a", { class: "btn", href: "#/" }, say("queue.go_near")));
  const below = h("div", { class: "below stack" });
  const strip = stripOf(app);
  const element = h(
    "section", { class: "queue-page" },
    h("header", { class: "queue-head row" }, heading, now), strip.element, above, empty, waiting.element, fold, below,
  );
  const fill = async () => {
    const [rows, places] = await Promise.all([app.queue.rows(), placesOf(app)]);
    const open = rows.filter(isUnsent);
    heading.textContent = headline(rows).map(tell).join(", ");
    now.hidden = open.length === 0;
    strip.count(open.filter((row) => row.state === "ready" || row.state === "received").length);
    waiting.put(open, places);
    const sent = rows.filter((row) => !isUnsent(row));
    fold.hidden = sent.length === 0;
    fold.firstElementChild?.replaceChildren(say("queue.done_fold", { n: sent.length }));
    done.put(sent, places, fold.open);
    empty.hidden = rows.length > 0;
    above.replaceChildren(...notices(app, open));
    void footer(app, open).then((parts) => below.replaceChildren(...parts)).catch(console.error);
  };
  fold.addEventListener("toggle", () => { if (fold.open) void done.all(); });
  return { element, strip, fill, stop: () => { waiting.stop(); done.stop(); } };
}

/** The strip that says why nothing goes. @param {App} app */
function stripOf(app) {
  let waiting = 0;
  let said = "";
  const why = h("span", { role: "status" });
  const when = h("span", {});
  const act = h("button", { type: "button", class: "btn", hidden: true });
  const element = h("div", { class: "strip", hidden: true });
  const whyNow = () => wait(stateOf(app), waiting, Date.now(), app.people.current()?.state);
  const tick = () => {
    const found = whyNow();
    when.textContent = found?.when ? ` ${tell(found.when)}` : "";
  };
  const draw = () => {
    const found = whyNow();
    const key = found ? found.why.key : "";
    if (key !== said && found) {
      element.className = `strip ${found.look}`;
      element.replaceChildren(icon(found.icon, "l"), h("p", { class: "grow" }, why, when), act);
      why.textContent = tell(found.why);
      act.hidden = found.look !== "ask";
      act.textContent = say(key === "queue.why_sign_in" ? "sign_in.send" : "lock.open");
    }
    said = key;
    element.hidden = !found;
    tick();
  };
  act.addEventListener("click", () => {
    if (said === "queue.why_sign_in") app.go(`/sign-in/${app.people.current()?.id ?? ""}`);
    else void unlock(app).then((open) => open && app.sender.now());
  });
  const count = (/** @type {number} */ n) => {
    waiting = n;
    draw();
  };
  return { element, draw, tick, count };
}

/** What the sender says; without network it may not have come to say anything. @param {App} app @returns {ReturnType<App["sender"]["state"]>} */
function stateOf(app) {
  const state = app.sender.state();
  return navigator.onLine === false && state.doing === "idle" ? { ...state, doing: "waiting", why: "offline" } : state;
}

/** A list that keeps the elements of rows that did not change. @param {App} app */
function list(app) {
  const element = h("ul", { class: "queue-list" });
  /** @type {Map<string, {mark: string, item: HTMLElement}>} */
  const known = new Map();
  /** @type {Row[]} */
  let rest = [];
  /** @type {import("../queue/parts.js").Places} */
  let places = new Map();
  let run = 0;
  const locked = () => app.people.current()?.state === "locked";
  const item = (/** @type {Row} */ row) => {
    const mark = JSON.stringify([places.has(row.place), row.state, row.photos, row.problem, row.receipt?.received_at, locked()]);
    const old = known.get(row.id);
    if (old?.mark === mark) return old.item;
    const fresh = itemRow(app, row, places);
    if (old?.item.isConnected) old.item.replaceWith(fresh);
    known.set(row.id, { mark, item: fresh });
    return fresh;
  };
  const portion = (/** @type {number} */ size) => {
    for (const row of rest.splice(0, size)) element.append(item(row));
  };
  const all = async () => {
    const own = (run += 1);
    while (rest.length) {
      await new Promise((resolve) => setTimeout(resolve));
      if (own !== run) return;
      portion(PORTION);
    }
  };
  const put = (/** @type {Row[]} */ rows, /** @type {typeof places} */ of, go = true) => {
    run += 1;
    places = of;
    const shown = element.childElementCount;
    arrange(element, rows.slice(0, Math.max(go ? FIRST : 0, shown)).map(item));
    rest = rows.slice(Math.max(go ? FIRST : 0, shown));
    const ids = new Set(rows.map((row) => row.id));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    if (go) void all();
  };
  return { element, put, all, stop: () => { run += 1; } };
}

/** Put `items` in order, moving only those that stand elsewhere, so that the focus stays. @param {HTMLElement} element @param {HTMLElement[]} items */
function arrange(element, items) {
  const wanted = new Set(items);
  for (const child of [...element.children]) if (child instanceof HTMLElement && !wanted.has(child)) child.remove();
  items.forEach((item, at) => {
    if (element.children[at] !== item) element.insertBefore(item, element.children[at] ?? null);
  });
}

/** What must be known first. @param {App} app @param {Row[]} open */
function notices(app, open) {
  const days = open.length ? daysOld(open.reduce((oldest, row) => Math.min(oldest, row.saved_at), Infinity), Date.now()) : 0;
  return days ? [oldWarning(days, () => void exportSheet(app, open))] : [];
}

/** What stands below the list; looked up once the list is there. @param {App} app @param {Row[]} open */
async function footer(app, open) {
  const [{ others }, keeping] = await Promise.all([app.queue.unsent(), keepingLine(open.length)]);
  const found = [];
  if (others) found.push(h("p", { class: "others" }, icon("lock"), h("span", {}, say("queue.others", { n: others }), " ", h("small", {}, say("queue.others_more")))));
  if (open.length > 1) {
    const out = h("button", { type: "button", class: "btn quiet" }, icon("file-down"), say("queue.export_all", { n: open.length }));
    out.addEventListener("click", () => void exportSheet(app, open));
    found.push(out);
  }
  return [...found, keeping];
}
