// What became of one saved thing: in this phone, its text received, its photos, all of it. Follows what happens.

import { h, icon } from "../../map/dom.js";
import { bytes, clock, distance } from "../format.js";
import { conditionTag, plate } from "../near/tags.js";
import { nextPlace } from "../near/next.js";
import { say } from "../texts.js";

/** @typedef {import("../types").App} App @typedef {import("../types").Row} Row */

/** @type {import("../types").Show} */
export async function show(app, id) {
  const row = await app.queue.one(id);
  if (!row) return gone();
  const [content, words] = await Promise.all([app.queue.content(id).catch(() => null), import("../queue/words.js").catch(() => null)]);
  return new Saved(app, row, content, words).screen();
}

/** Set aside until somebody decides. @param {Row} row */
const isParked = (row) => row.state === "refused" || row.state === "conflict";

/** @param {Row} row */
function title(row) {
  if (isParked(row)) return say("saved.refused");
  if (row.state === "done") return say("saved.done");
  return say(row.receipt ? "saved.text_received" : "saved.kept");
}

class Saved {
  drawn = "";
  told = "";
  heading = h("h1", { class: "sent-title", tabindex: "-1" });
  stations = h("ol", { class: "stations" });
  standing = h("p", { class: "mut", role: "status" });
  middle = h("div", { class: "slip" });
  end = h("div", { class: "dock ways-on" });

  /**
   * @param {App} app @param {Row} row @param {import("../types").InspectionBody | import("../types").PositionBody | null} content
   * @param {typeof import("../queue/words.js") | null} words what the list of unsent things says; null where this phone has not got it yet
   */
  constructor(app, row, content, words) {
    this.words = words;
    this.app = app;
    this.row = row;
    this.content = content;
  }

  /** @returns {import("../types").Screen} */
  screen() {
    const { row } = this;
    const condition = this.content && "condition" in this.content ? this.content.condition : null;
    const head = h("header", { class: "visit-head" },
      h("a", { class: "ib", href: "/phone#/" }, icon("arrow-left", "l"), h("span", { class: "vh" }, say("saved.to_list"))),
      h("p", { class: "grow" }, plate(row.place)), condition && conditionTag(condition));
    const call = condition === "danger" && h("p", { class: "note call-now" }, icon("siren", "l"), h("b", {}, say("form.call")));
    const element = h("section", { class: "screen visit" }, head,
      h("div", { class: "sent pad" }, h("div", { class: "row top", role: "status" }, h("span", { class: "seal" }, icon("check", "l")), this.heading), this.stations, this.standing, call, this.middle), this.end);
    const follow = () => void this.follow();
    this.app.queue.addEventListener("change", follow);
    this.app.sender.addEventListener("change", follow);
    this.draw();
    void this.ways();
    return {
      element,
      title: title(row),
      leave: () => {
        this.app.queue.removeEventListener("change", follow);
        this.app.sender.removeEventListener("change", follow);
      },
    };
  }

  async follow() {
    const row = await this.app.queue.one(this.row.id);
    if (!row) return;
    this.row = row;
    this.draw();
  }

  draw() {
    const { row } = this;
    const state = JSON.stringify(row);
    if (state === this.drawn) return;
    this.drawn = state;
    this.heading.textContent = title(row);
    this.heading.parentElement?.querySelector(".seal")?.classList.toggle("parked", isParked(row));
    if (this.words) this.drawStations(this.words);
    void this.drawMiddle().catch(console.error);
  }

  /** @param {typeof import("../queue/words.js")} words */
  drawStations({ lookSays, standing, stations }) {
    const { row } = this;
    this.stations.replaceChildren(...stations(row, clock).map(({ look, says }) => h("li", { class: look || null }, say(says.key, says.values), h("span", { class: "vh" }, `: ${say(lookSays(look))}`))));
    const told = standing(row, clock, bytes).map(({ key, values }) => say(key, values));
    if (row.state === "ready" || row.state === "received") told.push(say("saved.go_on"));
    this.standing.textContent = told.join(" ");
  }

  async drawMiddle() {
    const { row, content } = this;
    const what = JSON.stringify([row.receipt, row.problem, isParked(row)]);
    if (what === this.told) return;
    this.told = what;
    this.middle.replaceChildren();
    if (row.receipt) {
      const { slip } = await import("../saved/receipt.js");
      if (what === this.told && row.receipt) this.middle.replaceChildren(slip(this.app, row, row.receipt, content));
    } else if (isParked(row)) {
      const said = this.words?.reason(row) ?? "";
      this.middle.replaceChildren(h("div", { class: "note warn" }, h("p", {}, h("b", {}, say("saved.why")), ` ${said}`), h("a", { class: "btn quiet", href: `/phone#/queue/${row.id}` }, say("saved.mend"))));
    }
  }

  /** Where to go from here. */
  async ways() {
    const next = await nextPlace(this.app, this.row.place, Date.now());
    const list = h("a", { class: "btn quiet big-ish", href: "/phone#/" }, say("saved.to_list"));
    if (!next) return this.end.replaceChildren(list);
    const { place, way } = next;
    const text = way && !way.around ? say("saved.next_far", { code: place.code, distance: distance(way.metres) }) : say("saved.next", { code: place.code });
    this.end.replaceChildren(h("a", { class: "btn pri big", href: `/phone#/form/${place.code}` }, text), list);
  }
}

/** @returns {import("../types").Screen} */
function gone() {
  const text = say("saved.gone");
  return { element: h("section", { class: "screen pad empty" }, h("h1", {}, text), h("p", {}, say("saved.gone_more")), h("a", { class: "btn quiet", href: "/phone#/" }, say("saved.to_list"))), title: text };
}
