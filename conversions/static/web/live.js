// Renews the parts of a page that change, and nothing else: focus, scrolling, open details and selected text stay.
"use strict";

(() => {
  const bar = document.querySelector("[data-live-url]");
  const page = document.querySelector("[data-live]");
  if (!bar || !page) return;
  const status = bar.querySelector("[role=status]");
  const button = bar.querySelector("button");
  const words = bar.dataset;
  let at = page.querySelector("[data-updated-at]")?.dataset.updatedAt ?? "";
  let paused = false;
  let asking = false;

  const say = (text) => {
    const line = `${text} ${at}`;
    if (status.textContent !== line) status.textContent = line;
  };

  const isRead = () => {
    const selection = document.getSelection();
    return Boolean(selection && !selection.isCollapsed && page.contains(selection.anchorNode));
  };

  const places = (part) => [...part.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
  const open = (part) => [...part.querySelectorAll("details")].map((each) => each.open);
  const focusable = (part) => [...part.querySelectorAll("a, button, summary, input, select, [tabindex]")];

  const replace = (old, fresh) => {
    const held = document.activeElement;
    const index = old.contains(held) ? focusable(old).indexOf(held) : -1;
    const scrolled = places(old);
    const unfolded = open(old);
    old.replaceWith(fresh);
    fresh.querySelectorAll(".scroll").forEach((each, number) => { each.scrollLeft = scrolled[number] ?? 0; });
    fresh.querySelectorAll("details").forEach((each, number) => { each.open = unfolded[number] ?? each.open; });
    if (index < 0) return;
    const same = held.href && focusable(fresh).find((each) => each.href === held.href);
    (same || focusable(fresh)[index])?.focus({ preventScroll: true });
  };

  const take = (text) => {
    const made = new DOMParser().parseFromString(text, "text/html");
    const time = made.querySelector("[data-updated-at]");
    if (!time) throw new Error("not this page");
    const parts = [...made.querySelectorAll("[data-part]")];
    const box = page.querySelector("[data-updated-at]");
    const known = new Set(parts.map((part) => part.id));
    page.querySelectorAll("[data-part]").forEach((old) => { if (!known.has(old.id)) old.remove(); });
    for (const fresh of parts) {
      const old = document.getElementById(fresh.id);
      const node = document.adoptNode(fresh);
      if (!old) box.append(node);
      else if (old.outerHTML !== node.outerHTML) replace(old, node);
    }
    at = time.dataset.updatedAt;
  };

  const renew = async () => {
    if (paused || asking || document.hidden || isRead()) return;
    asking = true;
    try {
      const answer = await fetch(words.liveUrl, { credentials: "same-origin", signal: AbortSignal.timeout(20000) });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const text = await answer.text();
      if (paused || isRead()) return;
      take(text);
      say(words.updated);
    } catch {
      say(words.failed);
    } finally {
      asking = false;
    }
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? words.resume : words.pause;
    say(paused ? words.paused : words.updated);
    if (!paused) renew();
  });
  say(words.updated);
  document.addEventListener("visibilitychange", renew);
  setInterval(renew, Number(words.liveSeconds) * 1000);
})();
