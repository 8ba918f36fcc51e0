"use strict";
// The page is complete without this script, which sorts tables, selects columns and frameworks, weighs criteria,
// opens the target of a link, and stores these choices in the page's address.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const state = new URLSearchParams(location.search);
  const store = (key, value, initial) => {
    if (value === initial) state.delete(key); else state.set(key, value);
    const query = state.toString();
    history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
  };

  const valueOf = (row, position) => {
    const text = row.cells[position].dataset.value;
    if (text === undefined) return null;
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  };
  const sort = (table, column, direction) => {
    const heads = all("thead th", table), position = heads.findIndex((head) => head.dataset.column === column);
    if (position < 0) return;
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[position].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    const rows = all("tbody tr", table).sort((a, b) => {
      const left = valueOf(a, position), right = valueOf(b, position);
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
        store("sort", (direction < 0 ? "-" : "") + head.dataset.column, "");
      });
    }
    const order = state.get("sort");
    if (order) sort(table, order.replace(/^-/, ""), order.startsWith("-") ? -1 : 1);
  }

  const choice = document.getElementById("overview-choice"), overview = document.getElementById("overview-table");
  const columns = all("input", choice), baseline = choice.elements.namedItem("baseline");
  const costs = baseline && JSON.parse(document.getElementById("costs-by-baseline").textContent);
  const initialBaseline = baseline && baseline.value;
  const applyChoice = () => {
    const chosen = new Set(columns.filter((box) => box.checked).map((box) => box.value));
    all("thead th", overview).forEach((head, position) => {
      const column = head.dataset.column;
      if (position) for (const row of overview.rows) row.cells[position].hidden = !chosen.has(column);
      if (column === "menu" && baseline) for (const row of overview.tBodies[0].rows) {
        const cell = costs[baseline.value][row.dataset.name];
        if (cell) [row.cells[position].textContent, row.cells[position].dataset.value] = cell;
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
  if (baseline && costs[state.get("over")]) baseline.value = state.get("over");
  applyChoice();
  choice.addEventListener("change", () => {
    store("columns", [...applyChoice()].join(" "), columns.map((box) => box.value).join(" "));
    if (baseline) store("over", baseline.value, initialBaseline);
  });
  choice.addEventListener("submit", (event) => event.preventDefault());

  const frameworks = document.getElementById("framework-choice"), boxes = all("input", frameworks);
  const showFrameworks = () => {
    const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    for (const element of all("#code article, #behaviour [data-name]")) {
      element.hidden = !chosen.has(element.dataset.name);
    }
    return chosen;
  };
  frameworks.hidden = false;
  if (state.has("show")) {
    const names = state.get("show").split(" ");
    for (const box of boxes) box.checked = names.includes(box.value);
    showFrameworks();
  }
  frameworks.addEventListener("change", () => {
    const chosen = showFrameworks();
    store("show", [...chosen].join(" "), boxes.map((box) => box.value).join(" "));
  });

  const weights = document.getElementById("weights"), table = document.getElementById("choose-table");
  const names = all("thead th[data-criterion]", table).map((head) => head.dataset.criterion);
  const rows = all("tbody tr", table);
  const weigh = () => {
    const byName = Object.fromEntries(all("input", weights).map((input) => [input.name, Number(input.value)]));
    const sums = rows.map((row) => {
      const cells = names.map((name, n) => [byName[name], row.cells[n + 1].dataset.rank]);
      const unknown = cells.some(([weight, rank]) => weight && rank === undefined);
      return { row, sum: unknown ? null : cells.reduce((sum, [weight, rank]) => sum + weight * Number(rank || 0), 0) };
    });
    sums.sort((a, b) => (a.sum === null) - (b.sum === null) || a.sum - b.sum);
    for (const { row, sum } of sums) row.cells[names.length + 1].textContent = sum === null ? "unknown" : String(sum);
    table.tBodies[0].append(...sums.map(({ row }) => row));
    const best = sums.filter(({ sum }) => sum !== null && sum === sums[0].sum).map(({ row }) => row.cells[0].textContent);
    const hasWeight = Object.values(byName).some(Boolean);
    document.getElementById("choose-order").textContent = !hasWeight ? "All weights are 0, so all frameworks are equal." :
      best.length > 1 ? "A tie: " + best.join(", ") + "." : best.length ? "First: " + best[0] + "." : "";
    return byName;
  };
  weights.hidden = false;
  for (const part of (state.get("weigh") || "").split(",").filter(Boolean)) {
    const [name, value] = part.split(":"), input = weights.elements.namedItem(name);
    if (input && /^[0-3]$/.test(value)) input.value = value;
  }
  const showWeights = () => all("label", weights).forEach((label) => {
    const input = label.querySelector("input");
    label.querySelector("output").textContent = input.value;
    input.setAttribute("aria-valuetext", input.value + " of 3");
  });
  weights.addEventListener("input", () => {
    const byName = weigh();
    showWeights();
    store("weigh", names.map((name) => name + ":" + byName[name]).join(","), names.map((name) => name + ":1").join(","));
  });
  weights.addEventListener("submit", (event) => event.preventDefault());
  showWeights();
  weigh();

  // Open every closed element around the target of the address.
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView({ block: target.tagName === "SPAN" ? "center" : "start" });
  };
  addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();
})();
