// The elements of the map's symbols: a place, a cluster, and the badge of places that nobody can pin.

import { h, icon } from "./dom.js";
import { conditionOf } from "./groups.js";
import { symbol } from "./symbols.js";
import { called, figure, say, within } from "./words.js";

/** @typedef {import("./types").Place} Place @typedef {import("./types").Group} Group */

/** The sign of a place. @param {Place} place @param {number} size */
export function signOf(place, size) {
  const { props } = place;
  return symbol({ kind: place.layer, risk: props.risk_level ?? null, condition: props.condition ?? null, late: place.late, size });
}

/** What a screen reader says of a place. @param {Place} place */
export function spoken(place) {
  const { props } = place;
  const known = place.layer === "proposal" ? called("status", props.status) : called("condition", props.condition);
  return [props.code, props.name, called("kind", place.layer), known, place.late ? lateness(place) : ""].filter(Boolean).join(", ");
}

/** "Due today", "3 days overdue", or nothing. @param {Place} place */
export function lateness(place) {
  if (!place.late) return "";
  if (place.days === 0) return say("Due today");
  return place.days === 1 ? say("1 day overdue") : say("{n} days overdue", { n: figure(place.days) });
}

/** @param {Place} place @param {boolean} chosen */
export function pin(place, chosen) {
  const look = ["pin", place.layer, chosen ? "on" : "", place.props.state === "closed" ? "closed" : ""];
  return h("div", { class: look.filter(Boolean).join(" ") },
    h("i", { class: "lead" }), chosen && h("i", { class: "halo" }),
    signOf(place, place.layer === "signboard" || place.layer === "proposal" ? 60 : 72),
    h("span", { class: "plate" }, place.code));
}

/** Icon and look of a condition's tag. @type {Record<string, [string, string]>} */
const TAGS = {
  danger: ["danger", "octagon-alert"], worse: ["worse", "chevrons-down"], no_change: ["same", "check"],
  not_seen: ["unseen", "eye-off"], "": ["never", "circle-help"],
};
// The names that the page must hold: icon("octagon-alert") icon("chevrons-down") icon("check") icon("eye-off") icon("circle-help")

/** @param {import("./types").Condition | undefined} condition */
export function conditionTag(condition) {
  const [look = "never", sign = "circle-help"] = TAGS[condition ?? ""] ?? [];
  return h("span", { class: `tag ${look}` }, icon(sign), called("condition", condition));
}

/** @param {Place} place @param {boolean} [short] in lists, where everything is due */
export function lateTag(place, short = false) {
  const text = short && place.days === 0 ? say("today") : lateness(place);
  return place.late ? h("span", { class: "tag late" }, icon("clock"), text) : null;
}

/** A cluster: how many, the worst of their conditions by shape and word. @param {{count: number, rank: number, late: number}} cluster */
export function clusterPin({ count, rank, late }) {
  const worst = conditionOf(rank), n = figure(count);
  const bad = worst === "danger" || worst === "worse";
  const all = late ? say("{n} due or overdue", { n: figure(late) }) : "";
  return h("div", { class: `cluster ${bad ? worst : ""}` },
    h("b", { class: "num" }, n), h("span", { class: "vh" }, ` ${say("places, zoom in to see them")} `),
    bad && h("span", { class: `tag ${worst}` }, icon(worst === "danger" ? "octagon-alert" : "chevrons-down"), called("condition", worst)),
    !bad && late > 0 && h("span", { class: "tag late" }, icon("clock"), figure(late)),
    h("span", { class: "vh" }, ` ${all}`));
}

/** "4 landslide sites", or of any kind. @param {Group} group */
export function groupTitle(group) {
  const n = group.sites.length;
  if (!n) return say("{n} warning signboards", { n: group.boards.length });
  const kinds = new Set(group.sites.map((place) => place.layer));
  if (kinds.size > 1) return say("{n} hazard sites", { n });
  const [kind] = kinds;
  if (kind === "flood") return say("{n} flood points", { n });
  return kind === "drowning" ? say("{n} drowning-risk streams", { n }) : say("{n} landslide sites", { n });
}

/** "position not determined, ±1,250 m". @param {Group} group */
export function groupWhere(group) {
  return say("position not determined, {within}", { within: within(group.accuracy) });
}

/** The one badge of a group. @param {Group} group @param {boolean} chosen @param {boolean} small only sign and count */
export function badge(group, chosen, small) {
  const { worst } = group;
  const late = [...group.sites, ...group.boards].find((place) => place.late);
  const { props } = worst;
  const sign = symbol({ kind: worst.layer, risk: props.risk_level ?? null, condition: props.condition ?? null, late: !!late, size: 56 });
  const boards = group.sites.length && group.boards.length;
  return h("div", { class: `badge ${chosen ? "on" : ""} ${small ? "small" : ""}` }, sign,
    small ? h("b", { class: "num", "aria-hidden": "true" }, figure(group.sites.length || group.boards.length)) : null,
    h("span", { class: small ? "vh" : "grow" },
      h("b", {}, groupTitle(group)), " ",
      h("span", { class: "where" }, groupWhere(group)), " ",
      boards ? h("span", { class: "wide" }, say("and {n} warning signboards", { n: group.boards.length })) : null, " ",
      conditionTag(worst.props.condition)),
    small ? null : icon("chevron-right", "wide"));
}
