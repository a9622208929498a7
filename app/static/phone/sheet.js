// A sheet over the screen: a dialog that keeps the focus inside and gives it back.

import { h, icon } from "../map/dom.js";
import { say } from "./texts.js";

/**
 * Opens it; resolves with what it was closed with ("" when it was closed without an answer).
 * @param {string} title @param {HTMLElement} body
 * @param {{required?: boolean}} [how] required: it cannot be closed without an answer
 * @returns {Promise<string>}
 */
export function sheet(title, body, { required = false } = {}) {
  const close = h("button", { type: "button", class: "ib", "aria-label": say("export.close") }, icon("x"));
  const heading = h("h2", { id: "sheet-title", tabindex: "-1" }, title);
  const dialog = h("dialog", { class: "sheet", "aria-labelledby": "sheet-title" }, h("header", { class: "row" }, heading, !required && close), body);
  const before = document.activeElement;
  return new Promise((resolve) => {
    close.addEventListener("click", () => dialog.close(""));
    dialog.addEventListener("cancel", (event) => { if (required) event.preventDefault(); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog && !required) dialog.close(""); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
    if (!dialog.querySelector("input")) heading.focus();
  });
}

/** Close the sheet that holds `inside`. @param {Element} inside @param {string} answer */
export function closeSheet(inside, answer) {
  inside.closest("dialog")?.close(answer);
}
