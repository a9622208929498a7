// Where the person stands, with the accuracy that the device claims; and why not, in words.

import { h, onAct, toast } from "./dom.js";
import { paint, reach } from "./paint.js";
import { metres, say, within } from "./words.js";

const FAR_M = 20_000;

/** @param {import("./types").App} app */
export function locate(app) {
  const { map } = app, group = L.layerGroup().addTo(map);
  onAct("locate", () => {
    if (!window.isSecureContext) {
      toast(say("The browser gives the position only over https. Open this page with https to use it."));
      return;
    }
    if (!("geolocation" in navigator)) {
      toast(say("This device does not give a position."));
      return;
    }
    toast(say("Looking for your position…"));
    navigator.geolocation.getCurrentPosition((found) => show(app, group, found.coords), (problem) => toast(reason(problem.code)), {
      enableHighAccuracy: true, timeout: 20_000, maximumAge: 15_000,
    });
  });
}

/** @param {number} code of GeolocationPositionError */
function reason(code) {
  if (code === 1) return say("You have not allowed this page to know your position. Allow it in the browser's settings.");
  if (code === 3) return say("No position after 20 seconds. Step into the open and try again.");
  return say("The device cannot find its position now. The map works without it.");
}

/** @param {import("./types").App} app @param {L.LayerGroup} group @param {GeolocationCoordinates} coords */
function show(app, group, { latitude, longitude, accuracy }) {
  const { map } = app, at = L.latLng(latitude, longitude);
  const away = map.distance(at, app.config.ground.centre);
  group.clearLayers();
  const colours = paint();
  L.circle(at, { radius: accuracy, interactive: false, ...reach(colours, true, false, colours.water), fillOpacity: 0.12 }).addTo(group);
  const here = L.divIcon({ html: h("span", { class: "me" }), className: "mark", iconSize: [0, 0] });
  L.marker(at, { icon: here, interactive: false, keyboard: false, zIndexOffset: 3000 }).addTo(group);
  const text = say("You are here, {within}", { within: within(Math.round(accuracy)) });
  if (away > FAR_M) {
    toast(`${text}. ${say("That is {away} from the ward.", { away: metres(away) })}`);
    return;
  }
  toast(accuracy > 50 ? `${text}. ${say("Poor accuracy.")}` : text);
  map.fitBounds(at.toBounds(Math.max(300, accuracy * 3)), { maxZoom: 17 });
}
