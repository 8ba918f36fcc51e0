// Let the reader weigh criteria, compare two frameworks, and hide others. The address keeps the choices.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const state = new URLSearchParams(location.search);
  const store = (key, value) => {
    if (value) state.set(key, value); else state.delete(key);
    const query = state.toString();
    history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
  };
  const remember = (key, value) => { try { localStorage.setItem("cookoff-" + key, value); } catch { /* private windows have no storage */ } };
  const recall = (key) => { try { return localStorage.getItem("cookoff-" + key); } catch { return null; } };
  const root = document.body.dataset.root;

  // The two frameworks above: kept in the address and for the next page.
  const pair = document.getElementById("pair");
  const pairNames = () => pair ? [pair.elements.a.value, pair.elements.b.value] : [];
  const pairListeners = [];
  if (pair) {
    const order = [...pair.elements.a.options].map((option) => option.value);
    const fromPage = /compare\/([\w]+)-([\w]+)\.html$/.exec(location.pathname);
    for (const [key, chosen] of [["a", fromPage && fromPage[1]], ["b", fromPage && fromPage[2]]]) {
      const value = chosen || state.get(key) || recall(key);
      if (order.includes(value)) pair.elements[key].value = value;
    }
    pair.addEventListener("change", () => {
      for (const key of ["a", "b"]) { remember(key, pair.elements[key].value); store(key, pair.elements[key].value); }
      pairListeners.forEach((listener) => listener());
    });
    pair.addEventListener("submit", (event) => {
      event.preventDefault();
      const names = pairNames().sort((x, y) => order.indexOf(x) - order.indexOf(y));
      if (names[0] !== names[1]) location.href = root + "compare/" + names.join("-") + ".html";
    });
  }

  // Tables that sort by a column.
  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    const value = (row, place) => {
      const text = row.cells[place].dataset.value;
      return text === undefined ? null : Number.isNaN(Number(text)) ? text : Number(text);
    };
    const sort = (column, direction) => {
      const place = heads.findIndex((head) => head.dataset.column === column);
      if (place < 0) return;
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      heads[place].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      const rows = all("tbody tr", table).sort((x, y) => {
        const left = value(x, place), right = value(y, place);
        if (left === null || right === null) return (left === null) - (right === null);
        return direction * (left < right ? -1 : left > right ? 1 : 0);
      });
      table.tBodies[0].append(...rows);
    };
    for (const head of heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        sort(head.dataset.column, direction);
        store("sort", (direction < 0 ? "-" : "") + head.dataset.column);
      });
    }
    const order = state.get("sort");
    if (order) sort(order.replace(/^-/, ""), order.startsWith("-") ? -1 : 1);
  }

  // The chooser: each weight times the rank, added up.
  const weights = document.getElementById("weights");
  if (weights) {
    const table = document.getElementById("overview"), initial = all("tbody tr", table);
    const inputs = all("input", weights), order = document.getElementById("order");
    const places = Object.fromEntries(all("thead th", table).map((head, place) => [head.dataset.criterion, place]));
    const weigh = () => {
      const used = inputs.filter((input) => Number(input.value));
      const sums = initial.map((row) => {
        const ranks = used.map((input) => [Number(input.value), row.cells[places[input.name]].dataset.rank]);
        const unknown = ranks.some(([, rank]) => rank === undefined);
        return { row, sum: unknown ? null : ranks.reduce((sum, [weight, rank]) => sum + weight * Number(rank), 0) };
      });
      if (used.length) sums.sort((x, y) => (x.sum === null) - (y.sum === null) || x.sum - y.sum);
      all(".sum", table).forEach((cell) => { cell.hidden = !used.length; });
      for (const { row, sum } of sums) row.lastElementChild.textContent = sum === null ? "unknown" : String(sum);
      table.tBodies[0].append(...sums.map(({ row }) => row));
      const best = sums.filter(({ sum }) => sum !== null && sum === sums[0].sum).map(({ row }) => row.cells[0].textContent.trim());
      order.textContent = !used.length ? "" : best.length > 1 ? "A tie: " + best.join(", ") + "." : best.length ? "First: " + best[0] + "." : "";
      for (const input of inputs) {
        input.nextElementSibling.textContent = input.value;
        input.setAttribute("aria-valuetext", input.value + " of 3");
      }
      store("weigh", used.map((input) => input.name + ":" + input.value).join(","));
    };
    const set = (values) => { for (const input of inputs) input.value = values[input.name] || 0; weigh(); };
    weights.hidden = false;
    weights.addEventListener("input", weigh);
    weights.addEventListener("submit", (event) => event.preventDefault());
    all("[data-weights]", weights).forEach((button) => button.addEventListener("click", () => set(JSON.parse(button.dataset.weights))));
    const stored = (state.get("weigh") || "").split(",").map((part) => part.split(":")).filter(([, value]) => /^[0-3]$/.test(value));
    set(Object.fromEntries(stored));
  }

  // Frameworks that a page shows or hides.
  const choice = document.querySelector("fieldset.frameworks");
  if (choice) {
    const boxes = all("input", choice);
    const show = () => {
      const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      for (const element of all(".columns [data-name]")) element.hidden = !chosen.has(element.dataset.name);
      store("show", chosen.size === boxes.length ? "" : [...chosen].join(" "));
    };
    const tick = (wanted) => { for (const box of boxes) box.checked = wanted(box.value); show(); };
    choice.hidden = false;
    choice.addEventListener("change", show);
    all("[data-tick]", choice).forEach((button) => button.addEventListener("click", () => {
      const names = pairNames();
      tick((name) => button.dataset.tick === "all" || (button.dataset.tick === "pair" && names.includes(name)));
    }));
    if (state.has("show")) { const names = state.get("show").split(" "); tick((name) => names.includes(name)); }
  }

  // Probes that match a search, or whose outcome differs between the two frameworks above.
  const filter = document.getElementById("probe-filter");
  if (filter) {
    const table = document.getElementById("probes"), rows = all("tbody tr", table);
    const names = all("thead th", table).map((head) => head.dataset.name);
    const apply = () => {
      const words = filter.elements.q.value.toLowerCase(), places = pairNames().map((name) => names.indexOf(name));
      let shown = 0;
      for (const row of rows) {
        const signs = places.map((place) => place > 0 ? row.cells[place].textContent : "");
        row.hidden = !row.cells[0].textContent.toLowerCase().includes(words) || (filter.elements.differ.checked && signs[0] === signs[1]);
        shown += !row.hidden;
      }
      filter.querySelector("[role=status]").textContent = shown + " of " + rows.length + " probes";
      store("q", filter.elements.q.value);
      store("differ", filter.elements.differ.checked ? "1" : "");
    };
    filter.hidden = false;
    filter.elements.q.value = state.get("q") || "";
    filter.elements.differ.checked = state.has("differ");
    filter.addEventListener("input", apply);
    filter.addEventListener("submit", (event) => event.preventDefault());
    pairListeners.push(apply);
    apply();
  }
})();
