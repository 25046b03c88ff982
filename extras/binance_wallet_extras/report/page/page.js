"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const form = document.querySelector(".choices");
const views = [];

function chosen(name) {
  return form.querySelector(`[name=${name}]:checked`)?.value;
}

function showGroup() {
  const group = chosen("group");
  for (const section of document.querySelectorAll("[data-group]")) {
    section.hidden = Boolean(group) && section.dataset.group !== group;
  }
  if (resized) window.dispatchEvent(new Event("resize")); // fit what was hidden to the window, too
  resized = false;
  fit();
  draw();
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
  fit();
}

function showPeriodOf(view) {
  const since = chosen("since");
  if (since) view.signal("since", Date.parse(since)).runAsync();
}

// Show a table that is too wide as a list of its rows.
function fit() {
  const places = [...document.querySelectorAll(".fit")];
  places.forEach((place) => place.classList.remove("rows"));
  places.filter((place) => place.scrollWidth > place.clientWidth).forEach((place) => place.classList.add("rows"));
  document.documentElement.style.setProperty("--top", `${form.offsetHeight}px`); // heads of tables stay below it
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
  const known = (value) => !Number.isNaN(value); // texts among numbers go to the end
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

for (const more of document.querySelectorAll(".more")) {
  const table = more.parentElement;
  table.classList.add("short");
  more.hidden = false;
  more.querySelector("button").addEventListener("click", () => table.classList.toggle("short"));
}

const options = {
  actions: false,
  ast: true, // interpret expressions, since the page's policy forbids compiling them
  config: data.config,
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};
const waiting = new Map(Object.entries(data.charts));
let drawing = false;
let resized = false;

// Draw the first visible chart that is not drawn yet.
function drawNext() {
  const next = [...waiting.keys()].find((id) => document.getElementById(id).checkVisibility());
  if (!next) return null;
  const chart = waiting.get(next);
  waiting.delete(next);
  return vegaEmbed(document.getElementById(next), chart, options).then(
    ({ view }) => {
      views.push(view);
      showPeriodOf(view);
    },
    (error) => console.error(error), // draw the other charts anyway
  );
}

async function draw() {
  if (drawing) return;
  drawing = true;
  for (let drawn = drawNext(); drawn; drawn = drawNext()) {
    await drawn;
    await new Promise((resume) => setTimeout(resume)); // let the reader see and use what is drawn
  }
  drawing = false;
  document.documentElement.dataset.drawn = "";
}

form.addEventListener("change", (event) => (event.target.name === "group" ? showGroup() : showPeriod()));
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
window.addEventListener("resize", () => {
  resized = true;
  fit();
});
document.addEventListener("toggle", fit, true); // a folded table had no width
// Draw charts as wide as the paper: if they were shrunk, their texts would be too small.
function onPaper(paper) {
  document.documentElement.classList.toggle("paper", paper);
  window.dispatchEvent(new Event("resize"));
}
window.addEventListener("beforeprint", () => {
  onPaper(true);
  while (drawNext());
});
window.addEventListener("afterprint", () => onPaper(false));
showPeriod(); // after a reload, the page may keep its choices
showGroup();
