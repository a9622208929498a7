// Who has this phone, its PIN and lock, others on it, and what the app is.

/** @import { App, Person, Screen } from "../types.js" */

import { h, icon } from "../../map/dom.js";
import { keepingLine } from "../keeping.js";
import { askForPin, choosePin, unlock } from "../lock.js";
import { dress } from "../sheet.js";
import { day, say } from "../texts.js";
import { installPart, languagePart, themePart } from "../me/parts.js";
import { leaveSheet, otherSheet } from "../me/people.js";

const ROLES = { officer: "me.role_officer", board: "me.role_board", administrator: "me.role_administrator", viewer: "me.role_viewer" };
const STATES = { open: "me.is_open", locked: "me.is_locked", "signed-out": "me.is_signed_out", expired: "me.is_expired" };

/** @param {App} app @param {string} argument "install" leads to that part @returns {Promise<Screen>} */
export async function show(app, argument) {
  await dress();
  const element = h("section", { class: "p-page me stack" });
  const draw = async () => {
    const now = app.people.current();
    const [all, pack, needed, unsent] = await Promise.all([app.people.all(), app.packs.read(), app.people.pinNeeded(), app.queue.unsent()]);
    const focused = document.activeElement?.id ?? "";
    element.replaceChildren(
      ...(now ? [who(now, pack?.units.map((unit) => unit.name) ?? []), pinPart(app, now, needed)] : [h("h1", {}, say("me.nobody"))]),
      people(app, all, now),
      languagePart(), themePart(), installPart(),
      part("keep.title", await keepingLine(unsent.mine)), about(), ...(now ? [leaving(app, now)] : []),
    );
    if (focused) document.getElementById(focused)?.focus();
  };
  const quietly = () => void draw().catch(console.error);
  app.people.addEventListener("change", quietly);
  await draw();
  void askForPin(app);
  if (argument === "install") setTimeout(() => document.getElementById("install")?.scrollIntoView());
  return { element, title: say("me.title"), tab: "me", leave: () => app.people.removeEventListener("change", quietly) };
}

/** @param {string} title @param {...(Node | false | null)} children */
const part = (title, ...children) => h("section", { class: "part stack" }, h("h2", {}, say(title)), ...children);

/** @param {string} id @param {string} look @param {Node} sign @param {string} text @param {() => unknown} act */
function button(id, look, sign, text, act) {
  const made = h("button", { type: "button", id, class: `btn ${look}` }, sign, text);
  made.addEventListener("click", () => void Promise.resolve(act()).catch(console.error));
  return made;
}

/** @param {Person} now @param {string[]} units */
function who(now, units) {
  const role = Object.entries(ROLES).find(([name]) => name === now.role)?.[1];
  return h(
    "header", { class: "who stack" },
    h("h1", {}, now.name),
    h("p", { class: "mut" }, [role ? say(role) : now.role, ...units].join(" · ")),
    now.state === "expired" ? h("p", { class: "state no" }, say("me.expired")) : now.expires_at && h("p", {}, say("me.until", { day: day(now.expires_at) })),
    now.state === "expired" && h("a", { class: "btn pri big", href: `#/sign-in/${now.id}` }, say("sign_in.again")),
    now.unsent > 0 && h("p", {}, h("a", { href: "#/queue" }, say("me.unsent", { n: now.unsent }))),
  );
}

/** @param {App} app @param {Person} now @param {boolean} needed */
function pinPart(app, now, needed) {
  if (now.state === "locked") {
    return part("me.lock", h("p", {}, say(now.hasPin ? "me.pin_has" : "me.aside")), button("me-unlock", "pri big", icon("lock-open"), say("me.unlock"), () => unlock(app)));
  }
  const set = async () => { if (await choosePin(app, { required: needed })) app.toast(say("me.pin_was_set")); };
  if (!now.hasPin) {
    const says = h("p", { class: needed ? "state no" : null }, say(needed ? "me.pin_needed" : "me.pin_none"));
    return part("me.lock", says, button("me-pin", needed ? "pri" : "", icon("lock"), say("me.pin_set"), set));
  }
  const remove = async () => {
    await app.people.removePin();
    app.toast(say("me.pin_removed"));
    if (await app.people.pinNeeded()) await choosePin(app, { required: true });
  };
  return part(
    "me.lock", h("p", {}, say("me.pin_has")),
    button("me-lock", "pri", icon("lock"), say("me.lock_now"), () => app.people.lock()),
    h("div", { class: "acts" }, button("me-pin", "quiet", icon("key-round"), say("me.pin_change"), set), button("me-pin-off", "quiet", icon("lock-open"), say("me.pin_remove"), remove)),
  );
}

/** @param {App} app @param {Person[]} all @param {Person | null} now */
function people(app, all, now) {
  const rows = all.map((person) => {
    const here = person.id === now?.id;
    const details = [say(here ? "me.here" : STATES[person.state]), person.unsent > 0 && say("me.unsent", { n: person.unsent })].filter(Boolean).join(", ");
    const label = h("span", { class: "grow" }, h("b", {}, person.name), h("small", {}, details));
    if (here) return h("li", { class: "person row" }, icon("user-check"), label);
    const go = person.state === "signed-out"
      ? h("a", { class: "btn quiet", href: `#/sign-in/${person.id}` }, icon("user"), say("sign_in.as", { name: person.name }))
      : button(`me-to-${person.id}`, "quiet", icon("arrow-right-left"), say("me.switch"), () => switchTo(app, person));
    if (person.state !== "signed-out") go.append(h("span", { class: "vh" }, ` ${person.name}`));
    return h("li", { class: "person row wrap" }, icon("user"), label, go);
  });
  return part(
    "me.people", all.length > 0 && h("ul", { class: "persons" }, ...rows),
    button("me-another", "quiet", icon("user-plus"), say("me.another"), () => another(app, now)),
  );
}

/** Before somebody else has the phone, whoever is open needs a PIN or leaves. @param {App} app @param {Person | null} now */
async function closed(app, now) {
  return !now || now.hasPin || otherSheet(app, now);
}

/** @param {App} app @param {Person | null} now */
async function another(app, now) {
  if (await closed(app, now)) app.go("/sign-in/new");
}

/** @param {App} app @param {Person} person */
async function switchTo(app, person) {
  if (!(await closed(app, app.people.current()))) return;
  const there = await app.people.switchTo(person.id);
  if (there.state === "locked" && there.hasPin) await unlock(app);
}

function about() {
  return part(
    "me.more",
    h(
      "ul", { class: "links" },
      h("li", {}, h("a", { class: "ln", href: "/phone/hand-in" }, icon("file-up"), say("me.hand_in"))),
      h("li", {}, h("a", { class: "ln", href: "/" }, icon("house"), say("sign_in.pages"))),
    ),
    h("p", { class: "mut" }, say("me.version", { version: document.body.dataset["version"] ?? "" })),
  );
}

/** @param {App} app @param {Person} now */
function leaving(app, now) {
  return h("section", { class: "part" }, button("me-out", "stop", icon("log-out"), say("me.sign_out"), () => leaveSheet(app, now)));
}
