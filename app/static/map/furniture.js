// Scale bar, and the moment of the figures.

import { one } from "./dom.js";
import { inset } from "./grid.js";
import { figure, metres, say, stamp } from "./words.js";

const NICE = [1, 2, 5];
const MOST_PX = 165;

/** The longest round length that fits. @param {number} most metres */
function round(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return (NICE.filter((n) => n * power <= most).at(-1) ?? 1) * power;
}

/** @param {import("./types").App} app */
export function furniture(app) {
  const { map } = app, bar = one("[data-scale]"), text = one("[data-scale-text]"), asOf = one("[data-asof]");
  const scale = () => {
    const y = map.getSize().y / 2;
    const most = map.distance(map.containerPointToLatLng([0, y]), map.containerPointToLatLng([MOST_PX, y]));
    const length = round(most);
    bar.style.width = `${Math.round((MOST_PX * length) / most)}px`;
    text.textContent = length < 1000 ? metres(length) : `${figure(length / 1000)} km`;
    bar.setAttribute("aria-label", say("Scale bar: {length}", { length: text.textContent }));
    document.documentElement.style.setProperty("--inset", `${inset()}px`);
  };
  map.on("zoomend moveend resize", scale);
  scale();
  app.on("data", () => {
    asOf.textContent = app.asOf ? say("figures as of {when}", { when: stamp(app.asOf) }) : "";
  });
}
