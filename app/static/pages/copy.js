/** Copy what stands beside the button; where the browser refuses, it is selected for copying by hand. */

for (const group of document.querySelectorAll("[data-copy]")) {
  const field = group.querySelector("input, textarea");
  const said = group.parentElement?.querySelector("[data-copied]");
  group.querySelector("button")?.addEventListener("click", async () => {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || !(said instanceof HTMLElement)) return;
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = said.dataset.copied ?? "";
    } catch {
      said.textContent = said.dataset.byHand ?? "";
    }
  });
}
