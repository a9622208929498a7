// What the head of a form says of its draft: kept and when, or why not.

import { h, icon } from "../../map/dom.js";
import { clock } from "../format.js";
import { say } from "../texts.js";

/** What stands in the way of keeping, in words that say what to do. @param {unknown} problem */
export function why(problem) {
  const name = problem instanceof Error ? problem.name : "";
  if (name === "Full") return say("form.full");
  return say(name === "Nobody" ? "form.nobody" : "form.not_saved");
}

/**
 * The mark of a draft, which follows its keeper until `signal` ends it.
 * @param {import("./keeper.js").Keeper} keeper @param {(text: string) => void} tell @param {AbortSignal} signal
 */
export function keptMark(keeper, tell, signal) {
  const mark = h("span", { class: "tag same", role: "status", hidden: true });
  keeper.addEventListener("change", () => {
    const { at, failed } = keeper;
    if (at === null && !failed) return;
    mark.hidden = false;
    mark.className = failed ? "tag worse" : "tag same";
    mark.replaceChildren(icon(failed ? "triangle-alert" : "check"), say(failed ? "form.not_kept" : "form.draft", { time: clock(at ?? Date.now()) }));
    if (failed) tell(why(failed));
  }, { signal });
  return mark;
}
