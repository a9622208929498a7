/** Which questions of a checklist need an answer, and which follow from another. */

/** Answers after which nothing more is asked. */
const QUIET = new Set(["none", "no", "as_before", "unknown", "clear", "whole", "all", "sound", "low", "normal"]);

/** Whether an answer asks for its companions. @param {string | null} answer */
export function asksMore(answer) {
  return answer !== null && !QUIET.has(answer);
}

/**
 * Whether another answer makes a question needless.
 * @param {Record<string, string[]>} hiddenWhen by the code of the other question
 * @param {(code: string) => string | null} answer
 */
export function needless(hiddenWhen, answer) {
  return Object.entries(hiddenWhen).some(([code, values]) => values.includes(answer(code) ?? ""));
}
