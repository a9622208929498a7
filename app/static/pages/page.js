/** What every page does with a script; each of them works without. */

document.documentElement.classList.add("js-on");

/** Switch light and dark without a reload; the cookie lets the server draw the next page alike. */
function themeSwitch() {
  for (const link of document.querySelectorAll("[data-theme-switch]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const root = document.documentElement;
      const dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      const theme = dark ? "light" : "dark";
      root.dataset.theme = theme;
      document.cookie = `taluy_theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    });
  }
}

/** Filters send themselves when a choice changes; typing waits for Enter. */
function filters() {
  for (const form of document.querySelectorAll("form[data-autosend]")) {
    if (!(form instanceof HTMLFormElement)) continue;
    form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLSelectElement || (event.target instanceof HTMLInputElement && event.target.type === "checkbox")) {
        form.requestSubmit();
      }
    });
    form.addEventListener("submit", () => {
      for (const field of form.querySelectorAll("input, select")) {
        if ((field instanceof HTMLInputElement || field instanceof HTMLSelectElement) && !field.value) field.disabled = true;
      }
    });
  }
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-autosend] [disabled]")) field.removeAttribute("disabled");
  });
}

/** On a phone the list comes before its filters, unless one is set. */
function narrow() {
  for (const details of document.querySelectorAll("details[data-narrow-closed]")) {
    if (!(details instanceof HTMLDetailsElement) || !matchMedia("(max-width: 760px)").matches) continue;
    const set = [...details.querySelectorAll("select, input")].some((field) =>
      field instanceof HTMLSelectElement ? field.value !== "" : field instanceof HTMLInputElement && field.checked,
    );
    details.open = set;
  }
}

/** An open menu closes on Escape and when one clicks beside it. */
function menus() {
  const menu = document.querySelector("details.menu");
  if (!(menu instanceof HTMLDetailsElement)) return;
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
  addEventListener("click", (event) => {
    if (menu.open && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
}

/** A refused form is told first: the summary takes the focus. */
function errors() {
  const summary = document.querySelector("[data-focus]");
  if (summary instanceof HTMLElement) summary.focus();
}

/** Paper. */
function printing() {
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
}

/** On a phone an inspection is logged in the app, which needs no network; it keeps things sealed, which takes https. */
function phones() {
  if (!isSecureContext || !matchMedia("(pointer: coarse)").matches) return;
  for (const link of document.querySelectorAll("a[data-phone]")) link.setAttribute("href", link.getAttribute("data-phone") ?? "");
}

themeSwitch();
phones();
filters();
menus();
narrow();
errors();
printing();
