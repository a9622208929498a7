// Distances, directions and averaged fixes, checked against figures worked out by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { average } from "../../../app/static/phone/average.js";
import { area, bearing, crossesItself, distance, encloses, nearest, way } from "../../../app/static/phone/geo.js";

const HERE = [108.42, 11.95];
const M = 1 / 111_320;
const MX = M / Math.cos((11.95 * Math.PI) / 180);
/** `x` metres east and `y` metres north of HERE. */
const at = (x, y) => [HERE[0] + x * MX, HERE[1] + y * M];
const about = (is, should, by = 0.01) => assert.ok(Math.abs(is - should) <= by, `${is} is not ${should}`);

test("a direction is counted from north, clockwise", () => {
  const found = [[0, 9], [9, 9], [9, 0], [9, -9], [0, -9], [-9, -9], [-9, 0], [-9, 9]].map(([x, y]) => Math.round(bearing(HERE, at(x, y))));

  assert.deepEqual(found, [0, 45, 90, 135, 180, 225, 270, 315]);
});

test("the nearest spot is on a line's middle, an area's edge, or here when inside", () => {
  const line = { type: "LineString", coordinates: [at(-50, 30), at(50, 30)] };
  const hole = [at(-10, -10), at(10, -10), at(10, 10), at(-10, 10), at(-10, -10)];
  const block = { type: "Polygon", coordinates: [[at(-100, -100), at(100, -100), at(100, 100), at(-100, 100), at(-100, -100)], hole] };

  about(nearest(HERE, line).metres, 30);
  about(distance(nearest(HERE, line).at, at(0, 30)), 0);
  about(nearest(HERE, { type: "Point", coordinates: at(3, 4) }).metres, 5);
  assert.equal(nearest(at(50, 0), block).inside, true);
  about(nearest(HERE, block).metres, 10);
  about(nearest(at(0, 140), block).metres, 40);
  assert.equal(encloses(block, HERE), false);
});

test("no distance is claimed that is smaller than the doubt", () => {
  const fix = { lon: HERE[0], lat: HERE[1], accuracy_m: 8, at: 0 }, point = { type: "Point", coordinates: at(0, 240) };

  assert.deepEqual([way(fix, point, 10).around, way(fix, point, 1250).around, way({ ...fix, accuracy_m: 900 }, point, 10).around], [false, true, true]);
  assert.equal(way(fix, point, 1250).doubt, 1250);
});

test("an outline that runs over itself is seen", () => {
  assert.equal(crossesItself([at(0, 0), at(9, 9), at(9, 0), at(0, 9)]), true);
  assert.equal(crossesItself([at(0, 0), at(9, 0), at(9, 9), at(0, 9)]), false);
  assert.equal(crossesItself([at(0, 0), at(9, 0), at(9, 9)]), false);
  about(area([at(0, 0), at(20, 0), at(20, 10), at(0, 10)]), 200);
});

/** A fix `x`, `y` metres from HERE. */
const fix = (x, y, accuracy_m, second = 0) => ({ lon: at(x, y)[0], lat: at(x, y)[1], accuracy_m, at: second * 1000 });
const off = (made, x, y) => distance([made.lon, made.lat], at(x, y));

test("surer fixes weigh more: 4 m against 8 m as four to one", () => {
  const made = average([fix(0, 0, 4), fix(10, 0, 8)]);

  about(off(made, 2, 0), 0, 0.02);
  assert.equal(made.fixes, 2);
});

test("one that lies astray, however sure of itself, does not pull", () => {
  const crowd = Array.from({ length: 9 }, (_, i) => fix(i % 3, i % 2, 8, 2 * i));
  const made = average([...crowd, fix(3000, 400, 5, 20)]);

  assert.equal(made.fixes, 9);
  assert.ok(off(made, 1, 0.5) < 1);
});

test("a first fix from a mast, kilometres off, is not counted", () => {
  const made = average([fix(2800, 900, 3000), fix(0, 0, 8, 5), fix(1, 1, 8, 10)]);

  assert.equal(made.fixes, 2);
  assert.ok(off(made, 0.5, 0.5) < 0.1);
  assert.deepEqual(average([fix(2800, 900, 3000)])?.accuracy_m, 3000);
});

test("the accuracy is honest: never below 3 m, nor the best by the root of their number, nor their scatter", () => {
  const still = (n, apart, accuracy) => Array.from({ length: n }, (_, i) => fix(0, 0, accuracy, i * apart));

  assert.equal(average(still(100, 10, 5)).accuracy_m, 3);
  assert.equal(average(still(4, 5, 20)).accuracy_m, 10);
  assert.equal(average(still(20, 1, 20)).accuracy_m, 10, "twenty in nineteen seconds are four looks");
  assert.equal(average(still(20, 0.01, 20)).accuracy_m, 20, "twenty at once are one look");
  assert.equal(average([fix(-11.9, 0, 10, 0), fix(11.9, 0, 10, 100)]).accuracy_m, 12);
  assert.equal(average([]), null);
});
