
"use strict";
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const titles = [...table.tHead.rows[0].cells];
  titles.forEach((title, column) => {
    const isNumeric = title.className === "number";
    const key = (row) => {
      const cell = row.cells[column];
      if (!isNumeric) return cell.textContent;
      return "value" in cell.dataset ? Number(cell.dataset.value) : null;
    };
    const compare = (a, b) => (isNumeric ? a - b : a.localeCompare(b, "en", { numeric: true }));
    const sort = () => {
      const before = title.getAttribute("aria-sort");
      const first = isNumeric ? "descending" : "ascending";
      const other = isNumeric ? "ascending" : "descending";
      const sign = before === first ? other : first;
      for (const each of titles) each.removeAttribute("aria-sort");
      title.setAttribute("aria-sort", sign);
      const rows = [...body.rows].map((row) => [key(row), row]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign === "ascending" ? compare(a, b) : compare(b, a);
      });
      body.append(...rows.map(([, row]) => row));
    };
    const button = document.createElement("button");
    button.type = "button";
    button.append(...title.childNodes);
    button.addEventListener("click", sort);
    title.append(button);
  });
}
