// Whether a receipt is the ward's: its signature against the ward's public key, its hash against the text kept here.

import { canonical, sha256, utf8 } from "../bytes.js";

/** @typedef {import("../types").Receipt} Receipt */

/** @param {string} hex */
function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * "true" and "false" are proofs; the others say why there is none.
 * @param {Receipt} receipt @param {string} sha of the text kept here
 * @param {() => Promise<{public_key: string}>} ask the ward's checkpoint
 * @returns {Promise<"true" | "false" | "other_text" | "unsigned" | "offline" | "old_browser">}
 */
export async function verify(receipt, sha, ask) {
  if (sha && receipt.content_sha256 !== sha) return "other_text";
  const { signature, ...said } = receipt;
  if (!signature || !receipt.key) return "unsigned";
  let key;
  try {
    key = bytesOf((await ask()).public_key);
  } catch {
    return "offline";
  }
  if ((await sha256(key)) !== receipt.key) return "false";
  try {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return (await crypto.subtle.verify({ name: "Ed25519" }, imported, bytesOf(signature), utf8(canonical(said)))) ? "true" : "false";
  } catch {
    return "old_browser";
  }
}

/** The ward's newest checkpoint, which names its public key. @returns {Promise<{public_key: string}>} */
export async function checkpoint() {
  const answer = await fetch("/api/log/checkpoint", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`checkpoint: ${answer.status}`);
  return answer.json();
}

/** A hash in groups of four, as it is read out. @param {string} hash */
export const grouped = (hash) => (hash.match(/.{1,4}/g) ?? []).join(" ");
