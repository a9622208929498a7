// The sender's choices: what goes first, how much at once, what an answer means, how long it waits.

import assert from "node:assert/strict";
import { test } from "node:test";

import { waitOf } from "../../../app/static/phone/pin.js";
import * as plan from "../../../app/static/phone/plan.js";
import { inOrder } from "../../../app/static/phone/records.js";

const SHA = "a".repeat(64);
let number = 0;

function row(more = {}) {
  number += 1;
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return { id, kind: "inspection", person: 1, place: "P6-ST-01", urgent: false, saved_at: number, state: "ready", photos: [], receipt: null, problem: null, tries: 0, sha: SHA, sealed: {}, form: {}, done_at: null, ...more };
}

const photo = (sha, more = {}) => ({ sha, bytes: 100, state: "kept", sent: 0, problem: null, ...more });
const entries = (rows, size = 100) => rows.map((one) => ({ row: one, json: JSON.stringify({ id: one.id, x: "đ".repeat(size) }) }));
const receipt = (one) => ({ id: one.id, content_sha256: one.sha, place: one.place, received_at: "2026-10-14T11:40:00Z", log_seq: 4 });
const ids = (rows) => rows.map((one) => one.id);

test("danger goes first, then the oldest; what is parked or there does not go", () => {
  const [old, danger, late] = [row({ saved_at: 1 }), row({ saved_at: 9, urgent: true }), row({ saved_at: 5 })];

  assert.deepEqual(ids(plan.texts([late, row({ state: "refused" }), old, danger, row({ state: "done" })])), ids([danger, old, late]));
});

test("photos of danger go first, and none twice", () => {
  const calm = row({ state: "received", photos: [photo("1"), photo("2", { state: "received" })] });
  const danger = row({ state: "received", urgent: true, photos: [photo("3"), photo("4", { sent: 100 }), photo("5", { state: "refused" })] });

  assert.deepEqual(plan.photos([calm, danger, row({ photos: [photo("6")] })]).map((one) => one.photo.sha), ["3", "1"]);
});

test("a batch holds a hundred records and a megabyte of UTF-8 at most, and danger goes alone", () => {
  const limit = { records: plan.MOST_RECORDS, bytes: plan.MOST_BYTES };
  const many = entries(Array.from({ length: 250 }, () => row()));
  const heavy = plan.batch(entries(Array.from({ length: 90 }, () => row()), 10_000), limit);
  const giant = plan.batch(entries([row(), row()], 600_000), limit);
  const mixed = plan.batch(entries([row({ urgent: true }), row()]), limit);

  assert.equal(plan.batch(many, limit).length, 100);
  assert.equal(heavy.length, 49);
  assert.ok(plan.weight(plan.bodyOf(heavy)) <= plan.MOST_BYTES);
  assert.equal(giant.length, 1);
  assert.equal(mixed.length, 1);
});

test("a request names inspections before positions, and no empty list", () => {
  const [position, inspection] = [row({ kind: "position" }), row()];
  const of = (one) => ({ row: one, json: plan.spelt(one, { place: one.place }, [SHA]) });

  const both = JSON.parse(plan.bodyOf([of(position), of(inspection)]));
  assert.deepEqual(both.inspections, [{ id: inspection.id, inspection: { place: "P6-ST-01" }, photos: [SHA] }]);
  assert.deepEqual(both.positions, [{ id: position.id, position: { place: "P6-ST-01" }, photos: [SHA] }]);
  assert.deepEqual(Object.keys(JSON.parse(plan.bodyOf([of(position)]))), ["positions"]);
});

test("only what the server names leaves the phone", () => {
  const one = row({ photos: [photo("1", { sent: 100 }), photo("2", { sent: 100 }), photo("3")] });

  const gone = plan.apply(one, { id: one.id, status: "stored", receipt: receipt(one), lacking: ["2", "3"], held: ["1"] }, 7);
  assert.deepEqual(gone, ["1"]);
  assert.deepEqual(one.photos.map(({ state, sent }) => [state, sent]), [["received", 100], ["kept", 0], ["kept", 0]]);
  assert.equal(one.state, "received");
  assert.ok(one.sealed);

  plan.apply(one, { id: one.id, status: "known", receipt: receipt(one), lacking: [], held: ["1", "2", "3"] }, 8);
  assert.deepEqual([one.state, one.done_at, one.sealed, one.form], ["done", 8, null, null]);
  assert.equal(one.receipt.log_seq, 4);
});

test("without a word about a photo it stays, whatever the phone believes", () => {
  const one = row({ photos: [photo("1", { sent: 100 })] });

  assert.deepEqual(plan.apply(one, { id: one.id, status: "known", receipt: receipt(one) }, 7), []);
  assert.deepEqual([one.state, one.photos[0].state], ["received", "kept"]);
});

test("a receipt for something else is no receipt", () => {
  for (const other of [null, { content_sha256: "b".repeat(64) }, { id: "other" }]) {
    const one = row({ photos: [photo("1")] });
    const gone = plan.apply(one, { id: one.id, status: "stored", receipt: other && { ...receipt(one), ...other }, held: ["1"] }, 7);

    assert.deepEqual([gone, one.state, one.problem.code, one.receipt], [[], "conflict", "receipt-differs", null]);
    assert.ok(one.sealed);
  }
});

test("what is refused is parked whole, and what is put off waits as it is", () => {
  const problem = { code: "no-such-place", detail: "..." };
  const [no, twin, later] = [row({ photos: [photo("1")] }), row(), row()];
  plan.apply(no, { id: no.id, status: "refused", problem, held: ["1"] }, 7);
  plan.apply(twin, { id: twin.id, status: "conflict", problem: { code: "same-id-other-content" } }, 7);
  plan.apply(later, { id: later.id, status: "later", problem: { code: "unavailable" } }, 7);

  assert.deepEqual([no.state, no.problem, no.photos[0].state], ["refused", problem, "kept"]);
  assert.deepEqual([twin.state, later.state, later.problem], ["conflict", "ready", null]);
  assert.ok(no.sealed && twin.sealed && later.sealed);
});

test("arrived photos are asked about in small lots, danger's at once, and at the end", () => {
  const arrived = (more) => row({ state: "received", photos: [photo("1", { sent: 100 })], ...more });
  const waiting = row({ state: "received", photos: [photo("1")] });
  const four = Array.from({ length: 4 }, () => arrived());

  assert.equal(plan.toConfirm([waiting, ...four]).length, 0);
  assert.equal(plan.toConfirm([waiting, ...four, arrived()]).length, 5);
  assert.equal(plan.toConfirm([waiting, ...four, arrived({ urgent: true })]).length, 5);
  assert.equal(plan.toConfirm([waiting, arrived({ urgent: true })]).length, 1);
  assert.equal(plan.toConfirm(four).length, 4);
});

test("a refused request parks a record only when it went alone and the refusal was ours", () => {
  const answers = { 400: ["single", "park"], 403: ["single", "park"], 409: ["single", "park"], 422: ["single", "park"], 413: ["halve", "park"], 426: ["single", "wait"], 401: ["expired", "expired"], 404: ["wait", "wait"], 405: ["wait", "wait"] };
  for (const [status, [many, one]] of Object.entries(answers)) {
    assert.deepEqual([plan.meaning(Number(status), 9, true), plan.meaning(Number(status), 1, true)], [many, one], status);
    if (status !== "413") assert.deepEqual([plan.meaning(Number(status), 9, false), plan.meaning(Number(status), 1, false)], ["wait", "wait"], status);
  }
});

test("waits double from two seconds to five minutes, with jitter, and mind what the server asks", () => {
  const longest = (failures) => plan.backoff(failures, null, () => 1);

  assert.deepEqual([1, 2, 3, 8, 9, 500].map(longest), [2000, 4000, 8000, 256_000, 300_000, 300_000]);
  assert.equal(plan.backoff(9, null, () => 0), 250);
  assert.equal(plan.backoff(1, 20, () => 1), 22_000);
  assert.equal(plan.backoff(1, 86_400, () => 0), 300_250);
});

test("answers are found by id, and nonsense answers nothing", () => {
  const one = row();

  assert.equal(plan.resultsOf({ results: [{ id: one.id.toUpperCase(), status: "known" }] }).get(one.id).status, "known");
  for (const nonsense of [null, {}, { results: "x" }, { results: [null, 4, { id: 5 }] }]) assert.equal(plan.resultsOf(nonsense).size, 0);
});

test("the list shows what needs care, then what waits, then what is done", () => {
  const [done, older] = [row({ state: "done", saved_at: 9e9 }), row({ state: "done" })];
  const [no, hurt, danger, calm] = [row({ state: "conflict" }), row({ state: "received", photos: [photo("1", { state: "refused" })] }), row({ urgent: true }), row({ state: "received" })];

  assert.deepEqual(ids([older, calm, done, danger, no, hurt].sort(inOrder)), ids([hurt, no, danger, calm, done, older]));
});

test("wrong PINs cost time that no clock can shorten", () => {
  const at = 1_000_000;
  const wrong = (count, page = "p") => ({ count, at, seen: at, page });
  const now = (s, felt = s, page = "p") => ({ page, clock: at + s * 1000, felt });

  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 99].map((count) => waitOf(wrong(count), now(0))), [0, 0, 0, 0, 30, 60, 120, 300, 900, 900]);
  assert.equal(waitOf(wrong(8), now(899)), 1);
  assert.equal(waitOf(wrong(8), now(900)), 0);
  assert.equal(waitOf(wrong(8), now(1e6, 10)), 890); // the clock jumped in the page that saw it
  assert.equal(waitOf(wrong(8), now(-1e6, 900)), 0); // it jumped back, the wait was lived through
  assert.equal(waitOf(wrong(8), now(1e6, 0, "q")), 30); // reloaded long after: half a minute all the same
  assert.equal(waitOf(wrong(8), now(100, 40, "q")), 800);
  assert.equal(waitOf(wrong(8), now(-1e6, 40, "q")), 860);
});
