// Reads visits as lines of JSON and prints what the phone's rules suggest for each.

import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

import { questionsOf } from "../../app/static/phone/form/questions.js";
import { suggest } from "../../app/static/phone/form/rules.js";

const forms = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
for await (const line of createInterface({ input: process.stdin })) {
  const { place, ...visit } = JSON.parse(line);
  const { condition, reasons } = suggest(questionsOf(forms, place), place, visit);
  process.stdout.write(`${JSON.stringify({ condition, reasons: reasons.map(({ item, effect, rule, mark, source }) => [item, effect, rule, mark, source]) })}\n`);
}
