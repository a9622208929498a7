// Asking the server: an answer of ours, or a reason why there is none.

import { Offline, Refused } from "./errors.js";

/** @import { ProblemBody } from "./types.d.ts" */

export const PATIENCE = 60_000;

/**
 * @typedef {object} Asked
 * @property {string} [method]
 * @property {string | null} [token]
 * @property {string} [json] the body
 * @property {Record<string, string>} [headers]
 * @property {number} [patience] milliseconds
 * @property {boolean} [told] an answer that says "too often" is one
 */

/** @typedef {{ status: number, json: any, headers: Headers }} Answer */

/**
 * Any answer of our service, also a problem. Throws `Offline` for none: no network, no answer in time, 5xx, 429, or a page
 * where JSON belongs (the sign-in page of a Wi-Fi).
 * @param {string} path @param {Asked} [asked] @returns {Promise<Answer>}
 */
export async function ask(path, asked = {}) {
  const response = await sent(path, asked);
  const { status } = response;
  if (status >= 500 || status === 408 || (status === 429 && !asked.told)) {
    throw new Offline("silent", retryAfter(response.headers), status);
  }
  if (response.status === 204 || response.status === 304) return { status: response.status, json: null, headers: response.headers };
  if (!/^application\/(problem\+)?json\b/.test(response.headers.get("content-type") ?? "")) throw new Offline("silent");
  try {
    return { status: response.status, json: await response.json(), headers: response.headers };
  } catch {
    throw silence();
  }
}

/** Like `ask`, and throws `Refused` for a problem. @param {string} path @param {Asked} [asked] */
export async function asked(path, asked = {}) {
  const answer = await ask(path, { ...asked, told: true });
  if (answer.status >= 400) throw new Refused(problemOf(answer), retryAfter(answer.headers));
  return answer;
}

/** @param {Answer} answer @returns {ProblemBody} */
export function problemOf({ status, json }) {
  return typeof json?.code === "string" ? json : { code: `http-${status}`, status };
}

/** @param {string} path @param {Asked} asked */
async function sent(path, { method = "GET", token, json, headers = {}, patience = PATIENCE }) {
  try {
    return await fetch(path, {
      method,
      headers: {
        Accept: "application/json",
        "Accept-Language": document.documentElement.lang || "vi",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: json ?? null,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: late(patience),
    });
  } catch {
    throw silence();
  }
}

/** @param {number} ms */
function late(ms) {
  if (AbortSignal.timeout) return AbortSignal.timeout(ms);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

export function silence() {
  return new Offline(navigator.onLine === false ? "offline" : "silent");
}

/** Seconds that the server asked for. @param {Headers} headers */
export function retryAfter(headers) {
  const given = headers.get("retry-after");
  if (given === null) return null;
  const seconds = /^\d+$/.test(given) ? Number(given) : (Date.parse(given) - Date.parse(headers.get("date") ?? "")) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
