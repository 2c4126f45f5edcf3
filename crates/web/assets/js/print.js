// Print buttons: [data-print].
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", (e) => { e.preventDefault(); print(); });
}
