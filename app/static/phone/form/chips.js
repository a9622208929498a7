// Danger signs in one tap: a chip writes its answer, then offers the camera.

import { h, icon } from "../../map/dom.js";
import { say } from "../texts.js";
import { label } from "./words.js";

/** @typedef {import("./part.js").Form} Form */

/** @param {Form} form @returns {import("./part.js").Part | null} */
export function chips(form) {
  const { model } = form;
  if (!model.questions.chips.length) return null;
  let touched = "";
  const count = h("small", {});
  const offer = h("button", { type: "button", class: "btn offer" });
  offer.addEventListener("click", () => form.takePhoto());
  const all = model.questions.chips.map((chip) => {
    const input = h("input", { type: "checkbox", value: chip.code });
    input.addEventListener("change", () => {
      model.say(chip.code, input.checked ? String(chip.value) : null);
      touched = input.checked ? chip.code : "";
      form.changed();
    });
    return { chip, input, element: h("label", { class: "chip" }, input, icon("check", "s"), h("span", {}, label(chip))) };
  });
  const element = h("fieldset", { class: "block" },
    h("legend", { class: "lab" }, h("span", {}, say("form.signs")), count),
    h("div", { class: "chips" }, ...all.map((each) => each.element)), offer);
  return {
    element,
    refresh() {
      const shown = model.shown();
      for (const { chip, input, element: chipElement } of all) {
        input.checked = model.answer(chip.code) === String(chip.value);
        const parent = model.questions.parents.get(chip.code);
        chipElement.hidden = !(shown.has(chip.code) || (parent && shown.has(parent.code)));
      }
      const on = all.filter(({ input, element: chipElement }) => input.checked && !chipElement.hidden);
      count.textContent = on.length ? say("form.chips_n", { n: on.length }) : say("form.chips_none");
      const last = on.find(({ chip }) => chip.code === touched) ?? on.at(-1);
      offer.hidden = !last;
      if (last) offer.replaceChildren(icon("camera"), h("span", {}, say("form.photo_of", { sign: label(last.chip) })));
    },
  };
}
