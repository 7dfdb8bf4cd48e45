// The order list of a volume: drag, Alt+↑↓ or the menu moves a row, then the reason is asked; a refused move goes back.
// <table data-order data-revision="7"> with rows <tr id="item-12" data-move="/…/move"> holding .drag, [data-place], a.dots;
// <dialog id="move"> with a form (place, reason), [data-what], [data-whole], [data-wrong], [data-refused]; <template id="row-menu">.

import { post } from "./net.js";
import { announce, say } from "./words.js";

const table = document.querySelector("[data-order]");
const body = table.tBodies[0];
const dialog = document.getElementById("move");
const form = dialog.querySelector("form");
const part = (mark) => dialog.querySelector(`[data-${mark}]`);
let moved = null; // {row, from}: the row on its way, and where it stood

const rows = () => [...body.rows];
const place = (row) => rows().indexOf(row) + 1;
const renumber = () => rows().forEach((row, n) => { row.querySelector("[data-place]").textContent = n + 1; });

function put(row, to) {
  const others = rows().filter((other) => other !== row);
  body.insertBefore(row, others[to - 1] || null);
  renumber();
}

function take(row) {
  if (moved?.row === row) return;
  if (moved) back();
  moved = { row, from: place(row) };
  row.classList.add("moving");
  row.classList.remove("back");
}

function back(refused = false) {
  if (!moved) return;
  const { row, from } = moved;
  put(row, from);
  row.classList.remove("moving");
  row.classList.toggle("back", refused);
  moved = null;
  row.focus();
}

function shift(row, by) {
  const to = place(row) + by;
  if (to < 1 || to > body.rows.length) return;
  take(row);
  put(row, to);
  row.focus();
  row.scrollIntoView({ block: "nearest" });
  announce(say("row_at", { n: to, total: body.rows.length }));
}

// Asking for the reason -------------------------------------------------

function ask(row, { open = false } = {}) {
  take(row);
  if (!open && place(row) === moved.from) return back();
  part("what").textContent = row.querySelector("[data-title]").textContent.trim();
  form.elements.place.value = place(row);
  form.elements.place.max = body.rows.length;
  part("wrong").hidden = part("refused").hidden = true;
  part("whole").hidden = !row.matches(".bond");
  form.elements.whole.checked = false;
  form.hidden = false;
  dialog.showModal();
  (open ? form.elements.place : form.elements.reason).focus();
}

function wrong(text) {
  part("wrong").hidden = false;
  part("wrong").lastElementChild.textContent = text;
}

/** The refusal card, its four parts as the server gave them; the row is back where it stood. */
function refused({ message, rule, clause, may_decide, next_step }) {
  const card = part("refused");
  const fill = (name, text) => { const at = card.querySelector(`[data-${name}]`); at.textContent = text; at.hidden = !text; };
  fill("message", message);
  fill("rule", rule);
  const who = may_decide ? say("may_decide", { who: may_decide }) : rule ? say("nobody_may") : "";
  fill("clause", [clause, who].filter(Boolean).join("·"));
  fill("next", next_step);
  form.hidden = true;
  card.hidden = false;
  card.querySelector("button").focus();
  announce(message);
}

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  e.stopPropagation(); // the guard of shell.js belongs to forms that leave the page
  if (!form.elements.reason.value.trim()) { wrong(say("why_moved")); form.elements.reason.focus(); return; }
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const data = new FormData(form);
  data.set("revision", table.dataset.revision);
  try {
    const { ok, body: answer, expired } = await post(moved.row.dataset.move, data);
    if (ok) return arrived(answer);
    if (answer?.fields) wrong(Object.values(answer.fields)[0]);
    else if (answer?.message) { back(true); refused(answer); }
    else wrong(say(expired ? "signed_out" : "not_moved"));
  } catch {
    wrong(say("not_moved"));
  } finally {
    delete form.dataset.busy;
  }
});

function arrived() {
  location.hash = moved.row.id;
  moved = null;
  location.reload();
}

dialog.addEventListener("close", () => { back(); form.elements.reason.value = ""; });
dialog.addEventListener("click", (e) => { if (e.target.closest("[data-shut]")) dialog.close(); });

// Keys --------------------------------------------------------------------

const rowOf = (node) => (node?.closest?.("[data-order] tbody tr"));

document.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || dialog.open) return;
  const row = rowOf(document.activeElement);
  if (row && e.altKey && (e.key === "ArrowUp" || e.key === "ArrowDown")) { e.preventDefault(); shift(row, e.key === "ArrowUp" ? -1 : 1); }
  else if (moved && e.key === "Escape") { e.preventDefault(); back(); }
}, true);

document.addEventListener("keyup", (e) => { if (e.key === "Alt" && moved && !dialog.open) { e.preventDefault(); ask(moved.row); } });

// Dragging by the handle ----------------------------------------------------

body.addEventListener("pointerdown", (e) => {
  const grip = e.target.closest(".drag");
  if (!grip || e.button) return;
  const row = grip.closest("tr");
  e.preventDefault();
  take(row);
  const over = (move) => {
    const at = rows().find((other) => { const box = other.getBoundingClientRect(); return move.clientY >= box.top && move.clientY < box.bottom; });
    if (at && at !== row) put(row, place(at));
  };
  const drop = () => {
    document.removeEventListener("pointermove", over);
    document.removeEventListener("pointerup", drop);
    document.removeEventListener("pointercancel", drop);
    if (moved) ask(row);
  };
  document.addEventListener("pointermove", over);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);
});

// The menu twin ---------------------------------------------------------------

let menu = null;

function shut(focus = false) {
  if (!menu) return;
  const { link, box } = menu;
  box.remove();
  link.setAttribute("aria-expanded", "false");
  menu = null;
  if (focus) link.focus();
}

function show(link) {
  const row = link.closest("tr");
  const box = document.getElementById("row-menu").content.firstElementChild.cloneNode(true);
  box.querySelector("[data-page]").href = link.href;
  box.querySelector("[data-up]").hidden = place(row) === 1;
  box.querySelector("[data-down]").hidden = place(row) === body.rows.length;
  box.addEventListener("click", (e) => {
    const it = e.target.closest("button");
    if (!it) return;
    shut();
    if ("to" in it.dataset) return ask(row, { open: true });
    shift(row, "up" in it.dataset ? -1 : 1);
    ask(row);
  });
  link.after(box);
  link.setAttribute("aria-expanded", "true");
  menu = { link, box };
  box.querySelector(".it:not([hidden])").focus();
}

function point(e) {
  const items = [...menu.box.querySelectorAll(".it:not([hidden])")];
  const to = items.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1);
  items[(to + items.length) % items.length].focus();
  e.preventDefault();
}

document.addEventListener("click", (e) => {
  const link = e.target.closest("[data-order] a.dots");
  if (link && !e.ctrlKey && !e.metaKey) { e.preventDefault(); const again = menu?.link === link; shut(); if (!again) show(link); }
  else if (menu && !menu.box.contains(e.target)) shut();
});
document.addEventListener("keydown", (e) => {
  if (!menu) return;
  if (e.key === "Escape") { e.preventDefault(); e.stopPropagation(); shut(true); }
  else if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.stopPropagation(); point(e); }
}, true);

table.querySelectorAll("a.dots").forEach((link) => { link.setAttribute("aria-haspopup", "menu"); link.setAttribute("aria-expanded", "false"); });
const came = location.hash.startsWith("#item-") && document.getElementById(location.hash.slice(1));
if (came) { rows().forEach((row) => { row.tabIndex = row === came ? 0 : -1; }); came.focus(); }
table.dataset.ready = "";
