// What a QR code or a typed word leads to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { codeOf, suggestions, typedCode } from "../../../app/static/phone/scan/code.js";

const ORIGIN = "https://taluy.example.vn";
const PLACES = [
  { code: "P6-ST-01", name: "Sạt trượt hẻm 5" }, { code: "P6-ST-02", name: "Taluy đường Hai Bà Trưng" }, { code: "P6-NL-01", name: "Cuối đường Hai Bà Trưng" },
];

test("only our own boards lead to a form", () => {
  for (const ours of [`${ORIGIN}/s/P6-ST-01`, `${ORIGIN}/s/p6-st-01/`, `${ORIGIN}/s/P6-ST-01?from=board#top`, " P6-ST-01 ", "p6-st-01"]) {
    assert.equal(codeOf(ours, ORIGIN), "P6-ST-01", ours);
  }
  for (const foreign of [
    "https://evil.example/s/P6-ST-01", "http://taluy.example.vn/s/P6-ST-01", `${ORIGIN}/s/P6-ST-01/edit`, `${ORIGIN}/phone`, "javascript:alert(1)", "WIFI:S:x;;",
    "", "0123456789", `${ORIGIN}/s/../sign-in`, `${ORIGIN}.evil.example/s/P6-ST-01`, `https://taluy.example.vn@evil.example/s/P6-ST-01`, "P6",
  ]) assert.equal(codeOf(foreign, ORIGIN), null, foreign);
});

test("a code is known without its hyphens, and found by a part of its name without accents", () => {
  assert.equal(typedCode("p6 st.02", PLACES), "P6-ST-02");
  assert.equal(typedCode("P6ST", PLACES), null);
  assert.deepEqual(suggestions("st", PLACES, 9).map((place) => place.code), ["P6-ST-01", "P6-ST-02"]);
  assert.deepEqual(suggestions("hai ba trung", PLACES, 9).map((place) => place.code), ["P6-NL-01", "P6-ST-02"]);
  assert.deepEqual(suggestions("  ", PLACES, 9), []);
  assert.equal(suggestions("p6", PLACES, 2).length, 2);
});
