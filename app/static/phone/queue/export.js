// Taking unsent things out of the phone as sealed files: shared where the browser can, saved where it cannot.

/** @import { App, Row } from "../types.js" */

import { h, icon } from "../../map/dom.js";
import { batches } from "./words.js";
import { sheet } from "../sheet.js";
import { bytes, say } from "../texts.js";

/** The same files as the browser lets them be shared: some take text where they refuse JSON. @param {File[]} files @returns {File[] | null} */
export function shareable(files) {
  const can = (/** @type {File[]} */ some) => Boolean(navigator.canShare?.({ files: some }));
  if (can(files)) return files;
  const plain = files.map((file) => new File([file], file.name.replace(/\.json$/, ".txt"), { type: "text/plain" }));
  return can(plain) ? plain : null;
}

/** @param {File} file */
export function saveFile(file) {
  const href = URL.createObjectURL(file);
  const link = h("a", { href, download: file.name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/**
 * The sheet that makes the files, then offers to share or save them: each a tap of its own, since a browser shares only
 * what was asked for just now.
 * @param {App} app @param {Row[]} rows
 */
export async function exportSheet(app, rows) {
  const body = h("div", { class: "stack", "aria-live": "polite" }, h("p", {}, say("export.making")));
  const opened = sheet(say("export.title"), body);
  try {
    const files = [];
    for (const ids of batches(rows)) files.push(await app.queue.exportFile(ids));
    body.replaceChildren(...offered(files));
  } catch (problem) {
    console.error(problem);
    body.replaceChildren(h("p", { class: "state no" }, say("export.failed")));
  }
  return opened;
}

/** @param {File[]} files */
function offered(files) {
  const answer = h("p", { class: "mut", role: "status" });
  const sent = shareable(files);
  const share = h("button", { type: "button", class: "btn pri big" }, icon("share-2"), say(files.length > 1 ? "export.share_n" : "export.share", { n: files.length }));
  share.addEventListener("click", async () => {
    try {
      await navigator.share({ files: sent ?? files });
      answer.textContent = say("export.shared");
    } catch {
      answer.textContent = say("export.not_shared");
    }
  });
  const saves = files.map((file) => {
    const save = h("button", { type: "button", class: `btn${sent ? "" : " pri"}` }, icon("file-down"), h("span", {}, say("export.save"), h("small", {}, `${file.name}, ${bytes(file.size)}`)));
    save.addEventListener("click", () => {
      saveFile(file);
      answer.textContent = say("export.saved", { name: file.name });
    });
    return save;
  });
  const address = `${location.host}/phone/hand-in`;
  return [
    h("p", {}, say("export.about", { address })),
    ...(sent ? [share] : []), ...saves, answer,
    h("p", { class: "mut" }, say("export.stays")),
  ];
}
