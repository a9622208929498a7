// How it was seen: asked once a visit, never in the way.

import { h, icon } from "../../map/dom.js";
import { say } from "../texts.js";
import { label } from "./words.js";

/** @typedef {import("./part.js").Form} Form */

/** @param {Form} form @returns {import("./part.js").Part} */
export function context(form) {
  const { model } = form;
  const questions = Object.entries(model.forms.context).map(([code, asked]) => {
    const options = asked.choices.map((each) => {
      const input = h("input", { type: "radio", name: `context.${code}`, value: each.code });
      let pressed = false;
      const element = h("label", { class: "opt" }, input, h("span", {}, icon("check", "s"), label(each)));
      element.addEventListener("pointerdown", () => { pressed = model.content.context[code] === each.code; });
      input.addEventListener("click", () => {
        if (pressed) delete model.content.context[code];
        else model.content.context[code] = each.code;
        pressed = false;
        form.changed();
      });
      return { code: each.code, input, element };
    });
    const element = h("fieldset", { class: "item tight", "data-context": code }, h("legend", {}, h("span", {}, label(asked))), h("div", { class: "opts" }, ...options.map((each) => each.element)));
    return { code, options, element };
  });
  return {
    element: h("section", { class: "block", "aria-labelledby": "context-title" }, h("h2", { class: "lab", id: "context-title" }, h("span", {}, say("form.context")), h("small", {}, say("form.optional"))), ...questions.map((each) => each.element)),
    refresh() {
      for (const { code, options } of questions) for (const option of options) option.input.checked = model.content.context[code] === option.code;
    },
  };
}
