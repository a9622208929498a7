// The one question that every visit answers: how is it, compared with last time.

import { h, icon } from "../../map/dom.js";
import { shortDay } from "../format.js";
import { say } from "../texts.js";
import { conditionWord, lastLine, lower } from "./words.js";

/** @typedef {import("./part.js").Form} Form @typedef {import("../types").Condition} Condition */

/** Code, look and icon, in the order of the thumb. @type {() => [Condition, string, SVGSVGElement][]} */
const CONDITIONS = () => [
  ["no_change", "same", icon("check", "l")],
  ["worse", "worse", icon("chevrons-down", "l")],
  ["danger", "danger", icon("octagon-alert", "l")],
  ["not_seen", "unseen", icon("eye-off", "l")],
];

/** @param {Form} form */
function before(form) {
  const { place, content, questions } = form.model;
  if (content.before) return lastLine(content.before, questions);
  if (!place.last_inspected_at) return say("form.first_visit");
  return `${shortDay(place.last_inspected_at)}, ${lower(conditionWord(place.condition))}`;
}

/** @param {Form} form @returns {import("./part.js").Part} */
export function picks(form) {
  const inputs = CONDITIONS().map(([value, look, sign]) => {
    const input = h("input", { type: "radio", name: "condition", value });
    input.addEventListener("change", () => {
      form.model.content.condition = value;
      form.changed();
    });
    return { value, input, element: h("label", { class: `pick ${look}` }, input, sign, h("span", {}, conditionWord(value))) };
  });
  const call = h("p", { class: "note call-now", role: "alert" });
  const element = h("div", {},
    h("fieldset", { class: "block", id: "f-condition" },
      h("legend", { class: "lab" }, h("span", {}, say("form.compared")), h("small", {}, before(form))),
      h("div", { class: "picks" }, ...inputs.map((each) => each.element)),
    ), call);
  return {
    element,
    refresh() {
      const { condition } = form.model.content;
      for (const { value, input } of inputs) input.checked = value === condition;
      const danger = condition === "danger" || form.suggested() === "danger";
      if (danger === !call.hidden && call.childElementCount) return;
      call.hidden = !danger;
      call.replaceChildren(...(danger ? [icon("siren", "l"), h("b", {}, ...callLinks())] : []));
    },
  };
}

/** "Gọi ngay 112 hoặc 114, đừng chờ gửi.", with numbers that dial. */
function callLinks() {
  return say("form.call").split(/(112|114)/).map((part) => (/^11[24]$/.test(part) ? h("a", { href: `tel:${part}` }, part) : part));
}
