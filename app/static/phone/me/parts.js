// Language, colours and the home screen.

import { h, icon } from "../../map/dom.js";
import { hasTwoStores, isInstalled } from "../keeping.js";
import { offered } from "../shell.js";
import { language, say } from "../texts.js";

const YEAR_S = 31536000;

/**
 * Some choices of which one holds.
 * @param {string} name @param {string} legend @param {{value: string, text: string, lang?: string}[]} choices @param {string} chosen
 * @param {(value: string) => void} choose
 */
function choices(name, legend, choices, chosen, choose) {
  const made = choices.map(({ value, text, lang }) => {
    const input = h("input", { type: "radio", name, value, checked: value === chosen });
    input.addEventListener("change", () => choose(value));
    return h("label", { class: "chip", lang: lang ?? null }, input, icon("check"), h("span", {}, text));
  });
  return h("fieldset", { class: "part" }, h("legend", { class: "b" }, legend), h("div", { class: "chips" }, ...made));
}

export function languagePart() {
  const all = [{ value: "vi", text: "Tiếng Việt", lang: "vi" }, { value: "en", text: "English", lang: "en" }];
  return choices("language", say("me.language"), all, language(), () => document.querySelector('[data-switch="language"]')?.dispatchEvent(new MouseEvent("click")));
}

export function themePart() {
  const root = document.documentElement;
  const set = (/** @type {string} */ theme) => {
    if (theme) root.dataset["theme"] = theme;
    else delete root.dataset["theme"];
    document.cookie = `taluy_theme=${theme}; path=/; max-age=${theme ? YEAR_S : 0}; samesite=lax`;
  };
  const all = [{ value: "", text: say("me.theme_auto") }, { value: "light", text: say("me.theme_light") }, { value: "dark", text: say("me.theme_dark") }];
  return choices("theme", say("me.theme"), all, root.dataset["theme"] ?? "", set);
}

/** Installing: the browser's offer, or in words how; where it cannot, why not. */
export function installPart() {
  return h("section", { class: "part stack", id: "install" }, h("h2", {}, say("me.install")), ...ways());
}

function ways() {
  if (isInstalled()) return [h("p", {}, say("me.installed"))];
  if (!window.isSecureContext) return [h("p", {}, say("me.install_not"))];
  const why = h("p", { class: "mut" }, say("me.install_why"));
  if (hasTwoStores()) return [why, h("p", {}, say("me.install_ios"))];
  const offer = offered.event;
  if (!offer) return [why, h("p", {}, say("me.install_menu"))];
  const button = h("button", { type: "button", class: "btn" }, icon("download"), say("me.install_do"));
  button.addEventListener("click", () => void offer.prompt());
  return [why, button];
}
