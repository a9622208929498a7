/** Large minus and plus beside a number; holding runs. Below it, the change since the last visit. */

import { figure, say } from "./texts.js";

const HOLD_MS = 400;
const FAST_MS = 70;
/** No rate under this change or interval: a tape is good to ±1 mm. */
const LEAST_MM = 3;
const LEAST_HOURS = 6;

/**
 * The number that somebody typed, with a decimal comma or point; NaN for nothing or nonsense.
 * @param {string} text
 */
export function typedNumber(text) {
  const bare = text.trim().replace(/\s/g, "").replace(",", ".");
  return bare === "" ? NaN : Number(bare);
}

/** @param {HTMLElement} step */
function told(step) {
  const input = step.querySelector("input");
  const line = step.querySelector("[data-change]");
  if (!input || !line) return;
  const now = typedNumber(input.value);
  const last = Number(step.dataset.last ?? NaN);
  line.textContent = "";
  if (Number.isNaN(now) || Number.isNaN(last)) return;
  const change = now - last;
  if (change === 0) {
    line.textContent = say("change_none");
    return;
  }
  const unit = step.dataset.unit ?? "";
  const values = { sign: change > 0 ? "+" : "−", n: figure(Math.abs(change)), unit };
  const hours = (Date.now() - Date.parse(step.dataset.lastAt ?? "")) / 3_600_000;
  const rated = unit === "mm" && Math.abs(change) >= LEAST_MM && hours >= LEAST_HOURS;
  line.textContent = rated
    ? say("change_rate", { ...values, rate: figure((change / hours) * 24, 1) })
    : say("change", values);
}

/**
 * @param {HTMLElement} step
 * @param {number} by
 */
function move(step, by) {
  const input = step.querySelector("input");
  if (!input) return;
  const size = Number(step.dataset.step) || 1;
  const low = Number(step.dataset.min);
  const typed = typedNumber(input.value);
  const last = Number(step.dataset.last ?? NaN);
  const from = Number.isNaN(typed) ? (Number.isNaN(last) ? (by > 0 ? low - size : low) : last) : typed;
  const next = Math.min(Math.max(from + by * size, low), Number(step.dataset.max));
  input.value = String(Math.round(next / size) * size).includes(".") ? (Math.round(next / size) * size).toFixed(1) : String(Math.round(next / size) * size);
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
      let waiting = 0;
      const stop = () => clearTimeout(waiting);
      const run = () => {
        move(step, by);
        waiting = window.setTimeout(run, FAST_MS);
      };
      button.addEventListener("click", () => move(step, by));
      button.addEventListener("pointerdown", () => {
        waiting = window.setTimeout(run, HOLD_MS);
      });
      for (const end of ["pointerup", "pointerleave", "pointercancel"]) button.addEventListener(end, stop);
      button.addEventListener("contextmenu", (event) => event.preventDefault());
    }
  }
}
