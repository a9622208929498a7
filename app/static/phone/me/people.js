// The two questions before somebody leaves the phone: what stays, and who may read it.

/** @import { App, Person } from "../types.js" */

import { h, icon } from "../../map/dom.js";
import { choosePin } from "../lock.js";
import { closeSheet, sheet } from "../sheet.js";
import { say } from "../texts.js";

/** @param {HTMLElement} body @param {string} look @param {Node} sign @param {string} text @param {string} answer */
function choice(body, look, sign, text, answer) {
  const button = h("button", { type: "button", class: `btn ${look}` }, sign, text);
  button.addEventListener("click", () => closeSheet(body, answer));
  body.append(button);
}

/** Sign out, saying what stays. @param {App} app @param {Person} now */
export async function leaveSheet(app, now) {
  const { mine } = await app.queue.unsent();
  const body = h("div", { class: "stack" }, h("p", {}, mine ? say("me.sign_out_stays", { n: mine }) : say("me.sign_out_none")));
  choice(body, "stop big", icon("log-out"), say("me.sign_out"), "out");
  choice(body, "quiet", icon("undo-2"), say("me.stay"), "");
  if ((await sheet(say("me.sign_out_really", { name: now.name }), body)) !== "out") return;
  await app.people.signOut();
  app.go(`/sign-in/${now.id}`);
}

/** Somebody without a PIN hands the phone over: true once nobody else can read theirs. @param {App} app @param {Person} now */
export async function otherSheet(app, now) {
  const body = h("div", { class: "stack" }, h("p", {}, say("me.another_pin", { name: now.name })));
  choice(body, "pri big", icon("lock"), say("me.pin_set"), "pin");
  choice(body, "stop", icon("log-out"), say("me.sign_out"), "out");
  const answer = await sheet(say("me.another"), body);
  if (answer === "pin") return choosePin(app);
  if (answer === "out") await app.people.signOut();
  return answer === "out";
}
