// What the rules suggest, with their reasons; the person decides.

import { h } from "../../map/dom.js";
import { say } from "../texts.js";
import { lighter } from "./model.js";
import { suggest } from "./rules.js";
import { amount, conditionWord, label } from "./words.js";

/** @typedef {import("./part.js").Form} Form */

/** @type {Record<string, string>} */
const MARK = { official: "mark.official", practice: "mark.practice", proposed: "mark.proposed" };

/** @param {Form} form @returns {import("./part.js").Part} */
export function suggestion(form) {
  const box = h("section", { class: "block note plain suggestion", "aria-live": "polite" });
  let drawn = "";
  form.model.rules = suggest;
  return {
    element: box,
    refresh() {
      const { model } = form;
      const found = model.suggestion(form.now());
      const reasons = [...new Set(found.reasons.filter((reason) => reason.effect === found.condition).map((reason) => why(form, reason)))];
      const { condition } = model.content;
      const state = JSON.stringify([found.condition, reasons, condition, Boolean(model.content.note.trim())]);
      if (state === drawn) return;
      drawn = state;
      box.hidden = !reasons.length;
      if (!reasons.length) return box.replaceChildren();
      const lowered = condition !== "" && lighter(condition, found.condition);
      const take = h("button", { type: "button", class: "btn quiet" }, say("form.take", { condition: conditionWord(found.condition) }));
      take.addEventListener("click", () => {
        model.content.condition = found.condition;
        form.changed();
      });
      box.replaceChildren(
        h("p", {}, `${say("form.suggests")} `, h("b", {}, conditionWord(found.condition))),
        h("ul", { class: "sm" }, ...reasons.map((reason) => h("li", {}, reason))),
        h("p", { class: "sm mut" }, say(lowered ? "form.lowered" : "form.you_decide")),
        ...(condition === "" || lowered ? [take] : []),
      );
    },
  };
}

/** "Mương, rãnh thoát nước: Tràn lên mái taluy (đề xuất)". @param {Form} form @param {import("./rules.js").Reason} reason */
function why(form, reason) {
  const mark = say(MARK[reason.mark] ?? "mark.proposed");
  const item = form.model.questions.all.get(reason.item);
  if (!item) return `${say("form.two_worse")} (${mark})`;
  const code = reason.rule.split("=")[0] ?? "";
  const field = form.model.questions.all.get(code) ?? item;
  const { answers, measurements } = form.model.readings();
  const value = (field.where === "answers" ? answers : measurements)[field.code];
  const figures = value && typeof value === "object" ? Object.entries(value).map(([gauge, each]) => `${gauge} ${amount(field, each)}`).join(", ") : value === undefined ? "" : amount(field, value);
  return `${label(field)}${figures ? `: ${figures}` : ""} (${mark})`;
}
