// A thumb, two fingers, a mouse or the keyboard on a map.

const SLIP_PX = 10;
const STEP_PX = 80;

/** @typedef {[number, number]} Pixel */
/** @typedef {{pan: (dx: number, dy: number) => void, zoom: (factor: number, about?: Pixel) => void, tap: (at: Pixel) => void, home: () => void}} Acts */

/** @param {HTMLElement} element @param {Acts} acts */
export function gestures(element, acts) {
  new Fingers(element, acts);
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    acts.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), spot(element, event));
  }, { passive: false });
  element.addEventListener("keydown", (event) => {
    if (event.target === element && !event.ctrlKey && !event.metaKey && !event.altKey && pressed(event.key, acts)) event.preventDefault();
  });
}

/** @param {string} key @param {Acts} acts */
function pressed(key, acts) {
  if (key === "ArrowLeft") acts.pan(STEP_PX, 0);
  else if (key === "ArrowRight") acts.pan(-STEP_PX, 0);
  else if (key === "ArrowUp") acts.pan(0, STEP_PX);
  else if (key === "ArrowDown") acts.pan(0, -STEP_PX);
  else if (key === "+" || key === "=") acts.zoom(1.5);
  else if (key === "-") acts.zoom(1 / 1.5);
  else if (key === "0" || key === "Home") acts.home();
  else return false;
  return true;
}

/** @param {HTMLElement} element @param {MouseEvent} event @returns {Pixel} */
function spot(element, event) {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** One finger moves the map, two also zoom it; a tap that does not move is a tap. */
class Fingers {
  /** @type {Map<number, Pixel>} */
  down = new Map();
  moved = 0;

  /** @param {HTMLElement} element @param {Acts} acts */
  constructor(element, acts) {
    this.element = element;
    this.acts = acts;
    element.addEventListener("pointerdown", (event) => this.start(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) element.addEventListener(end, (event) => this.end(event));
    element.addEventListener("click", (event) => this.click(event), { capture: true });
  }

  /** @param {PointerEvent} event */
  start(event) {
    if (event.button !== 0) return;
    if (this.down.size === 0) this.moved = 0;
    this.down.set(event.pointerId, spot(this.element, event));
    if (this.down.size > 1) this.moved = Infinity;
  }

  /** @param {PointerEvent} event */
  move(event) {
    const before = this.down.get(event.pointerId);
    if (!before) return;
    const now = spot(this.element, event), [other] = [...this.down].filter(([id]) => id !== event.pointerId);
    this.moved = Math.max(this.moved, Math.hypot(now[0] - before[0], now[1] - before[1]));
    if (this.moved < SLIP_PX) return;
    if (!this.element.hasPointerCapture(event.pointerId)) this.element.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, now);
    if (other) this.pinch(before, now, other[1]);
    else this.acts.pan(now[0] - before[0], now[1] - before[1]);
  }

  /** @param {Pixel} before @param {Pixel} now @param {Pixel} still */
  pinch(before, now, still) {
    const was = Math.hypot(before[0] - still[0], before[1] - still[1]), is = Math.hypot(now[0] - still[0], now[1] - still[1]);
    this.acts.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    this.acts.zoom(is / Math.max(1, was), [(now[0] + still[0]) / 2, (now[1] + still[1]) / 2]);
  }

  /** @param {PointerEvent} event */
  end(event) {
    this.down.delete(event.pointerId);
  }

  /** A click after a move is none; one on the ground is a tap. @param {MouseEvent} event */
  click(event) {
    if (event.detail > 0 && this.moved >= SLIP_PX) {
      event.stopPropagation();
      event.preventDefault();
    } else if (event.target instanceof Element && !event.target.closest("button, a")) this.acts.tap(spot(this.element, event));
  }
}
