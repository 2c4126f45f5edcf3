// Counts what is ticked and ticks all. Without script, ticking and sending the form works as well.
const form = document.getElementById("bulkform");
const bar = form?.querySelector("[data-bulk]");
const count = bar?.querySelector("[data-count]");
const all = form?.querySelector("[data-all]");
const boxes = [...(form?.querySelectorAll("input[name=id]:not(:disabled)") ?? [])];
function paint() {
  const n = boxes.filter((b) => b.checked).length;
  if (count) count.textContent = String(n);
  if (bar) bar.hidden = n === 0;
  if (all) { all.checked = n === boxes.length && n > 0; all.indeterminate = n > 0 && n < boxes.length; }
  for (const b of boxes) b.closest("tr").classList.toggle("on", b.checked);
}
form?.addEventListener("change", (e) => {
  if (e.target === all) for (const b of boxes) b.checked = all.checked;
  paint();
});
paint();
