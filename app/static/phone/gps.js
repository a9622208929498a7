// Where this phone is: the best of what it says in 20 seconds, with its accuracy and its age. Nothing waits for it.

/** @typedef {import("./types").Gps} IGps @typedef {import("./types").Fix} Fix @typedef {"unknown" | "granted" | "denied" | "unavailable"} State */

export const LISTEN_MS = 20_000;
const KEEP_BETTER_MS = 60_000;
const FORGET_MS = 600_000;
/** A fix this good ends the listening early: a phone in the open does not get much better. */
const GOOD_M = 5;
const POOR_M = 500;

/** Whether `fresh` takes the place of `known`: a worse one only where the better is older than a minute. @param {Fix | null} known @param {Fix} fresh */
export function replaces(known, fresh) {
  return !known || fresh.accuracy_m <= known.accuracy_m || fresh.at - known.at > KEEP_BETTER_MS || known.at - fresh.at > KEEP_BETTER_MS;
}

/** A fix from a mast, not from satellites: good for the side of the town at most. @param {Fix} fix */
export function poor(fix) {
  return fix.accuracy_m > POOR_M;
}

/**
 * A fix as an inspection carries it: always with its age.
 * @param {Fix | null} fix @param {number} now @returns {import("./types").Position | null}
 */
export function positionOf(fix, now = Date.now()) {
  if (!fix) return null;
  const age = Math.max(0, Math.round((now - fix.at) / 1000));
  return { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m, age_s: age, source: "gps" };
}

/** What a device said, or null where it makes no sense. @param {GeolocationPosition} said @param {number} now @returns {Fix | null} */
export function fixOf({ coords, timestamp }, now) {
  const { longitude, latitude, accuracy } = coords;
  if (![longitude, latitude, accuracy].every(Number.isFinite) || accuracy < 0) return null;
  const round = (/** @type {number} */ degrees) => Math.round(degrees * 1e7) / 1e7;
  // Some devices count from another year or run ahead: then the moment of arrival is the honest one.
  const at = timestamp <= now && timestamp > now - FORGET_MS ? Math.round(timestamp) : now;
  return { lon: round(longitude), lat: round(latitude), accuracy_m: Math.max(1, Math.ceil(accuracy)), at };
}

/** @implements {IGps} */
export class Gps extends EventTarget {
  /** @type {Fix | null} */
  #best = null;
  /** @type {State} */
  #state = "unknown";
  /** @type {Promise<Fix | null> | null} */
  #looking = null;
  /** @type {Set<{each: (fix: Fix) => void, failed: () => void}>} */
  #followers = new Set();
  /** @type {number | null} */
  #watch = null;

  /** @param {Geolocation | undefined} [device] @param {() => number} [now] */
  constructor(device = globalThis.isSecureContext === false ? undefined : navigator.geolocation, now = Date.now) {
    super();
    this.device = device;
    this.now = now;
    if (!device) this.#state = "unavailable";
    else void this.#permission();
  }

  /** Hear at once when somebody allows or forbids the position in the browser's settings. */
  async #permission() {
    try {
      const permission = await navigator.permissions.query({ name: "geolocation" });
      const told = () => this.#say(permission.state === "prompt" ? "unknown" : permission.state);
      permission.addEventListener("change", told);
      told();
    } catch {
      // An old browser: the first look will tell.
    }
  }

  /** @param {State} state */
  #say(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.dispatchEvent(new Event("change"));
  }

  state() {
    return this.#state;
  }

  /** Why there is no position, as a key of texts.json, or "" where there is nothing to say. */
  why() {
    if (globalThis.isSecureContext === false) return "gps.insecure";
    if (this.#state === "denied") return "gps.denied";
    if (this.#state === "unavailable") return this.device ? "gps.unavailable" : "gps.no_device";
    const known = this.last();
    if (known) return poor(known) ? "gps.poor" : "";
    return this.#looking ? "gps.looking" : "gps.none";
  }

  looking() {
    return this.#looking !== null;
  }

  /** The best fix of the last ten minutes, with its moment. */
  last() {
    const age = this.#best ? this.now() - this.#best.at : Infinity;
    return age <= FORGET_MS && age > -KEEP_BETTER_MS ? this.#best : null;
  }

  look() {
    this.#looking ??= this.#listen().finally(() => {
      this.#looking = null;
      this.dispatchEvent(new Event("change"));
    });
    return this.#looking;
  }

  /** @returns {Promise<Fix | null>} */
  #listen() {
    return new Promise((resolve) => {
      const end = () => {
        stop();
        clearTimeout(timer);
        resolve(this.last());
      };
      const timer = setTimeout(end, LISTEN_MS);
      const stop = this.follow((fix) => fix.accuracy_m <= GOOD_M && end(), () => this.#state === "denied" && end());
      if (!this.device) queueMicrotask(end);
    });
  }

  /**
   * Every fix as it comes, until the function that this gives is called.
   * @param {(fix: Fix) => void} each @param {() => void} [failed]
   */
  follow(each, failed = () => {}) {
    const one = { each, failed };
    this.#followers.add(one);
    this.#watchAnew();
    return () => {
      if (this.#followers.delete(one) && !this.#followers.size) this.#unwatch();
    };
  }

  #unwatch() {
    if (this.#watch !== null) this.device?.clearWatch(this.#watch);
    this.#watch = null;
  }

  /** A device that stands still tells its place only to whoever has just begun to listen. */
  #watchAnew() {
    this.#unwatch();
    this.#watch = this.device?.watchPosition(
      (said) => {
        const fix = fixOf(said, this.now());
        if (!fix) return;
        this.#take(fix);
        for (const { each } of [...this.#followers]) each(fix);
      },
      (problem) => {
        this.#failed(problem.code);
        for (const { failed } of [...this.#followers]) failed();
      },
      { enableHighAccuracy: true, maximumAge: 0, timeout: 2 * LISTEN_MS },
    ) ?? null;
  }

  /** @param {Fix} fix */
  #take(fix) {
    this.#state = "granted";
    if (replaces(this.last(), fix)) this.#best = fix;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {number} code of GeolocationPositionError; 3 is only a long silence */
  #failed(code) {
    if (code === 1) this.#say("denied");
    if (code === 2 && !this.last()) this.#say("unavailable");
  }
}
