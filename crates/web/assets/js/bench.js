// Review shortcuts. They read event.code, stay out of the way of input methods, and can be switched off (WCAG 2.1.4).
const form = document.querySelector("[data-bench]");
const toggle = document.querySelector("[data-keys]");
const done = document.querySelector("[data-done]");
const total = form?.querySelectorAll(".checks li").length ?? 0;
const typing = (el) => el?.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");

function tally() {
  const n = form.querySelectorAll(".checks input:checked").length;
  if (done) done.textContent = `${n} / ${total}`;
  for (const li of form.querySelectorAll(".checks li")) li.classList.toggle("miss", !!li.querySelector("input[value=n]:checked"));
}
form?.addEventListener("change", tally);

document.addEventListener("keydown", (e) => {
  if (!toggle?.checked || e.isComposing || e.keyCode === 229) return;
  if (e.altKey && e.code === "Enter") { e.preventDefault(); form?.requestSubmit(); return; }
  if (typing(e.target) || e.ctrlKey || e.metaKey || e.altKey) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(e.code);
  if (digit) {
    const group = form?.querySelectorAll(`input[name=k${digit[1]}]`);
    if (!group?.length) return;
    e.preventDefault();
    const next = [...group].findIndex((r) => r.checked) === 0 ? 1 : 0;
    group[next].checked = true; group[next].focus(); tally();
    return;
  }
  if (e.target.matches?.("input[type=radio]")) return;
  if (e.code === "ArrowDown" || e.code === "ArrowUp") {
    const links = [...document.querySelectorAll(".queue li a")];
    const at = links.findIndex((a) => a === document.activeElement);
    const from = at >= 0 ? at : links.findIndex((a) => a.hasAttribute("aria-current"));
    const to = links[from + (e.code === "ArrowDown" ? 1 : -1)];
    if (to) { e.preventDefault(); to.focus(); }
  }
});
if (form) tally();
