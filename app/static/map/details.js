// What is known of one place, and who says so.

import { detail, wardMeasures } from "./data.js";
import { h, icon } from "./dom.js";
import { conditionTag, lateTag } from "./pins.js";
import { fact, gauge, heading, lastSeen, lineKey, pin, section } from "./parts.js";
import { called, day, say, within } from "./words.js";

/** @typedef {import("./types").App} App @typedef {import("./types").Place} Place @typedef {import("./types").Fact} Fact */
/** @typedef {import("./panel.js").Content} Content */

const SURENESS = /** @type {const} */ ({ certain: "", inferred: "inf", conflicting: "con" });
const SHOWN = ["phenomenon", "kind", "risk_level", "address", "people", "households", "count"];
const CODED = /** @type {Record<string, string>} */ ({ kind: "kind", state: "state", status: "status" });

/** First what the map knows, then everything. @param {App} app @param {Place} place @param {() => void} again @returns {AsyncGenerator<Content>} */
export async function* detailsOf(app, place, again) {
  const acts = actions(app, place), top = summary(app, place);
  if (place.layer === "proposal" || place.layer === "signboard") {
    const rows = place.layer === "proposal" ? proposalFacts(place) : boardFacts(app, place);
    yield { body: [...top, h("dl", { class: "facts" }, ...rows, position(place), area(place)), lineKey()], acts };
    return;
  }
  const loading = [h("p", { class: "mut", role: "status" }, say("Loading what is known…")), h("i", { class: "skel" }), h("i", { class: "skel" })];
  yield { body: [...top, h("dl", { class: "facts" }, position(place), area(place)), ...loading], acts };
  try {
    const [{ properties }, common] = await Promise.all([detail(app, place.code), wardMeasures(app)]);
    yield { body: [...top, ...known(app, place, properties), ...measures(properties, common)], acts };
  } catch {
    yield { body: [...top, h("dl", { class: "facts" }, position(place), area(place)), failed(again)], acts };
  }
}

/** @param {App} app @param {Place} place */
function summary(app, place) {
  const { props } = place;
  const group = place.unlocated ? app.groups.find((found) => [...found.sites, ...found.boards].includes(place)) : null;
  const back = group ? h("button", { class: "btn quiet back", type: "button" }, icon("arrow-left"), say("All places without a position")) : null;
  back?.addEventListener("click", () => app.choose({ what: "group", key: group?.key ?? "" }, "list"));
  if (place.layer === "proposal") return [back, heading(place), tags(h("span", { class: "tag" }, called("status", props.status)))].filter((node) => node !== null);
  const closed = props.state === "closed" ? h("span", { class: "tag" }, called("state", "closed")) : null;
  const risk = place.layer === "signboard" ? null : h("p", { class: "risk" }, h("span", { class: "mut" }, say("Risk level")), " ", gauge(props.risk_level));
  return [back, heading(place), tags(conditionTag(props.condition), lateTag(place), closed), lastSeen(place), risk].filter((node) => node !== null);
}

/** @param {...(Node | null)} found */
function tags(...found) {
  return h("p", { class: "tags" }, ...found);
}

/** @param {App} app @param {Place} place */
function actions(app, place) {
  const { pages } = app.config;
  if (pages === null) return [];
  const at = `${pages}/s/${encodeURIComponent(place.code)}`;
  if (place.layer === "proposal") return [h("a", { class: "btn", href: at }, say("Open its page"))];
  const measure = pin(app, place);
  return [
    ...(measure ? [measure] : []),
    h("a", { class: "btn pri", href: at }, say("Open the place's page")),
    h("a", { class: "btn", href: `${at}/inspect` }, icon("pencil"), say("Log an inspection")),
  ];
}

/** Where it is, how surely, and why there. @param {Place} place */
function position(place) {
  const { props, geometry } = place, label = `${say("Position")}, ${within(props.location_accuracy_m)}`;
  if (place.unlocated) {
    return fact(say("Position"), "non", say("Not determined, somewhere in a circle of {within}", { within: within(props.location_accuracy_m) }), [props.location_note ?? null]);
  }
  const sure = props.location_status === "surveyed" ? "" : "inf";
  const [lat, lon] = place.at;
  const value = geometry.type === "Point"
    ? say("Latitude {lat}, longitude {lon}", { lat: lat.toFixed(6), lon: lon.toFixed(6) })
    : say("A line or an area, drawn on the map");
  const status = `${called("location", props.location_status)}: ${called("meaning", props.location_status)}`;
  return fact(label, sure, value, [props.location_note ?? status]);
}

/** @param {Place} place */
function area(place) {
  const units = place.props.units ?? [];
  const today = units.filter((unit) => unit.valid_from), before = units.filter((unit) => !unit.valid_from);
  const names = (today.length ? today : before).map((unit) => unit.name).join(", ");
  const old = today.length && before.length ? say("formerly {names}", { names: before.map((unit) => unit.name).join(", ") }) : null;
  return names ? fact(say("Area"), "", names, [old]) : fact(say("Area"), "non", say("Nobody said"));
}

/** Facts with their sources. @param {App} app @param {Place} place @param {import("./types").Detail} properties */
function known(app, place, properties) {
  const said = properties.facts.filter((found) => SHOWN.includes(found.field) && (found.quote || found.value));
  const twice = said.some((found) => found.field === "phenomenon");
  const rows = said.filter((found) => !(twice && found.field === "kind")).map(statement);
  const boards = properties.signboards.map((code) => {
    const link = h("button", { class: "plate link", type: "button" }, code);
    link.addEventListener("click", () => app.choose({ what: "place", code }, "list"));
    return link;
  });
  const open = [
    properties.address ? null : fact(say("Address"), "non", say("Nobody said")),
    properties.risk_level || said.some((found) => found.field === "risk_level") ? null : fact(say("Risk level"), "non", say("Nobody has rated it")),
  ];
  return [
    h("dl", { class: "facts" }, ...rows, position(place), area(place), ...open), lineKey(),
    ...(boards.length ? [section(say("Warning signboards"), h("p", { class: "row wrap" }, ...boards))] : []),
    ...sources(app, properties.facts),
  ];
}

/** @param {Fact} found */
function statement(found) {
  const { field, value, quote, certainty, note, document } = found;
  const plain = called(CODED[field] ?? "", value), text = quote ? `“${quote}”` : plain;
  const source = document ? h("span", { class: "source", title: document.title }, document.number ?? document.title) : null;
  const label = field === "kind" ? "phenomenon" : field;
  return fact(called("field", label), SURENESS[certainty], text, [note, source]);
}

/** The documents behind it, once each. @param {App} app @param {Fact[]} facts */
function sources(app, facts) {
  const found = new Map(facts.flatMap(({ document }) => (document ? [[document.title + document.number, document]] : [])));
  if (!found.size) return [];
  const items = [...found.values()].map((document) => h("li", {},
    document.number ? h("b", {}, document.number) : null, document.number ? ", " : null, document.title,
    document.date ? `, ${day(document.date)}` : null,
    document.date_status === "conflicting" ? ` (${say("date: sources conflict")})` : null));
  const link = app.config.pages === null ? null : h("a", { href: `${app.config.pages}/documents` }, say("All documents"));
  return [section(say("Documents"), h("ul", { class: "plain" }, ...items), link)];
}

/** Measures here, and those of the whole ward. @param {import("./types").Detail} properties @param {import("./types").Measure[]} common */
function measures(properties, common) {
  const here = properties.measures.map((measure) => h("li", {}, h("b", {}, called("measure", measure.kind)), `: ${called("status", measure.status).toLocaleLowerCase()}`,
    measure.expires_on ? `, ${say("until {day}", { day: day(measure.expires_on) })}` : null));
  const kinds = [...new Set(common.map((measure) => called("measure", measure.kind)))];
  if (!here.length && !kinds.length) return [];
  return [section(say("Measures"),
    here.length ? h("ul", { class: "plain" }, ...here) : h("p", { class: "mut" }, say("None is recorded at this place.")),
    kinds.length ? h("p", { class: "sm" }, h("b", {}, say("In the whole ward, place not stated:")), ` ${kinds.join(", ").toLocaleLowerCase()}.`) : null)];
}

/** @param {Place} place */
function proposalFacts({ props }) {
  const years = [props.period_from, props.period_to].filter(Boolean).join("–");
  return [
    years ? fact(say("Period"), "", years) : fact(say("Period"), "non", say("Nobody said")),
    props.addressee ? fact(say("Addressee"), "", props.addressee) : fact(say("Addressee"), "non", say("Nobody said")),
    ...(props.reason ? [fact(say("Content"), "", props.reason)] : []),
  ];
}

/** @param {App} app @param {Place} place */
function boardFacts(app, { props }) {
  const site = props.site ? app.byCode(props.site) : undefined;
  const unknown = !props.state || props.state === "unknown";
  return [
    site ? fact(say("Stands at"), "", `${site.code} · ${site.props.name}`) : fact(say("Stands at"), "non", say("Nobody said")),
    fact(say("State of the board"), unknown ? "non" : "", called("board", props.state)),
  ];
}

/** @param {() => void} again */
function failed(again) {
  const retry = h("button", { class: "btn", type: "button" }, icon("refresh-cw"), say("Try again"));
  retry.addEventListener("click", again);
  return h("div", { class: "notice", role: "alert" }, h("p", {}, say("The server did not answer. What the map knows is shown above.")), retry);
}
