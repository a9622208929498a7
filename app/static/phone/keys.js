// Who can be read at this moment: keys behind a PIN live in memory only, shared by the open tabs of this phone.

import { text } from "./bytes.js";
import { Locked } from "./errors.js";
import { unseal } from "./vault.js";

/** @import { KeptPerson } from "./kept.d.ts" */
/** @import { Sealed } from "./types.d.ts" */
/** @import { Bus } from "./bus.js" */

export class Keys {
  /** @type {Map<number, CryptoKey>} */
  #unlocked = new Map();
  #bus;

  /** @param {Bus} bus */
  constructor(bus) {
    this.#bus = bus;
    bus.on("unlocked", (said) => { if (!said.here) this.#unlocked.set(said.person, said.key); });
    bus.on("locked", (said) => { this.#unlocked.delete(said.person); });
    bus.on("keys?", (said) => {
      if (!said.here) for (const [person, key] of this.#unlocked) bus.tell("unlocked", { person, key });
    });
  }

  /** @param {number} person @param {CryptoKey} key */
  unlock(person, key) {
    this.#unlocked.set(person, key);
    this.#bus.tell("unlocked", { person, key });
  }

  /** @param {number} person */
  lock(person) {
    this.#bus.tell("locked", { person });
  }

  /** Ask the other tabs, if there are any. */
  collect() {
    this.#bus.tell("keys?");
  }

  /** For sending, which goes on while somebody else has the phone. @param {KeptPerson} person */
  of(person) {
    return person.open ?? this.#unlocked.get(person.id) ?? null;
  }

  /** For showing. Throws `Locked`. @param {KeptPerson} person */
  reading(person) {
    const key = person.aside ? null : this.of(person);
    if (!key) throw new Locked();
    return key;
  }

  /** @param {KeptPerson} person @param {Sealed} sealed @param {string} aad */
  async open(person, sealed, aad) {
    return unseal(sealed, this.reading(person), person.public, aad);
  }

  /** The device token, or null while it cannot be used. @param {KeptPerson} person */
  async token(person) {
    if (person.token || !person.sealed_token) return person.token;
    const key = this.of(person);
    return key ? text(await unseal(person.sealed_token, key, person.public, `token:${person.id}`)) : null;
  }
}
