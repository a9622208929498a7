// A photo made fit for a slow network: at most 1,600 px, a JPEG drawn anew, so that nothing of its metadata stays.

export const LONGEST_PX = 1600;
export const LONGEST_WEAK_PX = 1200;
const LONGEST_EVIDENCE_PX = 2560;
export const MOST_BYTES = 350_000;
const QUALITIES = [0.8, 0.7, 0.6, 0.5];
const EVIDENCE_QUALITY = 0.92;
const MOST_EVIDENCE_BYTES = 12 * 1024 * 1024;

/** Why a picture could not be taken in: `key` is a text of texts.json. */
export class BadPicture extends Error {
  /** @param {"photo.unreadable" | "photo.no_picture" | "photo.empty"} key */
  constructor(key) {
    super(key);
    this.name = "BadPicture";
    this.key = key;
  }
}

/** Width and height within a longest side; nothing grows. @param {number} width @param {number} height @param {number} longest */
export function within(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** What the first bytes say that a file is. @param {Uint8Array} head @returns {"jpeg" | "png" | "webp" | null} */
export function kindOf(head) {
  const text = String.fromCharCode(...head.subarray(0, 16));
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  return text.startsWith("RIFF") && text.slice(8, 12) === "WEBP" ? "webp" : null;
}

/**
 * The first attempt that is small enough, or the smallest of all: quality falls first, then size.
 * @param {(longest: number, quality: number) => Promise<Blob | null>} draw gives null where the phone has no memory for it
 */
export async function smallest(draw) {
  /** @type {Blob | null} */
  let best = null;
  for (const longest of [LONGEST_PX, LONGEST_WEAK_PX]) {
    for (const quality of QUALITIES) {
      const made = await draw(longest, quality);
      if (!made) break;
      if (!best || made.size < best.size) best = made;
      if (best.size <= MOST_BYTES) return best;
    }
  }
  return best;
}

/**
 * A photo's bytes as they are kept and sent. Evidence stays byte for byte as the camera made it, where the server takes it so.
 * Throws `BadPicture`.
 * @param {Blob} file @param {{evidence?: boolean}} [how] @returns {Promise<ArrayBuffer>}
 */
export async function toJpeg(file, { evidence = false } = {}) {
  const bytes = await read(file);
  if (bytes.byteLength === 0) throw new BadPicture("photo.empty");
  const kind = kindOf(new Uint8Array(bytes, 0, Math.min(16, bytes.byteLength)));
  if (evidence && kind && bytes.byteLength <= MOST_EVIDENCE_BYTES) return bytes;
  const picture = await decoded(new Blob([bytes], kind ? { type: `image/${kind}` } : { type: file.type }));
  try {
    const made = evidence ? await drawn(picture, LONGEST_EVIDENCE_PX, EVIDENCE_QUALITY) : null;
    const jpeg = made ?? (await smallest((longest, quality) => drawn(picture, longest, quality)));
    if (!jpeg) throw new BadPicture("photo.no_picture");
    return await jpeg.arrayBuffer();
  } finally {
    picture.free();
  }
}

/** The bytes now: a file of the camera can vanish under us. @param {Blob} file */
async function read(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new BadPicture("photo.unreadable");
  }
}

/** @typedef {{source: CanvasImageSource, width: number, height: number, free: () => void}} Picture upright, as its EXIF says */

/** @param {Blob} blob @returns {Promise<Picture>} */
async function decoded(blob) {
  for (const options of [{}, { resizeWidth: LONGEST_WEAK_PX, resizeQuality: /** @type {const} */ ("medium") }]) {
    try {
      const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image", ...options });
      return { source: bitmap, width: bitmap.width, height: bitmap.height, free: () => bitmap.close() };
    } catch {
      // Too large for this phone's memory, or a format that only <img> reads: the next way.
    }
  }
  return await asElement(blob);
}

/** @param {Blob} blob @returns {Promise<Picture>} */
async function asElement(blob) {
  const address = URL.createObjectURL(blob), image = new Image();
  const free = () => URL.revokeObjectURL(address);
  image.src = address;
  try {
    await image.decode();
  } catch {
    free();
    throw new BadPicture("photo.no_picture");
  }
  return { source: image, width: image.naturalWidth, height: image.naturalHeight, free };
}

/** @param {Picture} picture @param {number} longest @param {number} quality @returns {Promise<Blob | null>} */
async function drawn(picture, longest, quality) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, within(picture.width, picture.height, longest));
  try {
    const paper = canvas.getContext("2d", { alpha: false });
    if (!paper) return null;
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.imageSmoothingQuality = "high";
    paper.drawImage(picture.source, 0, 0, canvas.width, canvas.height);
    return await new Promise((/** @type {BlobCallback} */ settle) => canvas.toBlob(settle, "image/jpeg", quality));
  } catch {
    return null;
  } finally {
    canvas.width = 0;
    canvas.height = 0;
  }
}
