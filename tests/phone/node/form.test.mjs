// The form's model: what is filled in beforehand, what goes to the server, what must be mended first.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bestFix, position } from "../../../app/static/phone/form/fix.js";
import { Model, empty } from "../../../app/static/phone/form/model.js";
import { suggest } from "../../../app/static/phone/form/rules.js";
import { known } from "../../../app/static/phone/form/start.js";
import { change, fits, stepped, typedNumber } from "../../../app/static/readings/numbers.js";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-01-14T12:00:00Z");
const at = (hours) => new Date(NOW - hours * HOUR).toISOString();
const label = { vi: "v", en: "e" };

const item = (code, type, more = {}) => ({
  code, type, label, where: "answers", choices: [], unit: null, min: null, max: null, step: null, see: "internal", optional: false,
  asks_note: false, companions: [], hidden_when: {}, measures: [], stream_mouth_only: false, mark: "proposed", source: null, ...more,
});
const choices = (...pairs) => [...pairs.map(([code, suggests = "none"]) => ({ code, label, suggests })), { code: "unknown", label, suggests: "none" }];
const mm = { where: "measurements", unit: "mm", min: 20, max: 2000, step: 1 };

const forms = {
  form_version: "2026.1", rule_version: "2026.1", conditions: {}, context: {},
  kinds: {
    slide: {
      name: label, outline: null,
      items: [
        item("crack_change", "choice", { choices: choices(["none"], ["as_before"], ["new_or_wider", "worse"], ["with_step", "danger"]) }),
        item("water_change", "choice", { choices: choices(["none"], ["new_or_more", "worse"], ["muddy", "danger"]), companions: [item("stream", "yn", { choices: choices(["yes", "danger"], ["no"]), stream_mouth_only: true })] }),
        item("wall", "choice", { choices: choices(["none"], ["more", "worse"]), companions: [item("wall_offset_mm", "number", { ...mm, min: -500, max: 500 })] }),
        item("crack_gauge_mm", "series", mm),
        item("sheet", "yn", { choices: choices(["yes"], ["no"]), measures: ["slope_tarpaulin"] }),
        item("after", "yn", { choices: choices(["yes"], ["no"]), hidden_when: { wall: ["none"] } }),
      ],
      chips: [{ code: "crack_change", label, where: "answers", value: "new_or_wider", stream_mouth_only: false }, { code: "stream", label, where: "answers", value: "yes", stream_mouth_only: true }],
    },
  },
};
const place = { code: "P6-ST-01", kind: "slide", measure: null, risk_level: "high", geometry: null };
const before = {
  seen_at: at(48), condition: "no_change",
  readings: {
    crack_change: { value: "as_before", at: at(48) }, water_change: { value: "new_or_more", at: at(48) }, wall: { value: "unknown", at: at(48) },
    crack_gauge_mm: { V1: { value: 200, at: at(48) } },
  },
};
const model = (content = {}, last = before) => Object.assign(new Model(forms, place, { ...empty(last), ...content }), { rules: suggest });

test("only what had no effect and was known is filled in beforehand", () => {
  const found = model();
  assert.equal(found.answer("crack_change"), "as_before");
  assert.equal(found.isCarried("crack_change"), true);
  assert.equal(found.answer("water_change"), null);
  assert.equal(found.answer("wall"), null);
  assert.equal(found.content.condition, "");
});

test("what last time left goes along only where somebody stands behind it", () => {
  assert.deepEqual(model({ condition: "no_change" }).body(NOW).answers, { crack_change: "as_before" });
  assert.deepEqual(model({ condition: "worse" }).body(NOW).answers, {});
  assert.deepEqual(model({ condition: "worse", looked: true }).body(NOW).answers, { crack_change: "as_before" });
  assert.deepEqual(model({ condition: "not_seen", looked: true }).body(NOW).answers, {});
});

test("numbers go along only when somebody touched them, and a taken-back answer stays away", () => {
  const found = model({ condition: "no_change" });
  assert.deepEqual(found.body(NOW).measurements, {});
  found.say("crack_gauge_mm", "201", "V1");
  found.say("crack_change", null);
  assert.deepEqual(found.body(NOW).measurements, { crack_gauge_mm: { V1: 201 } });
  assert.deepEqual(found.body(NOW).answers, {});
  found.say("crack_gauge_mm", "", "V1");
  assert.deepEqual(found.body(NOW).measurements, {});
});

test("needless questions and other measures' questions say nothing", () => {
  const found = model({ condition: "worse", said: { after: "yes", sheet: "yes", wall: "none" } });
  assert.deepEqual(found.body(NOW).answers, { wall: "none" });
  assert.equal(found.questions.all.has("sheet"), false);
  assert.deepEqual(found.questions.chips.map((chip) => chip.code), ["crack_change"]);
});

test("companions are asked after something happened, and then count", () => {
  const found = model({ condition: "worse" });
  assert.equal(found.shown().has("wall_offset_mm"), false);
  found.say("wall", "more");
  found.say("wall_offset_mm", "-12");
  assert.deepEqual(found.body(NOW).measurements, { wall_offset_mm: -12 });
});

test("two worse signs and rain in 24 h suggest danger, and a lighter choice needs a note", () => {
  const said = { crack_change: "new_or_wider", water_change: "new_or_more" };
  assert.equal(model({ said }).suggestion(NOW).condition, "worse");
  const rainy = model({ said, context: { rain_last_24h: "yes" }, condition: "worse" });
  assert.equal(rainy.suggestion(NOW).condition, "danger");
  assert.deepEqual(rainy.faults(NOW).map((fault) => fault.field), ["note"]);
  rainy.content.note = "đã che bạt";
  assert.deepEqual(rainy.faults(NOW), []);
});

test("what was seen forbids saying that nothing could be seen", () => {
  assert.deepEqual(model({ condition: "not_seen" }).faults(NOW), []);
  assert.equal(model({ condition: "not_seen", said: { crack_change: "none" } }).faults(NOW)[0].text, "form.something_seen");
  assert.deepEqual(model({ condition: "not_seen", said: { crack_change: "unknown" } }).faults(NOW), []);
});

test("a condition must be chosen, and a number must be one that the checklist takes", () => {
  assert.equal(model().faults(NOW)[0].field, "condition");
  const found = model({ condition: "worse", said: { crack_gauge_mm: { V1: "12" } } });
  assert.deepEqual(found.faults(NOW).map(({ field, text }) => [field, text]), [["crack_gauge_mm.V1", "form.number_wrong"]]);
});

test("numbers: comma and point, steps, ranges, and no rate below what a tape can tell", () => {
  assert.equal(typedNumber(" 1 234,5 "), 1234.5);
  assert.ok(Number.isNaN(typedNumber("")));
  assert.equal(stepped(NaN, 28, 1, { min: 20, max: 2000, step: 1 }), 29);
  assert.equal(stepped(0.2, NaN, 1, { min: 0, max: 6, step: 0.1 }), 0.3);
  assert.equal(stepped(NaN, NaN, 1, { min: 0, max: 6, step: 0.5 }), 0);
  assert.ok(fits(0.3, { min: 0, max: 6, step: 0.1 }));
  assert.ok(!fits(0.25, { min: 0, max: 6, step: 0.1 }));
  assert.deepEqual(change(34, 28, 288, "mm"), { by: 6, rate: 0.5, shrunk: false });
  assert.deepEqual(change(30, 28, 288, "mm"), { by: 2, rate: null, shrunk: false });
  assert.deepEqual(change(34, 28, 5, "mm"), { by: 6, rate: null, shrunk: false });
  assert.deepEqual(change(20, 28, 288, "mm"), { by: -8, rate: null, shrunk: true });
});

test("a visit carries the best fix near its moment, with the age it had then", () => {
  const fix = (accuracy_m, minutes) => ({ lon: 108.4, lat: 11.9, accuracy_m, at: NOW + minutes * 60_000 });
  assert.equal(bestFix(fix(6, -1), fix(30, 0), NOW)?.accuracy_m, 6);
  assert.equal(bestFix(fix(30, -1), fix(6, 0), NOW)?.accuracy_m, 6);
  assert.equal(bestFix(null, fix(6, 60), NOW), null);
  assert.equal(bestFix(fix(6, -60), null, NOW), null);
  assert.deepEqual(position(fix(6, -1), NOW), { lon: 108.4, lat: 11.9, accuracy_m: 6, age_s: 60, source: "gps" });
});

test("what needs no asking: the light by the clock, rain that was seen falling today", () => {
  assert.deepEqual(known(Date.parse("2026-10-14T03:00:00Z"), []), { light: "day" });
  assert.deepEqual(known(Date.parse("2026-10-14T13:00:00Z"), [{ at: Date.parse("2026-10-14T12:00:00Z"), context: { rain_now: "light" } }]), { light: "night", rain_last_24h: "yes" });
  assert.deepEqual(known(Date.parse("2026-10-15T13:00:00Z"), [{ at: Date.parse("2026-10-14T12:00:00Z"), context: { rain_now: "light" } }]), { light: "night" });
});
