// Display settings without leaving the page, so that a half-filled form keeps what was typed.
// Without script the same buttons post to /prefs and the server writes the attributes on <html>.
const root = document.documentElement;
const form = document.querySelector("form.prefs");

function paint(name, value) {
  if (name === "theme") root.dataset.theme = value;
  if (name === "elder") {
    if (value === "on") root.dataset.mode = "elder"; else delete root.dataset.mode;
    for (const b of form.querySelectorAll("[name=elder]")) {
      b.value = value === "on" ? "off" : "on";
      b.setAttribute("aria-pressed", String(value === "on"));
    }
  }
}

form?.addEventListener("submit", async (e) => {
  const button = e.submitter;
  if (!button || button.name === "lang") return;
  e.preventDefault();
  const body = new URLSearchParams({ [button.name]: button.value });
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (!answer.ok && answer.type !== "opaqueredirect") throw new Error(String(answer.status));
    paint(button.name, button.value);
  } catch {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = button.name;
    field.value = button.value;
    form.append(field);
    form.submit();
  }
});
