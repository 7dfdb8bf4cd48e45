// Rows of a list: ↑↓ move, Enter opens, Space selects; the count of selected rows is shown.

import { typing } from "./shell.js";

const rowsOf = (list) => [...list.querySelectorAll(list.matches("table") ? "tbody tr" : ":scope > article, :scope > li")];
const lists = () => [...document.querySelectorAll("[data-rows]")];

function prepare() {
  for (const list of lists()) rowsOf(list).forEach((row, n) => { if (!row.hasAttribute("tabindex")) row.tabIndex = n ? -1 : 0; });
}

function focusRow(row) {
  row.closest("[data-rows]").querySelectorAll('[tabindex="0"]').forEach((other) => { if (other !== row && rowsOf(row.closest("[data-rows]")).includes(other)) other.tabIndex = -1; });
  row.tabIndex = 0;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const inside = document.activeElement.closest?.("[data-rows]");
  const list = inside || (document.activeElement === document.body && lists().length === 1 ? lists()[0] : null);
  const rows = list ? rowsOf(list) : [];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  if (next) focusRow(next);
  return true;
}

function open(row) {
  const link = row.querySelector("a[data-open]") || row.querySelector("a[href]");
  link?.click();
  return !!link;
}

function select(row) {
  const box = row.querySelector("input[type=checkbox]");
  box?.click();
  return !!box;
}

function act(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || typing()) return false;
  if (e.key === "ArrowDown" || e.key === "ArrowUp") return step(e.key === "ArrowDown" ? 1 : -1);
  const row = document.activeElement;
  if (!row.closest?.("[data-rows]") || !rowsOf(row.closest("[data-rows]")).includes(row)) return false;
  return e.key === "Enter" ? open(row) : e.key === " " ? select(row) : false;
}

document.addEventListener("keydown", (e) => { if (!e.defaultPrevented && !e.isComposing && act(e)) e.preventDefault(); });

// Selecting: a box data-select-all, boxes name=… in the same form, and [data-selected] shows how many
function count(form) {
  const boxes = [...form.querySelectorAll("[data-rows] input[type=checkbox]:not([data-select-all])")];
  const chosen = boxes.filter((box) => box.checked).length;
  form.querySelectorAll("[data-selected]").forEach((place) => { place.textContent = chosen; });
  form.querySelectorAll("[data-when-selected]").forEach((bar) => { bar.hidden = !chosen; });
  boxes.forEach((box) => box.closest("tr, article, li")?.classList.toggle("on", box.checked));
  const all = form.querySelector("[data-select-all]");
  if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
}

document.addEventListener("change", (e) => {
  const form = e.target.closest?.("form, section");
  if (!form || e.target.type !== "checkbox") return;
  if (e.target.matches("[data-select-all]")) {
    form.querySelectorAll("[data-rows] tbody input[type=checkbox], [data-rows] > article input[type=checkbox]").forEach((box) => { box.checked = e.target.checked; });
  }
  if (form.querySelector("[data-selected], [data-select-all]")) count(form);
});

prepare();
document.addEventListener("fragment", prepare);
document.querySelectorAll("form").forEach((form) => { if (form.querySelector("[data-select-all]")) count(form); });
