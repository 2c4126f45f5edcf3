// A word at once after choosing a file. It advises and never blocks; the server checks again.
// The sentences come from the page (data-*), so they follow its language.
const human = (n) => (n < 1048576 ? `${Math.max(1, Math.round(n / 1024))} KB` : `${(n / 1048576).toFixed(1)} MB`);
const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

for (const zone of document.querySelectorAll("[data-upload]")) {
  const input = zone.querySelector("input[type=file]");
  const out = zone.querySelector("[data-upload-status]");
  const max = Number(zone.dataset.max || 10);
  if (!input || !out) continue;
  zone.classList.add("enhanced");
  const sentence = (f) => {
    const values = { name: f.name, size: human(f.size), max };
    if (f.size === 0) return fill(zone.dataset.sayEmpty, values);
    if (f.size > max * 1048576) return fill(zone.dataset.sayLarge, values);
    return fill(zone.dataset.sayGood, values);
  };
  const tell = () => {
    out.textContent = input.files.length ? [...input.files].map(sentence).join(" ") : zone.dataset.sayNone;
  };
  tell();
  input.addEventListener("change", tell);
  zone.addEventListener("dragover", (e) => { e.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (e) => {
    e.preventDefault();
    zone.classList.remove("over");
    if (!e.dataTransfer?.files.length) return;
    input.files = e.dataTransfer.files;
    tell();
  });
}
