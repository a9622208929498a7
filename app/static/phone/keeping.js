// Whether this browser keeps what lies in it, told honestly: what it promises, how much room is left, what to do.

import { h, icon } from "../map/dom.js";
import { bytes, number, say } from "./texts.js";

/** "yes", "no", or "unknown" where the browser cannot be asked. @returns {Promise<"yes" | "no" | "unknown">} */
export async function promise() {
  try {
    return (await navigator.storage.persisted()) ? "yes" : "no";
  } catch {
    return "unknown";
  }
}

/** Bytes that the browser says are left for this page; null where it does not say. @returns {Promise<number | null>} */
export async function room() {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
  } catch {
    return null;
  }
}

/** iPhone and iPad: Safari and the home screen keep apart what they know. */
export const hasTwoStores = () => "standalone" in navigator;

/** Whether it runs from the home screen already. */
export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || ("standalone" in navigator && navigator.standalone === true);

/** Whether the worker holds all of the app: until then it does not open without a network. */
const isKept = () => Boolean(navigator.serviceWorker?.controller);

/** @param {number} size */
const large = (size) => (size < 1e9 ? bytes(size) : `${number(size / 1e9, 1)} GB`);

const PROMISES = { yes: "keep.yes", no: "keep.no", unknown: "keep.unknown" };

/**
 * What the browser promises, with a button to ask it, and the room that is left.
 * @param {number} unsent
 * @returns {Promise<HTMLElement>}
 */
export async function keepingLine(unsent) {
  const [promised, left] = await Promise.all([promise(), room()]);
  const answer = h("p", { class: "mut", role: "status" });
  const word = h("b", {}, say(PROMISES[promised]));
  const ask = h("button", { type: "button", class: "btn quiet" }, say("keep.ask"));
  ask.addEventListener("click", async () => {
    const now = (await navigator.storage.persist().catch(() => false)) ? "yes" : "no";
    word.textContent = say(PROMISES[now]);
    answer.textContent = say(now === "yes" ? "keep.asked_yes" : "keep.asked_no");
    ask.hidden = now === "yes";
  });
  return h(
    "div", { class: "keeping" },
    !isKept() && h("p", {}, h("b", {}, say("keep.not_whole"))),
    h("p", {}, say("keep.promise"), " ", word, ". ", say("keep.reminds")),
    left !== null && h("p", {}, say("keep.room", { size: large(left) })),
    hasTwoStores() && h("p", {}, say("keep.two_stores", { n: unsent })),
    promised === "no" && ask, answer,
  );
}

/**
 * From the third day on: what may happen to what was not sent, and what to do about it.
 * @param {number} days @param {() => void} onExport
 */
export function oldWarning(days, onExport) {
  const out = h("button", { type: "button", class: "btn" }, icon("file-down"), say("keep.old_do_export"));
  out.addEventListener("click", onExport);
  const steps = [say("keep.old_send"), say("keep.old_export")];
  if (!isInstalled()) steps.push(say("keep.old_install"));
  return h(
    "section", { class: "old-warning", "aria-labelledby": "old-warning" },
    h("h2", { id: "old-warning" }, icon("clock"), h("span", {}, say("keep.old", { n: days }))),
    h("p", {}, say(steps.length === 3 ? "keep.old_more" : "keep.old_more_two")),
    h("ol", {}, ...steps.map((step) => h("li", {}, step))),
    h("div", { class: "acts" }, out, !isInstalled() && h("a", { class: "btn quiet", href: "#/me/install" }, icon("download"), say("keep.old_do_install"))),
  );
}
