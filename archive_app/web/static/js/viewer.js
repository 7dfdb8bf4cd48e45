// The page viewer: hits by N and Shift+N, pages by PgUp and PgDn, zoom by + - 0, the text by T.

import { singleKeys, typing } from "./shell.js";
import { announce, say } from "./words.js";

const view = document.querySelector("[data-viewer]");
const canvas = view.querySelector(".canvas");
const page = canvas.querySelector(".pg");
const counter = document.querySelector("[data-hits]");
const TEXT = "viewer.text";
const STEPS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
let zoom = 1;

// Hits: the boxes of this page first, then the page that holds the next one
const hits = [...new Set([...view.querySelectorAll("[data-hit]")].map((el) => Number(el.dataset.hit)))].sort((a, b) => a - b);
let current = Number(view.querySelector("[data-hit].cur")?.dataset.hit ?? hits[0] ?? -1);

function mark(hit) {
  current = hit;
  view.querySelectorAll("[data-hit]").forEach((el) => el.classList.toggle("cur", Number(el.dataset.hit) === hit));
  canvas.querySelector("rect.cur")?.scrollIntoView({ block: "center", inline: "nearest" });
  view.querySelector(".ocr mark.cur")?.scrollIntoView({ block: "nearest" });
  if (!counter) return;
  const n = Number(counter.dataset.first) + hits.indexOf(hit);
  counter.querySelector("[data-hit-now]").textContent = n;
  announce(say("page_of_hits", { n, total: counter.dataset.hits }));
}

function stepHit(by) {
  const next = hits[hits.indexOf(current) + by];
  if (next !== undefined) { mark(next); return true; }
  const link = document.querySelector(`[data-hit-step="${by}"][data-url]`);
  if (link) location.assign(link.href);
  return !!link;
}

function turn(rel) {
  const link = document.querySelector(`a[rel~="${rel}"]`);
  if (link) location.assign(link.href);
  return !!link;
}

// Zoom: the width of the page; only the document object model sets styles, no style attribute is parsed
function setZoom(value) {
  zoom = value;
  page.style.maxWidth = value === 1 ? "" : "none";
  page.style.width = value === 1 ? "" : `${Math.round(620 * value)}px`;
  return true;
}

const bigger = () => setZoom(STEPS.find((s) => s > zoom) ?? zoom);
const smaller = () => setZoom(STEPS.findLast((s) => s < zoom) ?? zoom);

function fit(button) {
  const on = canvas.classList.toggle("fit");
  button?.setAttribute("aria-pressed", String(on));
  return setZoom(1);
}

function text(shown) {
  view.classList.toggle("no-text", !shown);
  document.querySelector("[data-text]")?.setAttribute("aria-pressed", String(shown));
  localStorage.setItem(TEXT, shown ? "on" : "off");
  return true;
}

function act(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || typing() || document.querySelector("dialog[open]")) return false;
  if (e.key === "PageDown") return turn("next");
  if (e.key === "PageUp") return turn("prev");
  if (!singleKeys()) return false;
  if (e.code === "KeyN") return stepHit(e.shiftKey ? -1 : 1);
  if (e.code === "KeyT") return text(view.classList.contains("no-text"));
  if (e.key === "+" || e.key === "=") return bigger();
  if (e.key === "-") return smaller();
  return e.key === "0" ? setZoom(1) : false;
}

document.addEventListener("keydown", (e) => { if (!e.defaultPrevented && !e.isComposing && act(e)) e.preventDefault(); });
document.addEventListener("click", (e) => {
  const hit = e.target.closest("[data-hit-step]");
  if (hit && stepHit(Number(hit.dataset.hitStep))) e.preventDefault();
  if (e.target.closest("[data-text]")) text(view.classList.contains("no-text"));
  const width = e.target.closest("[data-fit]");
  if (width) fit(width);
  const zoomed = e.target.closest("[data-zoom]")?.dataset.zoom;
  if (zoomed) ({ "+": bigger, "-": smaller, 0: () => setZoom(1) })[zoomed]?.();
});

if (localStorage.getItem(TEXT) === "off") text(false);
if (hits.length) mark(hits.includes(current) ? current : hits[0]);
view.querySelector(".thumbs [aria-current]")?.scrollIntoView({ block: "center" });
scrollTo(0, 0);
