// The strip of photos of what is being filled in: take, choose, see, remove. Each photo is kept before it is shown.

import { h, icon } from "../map/dom.js";
import { bytes, number, say } from "./texts.js";

/** @typedef {import("./types").App} App @typedef {import("./types").Draft} Draft */
/**
 * @typedef {object} Given
 * @property {App} app
 * @property {Draft} draft
 * @property {() => Promise<unknown>} [before] keeps what was typed; awaited for a moment before the camera opens, which may kill the page
 * @property {() => void} [changed] after a photo came or went
 */

const MOST = 10;
const LONGEST_PX = 1600;
const WAIT_MS = 300;

/** @param {Given} given */
export function shots(given) {
  const strip = new Shots(given);
  return {
    element: strip.element,
    count: () => strip.draft.photos.length,
    /** Open the camera. */
    take: () => strip.open(strip.camera),
    /** Resolves once what the camera gave is kept: what is saved before that would go without it. */
    settled: () => strip.adding,
    /** Let go of what the pictures hold. */
    end: () => strip.end(),
  };
}

class Shots {
  /** @type {Set<string>} */
  addresses = new Set();
  /** Pictures come one after the other. @type {Promise<void>} */
  adding = Promise.resolve();

  /** @param {Given} given */
  constructor({ app, draft, before = async () => {}, changed = () => {} }) {
    this.app = app;
    this.draft = draft;
    this.before = before;
    this.changed = changed;
    this.camera = this.input({ capture: "environment" });
    this.album = this.input({ multiple: true });
    this.take = this.adder("camera", "photo.take", this.camera);
    this.choose = this.adder("images", "photo.choose", this.album);
    this.evidence = h("input", { type: "checkbox" });
    this.told = h("small", { role: "status" });
    this.wrong = h("p", { class: "state no", role: "alert", hidden: true });
    this.grid = h("div", { class: "shots" }, this.take, this.choose);
    this.element = h("section", { class: "block", "aria-label": say("photo.title") },
      h("div", { class: "lab" }, h("span", {}, say("photo.title")), this.told), this.grid, this.wrong,
      h("label", { class: "chip" }, this.evidence, icon("check"), say("photo.evidence")), this.camera, this.album);
    for (const photo of draft.photos) void this.show(photo, null);
    this.count();
  }

  /** @param {{capture?: string, multiple?: boolean}} how */
  input({ capture, multiple }) {
    const input = h("input", { type: "file", accept: "image/*", capture, multiple, hidden: true });
    input.addEventListener("change", () => {
      for (const file of [...(input.files ?? [])]) this.adding = this.adding.then(() => this.add(file)).catch(console.error);
      input.value = "";
    });
    return input;
  }

  /** @param {"camera" | "images"} sign @param {string} words @param {HTMLInputElement} input */
  adder(sign, words, input) {
    const button = h("button", { type: "button", class: "shot add" }, sign === "camera" ? icon("camera") : icon("images"), say(words));
    button.addEventListener("click", () => void this.open(input));
    return button;
  }

  /** What was typed is kept first: the camera may kill the page. @param {HTMLInputElement} input */
  async open(input) {
    const waited = new Promise((resolve) => { setTimeout(resolve, WAIT_MS); });
    await Promise.race([this.before().catch(() => {}), waited]);
    input.click();
  }

  /** @param {File} file */
  async add(file) {
    this.complain("");
    if (this.draft.photos.length >= MOST) return this.complain(say("photo.most", { n: MOST }));
    const evidence = this.evidence.checked, waiting = h("figure", { class: "shot" }, h("figcaption", {}, say("photo.shrinking")));
    this.grid.append(waiting);
    try {
      const { toJpeg } = await import("./shrink.js");
      const made = await toJpeg(file, { evidence });
      const known = this.draft.photos.length, sha = await this.app.drafts.addPhoto(this.draft, made, evidence);
      const photo = this.draft.photos.find((one) => one.sha === sha);
      if (photo && this.draft.photos.length > known) await this.show(photo, new Blob([made]));
    } catch (error) {
      this.complain(why(error));
    }
    waiting.remove();
    this.count();
    this.changed();
  }

  /** @param {Draft["photos"][0]} photo @param {Blob | null} known */
  async show(photo, known) {
    const nth = this.draft.photos.indexOf(photo) + 1;
    const picture = h("img", { class: "pic", alt: say("photo.nth", { n: nth }) });
    const remove = h("button", { type: "button", class: "ib", "aria-label": say("photo.remove", { n: nth }) }, icon("x"));
    const size = photo.evidence ? say("photo.original", { size: bytes(photo.bytes) }) : bytes(photo.bytes);
    const figure = h("figure", { class: "shot" }, picture, remove, h("figcaption", {}, size));
    remove.addEventListener("click", () => void this.remove(photo, figure));
    this.grid.append(figure);
    try {
      const address = URL.createObjectURL(known ?? (await this.app.drafts.photo(this.draft.id, photo.sha)));
      this.addresses.add(address);
      picture.src = address;
    } catch {
      picture.replaceWith(h("p", { class: "pic" }, say("photo.locked")));
    }
  }

  /** @param {Draft["photos"][0]} photo @param {HTMLElement} figure */
  async remove(photo, figure) {
    const beside = figure.nextElementSibling?.querySelector("button") ?? this.take;
    try {
      await this.app.drafts.removePhoto(this.draft, photo.sha);
    } catch (error) {
      return this.complain(why(error));
    }
    figure.remove();
    beside.focus();
    this.count();
    this.changed();
  }

  count() {
    const n = this.draft.photos.length, full = n >= MOST;
    this.told.textContent = say("photo.count", { n, most: MOST, px: number(LONGEST_PX, 0) });
    this.take.hidden = full;
    this.choose.hidden = full;
  }

  /** @param {string} text */
  complain(text) {
    this.wrong.hidden = !text;
    this.wrong.textContent = text;
  }

  end() {
    for (const address of this.addresses) URL.revokeObjectURL(address);
  }
}

/** @param {unknown} error */
function why(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "BadPicture") return say(/** @type {import("./shrink.js").BadPicture} */ (error).key);
  if (name === "TooMany") return say("photo.most", { n: MOST });
  return name === "Full" ? say("photo.full") : say("photo.not_kept");
}
