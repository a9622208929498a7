// The note in one's own words, and when it was seen.

import { h } from "../../map/dom.js";
import { clock, when } from "../format.js";
import { say } from "../texts.js";

/** @typedef {import("./part.js").Form} Form */

const VIETNAM_MS = 25_200_000;

/** @param {Form} form @returns {import("./part.js").Part & {focus: () => void}} */
export function note(form) {
  const area = h("textarea", { id: "f-note", rows: "3", maxlength: "4000", "aria-describedby": "note-hint" });
  area.value = form.model.content.note;
  area.addEventListener("input", () => {
    form.model.content.note = area.value;
    form.changed("typing");
  });
  return {
    element: h("div", { class: "block" }, h("label", { class: "lab", for: "f-note" }, h("span", {}, say("form.note"))), area, h("p", { class: "sm mut", id: "note-hint" }, say("form.note_hint"))),
    refresh() {},
    focus() {
      area.scrollIntoView({ block: "center" });
      area.focus({ preventScroll: true });
    },
  };
}

/** When it was seen, by the phone's clock; can be set right. @param {Form} form @returns {import("./part.js").Part} */
export function seenAt(form) {
  const input = h("input", { type: "datetime-local", id: "f-seen_at" });
  const line = h("small", {});
  input.addEventListener("change", () => {
    const at = Date.parse(`${input.value}:00Z`) - VIETNAM_MS;
    if (Number.isFinite(at)) form.model.content.seen_at = at;
    form.changed();
  });
  return {
    element: h("div", { class: "block seen" }, h("label", { class: "lab", for: "f-seen_at" }, h("span", {}, say("form.seen_at")), line), input, h("p", { class: "sm mut" }, say("form.seen_hint"))),
    refresh() {
      const { seen_at } = form.model.content;
      const text = new Date((seen_at ?? form.now()) + VIETNAM_MS).toISOString().slice(0, 16);
      if (document.activeElement !== input && input.value !== text) input.value = text;
      line.textContent = seen_at ? when(seen_at, form.now()) : clock(form.now());
    },
  };
}
