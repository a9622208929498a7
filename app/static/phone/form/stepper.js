// A number between a large minus and a large plus, with the change since last time and its rate.

import { h, icon } from "../../map/dom.js";
import { holding } from "../../readings/hold.js";
import { change, stepped, typedNumber, written } from "../../readings/numbers.js";
import { number, shortDay } from "../format.js";
import { language, say } from "../texts.js";
import { rangeOf } from "./model.js";
import { readBefore } from "./questions.js";
import { amount, label } from "./words.js";

/** @typedef {import("./part.js").Form} Form @typedef {import("../types").FormItem} Item */

/** As it is typed here: with a comma, unless the words are English. @param {number} value */
const spelt = (value) => (language() === "en" ? written(value) : written(value).replace(".", ","));

/** @param {Item} item @param {import("../../readings/numbers.js").Change} found */
function told(item, { by, rate, shrunk }) {
  const unit = item.unit ?? "";
  if (by === 0) return say("form.same_number");
  if (item.type === "series" && shrunk) return say("form.shrunk", { n: number(-by), unit });
  const values = { n: number(Math.abs(by)), unit, rate: number(rate ?? 0, 1) };
  if (item.type === "series" && by > 0) return rate === null ? say("form.wider", values) : say("form.wider_rate", values);
  return say(by > 0 ? "form.more" : "form.less", values);
}

/**
 * @param {Form} form @param {Item} item @param {string} [gauge]
 * @returns {import("./part.js").Part}
 */
export function stepper(form, item, gauge) {
  const { model } = form;
  const range = rangeOf(item);
  const last = readBefore(model.content.before, item.code, gauge);
  const lastValue = typeof last?.value === "number" ? last.value : NaN;
  const id = `f-${gauge ? `${item.code}.${gauge}` : item.code}`;
  const name = gauge ? `${label(item)} ${gauge}` : label(item);
  const input = h("input", { id, inputmode: "decimal", autocomplete: "off", "aria-label": item.unit ? `${name}, ${item.unit}` : name, placeholder: last ? spelt(lastValue) : "–" });
  const line = h("small", { "aria-live": "polite" });
  const confirm = h("button", { type: "button", class: "btn quiet still" }, icon("equal"), h("span", {}, last ? say("form.still", { value: amount(item, lastValue) }) : ""));
  const put = (/** @type {string} */ text, /** @type {"typing" | undefined} */ how) => {
    model.say(item.code, text.trim() === "" ? null : text, gauge);
    form.changed(how);
  };
  input.addEventListener("input", () => put(input.value, "typing"));
  confirm.addEventListener("click", () => {
    put(spelt(lastValue), undefined);
    input.focus({ preventScroll: true });
  });
  const move = (/** @type {1 | -1} */ by) => {
    const button = h("button", { type: "button", "aria-label": say(by > 0 ? "form.plus" : "form.minus", { name }) }, by > 0 ? icon("plus", "l") : icon("minus", "l"));
    holding(button, () => {
      input.value = spelt(stepped(typedNumber(input.value), lastValue, by, range));
      put(input.value, undefined);
    });
    return button;
  };
  const box = h("div", { class: "step", role: "group", "aria-label": name },
    move(-1), h("span", { class: "mid" }, h("span", { class: "val" }, input, h("span", {}, item.unit ?? "")), line), move(1));
  return {
    element: h("div", { class: "number" }, box, last && confirm),
    refresh() {
      const text = model.typed(item.code, gauge);
      if (document.activeElement !== input || typedNumber(input.value) !== typedNumber(text)) input.value = text;
      box.classList.toggle("carried", Boolean(last) && text === "");
      confirm.hidden = text !== "";
      const hours = last ? (form.now() - Date.parse(last.at)) / 3_600_000 : NaN;
      const found = change(typedNumber(text), lastValue, hours, item.unit ?? "");
      line.textContent = found ? told(item, found) : last ? say("form.last_on", { day: shortDay(last.at) }) : "";
    },
  };
}
