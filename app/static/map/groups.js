// What cannot be pinned is grouped by the circle that it shares; and which of several states is worst.

/** @typedef {import("./types").Place} Place */

const WORST = ["danger", "worse", "not_seen", null, "no_change"];

/** 0 is worst. @param {import("./types").Condition | undefined} condition */
export function badness(condition) {
  const found = WORST.indexOf(condition ?? null);
  return found < 0 ? WORST.length : found;
}

/** The condition for a rank of `badness`. @param {number} rank */
export function conditionOf(rank) {
  return /** @type {import("./types").Condition} */ (WORST[rank] ?? null);
}

/** The worst of several places. @param {Place[]} places @returns {Place} */
export function worstOf(places) {
  const [first] = places;
  if (!first) throw new Error("worstOf() needs a place");
  return places.reduce((worst, place) => (
    badness(place.props.condition) < badness(worst.props.condition) ? place : worst
  ), first);
}

/** Groups of places whose position is not known. @param {Place[]} places @returns {import("./types").Group[]} */
export function grouped(places) {
  /** @type {Map<string, Place[]>} */
  const found = new Map();
  for (const place of places) {
    if (!place.unlocated) continue;
    const key = [...place.at.map((n) => n.toFixed(5)), place.props.location_accuracy_m].join("/");
    found.set(key, [...(found.get(key) ?? []), place]);
  }
  return [...found].map(([key, members]) => {
    const sites = members.filter((place) => place.layer !== "signboard");
    const boards = members.filter((place) => place.layer === "signboard");
    const shown = sites.length ? sites : boards;
    const [first] = members;
    return {
      key, sites, boards, worst: worstOf(shown),
      at: first?.at ?? [0, 0], accuracy: first?.props.location_accuracy_m ?? 0,
    };
  });
}
