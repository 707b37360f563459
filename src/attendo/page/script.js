// A click on a heading sorts its table: numbers from large to small first, text from A to Z; empty cells stay last.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
    const rows = [...body.rows], column = head.cellIndex, cell = (row) => row.cells[column];
    const numeric = head.classList.contains("number"), before = head.getAttribute("aria-sort");
    const order = before === "none" ? (numeric ? "descending" : "ascending") : before === "ascending" ? "descending" : "ascending";
    const sign = order === "ascending" ? 1 : -1, language = document.documentElement.lang;
    const key = (row) => numeric ? Number(cell(row).dataset.value ?? NaN) : cell(row).textContent;
    rows.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (!numeric) return sign * x.localeCompare(y, language, { numeric: true });
      return Number.isNaN(x) || Number.isNaN(y) ? Number.isNaN(x) - Number.isNaN(y) : sign * (x - y || 0);
    });
    for (const other of table.querySelectorAll("th[aria-sort]")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", order);
    body.append(...rows);
  });
}

// What is folded on the screen is printed in full.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) {
    part.open = true;
    addEventListener("afterprint", () => { part.open = false; }, { once: true });
  }
});
