// With an error summary on the page, focus goes there; its links put the focus on the control itself.
const box = document.getElementById("errors");
box?.focus();
box?.addEventListener("click", (e) => {
  const a = e.target.closest("a[href^='#']");
  const el = a && document.getElementById(decodeURIComponent(a.hash.slice(1)));
  if (!el) return;
  e.preventDefault();
  (document.querySelector(`label[for="${CSS.escape(el.id)}"]`) ?? el).scrollIntoView({ block: "center" });
  el.focus({ preventScroll: true });
});
