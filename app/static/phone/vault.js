// Sealing: what is kept on the phone opens only for the person who made it, or for the ward's server for them.
// Byte for byte the same as app/phone/sealed.py. ECDH P-256, HKDF-SHA256, AES-256-GCM; PBKDF2 for the PIN.

import { fromBase64url, joined, utf8 } from "./bytes.js";
import { Unreadable } from "./errors.js";

/** @import { Sealed, Wrapped } from "./types.d.ts" */
/** @import { Bytes } from "./bytes.js" */

export const ROUNDS = 600_000;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const NOTHING = new Uint8Array(0);

/** @param {number} length @returns {Bytes} */
function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A person's new key pair: raw public point (65 bytes) and private PKCS8. */
export async function makePair() {
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  return {
    public: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    pkcs8: new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
  };
}

/** A private key that scripts can use but not read. @param {BufferSource} pkcs8 */
export function privateKey(pkcs8) {
  return crypto.subtle.importKey("pkcs8", pkcs8, CURVE, false, ["deriveBits"]);
}

/** @param {BufferSource} raw @param {KeyUsage[]} uses */
function aesKey(raw, uses) {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, uses);
}

/** @param {CryptoKey} own @param {Bytes} other @param {Bytes} epk @param {Bytes} receiver @param {KeyUsage[]} uses */
async function sealKey(own, other, epk, receiver, uses) {
  const point = await crypto.subtle.importKey("raw", other, CURVE, false, []);
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: point }, own, 256);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const info = joined(utf8("taluy-seal-1"), epk, receiver);
  const how = { name: "HKDF", hash: "SHA-256", salt: NOTHING, info };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, uses);
}

/**
 * Seal `bytes` to a public key; needs no secret, so it works locked.
 * @param {BufferSource} bytes @param {Bytes} receiver raw public point @param {string} aad what it is, such as `record:<id>`
 * @returns {Promise<Sealed>}
 */
export async function seal(bytes, receiver, aad) {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const epk = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const key = await sealKey(pair.privateKey, receiver, epk, receiver, ["encrypt"]);
  const iv = random(12);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(aad) }, key, bytes);
  return { epk, iv, data };
}

/**
 * Open what was sealed to `receiver`. Throws `Unreadable` for other bytes, another key or another `aad`.
 * @param {Sealed} sealed @param {CryptoKey} own @param {Bytes} receiver @param {string} aad
 * @returns {Promise<ArrayBuffer>}
 */
export async function unseal(sealed, own, receiver, aad) {
  try {
    const key = await sealKey(own, sealed.epk, sealed.epk, receiver, ["decrypt"]);
    const how = { name: "AES-GCM", iv: sealed.iv, additionalData: utf8(aad) };
    return await crypto.subtle.decrypt(how, key, sealed.data);
  } catch (error) {
    throw new Unreadable(aad.split(":")[0], { cause: error });
  }
}

/**
 * The private key under a secret of 32 bytes.
 * @param {BufferSource} pkcs8 @param {BufferSource} secret @param {string} aad @returns {Promise<Wrapped>}
 */
export async function wrap(pkcs8, secret, aad) {
  const iv = random(12);
  const key = await aesKey(secret, ["encrypt"]);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(aad) }, key, pkcs8);
  return { iv, data };
}

/**
 * The private key (PKCS8) back, or null for another secret.
 * @param {Wrapped} wrapped @param {BufferSource} secret @param {string} aad
 */
export async function unwrap(wrapped, secret, aad) {
  const key = await aesKey(secret, ["decrypt"]);
  try {
    return await crypto.subtle.decrypt({ name: "AES-GCM", iv: wrapped.iv, additionalData: utf8(aad) }, key, wrapped.data);
  } catch {
    return null;
  }
}

/** The key of this phone that a PIN is worth nothing without; it cannot be read out. */
export function makeDeviceKey() {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
}

/** @param {string} pin @param {Bytes} salt @param {number} rounds @param {CryptoKey} device */
async function pinSecret(pin, salt, rounds, device) {
  const base = await crypto.subtle.importKey("raw", utf8(pin.normalize("NFC")), "PBKDF2", false, ["deriveBits"]);
  const slow = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, base, 256);
  return crypto.subtle.sign("HMAC", device, slow);
}

/**
 * @param {BufferSource} pkcs8 @param {string} pin @param {CryptoKey} device @param {number} person @param {number} [rounds]
 * @returns {Promise<Wrapped>}
 */
export async function wrapByPin(pkcs8, pin, device, person, rounds = ROUNDS) {
  const salt = random(16);
  const secret = await pinSecret(pin, salt, rounds, device);
  return { ...(await wrap(pkcs8, secret, `taluy-pin-1:${person}`)), salt, rounds };
}

/** PKCS8, or null for a wrong PIN. @param {Wrapped} wrapped @param {string} pin @param {CryptoKey} device @param {number} person */
export async function unwrapByPin(wrapped, pin, device, person) {
  const secret = await pinSecret(pin, wrapped.salt ?? NOTHING, wrapped.rounds ?? ROUNDS, device);
  return unwrap(wrapped, secret, `taluy-pin-1:${person}`);
}

/** What the server's wrap is bound to. @param {number} person */
export function vaultName(person) {
  return `taluy-vault-1:${person}`;
}

/**
 * The key that vouches, in an exported file, for what the person sealed on this phone.
 * @param {string} unlock `unlock_key` of the sign-in @param {number} person
 */
export async function voucherKey(unlock, person) {
  const base = await crypto.subtle.importKey("raw", fromBase64url(unlock), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: NOTHING, info: utf8(`taluy-voucher-1:${person}`) };
  return crypto.subtle.deriveKey(how, base, { name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
}

/** @param {CryptoKey} voucher @param {string} id of the record @param {Sealed} sealed */
export function vouch(voucher, id, sealed) {
  return crypto.subtle.sign("HMAC", voucher, joined(utf8(`record:${id}`), sealed.epk, sealed.iv, sealed.data));
}
