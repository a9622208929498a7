// The phone's position: which fix is kept, how long it listens, what it says when there is none.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Gps, fixOf, positionOf, replaces } from "../../../app/static/phone/gps.js";

const NOW = 1_790_000_000_000;

/** A device whose fixes the test sends. */
function device() {
  const listeners = new Map();
  let count = 0;
  return {
    listeners,
    watchPosition: (good, bad) => listeners.set(++count, { good, bad }) && count,
    clearWatch: (id) => listeners.delete(id),
    fix(accuracy, timestamp, latitude = 11.95) {
      for (const { good } of [...listeners.values()]) good({ coords: { longitude: 108.42, latitude, accuracy }, timestamp });
    },
    fail(code) {
      for (const { bad } of [...listeners.values()]) bad({ code });
    },
  };
}

test("a worse fix replaces a better one only after a minute", () => {
  const good = { lon: 1, lat: 1, accuracy_m: 8, at: NOW };

  assert.equal(replaces(null, good), true);
  assert.equal(replaces(good, { ...good, accuracy_m: 3000, at: NOW + 60_000 }), false);
  assert.equal(replaces(good, { ...good, accuracy_m: 3000, at: NOW + 60_001 }), true);
  assert.equal(replaces(good, { ...good, accuracy_m: 8, at: NOW + 1 }), true);
});

test("the best of twenty seconds is kept, and listening ends", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const fake = device(), clock = { now: NOW };
  const gps = new Gps(fake, () => clock.now);
  const looked = gps.look();
  assert.equal(gps.look(), looked);
  fake.fix(3000, NOW, 11.9);
  fake.fix(12, NOW, 11.95);
  fake.fix(40, NOW, 11.96);
  mock.timers.tick(19_999);
  assert.equal(fake.listeners.size, 1);
  mock.timers.tick(1);

  assert.deepEqual(await looked, { lon: 108.42, lat: 11.95, accuracy_m: 12, at: NOW });
  assert.equal(fake.listeners.size, 0);
  assert.equal(gps.looking(), false);
  mock.timers.reset();
});

test("a fix in the open ends the wait at once", async () => {
  const fake = device(), gps = new Gps(fake, () => NOW);
  const looked = gps.look();
  fake.fix(4.2, NOW);

  assert.equal((await looked)?.accuracy_m, 5);
});

test("ten minutes later it is no longer said, and every position carries its age", async () => {
  const fake = device(), clock = { now: NOW }, gps = new Gps(fake, () => clock.now);
  gps.follow(() => {});
  fake.fix(20, NOW - 3000);
  assert.deepEqual(positionOf(gps.last(), NOW), { lon: 108.42, lat: 11.95, accuracy_m: 20, age_s: 3, source: "gps" });
  clock.now = NOW + 597_000;
  assert.equal(gps.last()?.accuracy_m, 20);
  clock.now += 1;

  assert.equal(gps.last(), null);
  assert.equal(positionOf(gps.last()), null);
});

test("what makes no sense is not a fix, and a clock that runs ahead does not make it younger", () => {
  const coords = { longitude: 108.42, latitude: 11.95, accuracy: 0 };

  assert.equal(fixOf({ coords: { ...coords, accuracy: NaN }, timestamp: NOW }, NOW), null);
  assert.equal(fixOf({ coords: { ...coords, latitude: Infinity }, timestamp: NOW }, NOW), null);
  assert.deepEqual(fixOf({ coords, timestamp: NOW + 9000 }, NOW), { lon: 108.42, lat: 11.95, accuracy_m: 1, at: NOW });
  assert.equal(fixOf({ coords, timestamp: NOW - 9000 }, NOW)?.at, NOW - 9000);
  assert.equal(fixOf({ coords, timestamp: 9000 }, NOW)?.at, NOW);
});

test("why there is none is said: refused, switched off, no device, a mast only", async () => {
  const refused = device(), gps = new Gps(refused, () => NOW);
  const looked = gps.look();
  assert.equal(gps.why(), "gps.looking");
  refused.fail(1);
  assert.equal(await looked, null);
  assert.deepEqual([gps.state(), gps.why()], ["denied", "gps.denied"]);

  const off = device(), other = new Gps(off, () => NOW);
  other.follow(() => {});
  off.fail(2);
  assert.deepEqual([other.state(), other.why()], ["unavailable", "gps.unavailable"]);
  off.fix(1500, NOW);
  assert.deepEqual([other.state(), other.why()], ["granted", "gps.poor"]);

  const none = new Gps(undefined, () => NOW);
  assert.equal(await none.look(), null);
  assert.deepEqual([none.state(), none.why()], ["unavailable", "gps.no_device"]);
});
