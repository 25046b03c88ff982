"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const form = document.querySelector(".choices");
const views = [];

function chosen(name) {
  return form.querySelector(`[name=${name}]:checked`)?.value;
}

function showAccount() {
  const account = chosen("account");
  for (const section of document.querySelectorAll("[data-account]")) {
    section.hidden = Boolean(account) && section.dataset.account !== account;
  }
  window.dispatchEvent(new Event("resize")); // a chart that was drawn while it was hidden has no width yet
}

function showPeriod() {
  const since = chosen("since");
  if (!since) return;
  for (const part of document.querySelectorAll("[data-since]")) {
    part.hidden = part.dataset.since !== since;
  }
  for (const row of document.querySelectorAll("[data-by-day] tbody tr")) {
    row.hidden = row.cells[0].textContent < since;
  }
  views.forEach(showPeriodOf);
  fitTables();
}

function showPeriodOf(view) {
  const since = chosen("since");
  if (since) view.signal("since", Date.parse(since)).runAsync();
}

// A table that is wider than its place becomes a list of its rows; one that is higher says that it goes on.
function fitTables() {
  for (const scroll of document.querySelectorAll(".scroll")) {
    scroll.classList.remove("rows");
    scroll.classList.toggle("rows", scroll.scrollWidth > scroll.clientWidth);
    const more = scroll.nextElementSibling;
    more.hidden = scroll.scrollHeight <= scroll.clientHeight;
    more.textContent = more.dataset.text.replace("#", scroll.querySelectorAll("tbody tr:not([hidden])").length);
  }
}

function sortBy(head, table) {
  const column = head.cellIndex;
  const numeric = head.classList.contains("number");
  const key = (row) => {
    const text = row.cells[column].title || row.cells[column].textContent;
    return numeric ? Number.parseFloat(text.replaceAll(",", "")) : text;
  };
  const descending = head.ariaSort ? head.ariaSort === "ascending" : numeric;
  const compare = (a, b) => (numeric ? a - b : a.localeCompare(b));
  const known = (value) => !Number.isNaN(value); // words among numbers go to the end
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, value: key(row) }));
  rows.sort((a, b) => known(b.value) - known(a.value) || (descending ? compare(b.value, a.value) : compare(a.value, b.value)));
  body.append(...rows.map(({ row }) => row));
  for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
  head.ariaSort = descending ? "descending" : "ascending";
}

for (const table of document.querySelectorAll("table")) {
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(head, table));
    head.append(button);
    for (const row of table.rows) row.cells[head.cellIndex].dataset.label = button.textContent;
  }
}

form.addEventListener("change", (event) => (event.target.name === "account" ? showAccount() : showPeriod()));
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
window.addEventListener("resize", fitTables);
showPeriod();
showAccount(); // a page that is loaded again may keep its choices

const options = {
  actions: false,
  ast: true, // expressions are interpreted: the page's policy forbids to compile them
  config: data.config,
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};
const waiting = Object.entries(data.charts);

async function drawNext() {
  const [id, chart] = waiting.shift();
  try {
    const { view } = await vegaEmbed(document.getElementById(id), chart, options);
    if (!chart.params) return;
    views.push(view);
    showPeriodOf(view);
  } catch (error) {
    console.error(error); // the other charts are drawn all the same
  }
}

(async () => {
  while (waiting.length) {
    await drawNext();
    await new Promise((resume) => setTimeout(resume)); // what is drawn can be seen and used before the rest is
  }
  document.documentElement.dataset.drawn = "";
})();

window.addEventListener("beforeprint", () => {
  while (waiting.length) drawNext();
});
