// The arithmetic of shrinking; pictures themselves are drawn in Chromium (test_position_ui.py).

import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST_BYTES, kindOf, smallest, within } from "../../../app/static/phone/shrink.js";

test("the longest side shrinks to the limit, and nothing grows or vanishes", () => {
  assert.deepEqual(within(4000, 3000, 1600), { width: 1600, height: 1200 });
  assert.deepEqual(within(3000, 4000, 1600), { width: 1200, height: 1600 });
  assert.deepEqual(within(800, 600, 1600), { width: 800, height: 600 });
  assert.deepEqual(within(40_000, 3, 1600), { width: 1600, height: 1 });
});

test("files are known by their first bytes, not by their names", () => {
  const bytes = (...parts) => Uint8Array.from(parts.join(""), (letter) => letter.charCodeAt(0));

  assert.equal(kindOf(bytes("\xff\xd8\xff\xe1")), "jpeg");
  assert.equal(kindOf(bytes("\x89PNG\r\n\x1a\n", "IHDR")), "png");
  assert.equal(kindOf(bytes("RIFF", "....", "WEBP")), "webp");
  assert.equal(kindOf(bytes("RIFF", "....", "WAVE")), null);
  assert.equal(kindOf(bytes("\0\0\0\x18ftypheic")), null);
  assert.equal(kindOf(bytes("")), null);
});

/** A camera whose pictures weigh `weigh(longest, quality)` bytes; 0 is "no memory". */
const drawing = (tried, weigh) => async (longest, quality) => {
  tried.push([longest, quality]);
  const size = weigh(longest, quality);
  return size ? { size } : null;
};

test("quality falls until the picture is light enough, then the size", async () => {
  const tried = [];
  const made = await smallest(drawing(tried, (_, quality) => quality * 500_000));
  assert.deepEqual([made.size, tried], [350_000, [[1600, 0.8], [1600, 0.7]]]);

  const again = [];
  const noisy = await smallest(drawing(again, (longest, quality) => longest * quality * 1000));
  assert.equal(noisy.size, 1200 * 0.5 * 1000);
  assert.ok(noisy.size > MOST_BYTES);
  assert.equal(again.length, 8);
});

test("a phone without memory gets a smaller one, or the answer that there is none", async () => {
  const tried = [];
  const made = await smallest(drawing(tried, (longest) => (longest > 1200 ? 0 : 90_000)));

  assert.deepEqual([made.size, tried], [90_000, [[1600, 0.8], [1200, 0.8]]]);
  assert.equal(await smallest(drawing([], () => 0)), null);
});
