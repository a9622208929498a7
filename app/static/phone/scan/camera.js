// The camera as a reader of QR codes: the browser's own reader, or ours (fetched then) on small frames.

import { within } from "../shrink.js";

const FRAME_MS = 160;
const LONGEST_PX = 640;

/** @typedef {(video: HTMLVideoElement) => Promise<string | null>} Reader */
/** @typedef {typeof import("jsqr").default} Ours */
/** @typedef {{detect: (source: CanvasImageSource) => Promise<{rawValue: string}[]>}} Detector */
/** @typedef {{new (how: {formats: string[]}): Detector, getSupportedFormats: () => Promise<string[]>}} Native */

/** Why there is no picture: `key` is a text of texts.json. */
export class NoCamera extends Error {
  /** @param {"scan.insecure" | "scan.refused" | "scan.none" | "scan.busy"} key */
  constructor(key) {
    super(key);
    this.key = key;
  }
}

/** @returns {Promise<Reader>} */
async function reader() {
  const native = /** @type {{BarcodeDetector?: Native}} */ (globalThis).BarcodeDetector;
  if (native && (await native.getSupportedFormats().catch(() => /** @type {string[]} */ ([]))).includes("qr_code")) {
    const detector = new native({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  await import("jsqr");
  return ours(/** @type {{jsQR: Ours}} */ (/** @type {unknown} */ (globalThis)).jsQR);
}

/** @param {Ours} read @returns {Reader} */
function ours(read) {
  const canvas = document.createElement("canvas"), paper = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    if (!paper) return null;
    const { width, height } = within(video.videoWidth, video.videoHeight, LONGEST_PX);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    paper.drawImage(video, 0, 0, width, height);
    return read(paper.getImageData(0, 0, width, height).data, width, height, { inversionAttempts: "dontInvert" })?.data || null;
  };
}

export class Camera {
  /** @type {MediaStream | null} */
  #stream = null;
  #timer = 0;
  #ended = false;

  /** @param {HTMLVideoElement} video @param {(text: string) => void} found hears every reading, also the same again */
  constructor(video, found) {
    this.video = video;
    this.found = found;
  }

  /** Throws `NoCamera`. */
  async start() {
    if (this.#stream) return;
    if (!navigator.mediaDevices?.getUserMedia) throw new NoCamera("scan.insecure");
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } } });
    } catch (problem) {
      const name = problem instanceof Error ? problem.name : "";
      throw new NoCamera(name === "NotAllowedError" ? "scan.refused" : name === "NotReadableError" ? "scan.busy" : "scan.none");
    }
    if (this.#ended) return this.stop();
    this.video.srcObject = this.#stream;
    await this.video.play().catch(() => {});
    this.#look(await reader());
  }

  /** @param {Reader} read */
  #look(read) {
    const next = () => {
      this.#timer = window.setTimeout(async () => {
        if (!this.#stream) return;
        const text = this.video.videoWidth ? await read(this.video).catch(() => null) : null;
        if (text && this.#stream) this.found(text);
        next();
      }, FRAME_MS);
    };
    next();
  }

  #track() {
    return this.#stream?.getVideoTracks()[0] ?? null;
  }

  /** Whether there is a lamp. */
  hasTorch() {
    const track = this.#track();
    return Boolean(track && /** @type {{torch?: boolean}} */ (track.getCapabilities?.() ?? {}).torch);
  }

  /** @param {boolean} on */
  async torch(on) {
    await this.#track()?.applyConstraints({ advanced: [/** @type {MediaTrackConstraintSet} */ ({ torch: on })] });
  }

  stop() {
    clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.video.srcObject = null;
  }

  /** Never again. */
  end() {
    this.#ended = true;
    this.stop();
  }
}
