// One thing that was saved: everything typed, its photos, how far it came, its receipt, and what one can do.

/** @import { App, Pack, PhotoState, Receipt, Row, Screen } from "../types.js" */

import { h, icon } from "../../map/dom.js";
import { exportSheet } from "./export.js";
import { unlock } from "../lock.js";
import { isParked, isUnsent } from "./words.js";
import { say } from "../texts.js";
import { fullTime, photoSays, typedLines } from "./typed.js";
import { conditionTag, readable, sentences, stationList, way, waysOut } from "./parts.js";

/** @param {App} app @param {string} id @returns {Promise<Screen>} */
export async function itemPage(app, id) {
  const element = h("section", { class: "queue-page one-item" });
  /** @type {string[]} */
  const addresses = [];
  let mark = "";
  const draw = async () => {
    const [row, pack] = await Promise.all([app.queue.one(id), app.packs.read()]);
    const now = JSON.stringify([row, app.people.current()?.state, pack?.made_at]);
    if (now === mark) return;
    mark = now;
    const parts = row ? await drawn(app, row, pack, addresses, draw) : missing();
    element.replaceChildren(...parts);
  };
  const quietly = () => void draw().catch(console.error);
  const live = new AbortController();
  for (const part of [app.queue, app.people, app.packs]) part.addEventListener("change", quietly, { signal: live.signal });
  await draw();
  return {
    element, title: element.querySelector("h1")?.textContent ?? "", tab: "queue",
    leave() {
      live.abort();
      for (const address of addresses) URL.revokeObjectURL(address);
    },
  };
}

const back = () => h("a", { class: "ib", href: "#/queue", "aria-label": say("queue.back") }, icon("arrow-left", "l"));

function missing() {
  return [
    h("header", { class: "queue-head row" }, back(), h("h1", {}, say("queue.gone"))),
    h("p", { class: "pad mut" }, say("queue.gone_more")),
  ];
}

/** @param {App} app @param {Row} row @param {Pack | null} pack @param {string[]} addresses @param {() => Promise<void>} again */
async function drawn(app, row, pack, addresses, again) {
  const place = pack?.places.find(({ code }) => code === row.place) ?? null;
  const body = await readable(app, row.id);
  const tags = h("span", { class: "tags" });
  if (body && "condition" in body) tags.append(conditionTag(body.condition));
  if (row.kind === "position") tags.append(h("span", { class: "tag" }, icon("map-pin"), say("queue.position")));
  const state = h("div", { class: `queue-item${isParked(row) ? " parked" : ""}` }, stationList(row), ...sentences(row, body !== null), acts(app, row));
  const found = [
    h("header", { class: "queue-head row" }, back(), h("h1", { class: "grow" }, h("span", { class: "plate" }, row.place)), tags),
    state,
    h("section", { class: "part" }, h("h2", {}, say("queue.typed")), place?.name && h("p", { class: "b" }, place.name), h("p", { class: "mut" }, say("queue.saved_at", { at: fullTime(row.saved_at) })), typed(app, row, body, pack?.forms ?? null, place?.kind ?? null, again)),
  ];
  if (row.photos.length) found.push(await photos(app, row, addresses));
  if (row.receipt) found.push(receipt(row.receipt));
  return found;
}

/** @param {App} app @param {Row} row */
function acts(app, row) {
  if (isParked(row)) return waysOut(app, row);
  if (!isUnsent(row)) return null;
  const out = way(icon("file-down"), say("queue.export"), () => void exportSheet(app, [row]));
  const now = way(icon("refresh-cw"), say("queue.try_now"), () => {
    app.sender.now();
    app.toast(say("queue.trying"));
  });
  const tried = row.tries > 0 && h("p", { class: "mut sm" }, say("queue.tries", { n: row.tries }));
  return h("div", {}, tried, h("div", { class: "ways" }, now, out));
}

/**
 * What was typed, or how to get to read it.
 * @param {App} app @param {Row} row @param {Awaited<ReturnType<typeof readable>>} body
 * @param {import("../types.js").Forms | null} forms @param {import("../types.js").Kind | null} kind @param {() => Promise<void>} again
 */
function typed(app, row, body, forms, kind, again) {
  if (body) {
    const lines = typedLines(body, forms, kind);
    return h("dl", { class: "facts" }, ...lines.map(({ label, value }) => h("div", {}, h("dt", {}, label), h("dd", {}, value))));
  }
  if (row.state === "done") return h("p", {}, say("queue.tidied"), " ", h("a", { href: `/s/${row.place}?public=1` }, say("queue.ward_page", { place: row.place })));
  const person = app.people.current();
  if (person?.state !== "locked") return h("p", {}, h("a", { class: "btn", href: `#/sign-in/${person?.id ?? ""}` }, say("queue.unreadable")));
  const open = h("button", { type: "button", class: "btn" }, icon("lock-open"), say("queue.unlock_read"));
  open.addEventListener("click", () => void unlock(app).then((done) => (done ? again() : undefined)));
  return open;
}

/** @param {App} app @param {Row} row @param {string[]} addresses */
async function photos(app, row, addresses) {
  const figures = await Promise.all(row.photos.map(async (photo, at) => {
    const look = photo.state === "received" ? "shot sent-ok" : photo.state === "refused" ? "shot refused" : "shot";
    const [word, size] = photoSays(photo);
    const caption = h("figcaption", {}, word, h("small", { class: "num" }, size));
    const bar = photo.state === "kept" && photo.sent > 0 && h("progress", { max: String(photo.bytes), value: String(photo.sent), "aria-label": say("queue.photo_n", { n: at + 1 }) });
    return h("figure", { class: look }, await picture(app, row, photo, at, addresses), bar, caption);
  }));
  return h("section", { class: "part" }, h("h2", {}, say("queue.photos")), h("div", { class: "shots" }, ...figures));
}

/** @param {App} app @param {Row} row @param {PhotoState} photo @param {number} at @param {string[]} addresses */
async function picture(app, row, photo, at, addresses) {
  try {
    const src = URL.createObjectURL(await app.drafts.photo(row.id, photo.sha));
    addresses.push(src);
    return h("img", { class: "pic", src, alt: say("queue.photo_n", { n: at + 1 }), width: "96", height: "72" });
  } catch {
    const gone = photo.state === "received";
    return h("p", { class: "pic none" }, icon(gone ? "check" : "lock"), gone && h("span", { class: "vh" }, say("queue.photo_gone")));
  }
}

/** The slip that appears only when the server has answered. @param {Receipt} slip */
export function receipt(slip) {
  const lines = [
    [say("queue.receipt_at"), fullTime(slip.received_at)],
    [say("queue.receipt_log"), String(slip.log_seq)],
    [say("queue.receipt_id"), slip.id],
    [say("queue.receipt_hash"), slip.content_sha256],
    [say("queue.receipt_signed"), slip.signature ? (slip.key ?? "").slice(0, 16) : say("queue.receipt_unsigned")],
  ];
  return h(
    "section", { class: "part" }, h("h2", {}, say("queue.receipt")),
    h("div", { class: "receipt" }, h("dl", {}, ...lines.flatMap(([label = "", value = ""]) => [h("dt", {}, label), h("dd", { class: "num" }, value)]))),
  );
}
