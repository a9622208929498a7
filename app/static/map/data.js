// The places: fetched page by page, or carried by the file itself.

import { anchor } from "./geo.js";
import { daysBetween, today } from "./words.js";

/** @typedef {import("./types").Props} Props @typedef {import("./types").Place} Place @typedef {import("./types").Layer} Layer */
/** @template P @typedef {import("./types").Feature<P>} Feature */

/** @type {import("./types").Carried | null | undefined} */
let own;

/** What the page carries, where it is a copy in one file. */
export function carried() {
  if (own === undefined) own = JSON.parse(document.getElementById("taluy-data")?.textContent ?? "null");
  return own ?? null;
}

const MAX_PAGES = 20;

/** The server answered with an error, or not at all. */
export class Unreachable extends Error {}

/** @param {string} address @returns {Promise<{body: any, date: Date}>} */
async function fetched(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new Unreachable("no answer");
  }
  if (!answer.ok) throw new Unreachable(String(answer.status));
  const date = new Date(answer.headers.get("Date") ?? Date.now());
  return { body: await answer.json(), date };
}

/**
 * Every page of a collection.
 * @template P
 * @param {string} address
 * @returns {Promise<{features: Feature<P>[], date: Date}>}
 */
async function collection(address) {
  /** @type {Feature<P>[]} */
  const features = [];
  let next = address, date = new Date();
  for (let page = 0; next && page < MAX_PAGES; page += 1) {
    const { body, date: when } = await fetched(next);
    for (const feature of body.features) features.push(feature);
    date = when;
    const link = (body.links ?? []).find((/** @type {{rel: string}} */ found) => found.rel === "next");
    next = link ? sameOrigin(link.href) : "";
  }
  return { features, date };
}

/** A link of ours as path and query, whatever host the server believes to be. @param {string} href */
function sameOrigin(href) {
  const url = new URL(href, location.href);
  return url.pathname + url.search;
}

/** @param {Feature<Props>} feature @param {Layer} layer @param {number} now today @returns {Place[]} none where there is no geometry */
function placed(feature, layer, now) {
  const props = feature.properties, geometry = feature.geometry;
  if (!geometry) return [];
  const due = layer !== "proposal" && props.state !== "closed" ? props.due_on : null;
  const days = due ? daysBetween(due, now) : -1;
  return [{
    code: props.code, layer, props, geometry, days, late: days >= 0,
    at: anchor(geometry, layer === "proposal" ? 0.2 : 0.5),
    unlocated: props.location_status === "unlocated",
  }];
}

/** Fill `app` with everything. Raises `Unreachable`. @param {import("./types").App} app */
export async function load(app) {
  const own = carried();
  const sources = app.config.sources;
  const empty = Promise.resolve({ features: [], date: new Date() });
  /** @type {(name: "sites" | "signboards" | "proposals" | "units") => Promise<{features: Feature<any>[], date: Date}>} */
  const get = (name) => {
    if (own) return Promise.resolve({ features: own[name].features, date: new Date(own.as_of) });
    const address = sources?.[name];
    return address ? collection(address) : empty;
  };
  const outlines = get("units").then(({ features }) => { app.units = features; });
  const [sites, boards, proposals] = await Promise.all([get("sites"), get("signboards"), get("proposals"), outlines]);
  const now = today();
  app.places = [
    ...sites.features.flatMap((feature) => placed(feature, feature.properties.kind, now)),
    ...boards.features.flatMap((feature) => placed(feature, "signboard", now)),
    ...proposals.features.flatMap((feature) => placed(feature, "proposal", now)),
  ];
  app.asOf = sites.date;
}

/** @type {Map<string, Feature<import("./types").Detail>>} */
const kept = new Map();

/** Everything known of one site. Raises `Unreachable`. @param {import("./types").App} app @param {string} code */
export async function detail(app, code) {
  const own = carried()?.details[code];
  if (own) return own;
  const known = kept.get(code);
  if (known) return known;
  const { body } = await fetched(`${app.config.sources?.["site"] ?? ""}${encodeURIComponent(code)}`);
  kept.set(code, body);
  return /** @type {Feature<import("./types").Detail>} */ (body);
}

/** @type {Promise<import("./types").Measure[]> | null} */
let measures = null;

/** Measures of the whole ward. Raises `Unreachable`. @param {import("./types").App} app */
export function wardMeasures(app) {
  const own = carried();
  measures ??= own
    ? Promise.resolve(own.measures.measures)
    : fetched(app.config.sources?.["measures"] ?? "").then(({ body }) => body.measures);
  return measures.then((found) => found.filter((measure) => !measure.site));
}
