// Standing still and listening: fixes until they are enough, or until the time is over and there is at least one.

import { average } from "../average.js";

/** @typedef {import("../types").Fix} Fix */

const ENOUGH_M = 4;
const ENOUGH_FIXES = 4;
const STALE_MS = 3000;
/** A short measurement waits this long for its first fix. */
const PATIENCE_MS = 20_000;

export class Take extends EventTarget {
  /** @type {Fix[]} */
  fixes = [];
  running = false;
  started = 0;
  #stop = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Pick<import("../types").Gps, "follow" | "state">} gps @param {number} lasts_ms @param {() => number} [now] */
  constructor(gps, lasts_ms, now = Date.now) {
    super();
    this.gps = gps;
    this.lasts_ms = lasts_ms;
    this.now = now;
  }

  /** Listen; goes on with the fixes that there are. @param {Fix[]} [before] */
  start(before = []) {
    if (this.running) return;
    this.fixes = [...before];
    this.running = true;
    this.started = this.now();
    this.#stop = this.gps.follow((fix) => this.#fix(fix), () => { if (this.gps.state() === "denied") this.end(); });
    this.#wait(this.lasts_ms);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {number} ms */
  #wait(ms) {
    const more = PATIENCE_MS - this.lasts_ms;
    this.#timer = setTimeout(() => (this.fixes.length || ms !== this.lasts_ms || more <= 0 ? this.end() : this.#wait(more)), ms);
  }

  /** Share of the time that is over, 0 to 1. */
  share() {
    return this.running ? Math.min(1, (this.now() - this.started) / this.lasts_ms) : 0;
  }

  /** @param {Fix} fix */
  #fix(fix) {
    if (!this.running || fix.at < this.started - STALE_MS) return;
    this.fixes.push(fix);
    this.dispatchEvent(new CustomEvent("fix", { detail: fix }));
    this.dispatchEvent(new Event("change"));
    const made = average(this.fixes);
    const good = made && made.fixes >= ENOUGH_FIXES && made.accuracy_m <= ENOUGH_M;
    if (good || this.share() >= 1) this.end();
  }

  /** Enough, or time is over, or somebody stopped it. */
  end() {
    if (!this.running) return;
    this.running = false;
    this.#stop();
    clearTimeout(this.#timer);
    this.dispatchEvent(new Event("end"));
    this.dispatchEvent(new Event("change"));
  }
}
