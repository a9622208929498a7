/** A button that runs while it is held. */

const HOLD_MS = 400;
const FAST_MS = 70;

/**
 * @param {HTMLElement} button
 * @param {() => void} act once for a tap, again and again while held
 */
export function holding(button, act) {
  let waiting = 0;
  let ran = false;
  const stop = () => clearTimeout(waiting);
  const run = () => {
    ran = true;
    act();
    waiting = window.setTimeout(run, FAST_MS);
  };
  button.addEventListener("click", (event) => {
    if (!ran || event.detail === 0) act();
    ran = false;
  });
  button.addEventListener("pointerdown", () => {
    ran = false;
    waiting = window.setTimeout(run, HOLD_MS);
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) button.addEventListener(end, stop);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}
