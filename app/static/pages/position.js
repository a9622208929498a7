/** Where the observer stands: GPS with its accuracy and age, or a pin placed by hand, which has none. */

import { age, say } from "./texts.js";

const POOR_M = 50;

export class Where {
  /** @type {GeolocationPosition | null} */
  fix = null;
  /** @type {{lon: number, lat: number} | null} */
  pin = null;
  watching = 0;

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.line = document.getElementById("gps");
    document.getElementById("take-gps")?.addEventListener("click", () => this.watch());
    document.getElementById("place-pin")?.addEventListener("click", () => this.openMap());
    document.getElementById("pin-off")?.addEventListener("click", () => this.setPin(null));
    setInterval(() => this.tell(), 5000);
    navigator.permissions
      ?.query({ name: "geolocation" })
      .then((permission) => permission.state === "granted" && this.watch())
      .catch(() => {});
  }

  watch() {
    if (!navigator.geolocation) return this.say(say("gps_failed"));
    if (this.watching) navigator.geolocation.clearWatch(this.watching);
    if (!this.fix) this.say(say("gps_waiting"));
    this.watching = navigator.geolocation.watchPosition(
      (fix) => {
        this.fix = fix;
        this.tell();
        this.changed();
      },
      (error) => {
        if (!this.fix) this.say(say(error.code === error.PERMISSION_DENIED ? "gps_refused" : "gps_failed"));
      },
      { enableHighAccuracy: true, maximumAge: 10_000, timeout: 60_000 },
    );
  }

  /** @param {string} text */
  say(text) {
    if (this.line && this.line.textContent !== text) this.line.textContent = text;
  }

  ageS() {
    return this.fix ? Math.max(0, (Date.now() - this.fix.timestamp) / 1000) : 0;
  }

  tell() {
    const button = document.getElementById("with-gps");
    if (this.pin) {
      this.say(say("pin_placed"));
      if (button) button.textContent = say("with_pin");
    } else if (this.fix) {
      const values = { m: Math.ceil(this.fix.coords.accuracy), age: age(this.ageS()) };
      this.say(say(this.fix.coords.accuracy > POOR_M ? "gps_poor" : "gps_have", values));
      if (button) button.textContent = say("with_gps", values);
    } else if (button) {
      button.textContent = say("without");
    }
  }

  /** @param {{lon: number, lat: number} | null} pin */
  setPin(pin) {
    this.pin = pin;
    if (!pin) document.getElementById("pin-panel")?.setAttribute("hidden", "");
    if (!pin && !this.fix) this.say(say("gps_none"));
    this.tell();
    this.changed();
  }

  /** @returns {import("./draft.js").Position | null} */
  value() {
    const round = (/** @type {number} */ degrees) => Math.round(degrees * 1e7) / 1e7;
    if (this.pin) {
      return { lon: round(this.pin.lon), lat: round(this.pin.lat), accuracy_m: null, age_s: null, source: "map" };
    }
    if (!this.fix) return null;
    const { longitude, latitude, accuracy } = this.fix.coords;
    return { lon: round(longitude), lat: round(latitude), accuracy_m: Math.ceil(accuracy), age_s: Math.round(this.ageS()), source: "gps" };
  }

  /** @param {import("./draft.js").Position | null} position */
  restore(position) {
    if (position?.source === "map") this.setPin({ lon: position.lon, lat: position.lat });
  }

  async openMap() {
    const panel = document.getElementById("pin-panel");
    const box = document.getElementById("pin-map");
    if (!panel || !box) return;
    panel.hidden = false;
    if (box.dataset.ready) return;
    box.dataset.ready = "yes";
    const { pinMap } = await import("./pin-map.js");
    const centre = await pinMap(box, this.fix?.coords ?? null);
    document.getElementById("pin-here")?.addEventListener("click", () => this.setPin(centre()));
  }
}
