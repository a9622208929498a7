// The receipt: a slip that is there only when the server has answered.

import { h, icon } from "../../map/dom.js";
import { clock, day, number } from "../format.js";
import { say } from "../texts.js";
import { conditionWord, lower } from "../form/words.js";
import { checkpoint, grouped, verify } from "./verify.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Row} Row @typedef {import("../types").Receipt} Receipt */
/** @typedef {{condition?: string, seen_at: string} | null} Content */

/** "19:34:08, 14/10/2026" @param {string} at */
const exactly = (at) => `${clock(at)}:${at.slice(17, 19)}, ${day(at)}`;

/** @param {Receipt} receipt @param {Content} content @returns {[string, string][]} */
function lines(receipt, content) {
  const place = content?.condition ? `${receipt.place}, ${lower(conditionWord(content.condition))}` : receipt.place;
  return [
    [say("saved.place"), place],
    ...(content ? [/** @type {[string, string]} */ ([say("saved.seen"), `${clock(content.seen_at)}, ${day(content.seen_at)}`])] : []),
    [say("saved.received"), exactly(receipt.received_at)],
    [say("saved.number"), receipt.id],
    [say("saved.hash"), grouped(receipt.content_sha256.slice(0, 16))],
    [say("saved.entry"), number(receipt.log_seq, 0)],
  ];
}

/** @type {Record<string, string>} */
const PROOF = {
  true: "saved.proof_true", false: "saved.proof_false", other_text: "saved.proof_other_text", unsigned: "saved.proof_unsigned",
  offline: "saved.proof_offline", old_browser: "saved.proof_old_browser",
};

/** @param {App} app @param {Row} row @param {Receipt} receipt @param {Content} content */
export function slip(app, row, receipt, content) {
  const all = lines(receipt, content);
  const proof = h("p", { class: "sm proof", role: "status" });
  const share = h("button", { type: "button", class: "btn quiet" }, icon("share-2"), say("saved.share"));
  const check = h("button", { type: "button", class: "btn quiet" }, icon("shield-check"), say("saved.check"));
  share.addEventListener("click", () => void send(app, receipt, all));
  check.addEventListener("click", async () => {
    proof.textContent = say("saved.checking");
    const found = await verify(receipt, row.sha, checkpoint);
    proof.className = `sm proof ${found === "true" ? "good" : found === "false" || found === "other_text" ? "bad" : ""}`;
    proof.replaceChildren(found === "true" ? icon("check") : "", h("span", {}, say(PROOF[found] ?? "saved.proof_offline", { id: receipt.id })));
  });
  return h("section", { class: "receipt", "aria-labelledby": "receipt-title" },
    h("div", { class: "row" }, h("h2", { class: "grow", id: "receipt-title" }, say("saved.receipt")), icon("receipt-text", "l")),
    h("dl", {}, ...all.flatMap(([term, value]) => [h("dt", {}, term), h("dd", { class: "num" }, value)])),
    h("div", { class: "pair" }, share, check), proof);
}

/** @param {App} app @param {Receipt} receipt @param {[string, string][]} all */
async function send(app, receipt, all) {
  const text = [say("saved.receipt"), ...all.map(([term, value]) => `${term}: ${value}`), JSON.stringify(receipt)].join("\n");
  try {
    if (navigator.share) return await navigator.share({ title: `${say("saved.receipt")} ${receipt.place}`, text });
    await navigator.clipboard.writeText(text);
    app.toast(say("saved.copied"));
  } catch (problem) {
    if (/** @type {Error} */ (problem).name !== "AbortError") app.toast(say("saved.not_shared"));
  }
}
