/** Chips and questions that belong together; what need not be asked is hidden. */

import { asksMore, needless } from "../readings/questions.js";
import { say } from "./texts.js";

/** @param {HTMLFormElement} form @param {string} name */
const chosen = (form, name) => {
  const field = form.querySelector(`input[name="${CSS.escape(name)}"]:checked`);
  return field instanceof HTMLInputElement ? field.value : null;
};

/** A second tap takes an answer back. @param {HTMLFormElement} form */
function answersCanGo(form) {
  /** @type {Element | null} */
  let pressed = null;
  form.addEventListener("pointerdown", (event) => {
    const radio = event.target instanceof Element ? event.target.closest("label")?.querySelector("input[type=radio]:checked") : null;
    pressed = radio ?? null;
  });
  form.addEventListener("click", (event) => {
    if (event.target === pressed && pressed instanceof HTMLInputElement && pressed.name !== "condition") {
      pressed.checked = false;
      pressed.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (event.target === pressed) pressed = null;
  });
}

/** @param {HTMLFormElement} form */
function chipsAnswer(form) {
  const chips = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=chip]"));
  const fieldOf = (/** @type {HTMLInputElement} */ chip) => `${chip.dataset.where}.${chip.value}`;
  form.addEventListener("input", (event) => {
    const source = event.target;
    if (!(source instanceof HTMLInputElement)) return;
    for (const chip of chips) {
      const name = fieldOf(chip);
      if (chip === source) {
        for (const radio of form.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) {
          if (radio instanceof HTMLInputElement && radio.value === chip.dataset.value) radio.checked = chip.checked;
        }
      } else if (source.name === name) {
        chip.checked = chosen(form, name) === chip.dataset.value;
      }
    }
  });
}

/** @param {HTMLFormElement} form */
function gauges(form) {
  form.querySelector("[data-more-gauges]")?.addEventListener("click", () => {
    const spare = form.querySelector("[data-spare]");
    spare?.removeAttribute("data-spare");
    spare?.querySelector("input")?.focus();
  });
}

/**
 * Wire the checklist; gives what to call after every change.
 * @param {HTMLFormElement} form
 */
export function checklist(form) {
  answersCanGo(form);
  chipsAnswer(form);
  gauges(form);
  const items = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-item]"));
  const withs = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-with]"));
  const answer = (/** @type {string} */ code) => chosen(form, `answers.${code}`);
  const refresh = () => {
    for (const item of items) item.hidden = needless(JSON.parse(item.dataset.hiddenWhen || "{}"), answer);
    for (const companions of withs) {
      const name = companions.dataset.with ?? "";
      const number = form.querySelector(`input[name="${CSS.escape(`measurements.${name}`)}"]`);
      const asked = number ? !number.closest("[hidden]") : asksMore(answer(name));
      companions.hidden = !asked;
    }
    count(form);
  };
  refresh();
  return refresh;
}

/** @param {HTMLFormElement} form */
function count(form) {
  const chips = form.querySelectorAll("input[name=chip]:checked").length;
  const line = document.getElementById("chip-count");
  if (line) line.textContent = chips ? say("chips_chosen", { n: chips }) : say("chips_none");
  const items = [...form.querySelectorAll("[data-item]")].filter((item) => !item.closest("[data-with]") && !item.closest("[hidden]"));
  const answered = items.filter((item) =>
    [...item.querySelectorAll("input")].some((field) => (field.type === "radio" ? field.checked : field.value.trim() !== "")),
  );
  const all = document.getElementById("answered");
  if (all && answered.length) all.textContent = say("answered", { n: answered.length, all: items.length });
}
