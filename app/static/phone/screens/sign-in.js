// Signing in, the one thing that needs the network. What was typed stays, the password never does.

/** @import { App, Person, Screen } from "../types.js" */

import { h, icon } from "../../map/dom.js";
import { NoCrypto, NoStore, Offline, Refused } from "../errors.js";
import { choosePin } from "../lock.js";
import { dress } from "../sheet.js";
import { say } from "../texts.js";

/** Where the name and the phone's name survive a page that was killed while its owner fetched a code. */
const TYPED = "taluy-sign-in";

/**
 * @param {App} app
 * @param {string} argument the id of somebody known here, or the route that nobody may see yet
 * @returns {Promise<Screen>}
 */
export async function show(app, argument) {
  const [all] = await Promise.all([app.people.all(), dress()]);
  const known = whose(app, all, argument);
  const fields = inputs(known);
  const form = h("form", { class: "stack", novalidate: true, "aria-labelledby": "sign-in-title" });
  const said = h("p", { class: "state no", role: "alert", hidden: true });
  const send = h("button", { type: "submit", class: "btn pri big" }, say("sign_in.send"));
  form.append(fields.name.element, fields.password.element, fields.code.element, fields.device.element, said, send);
  const wait = waiting(send, said);
  form.addEventListener("input", () => remember(fields));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void signIn(app, { fields, said, send, wait, known, next: argument.startsWith("/") ? argument : "/" });
  });
  const element = h(
    "section", { class: "p-page sign-in stack" },
    h("h1", { id: "sign-in-title" }, known ? say("sign_in.again") : say("sign_in.title")),
    h("p", { class: "mut" }, known ? say("sign_in.all_here") : say("sign_in.once")),
    form, others(app, all, known), more(),
  );
  return { element, title: say("sign_in.title"), tab: "me", leave: wait.stop, busy: () => fields.password.input.value !== "" };
}

/** Whom the screen asks for: who was named, else whoever must sign in again. @param {App} app @param {Person[]} all @param {string} argument */
function whose(app, all, argument) {
  const now = app.people.current();
  if (!argument && now?.state === "expired") return now;
  return all.find((person) => String(person.id) === argument) ?? null;
}

/** @typedef {ReturnType<typeof inputs>} Fields */

/** @param {Person | null} known */
function inputs(known) {
  const typed = remembered();
  const name = field("name", say("sign_in.name"), { autocomplete: "username", maxlength: "80", autocapitalize: "none", spellcheck: "false", required: true });
  const password = field("password", say("sign_in.password"), { type: "password", autocomplete: "current-password", maxlength: "128", required: true });
  const code = field("code", say("sign_in.code"), { inputmode: "numeric", autocomplete: "one-time-code", maxlength: "20", required: true }, say("sign_in.code_hint"));
  const device = field("device", say("sign_in.device"), { maxlength: "80", autocomplete: "off" }, say("sign_in.device_hint"));
  name.input.value = known?.name ?? typed.name;
  device.input.value = typed.device || say("sign_in.device_default");
  code.element.hidden = true;
  name.input.readOnly = known !== null;
  password.input.after(eye(password.input));
  return { name, password, code, device };
}

/** @param {string} name @param {string} label @param {Record<string, string | boolean>} [more] @param {string} [hint] */
function field(name, label, more = {}, hint = "") {
  const id = `in-${name}`;
  const input = h("input", { type: "text", ...more, id, name, "aria-describedby": hint ? `${id}-hint` : null });
  const element = h("div", { class: "p-field" }, h("label", { for: id }, label), h("div", { class: "p-input" }, input), hint && h("small", { id: `${id}-hint` }, hint));
  return { input, element };
}

/** @param {HTMLInputElement} password */
function eye(password) {
  const name = h("span", { class: "vh" }, say("sign_in.show"));
  const button = h("button", { type: "button", class: "ib", "aria-pressed": "false" }, icon("eye"), name);
  button.addEventListener("click", () => {
    const shown = password.type === "text";
    password.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    button.replaceChildren(icon(shown ? "eye" : "eye-off"), name);
  });
  return button;
}

/** @returns {{name: string, device: string}} */
function remembered() {
  try {
    return { name: "", device: "", ...JSON.parse(sessionStorage.getItem(TYPED) ?? "{}") };
  } catch {
    return { name: "", device: "" };
  }
}

/** @param {Fields} fields */
function remember(fields) {
  sessionStorage.setItem(TYPED, JSON.stringify({ name: fields.name.input.value, device: fields.device.input.value }));
}

/** @typedef {{fields: Fields, said: HTMLElement, send: HTMLButtonElement, wait: ReturnType<typeof waiting>, known: Person | null, next: string}} Page */

/** Ask the server; say in words what came of it. @param {App} app @param {Page} page */
async function signIn(app, page) {
  const { fields, said, send, wait } = page;
  if (wait.lasts() || send.getAttribute("aria-busy")) return;
  const empty = [fields.name, fields.password, fields.code].find(({ input, element }) => !element.hidden && !input.value.trim());
  if (empty) return complain(said, say("sign_in.empty"), empty.input);
  const given = {
    name: fields.name.input.value.trim(), password: fields.password.input.value,
    device: fields.device.input.value.trim() || say("sign_in.device_default"),
    ...(fields.code.element.hidden ? {} : { code: fields.code.input.value.replace(/\s/g, "") }),
  };
  busy(send, true);
  said.hidden = true;
  try {
    await app.people.signIn(given);
    sessionStorage.removeItem(TYPED);
    if (await app.people.pinNeeded()) await choosePin(app, { required: true });
    app.go(page.next);
  } catch (problem) {
    refused(problem, page);
  } finally {
    busy(send, false);
  }
}

/** @param {HTMLButtonElement} send @param {boolean} on */
function busy(send, on) {
  if (on) send.setAttribute("aria-busy", "true");
  else send.removeAttribute("aria-busy");
  send.textContent = say(on ? "sign_in.sending" : "sign_in.send");
}

/** @param {unknown} problem @param {Page} page */
function refused(problem, { fields, said, wait, known }) {
  if (problem instanceof Offline && problem.retry_after) return wait.begin(problem.retry_after);
  if (!(problem instanceof Refused)) return complain(said, unanswered(problem, known), null);
  const body = problem.problem;
  if (body.code === "code-needed") {
    fields.code.element.hidden = false;
    return complain(said, say("sign_in.code_needed"), fields.code.input);
  }
  if (body.code === "wrong-code") return complain(said, body.detail ?? "", fields.code.input);
  const sentence = body.errors?.map((error) => error.detail).join(" ") || body.detail || body.title;
  complain(said, sentence ?? say("sign_in.failed"), body.code === "wrong-sign-in" ? fields.password.input : null);
}

/** What stood in the way where the server said nothing. @param {unknown} problem @param {Person | null} known */
function unanswered(problem, known) {
  if (problem instanceof Offline && problem.why === "silent") return say("sign_in.silent");
  if (problem instanceof Offline || navigator.onLine === false) return say(known ? "sign_in.offline_again" : "sign_in.offline");
  if (problem instanceof NoCrypto) return say("sign_in.no_crypto");
  if (problem instanceof NoStore) return say("sign_in.no_store");
  console.error(problem);
  return say("sign_in.failed");
}

/** @param {HTMLElement} said @param {string} sentence @param {HTMLInputElement | null} field */
function complain(said, sentence, field) {
  said.textContent = sentence;
  said.hidden = false;
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
  field.focus();
  field.select();
}

/**
 * The pause after too many tries, told by the second; the button rests meanwhile.
 * @param {HTMLButtonElement} send @param {HTMLElement} said
 */
function waiting(send, said) {
  let until = 0;
  let timer = 0;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    send.disabled = left > 0;
    send.textContent = left > 0 ? say("sign_in.wait", { n: left }) : say("sign_in.send");
    if (left <= 0) stop();
  };
  const stop = () => window.clearInterval(timer);
  const begin = (/** @type {number} */ seconds) => {
    until = Date.now() + seconds * 1000;
    complain(said, say("sign_in.too_many"), null);
    stop();
    timer = window.setInterval(tick, 500);
  };
  return { begin, stop, lasts: () => Date.now() < until };
}

/** Others of this phone: who is still signed in goes on without network. @param {App} app @param {Person[]} all @param {Person | null} known */
function others(app, all, known) {
  const rows = all.filter((person) => person.id !== known?.id && person.id !== app.people.current()?.id).map((person) => {
    const out = person.state === "signed-out";
    const unsent = person.unsent > 0 && h("small", {}, say("me.unsent", { n: person.unsent }));
    const label = h("span", {}, say(out ? "sign_in.as" : "sign_in.on_as", { name: person.name }), unsent);
    const button = h("button", { type: "button", class: "btn quiet" }, icon(out ? "user" : "arrow-right-left"), label);
    button.addEventListener("click", () => (out ? app.go(`/sign-in/${person.id}`) : void goOn(app, person)));
    return h("li", {}, button);
  });
  return rows.length > 0 && h("section", { class: "part stack" }, h("h2", {}, say("sign_in.others")), h("ul", { class: "persons stack" }, ...rows));
}

/** @param {App} app @param {Person} person */
async function goOn(app, person) {
  await app.people.switchTo(person.id);
  app.go("/");
}

/** An invitation, and the pages for everybody. */
function more() {
  return h("div", { class: "more mut" }, h("p", {}, say("sign_in.invited"), " ", h("a", { href: "/" }, say("sign_in.pages"))));
}
