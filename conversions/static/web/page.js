// What the pages do beyond plain HTML: copy a post, send a form once, and keep a text that is too long from being sent.
"use strict";

function showCopyButtons(root) {
  for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy).cloneNode(true);
  for (const mark of source.querySelectorAll(".fold")) mark.remove();
  const text = source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  const label = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 2000);
}

// Without https or localhost there is no clipboard to write to; a selection can be copied everywhere.
function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("htmx:afterSettle", (event) => {
  showCopyButtons(document);
  const form = event.target.closest("form.edit");
  if (form) form.querySelector("button.main").disabled = Boolean(form.querySelector("[data-refused]"));
});

document.addEventListener("DOMContentLoaded", () => showCopyButtons(document));
