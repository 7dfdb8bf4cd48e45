// A keyboard-wedge scanner types fast and ends with Enter. On every page such a burst is a scan and goes to the
// desk, never into a field. The text is built from event.code, so input methods and layouts cannot change it.

import { say } from "./words.js";

const GAP = 50; // ms between two keys of a scanner on average; people are slower
const PAUSE = 150; // a busy computer may hand over a key late, but not later than this
const LEAST = 8; // characters
const SIGNS = { Minus: "-", NumpadSubtract: "-", Semicolon: ";", Period: ".", NumpadDecimal: "." };

let text = "";
let first = 0;
let last = -Infinity;
let before = null; // the field and its value before the burst

/** The character a key stands for on the scanner, or "". */
export function character(e) {
  const plain = /^(?:Digit|Numpad)(\d)$/.exec(e.code);
  if (plain) return e.shiftKey && e.code.startsWith("Digit") ? "" : plain[1];
  const letter = /^Key([A-Z])$/.exec(e.code);
  return letter ? letter[1] : SIGNS[e.code] || "";
}

/** Typed text as a scanner would give it: full width folded, spaces dropped, dashes one kind, upper case. */
export function fold(typed) {
  return typed.normalize("NFKC").replace(/\s+/g, "").replace(/[－—–−·‐‑]/g, "-").toUpperCase();
}

function remember() {
  const el = document.activeElement;
  before = el && "value" in el ? { el, value: el.value } : null;
}

function restore() {
  if (!before) return;
  const { el, value } = before;
  el.blur(); // ends a composition of the input method
  el.value = value;
  el.focus();
  setTimeout(() => { if (el.value !== value) el.value = value; });
}

function finish(e) {
  const code = text;
  const fast = (last - first) / (code.length - 1) < GAP && e.timeStamp - last < PAUSE;
  const scanned = code.length >= LEAST && fast;
  text = "";
  if (!scanned || !(document.querySelector("[data-scan-url]") || deskUrl())) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  restore();
  const event = new CustomEvent("scan", { detail: code, cancelable: true });
  if (document.dispatchEvent(event)) toDesk(code);
}

const deskUrl = () => document.querySelector('meta[name="desk-url"]')?.content;

function toDesk(code) {
  if (halfFilled()) return warn();
  sessionStorage.setItem("scan", code);
  location.assign(deskUrl());
}

const changed = (el) => el.type !== "hidden" && (
  el.type === "checkbox" || el.type === "radio" ? el.checked !== el.defaultChecked
    : el.options ? [...el.options].some((o) => o.selected && !o.defaultSelected && el.selectedIndex > 0)
      : el.value !== el.defaultValue);

/** Whether a form that would be saved holds what was not there when the page came. */
const halfFilled = () => [...document.querySelectorAll("main form[method=post]")].some((form) => [...form.elements].some((el) => "value" in el && el.type !== "submit" && changed(el)));

/** What is half filled in is not thrown away for a scan. */
function warn() {
  const place = document.querySelector(".flashes");
  if (!place) return;
  const note = document.createElement("div");
  note.className = "note";
  note.setAttribute("role", "alert");
  note.textContent = say("scan_kept");
  place.replaceChildren(note);
  note.scrollIntoView({ block: "center" });
}

// The box of the desk takes keys slow or fast; js/desk.js builds its text itself
const inBox = () => document.activeElement?.matches("[data-scan-url] input");

document.addEventListener("keydown", (e) => {
  if (e.repeat || inBox()) return;
  if (e.key === "Enter" || e.code === "NumpadEnter" || e.code === "Enter") return finish(e);
  if (e.ctrlKey || e.altKey || e.metaKey) { text = ""; return; }
  if (e.code.startsWith("Shift")) { if (text) last = e.timeStamp; return; }
  const c = character(e);
  if (!c) { text = ""; return; }
  if (!text || e.timeStamp - last > PAUSE) { text = ""; first = e.timeStamp; remember(); }
  text += c;
  last = e.timeStamp;
}, true);
