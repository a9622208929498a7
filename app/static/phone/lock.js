// The PIN: opening what is locked, and choosing one. Saving never asks for it.

/** @import { App } from "./types.js" */

import { h, icon } from "../map/dom.js";
import { Slow } from "./errors.js";
import { closeSheet, sheet } from "./sheet.js";
import { say } from "./texts.js";

const DIGITS = /^\d{4,8}$/;

/** @param {string} id @param {string} label @param {string} [hint] */
function pinField(id, label, hint = "") {
  const input = h("input", {
    id, type: "password", inputmode: "numeric", pattern: "[0-9]*", maxlength: "8", autocomplete: "off", class: "pin-input",
    "aria-describedby": hint ? `${id}-hint` : null, required: true,
  });
  return { input, element: h("div", { class: "p-field" }, h("label", { for: id }, label), input, hint && h("small", { id: `${id}-hint` }, hint)) };
}

/** @param {HTMLElement} said @param {string} sentence @param {HTMLInputElement} field */
function complain(said, sentence, field) {
  said.textContent = sentence;
  said.hidden = false;
  field.value = "";
  field.setAttribute("aria-invalid", "true");
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
  field.focus();
}

/**
 * Asks for the PIN of whoever has the phone. True once it is open.
 * @param {App} app @returns {Promise<boolean>}
 */
export async function unlock(app) {
  const person = app.people.current();
  if (!person) return false;
  if (person.state === "open") return true;
  if (!person.hasPin) {
    app.go(`/sign-in/${person.id}`);
    return false;
  }
  const pin = pinField("pin", say("lock.pin"));
  const said = h("p", { class: "state no", role: "alert", hidden: true });
  const send = h("button", { type: "submit", class: "btn pri big" }, icon("lock-open"), say("lock.open"));
  const forgot = h("a", { class: "btn quiet", href: `#/sign-in/${person.id}` }, say("lock.forgot"));
  const form = h("form", { class: "stack", novalidate: true }, h("p", {}, say("lock.of", { name: person.name })), pin.element, said, send, forgot, h("p", { class: "mut" }, say("lock.forgot_more")));
  forgot.addEventListener("click", () => closeSheet(form, ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    try {
      if (await app.people.unlock(pin.input.value)) closeSheet(form, "open");
      else complain(said, say("lock.wrong"), pin.input);
    } catch (problem) {
      await slowed(problem, said, pin.input, send);
    }
    send.disabled = false;
  });
  return (await sheet(say("lock.title"), form)) === "open";
}

/**
 * The wait after wrong PINs, counted down in the sentence.
 * @param {unknown} problem @param {HTMLElement} said @param {HTMLInputElement} field @param {HTMLButtonElement} send
 */
async function slowed(problem, said, field, send) {
  if (!(problem instanceof Slow)) throw problem;
  const seconds = Math.ceil(problem.wait_s);
  complain(said, say("lock.slow", { n: seconds }), field);
  const label = [...send.childNodes];
  for (let left = seconds; left > 0 && send.isConnected; left -= 1) {
    send.textContent = say("lock.wait", { n: left });
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  send.replaceChildren(...label);
}

/** Where somebody's words are shown on a phone that two share: no further without a PIN. @param {App} app */
export async function askForPin(app) {
  const wanted = app.people.current()?.state === "open" && !document.querySelector("dialog") && (await app.people.pinNeeded());
  if (wanted) await choosePin(app, { required: true });
}

/**
 * Choose a PIN, typed twice. True once it is set. Where it is required, the other way out is to sign out.
 * @param {App} app @param {{required?: boolean}} [how]
 * @returns {Promise<boolean>}
 */
export async function choosePin(app, { required = false } = {}) {
  const first = pinField("pin-new", say("lock.new"), say("lock.digits"));
  const second = pinField("pin-again", say("lock.again"));
  const said = h("p", { class: "state no", role: "alert", hidden: true });
  const send = h("button", { type: "submit", class: "btn pri big" }, icon("lock"), say("lock.set"));
  const leave = h("button", { type: "button", class: "btn quiet" }, say("lock.rather_sign_out"));
  const form = h("form", { class: "stack", novalidate: true }, h("p", {}, say(required ? "lock.why_required" : "lock.why")), first.element, second.element, said, send, required && leave, h("p", { class: "mut" }, say("lock.never_wiped")));
  leave.addEventListener("click", async () => {
    await app.people.signOut();
    closeSheet(form, "out");
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    if (!DIGITS.test(first.input.value)) return complain(said, say("lock.bad"), first.input);
    if (first.input.value !== second.input.value) return complain(said, say("lock.differ"), second.input);
    send.disabled = true;
    await app.people.setPin(first.input.value);
    closeSheet(form, "set");
  });
  return (await sheet(say("lock.choose"), form, { required })) === "set";
}
