// Every page: keys, the clock, the guard against double submits, and the modules a page asks for by its marks.

import { now } from "./clock.js";
import { announce, say } from "./words.js";

const MODULES = {
  "[data-rows], [data-select-all]": "rows", "[data-due]": "countdown", "[data-scan-url]": "desk", "[data-viewer]": "viewer",
  "[data-progress-url]": "progress", "[data-typeahead]": "typeahead", "[data-upload]": "upload",
  "[data-order]": "order", "[data-boxing]": "boxing",
  "[data-basket], [data-look]": "basket",
};

function load() {
  for (const [mark, name] of Object.entries(MODULES)) if (document.querySelector(mark)) import(`./${name}.js`);
}

// Keys ----------------------------------------------------------------

const SINGLE = "keys.single";

/** Whether single-letter shortcuts are on (WCAG 2.1.4: they can be switched off, for this computer). */
export const singleKeys = () => localStorage.getItem(SINGLE) !== "off";

/** Whether the person is typing into a field. */
export function typing(element = document.activeElement) {
  return !!element?.closest?.("input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]");
}

const shown = (element) => element && !element.closest("[hidden]") && element.getClientRects().length > 0;

function pressed(key) {
  const target = [...document.querySelectorAll(`[data-key="${key}"]`)].find(shown);
  target?.click();
  return !!target;
}

function closeOne() {
  const menu = document.querySelector("details.me[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); return true; }
  if (location.hash === "#menu") { location.hash = "main"; return true; }
  return pressed("Escape");
}

function submitForm() {
  const form = document.activeElement?.closest?.("form") || document.querySelector("main form[method=post]");
  form?.requestSubmit();
  return !!form;
}

function goTo(index) {
  const link = document.querySelectorAll(".rail .n")[index];
  link?.click();
  return !!link;
}

function find() {
  const box = [...document.querySelectorAll("[data-find], main [role=search] input, main input[type=search]")].find(shown);
  box?.focus();
  box?.select();
  return !!box;
}

function help() {
  const sheet = document.getElementById("help");
  if (!sheet || sheet.open) return false;
  sheet.querySelector("[data-single-keys]").checked = singleKeys();
  sheet.showModal();
  return true;
}

function act(e) {
  if (e.altKey && !e.ctrlKey && !e.metaKey && /^Digit[1-9]$/.test(e.code)) return goTo(Number(e.code.at(-1)) - 1);
  if ((e.ctrlKey || e.metaKey) && e.key === "Enter") return submitForm();
  if (e.ctrlKey || e.metaKey || e.altKey) return false;
  if (/^F\d+$/.test(e.key)) return pressed(e.key);
  if (document.querySelector("dialog[open]")) return false;
  if (e.key === "Escape") return closeOne();
  if (typing() || !singleKeys()) return false;
  if (e.key === "?" || (e.code === "Slash" && e.shiftKey)) return help();
  // By its place on the keyboard too: a Chinese input method turns / into 、
  return e.key === "/" || e.code === "Slash" ? find() : false;
}

document.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.isComposing || e.repeat) return;
  if (act(e)) e.preventDefault();
});

document.addEventListener("click", (e) => {
  if (e.target.closest("[data-help]")) help();
  const menu = document.querySelector("details.me[open]");
  if (menu && (!menu.contains(e.target) || e.target.closest("[data-help]"))) menu.open = false;
});

document.addEventListener("change", (e) => {
  if (e.target.matches("[data-auto]")) e.target.form?.requestSubmit(); // a filter works as soon as it is set
  if (e.target.matches("[data-single-keys]")) localStorage.setItem(SINGLE, e.target.checked ? "on" : "off");
});

// One submit ----------------------------------------------------------

const WAIT = 8000; // a download leaves the page as it is: after this the form may be sent again

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.method !== "post" || e.defaultPrevented) return;
  if (form.dataset.sent) { e.preventDefault(); announce(say("still_working")); return; }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, WAIT);
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Clock and start -----------------------------------------------------

const format = new Intl.DateTimeFormat("zh-CN", {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: document.querySelector("[data-zone]")?.dataset.zone || "Asia/Shanghai",
});

function tick() {
  const place = document.querySelector("[data-clock]");
  if (place) place.textContent = format.format(now());
}

/** What scrolls sideways must be reachable by keyboard, and only then. */
function scrollers() {
  document.querySelectorAll(".scroll-x, .steps, .sheet:has(> .t)").forEach((el) => {
    if (el.scrollWidth > el.clientWidth + 1) el.tabIndex = 0; else if (!el.matches(".steps")) el.removeAttribute("tabindex");
  });
}

setInterval(tick, 5000);
window.addEventListener("resize", scrollers);
document.addEventListener("fragment", scrollers);
scrollers();
document.addEventListener("visibilitychange", () => document.hidden || tick());
document.addEventListener("fragment", load);
document.querySelector("[data-errors]")?.focus();
load();
