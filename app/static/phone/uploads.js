// One photo by the tus protocol: it goes on where the server has it, and can be cut at any byte.

import { silence, PATIENCE, retryAfter } from "./wire.js";
import { Offline, Refused } from "./errors.js";

/** @import * as Tus from "tus-js-client" */
/** @import { ProblemBody } from "./types.d.ts" */

export const CHUNK = 256 * 1024;
/** 403, 413, 422 are about the photo; 404, 409, 410: the server does not know (any longer) what it belongs to. */
const REFUSALS = new Set([401, 403, 404, 409, 410, 413, 422]);

/**
 * @typedef {object} Upload
 * @property {string} record
 * @property {string} sha
 * @property {Blob} blob
 * @property {string} token
 * @property {boolean} begun whether the server may have some of it
 * @property {(bytes: number) => void} progress bytes that the server has
 * @property {AbortSignal} signal cuts it at once
 * @property {() => boolean} border asked after every chunk: whether to stop there
 */

/** @returns {Promise<typeof Tus>} */
async function library() {
  const module = await import("tus-js-client");
  return /** @type {any} */ (globalThis).tus ?? module.default ?? module;
}

/**
 * "held": the server has it and names it by its hash; "sent": it has every byte; "cut": on the way. Throws `Offline`, or `Refused` where the photo itself
 * is not taken, or not yet (see `REFUSALS`).
 * @param {Upload} upload @returns {Promise<"held" | "sent" | "cut">}
 */
export async function uploaded({ record, sha, blob, token, begun, progress, signal, border }) {
  const tus = await library();
  if (signal.aborted) return "cut";
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(/** @type {File} */ (blob), {
      endpoint: new URL("/api/uploads", location.href).href,
      uploadUrl: begun ? new URL(`/api/uploads/${record}/${sha}`, location.href).href : null,
      chunkSize: CHUNK,
      uploadDataDuringCreation: true,
      retryDelays: null,
      storeFingerprintForResuming: false,
      metadata: { record, sha256: sha },
      headers: { Authorization: `Bearer ${token}`, "Accept-Language": document.documentElement.lang || "vi" },
      httpStack: { createRequest: (method, url) => new TusRequest(method, url), getName: () => "fetch" },
      onChunkComplete: (_size, accepted) => {
        progress(accepted);
        if (accepted < blob.size && border()) cut();
      },
      onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader("Taluy-Held") === sha ? "held" : "sent"),
      onError: (error) => reject(reasonOf(error)),
    });
    const cut = () => void upload.abort().finally(() => resolve("cut"));
    signal.addEventListener("abort", cut, { once: true });
    upload.start();
  });
}

/** @param {Error | Tus.DetailedError} error */
function reasonOf(error) {
  const response = "originalResponse" in error ? error.originalResponse : null;
  if (!response) return "originalRequest" in error ? silence() : error;
  const status = response.getStatus();
  const problem = spoken(response.getBody(), status);
  const after = retryAfter(new Headers([["retry-after", response.getHeader("retry-after") ?? "none"]]));
  return problem && REFUSALS.has(status) ? new Refused(problem, after) : new Offline("silent", after, status);
}

/** @param {string} body @param {number} status @returns {ProblemBody | null} */
function spoken(body, status) {
  try {
    const problem = JSON.parse(body);
    return typeof problem?.code === "string" ? { status, ...problem } : null;
  } catch {
    return null;
  }
}

/**
 * tus asks through this: no cookie goes along, no redirect is followed, and a request that is silent for a minute ends.
 * @implements {Tus.HttpRequest}
 */
class TusRequest {
  /** @type {Record<string, string>} */
  #headers = {};
  #cut = new AbortController();

  /** @param {string} method @param {string} url */
  constructor(method, url) {
    this.method = method;
    this.url = url;
  }

  getMethod() {
    return this.method;
  }

  getURL() {
    return this.url;
  }

  /** @param {string} name @param {string} value */
  setHeader(name, value) {
    this.#headers[name] = value;
  }

  /** @param {string} name */
  getHeader(name) {
    return this.#headers[name];
  }

  setProgressHandler() {
    // a chunk is small enough to be counted whole
  }

  /** @param {Blob | null} body @returns {Promise<Tus.HttpResponse>} */
  async send(body = null) {
    const late = setTimeout(() => this.#cut.abort(), PATIENCE);
    try {
      const { method, url } = this;
      const how = /** @type {const} */ ({ cache: "no-store", credentials: "omit", redirect: "error" });
      const response = await fetch(url, { method, headers: this.#headers, body, signal: this.#cut.signal, ...how });
      const text = await response.text();
      return {
        getStatus: () => response.status,
        getHeader: (name) => /** @type {string} */ (response.headers.get(name)),
        getBody: () => text,
        getUnderlyingObject: () => response,
      };
    } finally {
      clearTimeout(late);
    }
  }

  async abort() {
    this.#cut.abort();
  }

  getUnderlyingObject() {
    return this.#cut;
  }
}
