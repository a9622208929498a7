// The board's QR: read by the camera, or its code typed. Both lead to the place's form.

import { h, icon } from "../../map/dom.js";
import { nameOf } from "../near/rows.js";
import { plate, sign } from "../near/tags.js";
import { Camera, NoCamera } from "../scan/camera.js";
import { codeOf, suggestions, typedCode } from "../scan/code.js";
import { loadStyle } from "../shell.js";
import { say } from "../texts.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Place} Place */

const MOST = 6;

/** @type {import("../types").Show} */
export async function show(app) {
  const [pack] = await Promise.all([app.packs.read(), loadStyle("taluy/phone/scan.css")]);
  return new Scan(app, pack?.places ?? []).screen();
}

class Scan {
  gone = false;
  lamp = false;

  /** @param {App} app @param {Place[]} places */
  constructor(app, places) {
    this.app = app;
    this.places = places;
    this.ended = new AbortController();
    this.video = h("video", { muted: true, playsinline: true, "aria-hidden": "true", class: "scan-video" });
    this.video.muted = true;
    this.said = h("p", { class: "scan-said", role: "status" }, say("scan.starting"));
    this.torch = h("button", { type: "button", class: "btn quiet scan-torch", "aria-pressed": "false", hidden: true }, icon("flashlight"), say("scan.torch"));
    this.retry = h("button", { type: "button", class: "btn", hidden: true }, icon("rotate-cw"), say("scan.again"));
    this.camera = new Camera(this.video, (text) => this.read(text));
    this.found = h("ul", { class: "scan-found" });
    this.wrong = h("p", { class: "state no", role: "alert", hidden: true });
  }

  /** @returns {import("../types").Screen} */
  screen() {
    const head = h("header", { class: "visit-head" }, h("a", { class: "ib", href: "/phone#/" }, icon("arrow-left", "l"), h("span", { class: "vh" }, say("pin.back"))), h("h1", { class: "scan-h" }, say("scan.title")));
    const eye = h("div", { class: "scan-eye" }, this.video, h("i", { class: "scan-frame", "aria-hidden": "true" }), this.torch);
    const element = h("section", { class: "screen scan-screen" }, head, eye, h("div", { class: "scan-line" }, this.said, this.retry), this.form());
    this.torch.addEventListener("click", () => void this.light());
    this.retry.addEventListener("click", () => void this.start());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.camera.stop() : void this.start()), { signal: this.ended.signal });
    void this.start();
    return { element, title: say("scan.title"), busy: () => !this.gone, leave: () => this.leave() };
  }

  form() {
    this.input = h("input", { id: "scan-code", type: "text", autocapitalize: "characters", autocomplete: "off", autocorrect: "off", spellcheck: "false", enterkeyhint: "go", placeholder: "P6-ST-01", maxlength: "40" });
    const form = h("form", { class: "scan-form", novalidate: true },
      h("label", { class: "lab", for: "scan-code" }, say("scan.type")),
      h("div", { class: "row" }, this.input, h("button", { class: "btn pri" }, say("scan.open"))), this.wrong, this.found);
    this.input.addEventListener("input", () => this.suggest());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.typed();
    });
    return form;
  }

  async start() {
    this.retry.hidden = true;
    try {
      await this.camera.start();
      if (!this.gone) this.tell(say("scan.hold"));
      this.torch.hidden = !this.camera.hasTorch();
      this.video.dataset["running"] = "yes";
    } catch (problem) {
      this.retry.hidden = this.gone;
      delete this.video.dataset["running"];
      this.tell(say(problem instanceof NoCamera ? problem.key : "scan.none"));
    }
  }

  /** @param {string} text */
  tell(text) {
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  /** @param {string} text of a QR */
  read(text) {
    const code = codeOf(text, location.origin);
    if (code) this.go(code);
    else this.tell(say("scan.foreign"));
  }

  /** @param {string} code */
  go(code) {
    if (this.gone) return;
    this.gone = true;
    this.camera.end();
    navigator.vibrate?.(60);
    this.app.go(`/form/${code}`);
  }

  async light() {
    this.lamp = !this.lamp;
    try {
      await this.camera.torch(this.lamp);
    } catch {
      this.lamp = false;
      this.torch.hidden = true;
    }
    this.torch.setAttribute("aria-pressed", String(this.lamp));
  }

  suggest() {
    this.wrong.hidden = true;
    this.found.replaceChildren(...suggestions(this.input?.value ?? "", this.places, MOST).map((place) => {
      const link = h("a", { class: "place", href: `/phone#/form/${place.code}` }, sign(place, Date.now()), h("span", { class: "grow" }, plate(place.code), h("b", { class: "scan-name" }, nameOf(place))), icon("chevron-right"));
      return h("li", {}, link);
    }));
  }

  typed() {
    const text = this.input?.value ?? "";
    const code = typedCode(text, this.places) ?? codeOf(text, location.origin);
    if (code) return this.go(code);
    const [only, ...more] = suggestions(text, this.places, 2);
    if (only && !more.length) return this.go(only.code);
    this.wrong.hidden = false;
    this.wrong.textContent = say("scan.no_code");
    this.input?.focus();
  }

  leave() {
    this.gone = true;
    this.camera.end();
    this.ended.abort();
  }
}
