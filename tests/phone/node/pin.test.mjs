// A position in the making: what is measured, what is tapped, what is warned of, and the proposal that it becomes.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Model, contentOf, empty } from "../../../app/static/phone/pin/model.js";
import { Take } from "../../../app/static/phone/pin/take.js";

const NOW = 1_790_000_000_000;
const HERE = [108.42, 11.95];
const M = 1 / 111_320, MX = M / Math.cos((11.95 * Math.PI) / 180);
const at = (x, y) => [HERE[0] + x * MX, HERE[1] + y * M];
const fix = (x, y, accuracy_m, second = 0) => ({ lon: at(x, y)[0], lat: at(x, y)[1], accuracy_m, at: NOW + second * 1000 });
const PLACE = {
  code: "P6-ST-01", version: 3, kind: "slide", geometry: { type: "Point", coordinates: at(0, 300) }, location_status: "unlocated", location_accuracy_m: 1250,
};
const GROUND = { outlines: [{ name: "phường", ring: [at(-500, -500), at(500, -500), at(500, 500), at(-500, 500), at(-500, -500)], accuracy_m: 400 }], streams: [] };
const model = (content = {}) => new Model({ ...empty(), ...content }, PLACE);

test("a point follows its fixes, and its proposal carries how it was measured", () => {
  const made = model();
  assert.equal(made.lacking()?.text, "pin.nothing");
  made.fix(fix(0, 0, 8, 0), NOW);
  made.fix(fix(0, 0, 8, 6), NOW + 6000);
  const body = made.body(NOW + 9000);

  assert.deepEqual(body, {
    place: "P6-ST-01", seen_at: new Date(NOW + 6000).toISOString(), geometry: { type: "Point", coordinates: at(0, 0).map((n) => Math.round(n * 1e7) / 1e7) },
    accuracy_m: 6, method: "gps", fixes: 2, note: null, place_version: 3,
  });
});

test("a line has the accuracy of its worst corner and the fixes of all", () => {
  const made = model({ shape: "line" });
  for (const [x, accuracy] of [[0, 6], [80, 20]]) {
    made.fix(fix(x, 0, accuracy), NOW);
    assert.equal(made.settle(NOW), true);
  }
  assert.equal(made.settle(NOW), false);
  const body = made.body(NOW);

  assert.deepEqual([body.geometry.type, body.method, body.accuracy_m, body.fixes], ["LineString", "corners", 20, 2]);
  assert.equal(Math.round(made.extent().values.metres), 80);
});

test("where a finger had a part in it, no accuracy is claimed", () => {
  const made = model({ shape: "area" });
  made.fix(fix(0, 0, 6), NOW);
  made.settle(NOW);
  made.tap(at(40, 0), NOW);
  assert.deepEqual(made.lacking(), { text: "pin.area_more", values: { n: 1 } });
  made.tap(at(40, 30), NOW);
  const body = made.body(NOW);

  assert.deepEqual([body.method, body.accuracy_m, body.fixes], ["tapped", null, null]);
  assert.equal(body.geometry.coordinates[0].length, 4);
  assert.deepEqual(made.extent(), { text: "pin.wide", values: { square: 600 } });
  made.tap(at(-20, 30), NOW);
  made.tap(at(60, 10), NOW);
  assert.equal(made.lacking()?.text, "pin.crosses");
  made.undo();
  assert.equal(made.lacking(), null);
});

test("another shape keeps what it can hold", () => {
  const made = model();
  made.fix(fix(0, 0, 6), NOW);
  made.choose("line");
  assert.deepEqual([made.content.corners.length, made.content.fixes.length], [1, 0]);
  made.tap(at(50, 0), NOW);
  made.choose("point");
  assert.equal(made.content.corners.length, 1);
});

test("outside the ward, far from the old circle and a poor accuracy are said, and keep nobody from saving", () => {
  const made = model();
  made.tap(at(0, 0), NOW);
  assert.deepEqual(made.warnings(GROUND), []);
  assert.equal(made.moved().within, true);
  made.tap(at(0, 740), NOW);
  const [outside] = made.warnings(GROUND);
  assert.deepEqual([outside.text, Math.round(outside.values.metres), outside.values.doubt], ["pin.outside", 240, 400]);
  made.tap(at(0, 1560), NOW);
  assert.deepEqual(made.warnings({ ...GROUND, outlines: [] }).map((said) => said.text), ["pin.far"]);
  made.restart();
  made.fix(fix(0, 0, 90), NOW);
  assert.deepEqual(made.warnings(GROUND).map((said) => said.text), ["pin.doubtful"]);
  assert.equal(made.lacking(), null);
});

test("what comes back to be mended is the shape that it was", () => {
  const made = model({ shape: "area" });
  for (const corner of [at(0, 0), at(40, 0), at(40, 30)]) made.tap(corner, NOW);
  const again = new Model(contentOf({ body: made.body(NOW) }), PLACE);
  assert.deepEqual(again.body(NOW), made.body(NOW));

  const measured = model({ shape: "line", note: "Chân mái" });
  for (const x of [0, 80]) { measured.fix(fix(x, 0, 6), NOW); measured.settle(NOW); }
  assert.deepEqual(new Model(contentOf({ body: measured.body(NOW) }), PLACE).body(NOW), measured.body(NOW));
});

test("a short measurement waits longer for its first fix", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const clock = { now: NOW }, gps = { follow(each) { this.each = each; return () => {}; }, state: () => "granted" };
  const take = new Take(gps, 5000, () => clock.now);
  take.start();
  mock.timers.tick(5000);
  clock.now += 5000;
  assert.equal(take.running, true);
  gps.each(fix(0, 0, 30, 6));
  assert.equal(take.running, false);

  take.start();
  mock.timers.tick(5000);
  mock.timers.tick(14_999);
  assert.equal(take.running, true);
  mock.timers.tick(1);
  assert.deepEqual([take.running, take.fixes.length], [false, 0]);
  mock.timers.reset();
});

test("taking ends when it is enough, when time is over, or when the position is forbidden", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const gps = { stopped: 0, follow(each, failed) { Object.assign(this, { each, failed }); return () => { this.stopped += 1; }; }, says: "granted", state() { return this.says; } };
  const clock = { now: NOW }, take = new Take(gps, 20_000, () => clock.now);
  let ends = 0;
  take.addEventListener("end", () => { ends += 1; });
  take.start();
  gps.each(fix(0, 0, 5, -60));
  assert.equal(take.fixes.length, 0, "a fix from before is not one of standing here");
  for (const second of [0, 5, 10]) gps.each(fix(0, 0, 7, second));
  assert.equal(take.running, true);
  gps.each(fix(0, 0, 7, 16));
  assert.deepEqual([take.running, ends, gps.stopped, take.fixes.length], [false, 1, 1, 4]);

  take.start(take.fixes);
  assert.equal(take.fixes.length, 4);
  mock.timers.tick(20_000);
  assert.deepEqual([take.running, ends], [false, 2]);

  take.start();
  gps.says = "denied";
  gps.failed();
  assert.deepEqual([take.running, ends, take.fixes.length], [false, 3, 0]);
  mock.timers.reset();
});
