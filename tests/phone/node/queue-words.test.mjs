// What the list of unsent things says of a row, of a wait, of age and of files.

import assert from "node:assert/strict";
import { test } from "node:test";

import { batches, bytesLeft, DAY_MS, daysOld, headline, next, reason, standing, stations, wait } from "../../../app/static/phone/queue/words.js";

const NOW = 1_790_000_000_000;
const clock = () => "18:41";
const size = (bytes) => `${bytes} B`;
const receipt = { id: "1", place: "P6-ST-02", content_sha256: "00", received_at: "2026-11-23T11:41:00Z", log_seq: 9 };

const photo = (state, sent = 0, more = {}) => ({ sha: "aa", bytes: 200_000, state, sent, ...more });
const row = (more = {}) => ({
  id: "1", kind: "inspection", person: 1, place: "P6-ST-02", urgent: false, saved_at: NOW, state: "ready", photos: [], receipt: null,
  problem: null, tries: 0, sha: "00", ...more,
});
const looks = (one) => stations(one, clock).map(({ look }) => look);
const keys = (said) => said.map(({ key }) => key);

test("the heading counts what waits and what was refused apart", () => {
  const refused = row({ state: "refused" }), conflict = row({ state: "conflict" }), done = row({ state: "done", receipt });

  assert.deepEqual(headline([row(), row({ state: "received", receipt }), refused, conflict, done]), [
    { key: "queue.waiting_n", values: { n: 2 } },
    { key: "queue.parked_n", values: { n: 2 } },
  ]);
  assert.deepEqual(keys(headline([done])), ["queue.all_sent"]);
  assert.deepEqual(keys(headline([])), ["queue.nothing"]);
});

test("only the server's receipt turns the second station on", () => {
  assert.deepEqual(looks(row({ photos: [photo("kept")] })), ["on", "", "", ""]);
  assert.deepEqual(looks(row({ state: "received", receipt, photos: [photo("received"), photo("kept", 5)] })), ["on", "on", "now", ""]);
  assert.deepEqual(looks(row({ state: "done", receipt, photos: [photo("received")] })), ["on", "on", "on", "on"]);
  assert.deepEqual(looks(row({ state: "done", receipt })), ["on", "on", "on", "on"]);
});

test("a refusal stands at its station, a refused photo at the photos", () => {
  assert.deepEqual(looks(row({ state: "refused", problem: { code: "x" } })), ["on", "no", "", ""]);
  const bad = row({ state: "refused", receipt, photos: [photo("received"), photo("refused", 0, { problem: { code: "bad", detail: "Ảnh hỏng." } })] });

  assert.deepEqual(looks(bad), ["on", "on", "no", ""]);
  assert.equal(reason(bad), "Ảnh hỏng.");
});

test("the reason is the server's own: its errors first, each once", () => {
  const errors = [{ pointer: "/note", detail: "Cần ghi chú." }, { pointer: "/condition", detail: "Cần ghi chú." }];

  assert.equal(reason(row({ state: "refused", problem: { code: "x", detail: "Chung", errors } })), "Cần ghi chú.");
  assert.equal(reason(row({ state: "refused", problem: { code: "x", detail: "Chung" } })), "Chung");
  assert.equal(reason(row({ state: "refused", problem: { code: "x" } })), null);
});

test("what is left is told in photos and bytes not yet there", () => {
  const half = row({ state: "received", receipt, photos: [photo("received"), photo("kept", 52_000)] });

  assert.equal(bytesLeft(half), 148_000);
  assert.deepEqual(standing(half, clock, size), [
    { key: "queue.text_at", values: { at: "18:41" } },
    { key: "queue.photos_left", values: { n: 1, size: "148000 B" } },
  ]);
  assert.equal(standing({ ...half, urgent: true }, clock, size, true)[0]?.key, "queue.danger_at");
  assert.equal(standing({ ...half, urgent: true }, clock, size)[0]?.key, "queue.text_at");
  assert.deepEqual(keys(standing(row(), clock, size)), ["queue.only_here"]);
  assert.deepEqual(keys(standing(row({ photos: [photo("kept")] }), clock, size)), ["queue.only_here_photos"]);
});

test("a wait says whose it is, and when it ends", () => {
  const state = (why, ahead = null, doing = "waiting") => ({ doing, why, next: ahead === null ? null : NOW + ahead, since: null });

  assert.deepEqual(wait(state("offline", 40_000), 1, NOW)?.when, { key: "queue.next_s", values: { n: 40 } });
  assert.equal(wait(state("offline"), 1, NOW)?.when?.key, "queue.next_by_itself");
  assert.equal(wait(state("silent", 1), 1, NOW)?.look, "err");
  assert.equal(wait(state("sign-in"), 0, NOW, "expired")?.why.key, "queue.why_sign_in");
  assert.equal(wait(state("locked"), 1, NOW, "locked")?.look, "ask");
  assert.equal(wait(state("locked"), 1, NOW, "open"), null);
  assert.equal(wait(state("offline", 40_000), 0, NOW), null);
  assert.equal(wait(state("", null, "photo"), 1, NOW)?.why.key, "queue.sending_photo");
  assert.equal(next(500).key, "queue.next_now");
  assert.deepEqual(next(299_000), { key: "queue.next_min", values: { n: 5 } });
});

test("age is spoken of from the third day", () => {
  assert.equal(daysOld(null, NOW), 0);
  assert.equal(daysOld(NOW - 3 * DAY_MS + 1, NOW), 0);
  assert.equal(daysOld(NOW - 3 * DAY_MS, NOW), 3);
  assert.equal(daysOld(NOW - 8.9 * DAY_MS, NOW), 8);
});

test("files hold as many rows as fit, in order, none twice", () => {
  const rows = ["a", "b", "c", "d"].map((id) => row({ id, photos: [photo("kept")] }));

  assert.deepEqual(batches(rows), [["a", "b", "c", "d"]]);
  assert.deepEqual(batches(rows, 600_000), [["a", "b"], ["c", "d"]]);
  assert.deepEqual(batches(rows, 10), [["a"], ["b"], ["c"], ["d"]]);
  assert.deepEqual(batches([]), []);
});
