/** The receipt: it appears only when the server has answered, and its stations fill as the server names them. */

import { clock, say, stamp } from "./texts.js";

const page = document.getElementById("sent");

/** @param {string} name @param {string} text */
function put(name, text) {
  const element = page?.querySelector(`[data-${name}]`);
  if (element) element.textContent = text;
}

/**
 * @param {import("./send.js").Receipt} receipt
 * @param {string} condition
 * @param {string} seenAt
 * @param {number} photos  how many belong to the visit
 */
export function showReceipt(receipt, condition, seenAt, photos) {
  if (!page) return;
  const received = new Date(receipt.received_at);
  put("text-time", clock(received));
  put("place", `${receipt.place}, ${say(condition).toLocaleLowerCase()}`);
  put("seen", stamp(new Date(seenAt)));
  put("received", stamp(received));
  put("id", receipt.id);
  put("sha", receipt.content_sha256.slice(0, 16));
  put("seq", String(receipt.log_seq));
  put("title", say(photos ? "received_text" : "received"));
  page.hidden = false;
  scrollTo(0, 0);
  page.focus();
}

/**
 * @param {import("./photos.js").Photos} photos
 * @param {boolean} [waiting]  nothing goes at the moment: the network is away
 */
export function showStations(photos, waiting = false) {
  if (!page) return;
  const left = photos.left().length;
  const sent = photos.all.filter((photo) => photo.state === "sent").length;
  const refused = photos.all.filter((photo) => photo.state === "refused").length;
  const whole = left === 0 && refused === 0;
  put("photo-count", photos.all.length ? `${sent}/${photos.all.length}` : say("photos_none"));
  const station = page.querySelector("[data-station=photos]");
  if (station) station.className = whole ? "on" : left ? "now" : "no";
  page.querySelector("[data-station=whole]")?.classList.toggle("on", whole);
  const waits = say("photos_waiting", { n: left });
  put("rest", left === 0 ? "" : waiting ? waits : say("photos_left", { n: left, kb: photos.waitingKb() }));
  if (whole) put("title", say("received"));
}
