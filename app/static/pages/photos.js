/** The photos of a visit: shrunk, kept, shown, sent one by one. */

import { forgetPhoto, keepPhoto, waitingPhotos } from "./photo-store.js";
import { sendPhoto } from "./send.js";
import { figure, say } from "./texts.js";

const MOST = 10;
const LONGEST_PX = 1600;
const QUALITY = 0.82;

/** @typedef {import("./photo-store.js").KeptPhoto & {figure?: HTMLElement, state: "kept" | "sent" | "refused"}} Photo */

/** @param {Blob} file @returns {Promise<Blob>} */
async function shrink(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_PX / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const blob = await new Promise((/** @type {BlobCallback} */ settle) => canvas.toBlob(settle, "image/jpeg", QUALITY));
  if (!blob) throw new Error("no picture");
  return blob;
}

/** @param {Blob} blob */
async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const kb = (/** @type {number} */ bytes) => figure(bytes / 1024, 0);

export class Photos {
  /** @type {Photo[]} */
  all = [];

  /**
   * @param {() => string} visit  the id of the visit being filled in
   * @param {(message: string) => void} complain
   */
  constructor(visit, complain) {
    this.visit = visit;
    this.complain = complain;
    for (const input of document.querySelectorAll("#add-photo input, #choose-photo input")) {
      if (!(input instanceof HTMLInputElement)) continue;
      input.addEventListener("change", async () => {
        for (const file of input.files ?? []) await this.add(file);
        input.value = "";
      });
    }
  }

  /** Photos of this visit that were kept through a reload; those of received visits go out quietly. */
  async restore() {
    for (const photo of await waitingPhotos()) {
      if (photo.visit === this.visit()) this.show({ ...photo, state: "kept" });
      else if (photo.text_received) await this.sendQuietly(photo);
    }
  }

  /** @param {import("./photo-store.js").KeptPhoto} photo */
  async sendQuietly(photo) {
    if ((await sendPhoto(photo.visit, photo.sha, photo.blob, () => {})) !== "later") await forgetPhoto(photo.key);
  }

  /** @param {File} file */
  async add(file) {
    if (this.all.length >= MOST) return this.complain(say("photo_most"));
    try {
      const blob = await shrink(file);
      const sha = await sha256(blob);
      if (this.all.some((photo) => photo.sha === sha)) return;
      const visit = this.visit();
      const kept = { key: `${visit}/${sha}`, visit, sha, blob, taken: Date.now(), text_received: false };
      await keepPhoto(kept);
      this.show({ ...kept, state: "kept" });
    } catch {
      this.complain(say("photo_bad"));
    }
  }

  /** @param {Photo} photo */
  show(photo) {
    const template = document.getElementById("shot");
    const strip = document.getElementById("photos");
    if (!(template instanceof HTMLTemplateElement) || !strip) return;
    const shot = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const image = shot.querySelector("img");
    if (image) {
      image.src = URL.createObjectURL(photo.blob);
      image.alt = say("photo_alt", { n: this.all.length + 1 });
    }
    shot.querySelector("[data-remove]")?.addEventListener("click", () => this.remove(photo));
    photo.figure = shot;
    this.all.push(photo);
    strip.append(shot);
    this.mark(photo, say("photo_kept"));
    this.count();
  }

  /** @param {Photo} photo */
  async remove(photo) {
    this.all = this.all.filter((each) => each !== photo);
    photo.figure?.remove();
    await forgetPhoto(photo.key);
    this.count();
  }

  /** @param {Photo} photo @param {string} text */
  mark(photo, text) {
    const caption = photo.figure?.querySelector("[data-text]");
    if (caption) caption.textContent = text;
  }

  count() {
    const line = document.getElementById("photo-count");
    if (line) line.textContent = say("photo_count", { n: this.all.length });
    document.getElementById("add-photo")?.toggleAttribute("hidden", this.all.length >= MOST);
  }

  /** A visit that is sent as a correction has a new id: its photos follow. @param {string} visit */
  async follow(visit) {
    for (const photo of this.all) {
      await forgetPhoto(photo.key);
      Object.assign(photo, { key: `${visit}/${photo.sha}`, visit });
      await keepPhoto(this.bare(photo));
    }
  }

  /** @param {Photo} photo @returns {import("./photo-store.js").KeptPhoto} */
  bare({ key, visit, sha, blob, taken, text_received }) {
    return { key, visit, sha, blob, taken, text_received };
  }

  /**
   * Send what is still here, one by one; true when nothing waits any more.
   * @param {(left: Photo[]) => void} told  hears after every photo what is left
   */
  async send(told) {
    for (const photo of this.left()) {
      photo.text_received = true;
      await keepPhoto(this.bare(photo));
    }
    for (const photo of this.left()) {
      told(this.left());
      const outcome = await sendPhoto(photo.visit, photo.sha, photo.blob, (sent) =>
        this.mark(photo, say("photo_sending", { kb: `${kb(sent)}/${kb(photo.blob.size)}` })),
      );
      if (outcome === "later") break;
      photo.state = outcome === "received" ? "sent" : "refused";
      photo.figure?.classList.add(outcome === "received" ? "sent-ok" : "refused");
      this.mark(photo, say(outcome === "received" ? "photo_done" : "photo_refused"));
      await forgetPhoto(photo.key);
    }
    told(this.left());
    return this.left().length === 0;
  }

  left() {
    return this.all.filter((photo) => photo.state === "kept");
  }

  /** Kilobytes of what is left. */
  waitingKb() {
    return kb(this.left().reduce((sum, photo) => sum + photo.blob.size, 0));
  }
}
