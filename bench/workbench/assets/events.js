// Receives what happens at the workbench, and loads what it concerns.
import { isPinned, reload, say } from "./parts.js";

/** Keep the page current. */
export function followEvents() {
  const source = new EventSource("/events");
  const on = (kind, run) =>
    source.addEventListener(kind, (event) => run(JSON.parse(event.data)));
  on("exchange", ({ number }) => {
    reload("timeline");
    const shown = new URLSearchParams(location.search).get("request");
    if (!isPinned() || shown === String(number)) reload("panel");
  });
  on("sites", () => { reload("bar"); reload("panel"); });
  const showOnStage = (target) => {
    const frame = document.querySelector("iframe");
    frame.src = new URL(target, frame.src).href;
  };
  on("replaced", ({ on_stage: onStage, target }) => {
    for (const part of ["bar", "timeline", "panel"]) reload(part);
    if (onStage) showOnStage(target);
  });
  on("stage", ({ target }) => { reload("bar"); showOnStage(target); });
  on("message", ({ text }) => say(text));
  source.addEventListener("open", () => { for (const part of ["bar", "timeline"]) reload(part); });
}
