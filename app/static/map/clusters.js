// Many places in view become few symbols; each says how many it stands for and the worst of their conditions.

import { badness } from "./groups.js";

/** @typedef {import("./types").Place} Place */
/** @typedef {{place: Place}} Leaf @typedef {{rank: number, late: number}} Sum */
/** @typedef {{what: "place", place: Place} | {what: "cluster", id: number, at: [number, number], count: number, rank: number, late: number}} Shown */

const MAX_ZOOM = 18;

export class Clusters {
  /** @param {Place[]} places those with a position and a visible layer */
  constructor(places) {
    /** @type {InstanceType<typeof Supercluster<Leaf, Sum>>} */
    this.index = new Supercluster({
      radius: 110, maxZoom: MAX_ZOOM, minPoints: 2,
      map: ({ place }) => ({ rank: badness(place.props.condition), late: place.late ? 1 : 0 }),
      reduce: (sum, { rank, late }) => {
        sum.rank = Math.min(sum.rank, rank);
        sum.late += late;
      },
    });
    this.index.load(places.map((place) => ({
      type: "Feature", properties: { place }, geometry: { type: "Point", coordinates: [place.at[1], place.at[0]] },
    })));
  }

  /**
   * What to draw in a box: every place while they are few, else clusters.
   * @param {[number, number, number, number]} box west, south, east, north @param {number} zoom @param {number} few
   * @returns {Shown[]}
   */
  within(box, zoom, few) {
    const whole = Math.floor(zoom);
    const rough = this.index.getClusters(box, Math.min(whole, MAX_ZOOM));
    const total = rough.reduce((sum, found) => sum + ("point_count" in found.properties ? found.properties.point_count : 1), 0);
    const found = total <= few ? this.index.getClusters(box, MAX_ZOOM + 1) : rough;
    return found.map(({ properties, geometry: { coordinates: [lon = 0, lat = 0] } }) => (
      "cluster_id" in properties
        ? { what: "cluster", id: properties.cluster_id, at: [lat, lon], count: properties.point_count, rank: properties.rank, late: properties.late }
        : { what: "place", place: properties.place }
    ));
  }

  /** Every place in a box. @param {[number, number, number, number]} box west, south, east, north */
  all(box) {
    return this.index.getClusters(box, MAX_ZOOM + 1).map(({ properties }) => /** @type {Leaf} */ (properties).place);
  }

  /** The zoom at which a cluster falls apart. @param {number} id */
  opensAt(id) {
    return this.index.getClusterExpansionZoom(id);
  }

  /** The places of a cluster. @param {number} id */
  places(id) {
    return this.index.getLeaves(id, Infinity).map(({ properties }) => /** @type {Leaf} */ (properties).place);
  }
}
