// 1 to 9 put a framework on stage; the arrow keys move through the timeline, and r, c and so on
// choose a panel by its first letter.
import { go } from "./parts.js";

function isTyping(target) {
  return target.matches("input, select, textarea, [contenteditable]");
}

function move(step) {
  const links = [...document.querySelectorAll("#timeline li a")];
  const current = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[Math.min(links.length - 1, Math.max(0, current + step))];
  if (!next) return;
  for (const link of links) link.toggleAttribute("aria-current", link === next);
  next.scrollIntoView({ block: "nearest" });
  go(next.search);
}

/** Handle the keys of the page. */
export function connectKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (/^[1-9]$/.test(event.key)) {
      document.querySelectorAll(".frameworks button")[event.key - 1]?.click();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (event.target.closest(".panel")) return; // there the keys scroll
      event.preventDefault();
      move(event.key === "ArrowUp" ? -1 : 1);
    } else if (/^[a-z]$/.test(event.key)) {
      const panel = [...document.querySelectorAll(".panels a")].find((link) =>
        link.textContent.toLowerCase().startsWith(event.key));
      panel?.click();
    }
  });
}
