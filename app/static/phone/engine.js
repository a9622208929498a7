// The phone without its screens: who uses it, what they fill in, what is to be sent, and the sending.

import { Bus } from "./bus.js";
import { Drafts } from "./drafts.js";
import { NoCrypto } from "./errors.js";
import { Keys } from "./keys.js";
import { Packs } from "./packs.js";
import { People } from "./people.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { Store } from "./store.js";

/** Throws `NoCrypto` (plain http), `NoStore` (a browser that keeps nothing). */
export async function start() {
  if (!globalThis.crypto?.subtle) throw new NoCrypto();
  const store = new Store();
  const bus = new Bus();
  const keys = new Keys(bus);
  const people = new People(store, bus, keys);
  await people.load();
  keys.collect();
  const drafts = new Drafts(store, bus, keys, people);
  const queue = new Queue(store, bus, keys, people, drafts);
  const sender = new Sender(store, bus, keys, people);
  const packs = new Packs(store, bus, keys, people);
  return { people, drafts, queue, sender, packs };
}
