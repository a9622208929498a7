/** Sending, and what each answer means for the person who waits. */

const WAIT_MS = 40_000;
const HEADERS = {
  "Content-Type": "application/json",
  Accept: "application/json",
  "Accept-Language": document.documentElement.lang,
};

/** @typedef {{id: string, place: string, content_sha256: string, received_at: string, log_seq: number}} Receipt */
/** @typedef {{detail?: string, title?: string, code?: string, errors?: {pointer: string, detail: string}[]}} Problem */
/**
 * @typedef {{kind: "received", receipt: Receipt} | {kind: "offline" | "silent" | "signed_out" | "other_content"}
 *   | {kind: "refused", problem: Problem}} Outcome
 */

/** @param {Response} response @returns {Promise<Problem>} */
async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

/**
 * Send an inspection. The same id and text may go any number of times: the server keeps one.
 * @param {string} id
 * @param {string} text
 * @returns {Promise<Outcome>}
 */
export async function sendVisit(id, text) {
  let response;
  try {
    response = await fetch(`/api/inspections/${id}`, {
      method: "PUT",
      headers: HEADERS,
      body: text,
      signal: AbortSignal.timeout(WAIT_MS),
    });
    if (response.ok) return { kind: "received", receipt: await response.json() };
  } catch {
    return { kind: navigator.onLine ? "silent" : "offline" };
  }
  const problem = await problemOf(response);
  if (response.status === 401) return { kind: "signed_out" };
  if (response.status === 409 && problem.code === "same-id-other-content") return { kind: "other_content" };
  if (response.status >= 500 || response.status === 429) return { kind: "silent" };
  return { kind: "refused", problem };
}

/**
 * Send one photo; `progress` hears how many bytes have gone.
 * @param {string} visit
 * @param {string} sha
 * @param {Blob} blob
 * @param {(sent: number) => void} progress
 * @returns {Promise<"received" | "refused" | "later">}
 */
export function sendPhoto(visit, sha, blob, progress) {
  return new Promise((settle) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/photos/${sha}?inspection=${visit}`);
    request.setRequestHeader("Content-Type", blob.type);
    request.timeout = WAIT_MS * 3;
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () => {
      if (request.status === 200 || request.status === 201) settle("received");
      else settle(request.status >= 500 || request.status === 429 || request.status === 401 ? "later" : "refused");
    };
    request.onerror = () => settle("later");
    request.ontimeout = () => settle("later");
    request.send(blob);
  });
}

/**
 * What the rules suggest for what is filled in so far; null where nobody answers.
 * @param {string} code
 * @param {object} body
 * @returns {Promise<{condition: string, reasons: {text: string, mark: string}[], notices: string[]} | null>}
 */
export async function suggestion(code, body) {
  try {
    const response = await fetch(`/s/${code}/suggest`, {
      method: "POST",
      headers: HEADERS,
      body: JSON.stringify(body),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
