// Signing in on this phone: the key pair is made at the first time and found again at every other.

import { fromBase64url } from "./bytes.js";
import { Refused } from "./errors.js";
import { makePair, privateKey, seal, unseal, unwrap, vaultName, voucherKey, wrap } from "./vault.js";
import { asked } from "./wire.js";

/** @import { KeptPerson } from "./kept.d.ts" */
/** @import { Store } from "./store.js" */

/** @typedef {{ token: string, expires_at: string, unlock_key: string, person: { id: number, name: string, role: string } }} DeviceAnswer */

/**
 * Throws `Refused` (the server said no), `Offline`.
 * @param {Store} store @param {{ name: string, password: string, code?: string, device: string }} given
 * @param {Map<number, KeptPerson>} known
 */
export async function signedIn(store, given, known) {
  const body = { name: given.name, password: given.password, device: given.device, ...(given.code ? { code: given.code } : {}) };
  const { json } = await asked("/api/devices", { method: "POST", json: JSON.stringify(body) });
  const person = await opened(/** @type {DeviceAnswer} */ (json), known.get(json.person.id) ?? null);
  await store.write(["people"], (tx) => tx.objectStore("people").put(person));
  return person;
}

/** @param {DeviceAnswer} answer @param {KeptPerson | null} before @returns {Promise<KeptPerson>} */
async function opened(answer, before) {
  const { id, name, role } = answer.person;
  const secret = fromBase64url(answer.unlock_key);
  const pair = before ? { public: before.public, pkcs8: await again(before, secret) } : await makePair();
  const key = await privateKey(pair.pkcs8);
  const self = await seal(pair.pkcs8, pair.public, `self:${id}`);
  await unseal(self, key, pair.public, `self:${id}`); // a pair that does not fit together would lose what it seals
  return {
    id,
    name,
    role,
    public: pair.public,
    wrapped: await wrap(pair.pkcs8, secret, vaultName(id)),
    self,
    pin: null,
    open: key,
    voucher: await voucherKey(answer.unlock_key, id),
    token: answer.token,
    sealed_token: null,
    expires_at: answer.expires_at,
    expired: false,
    aside: false,
    wrong: { count: 0, at: 0, seen: 0, page: "" },
  };
}

/** The private key that this person's things are sealed to. @param {KeptPerson} before @param {BufferSource} secret */
async function again(before, secret) {
  const unwrapped = await unwrap(before.wrapped, secret, vaultName(before.id));
  if (unwrapped) return unwrapped;
  if (before.open) return unseal(before.self, before.open, before.public, `self:${before.id}`);
  throw new Refused({ code: "other-unlock-key" });
}
