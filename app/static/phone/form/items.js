// The checklist: every item of the kind with what belongs to it, folded away until somebody wants it.

import { h, icon } from "../../map/dom.js";
import { shortDay } from "../format.js";
import { say } from "../texts.js";
import { gaugesBefore, readBefore } from "./questions.js";
import { stepper } from "./stepper.js";
import { amount, label } from "./words.js";

/** @typedef {import("./part.js").Form} Form @typedef {import("./part.js").Part} Part @typedef {import("../types").FormItem} Item */

const GAUGES = ["V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9"];

/** What last time left of a question that is not filled in beforehand. @param {Form} form @param {Item} item */
function before(form, item) {
  const last = readBefore(form.model.content.before, item.code);
  return last && last.value !== "unknown" ? say("form.last_time", { value: amount(item, last.value), day: shortDay(last.at) }) : "";
}

/** A question with choices. @param {Form} form @param {Item} item @returns {Part} */
function choice(form, item) {
  const { model } = form;
  const small = h("small", {});
  const options = item.choices.map((each) => {
    const input = h("input", { type: "radio", name: item.code, value: each.code });
    let pressed = false;
    const take = (/** @type {string | null} */ value) => {
      model.say(item.code, value);
      form.changed();
    };
    const element = h("label", { class: "opt" }, input, h("span", {}, icon("check", "s"), label(each)));
    // A second tap takes an answer back; the first tap on what last time left makes it this visit's.
    element.addEventListener("pointerdown", () => { pressed = model.answer(item.code) === each.code && !model.isCarried(item.code); });
    input.addEventListener("click", () => {
      take(pressed ? null : each.code);
      pressed = false;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") take(null);
    });
    return { code: each.code, input, element };
  });
  const element = h("fieldset", { class: "item", id: `f-${item.code}`, "data-code": item.code, "data-unit": item.unit },
    h("legend", {}, h("span", {}, label(item)), small), h("div", { class: "opts" }, ...options.map((each) => each.element)));
  const hint = item.asks_note ? h("p", { class: "sm mut" }, say("form.say_in_note")) : null;
  if (hint) element.append(hint);
  const was = before(form, item);
  return {
    element,
    refresh() {
      const answer = model.answer(item.code);
      const carried = model.isCarried(item.code);
      element.classList.toggle("carried", carried);
      for (const option of options) option.input.checked = option.code === answer;
      small.textContent = carried ? say("form.as_last_time") : was;
      if (hint) hint.hidden = answer !== "yes";
    },
  };
}

/** A number. @param {Form} form @param {Item} item @returns {Part} */
function figure(form, item) {
  const part = stepper(form, item);
  const hidden = item.see === "private" && h("p", { class: "sm mut" }, say("form.private"));
  return { ...part, element: h("div", { class: "item", "data-code": item.code, "data-unit": item.unit }, h("p", { class: "lab" }, h("span", {}, label(item))), part.element, hidden) };
}

/** One number for each gauge: those read before, and the next ones on request. @param {Form} form @param {Item} item @returns {Part} */
function series(form, item) {
  const { model } = form;
  const said = model.content.said[item.code];
  const known = [...new Set([...gaugesBefore(model.content.before, item.code), ...Object.keys(said && typeof said === "object" ? said : {})])].sort();
  const rows = h("div", {});
  /** @type {Part[]} */
  const parts = [];
  const add = (/** @type {string} */ gauge) => {
    const part = stepper(form, item, gauge);
    parts.push(part);
    rows.append(h("div", { class: "gauge-row" }, h("b", {}, gauge), part.element));
    part.refresh();
    return part;
  };
  const more = h("button", { type: "button", class: "btn quiet" }, icon("plus"), say("form.more_gauges"));
  const left = () => GAUGES.filter((gauge) => !known.includes(gauge));
  more.addEventListener("click", () => {
    const next = left()[0];
    if (!next) return;
    known.push(next);
    add(next).element.querySelector("input")?.focus();
    more.hidden = !left().length;
  });
  for (const gauge of known.length ? known : known.concat(GAUGES[0] ?? "V1")) add(gauge);
  if (!known.length) known.push("V1");
  return {
    element: h("div", { class: "item", role: "group", "aria-label": label(item), "data-code": item.code, "data-unit": item.unit },
      h("p", { class: "lab" }, h("span", {}, label(item)), h("small", {}, say("form.tape"))), rows, more),
    refresh: () => parts.forEach((part) => part.refresh()),
  };
}

/** @param {Form} form @param {Item} item @returns {Part} */
export function question(form, item) {
  if (item.choices.length) return choice(form, item);
  return item.type === "series" ? series(form, item) : figure(form, item);
}

/** The number that was read last time and stands before everything else: what this place is measured by. @param {Form} form @returns {Item | null} */
export function mainNumber(form) {
  const { questions, content } = form.model;
  const found = questions.items.find((item) => item.type === "series" || item.type === "number");
  if (!found) return null;
  return gaugesBefore(content.before, found.code).length || readBefore(content.before, found.code) ? found : null;
}

/**
 * The folded list. @param {Form} form @param {Item | null} elsewhere an item that stands outside of it
 * @returns {Part}
 */
export function items(form, elsewhere) {
  const { model } = form;
  const asked = model.questions.items.flatMap((item) => [item, ...item.companions].map((each) => ({ item: each, with: each !== item })));
  const list = asked.filter((each) => each.item !== elsewhere).map((each) => ({ ...each, ...question(form, each.item) }));
  const count = h("small", {});
  const summary = h("summary", { class: "lab fold" }, h("span", {}, say("form.checklist", { n: model.questions.items.length })), count, icon("chevron-down"));
  for (const part of list) if (part.with) part.element.classList.add("companion");
  const details = h("details", { class: "block folded", open: model.content.looked }, summary,
    elsewhere && h("p", { class: "sm mut" }, say("form.elsewhere", { name: label(elsewhere) })), ...list.map((part) => part.element));
  details.addEventListener("toggle", () => {
    if (!details.open || model.content.looked) return;
    model.content.looked = true;
    form.changed();
  });
  return {
    element: details,
    refresh() {
      const shown = model.shown();
      for (const part of list) {
        part.element.hidden = !shown.has(part.item.code);
        part.refresh();
      }
      count.textContent = say("form.answered", { n: model.answered(), all: model.asked() });
    },
  };
}
