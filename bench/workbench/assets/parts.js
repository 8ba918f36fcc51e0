// Loads parts of the page without loading the page, and so without touching the stage.
const PARTS = ["bar", "panel", "timeline"];
const waiting = new Map();

/** Load a part of the page as its address says, once for many calls in a short time. */
export function reload(part, delay = 60) {
  if (waiting.has(part)) return;
  waiting.set(part, setTimeout(() => load(part), delay));
}

async function load(part) {
  waiting.delete(part);
  const element = document.getElementById(part);
  const reply = await fetch(`/${part}${location.search}`).catch(() => null);
  if (!reply || !reply.ok) return;
  const text = await reply.text();
  if (element.dataset.text === text) return; // a focused element and the position stay
  const focused = describeFocus(element);
  const list = element.closest("section");
  const isAtEnd = list && list.scrollTop + list.clientHeight > list.scrollHeight - 40;
  element.innerHTML = text; // written by the workbench, which escapes what sites reply
  element.dataset.text = text;
  if (focused) element.querySelector(focused)?.focus({ preventScroll: true });
  if (part === "timeline" && isAtEnd && !isPinned()) list.scrollTop = list.scrollHeight;
}

/** Return whether the address names a request, so that the page does not follow the newest. */
export function isPinned() {
  return new URLSearchParams(location.search).has("request");
}

function describeFocus(element) {
  const focused = document.activeElement;
  if (!element.contains(focused)) return "";
  if (focused.dataset.number) return `[data-number="${focused.dataset.number}"]`;
  if (focused.name && focused.value) {
    return `[name="${CSS.escape(focused.name)}"][value="${CSS.escape(focused.value)}"]`;
  }
  return focused.id ? `#${CSS.escape(focused.id)}` : "";
}

/** Show another view: change the address, and load the parts again. */
export function go(search, push = true) {
  if (push) history.pushState(null, "", `/${search}`);
  document.body.dataset.part = new URLSearchParams(location.search).get("part") || "stage";
  for (const link of document.querySelectorAll(".parts a")) {
    const part = new URL(link.href).searchParams.get("part") || "stage";
    link.toggleAttribute("aria-current", part === document.body.dataset.part);
    const target = new URLSearchParams(location.search);
    if (part === "stage") target.delete("part"); else target.set("part", part);
    link.href = `/?${target}`;
  }
  for (const part of PARTS) reload(part, 0);
}

/** Show a message to the reader. */
export function say(text) {
  document.getElementById("message").textContent = text;
}

async function send(form, button) {
  const data = new URLSearchParams(new FormData(form));
  if (button?.name) data.append(button.name, button.value);
  say("");
  const reply = await fetch(form.getAttribute("action"), {
    method: "POST", body: data, headers: { Accept: "application/json" },
  }).catch(() => null);
  say(reply ? await reply.text() : "The workbench does not answer. Start it again.");
  for (const part of PARTS) reload(part, 0);
}

/** Follow links and send forms of the page without loading the page. */
export function connectParts() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || link.origin !== location.origin || link.pathname !== "/" || link.hash) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(link.search);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    event.preventDefault();
    // Not form.method, which is the field of that name in the form that sends a request.
    if (form.getAttribute("method") === "post") return void send(form, event.submitter);
    go(`?${new URLSearchParams(new FormData(form))}`);
  });
  addEventListener("popstate", () => go(location.search, false));
}
