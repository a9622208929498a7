// A sheet over the screen: a dialog that keeps the focus inside and gives it back.

import { h, icon } from "../map/dom.js";
import { config, loadStyle } from "./shell.js";
import { say } from "./texts.js";

const STYLE = "taluy/phone/queue.css";

/** The looks of these screens and sheets; without them everything is still there to read and to press. */
export async function dress() {
  if (config().styles[STYLE]) await loadStyle(STYLE).catch(console.error);
}

/**
 * Opens it; resolves with what it was closed with ("" when it was closed without an answer).
 * @param {string} title @param {HTMLElement} body
 * @param {{required?: boolean}} [how] required: it cannot be closed without an answer
 * @returns {Promise<string>}
 */
export async function sheet(title, body, { required = false } = {}) {
  const close = h("button", { type: "button", class: "ib", "aria-label": say("export.close") }, icon("x"));
  const heading = h("h2", { id: "sheet-title", tabindex: "-1" }, title);
  const dialog = h("dialog", { class: "sheet", closedby: required ? "none" : null, "aria-labelledby": "sheet-title" }, h("header", { class: "row" }, heading, !required && close), body);
  const before = document.activeElement;
  await dress();
  return new Promise((resolve) => {
    close.addEventListener("click", () => dialog.close(""));
    dialog.addEventListener("cancel", (event) => { if (required) event.preventDefault(); });
    dialog.addEventListener("keydown", (event) => { if (required && event.key === "Escape") event.preventDefault(); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog && !required) dialog.close(""); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("input") ?? heading).focus();
  });
}

/** Close the sheet that holds `inside`. @param {Element} inside @param {string} answer */
export function closeSheet(inside, answer) {
  inside.closest("dialog")?.close(answer);
}
