/** Large minus and plus beside a number; holding runs. Below it, the change since the last visit. */

import { holding } from "../readings/hold.js";
import { change, stepped, typedNumber, written } from "../readings/numbers.js";
import { figure, say } from "./texts.js";

/** @param {HTMLElement} step */
function told(step) {
  const input = step.querySelector("input");
  const line = step.querySelector("[data-change]");
  if (!input || !line) return;
  const hours = (Date.now() - Date.parse(step.dataset.lastAt ?? "")) / 3_600_000;
  const unit = step.dataset.unit ?? "";
  const found = change(typedNumber(input.value), Number(step.dataset.last ?? NaN), hours, unit);
  line.textContent = "";
  if (!found) return;
  if (found.by === 0) {
    line.textContent = say("change_none");
    return;
  }
  const values = { sign: found.by > 0 ? "+" : "−", n: figure(Math.abs(found.by)), unit };
  line.textContent =
    found.rate === null ? say("change", values) : say("change_rate", { ...values, rate: figure(found.rate, 1) });
}

/**
 * @param {HTMLElement} step
 * @param {number} by
 */
function move(step, by) {
  const input = step.querySelector("input");
  if (!input) return;
  const range = { step: Number(step.dataset.step) || 1, min: Number(step.dataset.min), max: Number(step.dataset.max) };
  input.value = written(stepped(typedNumber(input.value), Number(step.dataset.last ?? NaN), by, range));
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * Wire every stepper of `root`.
 * @param {HTMLElement} root
 */
export function steppers(root) {
  for (const step of root.querySelectorAll(".step")) {
    if (!(step instanceof HTMLElement)) continue;
    step.addEventListener("input", () => told(step));
    told(step);
    for (const button of step.querySelectorAll("button")) {
      const by = Number(button.dataset.by);
      holding(button, () => move(step, by));
    }
  }
}
