"use strict";
// The page is whole without this: it sorts, picks, weighs, opens what an address points into, and keeps the choice in the address.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const state = new URLSearchParams(location.search);
  const keep = (key, value, usual) => {
    if (value === usual) state.delete(key); else state.set(key, value);
    const query = state.toString();
    history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
  };

  const valueOf = (row, place) => {
    const text = row.cells[place].dataset.value;
    if (text === undefined) return null;
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  };
  const sort = (table, column, direction) => {
    const heads = all("thead th", table), place = heads.findIndex((head) => head.dataset.column === column);
    if (place < 0) return;
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[place].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    const rows = all("tbody tr", table).sort((a, b) => {
      const left = valueOf(a, place), right = valueOf(b, place);
      if (left === null || right === null) return (left === null) - (right === null);
      return direction * (left < right ? -1 : left > right ? 1 : 0);
    });
    table.tBodies[0].append(...rows);
  };
  for (const table of all("table.sortable")) {
    for (const head of all("thead th", table)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        sort(table, head.dataset.column, direction);
        keep("sort", (direction < 0 ? "-" : "") + head.dataset.column, "");
      });
    }
    const wanted = state.get("sort");
    if (wanted) sort(table, wanted.replace(/^-/, ""), wanted.startsWith("-") ? -1 : 1);
  }

  const choice = document.getElementById("glance-choice"), glance = document.getElementById("glance-table");
  const columns = all("input", choice), baseline = choice.elements.namedItem("baseline");
  const over = baseline && JSON.parse(document.getElementById("over").textContent);
  const usualBaseline = baseline && baseline.value;
  const lay = () => {
    const chosen = new Set(columns.filter((box) => box.checked).map((box) => box.value));
    all("thead th", glance).forEach((head, place) => {
      const column = head.dataset.column;
      if (place) for (const row of glance.rows) row.cells[place].hidden = !chosen.has(column);
      if (column === "menu" && baseline) for (const row of glance.tBodies[0].rows) {
        const told = over[baseline.value][row.dataset.name];
        if (told) [row.cells[place].textContent, row.cells[place].dataset.value] = told;
      }
    });
    return chosen;
  };
  choice.parentElement.hidden = false;
  choice.parentElement.open = state.has("columns") || state.has("over");
  if (state.has("columns")) {
    const names = state.get("columns").split(" ");
    for (const box of columns) box.checked = names.includes(box.value);
  }
  if (baseline && over[state.get("over")]) baseline.value = state.get("over");
  lay();
  choice.addEventListener("change", () => {
    keep("columns", [...lay()].join(" "), columns.map((box) => box.value).join(" "));
    if (baseline) keep("over", baseline.value, usualBaseline);
  });
  choice.addEventListener("submit", (event) => event.preventDefault());

  const picks = document.getElementById("picks"), boxes = all("input", picks);
  const pick = () => {
    const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    for (const one of all("#code article, #behaviour [data-name]")) one.hidden = !chosen.has(one.dataset.name);
    return chosen;
  };
  picks.hidden = false;
  if (state.has("show")) {
    const names = state.get("show").split(" ");
    for (const box of boxes) box.checked = names.includes(box.value);
    pick();
  }
  picks.addEventListener("change", () => {
    const chosen = pick();
    keep("show", [...chosen].join(" "), boxes.map((box) => box.value).join(" "));
  });

  const weights = document.getElementById("weights"), table = document.getElementById("choose-table");
  const names = all("thead th[data-criterion]", table).map((head) => head.dataset.criterion);
  const usual = all("tbody tr", table);
  const weigh = () => {
    const by = Object.fromEntries(all("input", weights).map((one) => [one.name, Number(one.value)]));
    const rows = usual.map((row) => {
      const cells = names.map((name, n) => [by[name], row.cells[n + 1].dataset.place]);
      const unknown = cells.some(([weight, place]) => weight && place === undefined);
      return { row, sum: unknown ? null : cells.reduce((sum, [weight, place]) => sum + weight * Number(place || 0), 0) };
    });
    rows.sort((a, b) => (a.sum === null) - (b.sum === null) || a.sum - b.sum);
    for (const { row, sum } of rows) row.cells[names.length + 1].textContent = sum === null ? "not known" : String(sum);
    table.tBodies[0].append(...rows.map(({ row }) => row));
    const best = rows.filter(({ sum }) => sum !== null && sum === rows[0].sum).map(({ row }) => row.cells[0].textContent);
    const weighed = Object.values(by).some(Boolean);
    document.getElementById("choose-order").textContent = !weighed ? "Nothing weighs anything: all are equal." :
      best.length > 1 ? "A tie: " + best.join(", ") + "." : best.length ? "First: " + best[0] + "." : "";
    return by;
  };
  weights.hidden = false;
  for (const part of (state.get("weigh") || "").split(",").filter(Boolean)) {
    const [name, value] = part.split(":"), input = weights.elements.namedItem(name);
    if (input && /^[0-3]$/.test(value)) input.value = value;
  }
  const told = () => all("label", weights).forEach((label) => {
    const input = label.querySelector("input");
    label.querySelector("output").textContent = input.value;
    input.setAttribute("aria-valuetext", input.value + " of 3");
  });
  weights.addEventListener("input", () => {
    const by = weigh();
    told();
    keep("weigh", names.map((name) => name + ":" + by[name]).join(","), names.map((name) => name + ":1").join(","));
  });
  weights.addEventListener("submit", (event) => event.preventDefault());
  told();
  weigh();

  // An address may point into something closed.
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView({ block: target.tagName === "SPAN" ? "center" : "start" });
  };
  addEventListener("hashchange", open);
  if (location.hash) open();
})();
