// The scan desk: one box that always has the focus. Each scan is sent once, by its own id; the server answers with
// the band, the list and the side panel as HTML. Without this file the form posts and the page comes back whole.

import { set } from "./clock.js";
import { post, uuid } from "./net.js";
import { character, fold } from "./scan.js";
import { typing } from "./shell.js";
import { muted, play, toggle, wake } from "./sound.js";
import { run as runUndo } from "./undo.js";
import { announce, say } from "./words.js";

const form = document.querySelector("[data-scan-url]");
const box = form.elements.code;
const band = document.getElementById("band");
const queue = [];
const spokenByItself = band.matches("[role=status], [aria-live]");
let busy = false;
let failed = null; // the scan that got no answer: sent again with the same id, it is done once

function scan(code) {
  if (!code) return;
  const again = failed && failed.body.code === code;
  queue.push(again ? failed : { url: form.dataset.scanUrl, body: { code, scan_id: uuid() } });
  work();
}

async function work() {
  if (busy || !queue.length) return;
  busy = true;
  form.classList.add("busy");
  const job = queue.shift();
  try {
    answered(job, await post(job.url, job.body));
  } catch {
    lost(job, say("offline_why"));
  }
  form.classList.remove("busy");
  busy = false;
  work();
}

function answered(job, reply) {
  if (reply.body?.band_html !== undefined) return show(reply.body);
  if (reply.expired || reply.status === 400 || reply.status === 401) return renew(job);
  lost(job, reply.body?.message || say("nothing_changed"));
}

/** The page or the sign-in is too old: come back with a fresh one, once, and scan then. */
function renew(job) {
  if (sessionStorage.getItem("desk.renewed")) { sessionStorage.removeItem("desk.renewed"); return lost(job, say("nothing_changed")); }
  sessionStorage.setItem("desk.renewed", "1");
  if (job.body.code) sessionStorage.setItem("scan", job.body.code);
  location.reload();
}

function show(reply) {
  failed = null;
  sessionStorage.removeItem("desk.renewed");
  set(reply.now);
  band.innerHTML = reply.band_html;
  for (const part of ["log", "side"]) {
    const place = document.getElementById(part);
    if (place && reply[`${part}_html`] !== undefined) place.innerHTML = reply[`${part}_html`];
  }
  const ring = band.querySelector("form[data-undo]");
  if (ring && reply.undo?.until_ms) ring.dataset.until = reply.undo.until_ms;
  runUndo(band);
  play(reply.sound);
  if (!spokenByItself) announce(reply.announce || spoken());
  document.dispatchEvent(new Event("fragment"));
  back();
}

const spoken = () => [".k", ".big", ".do", ".sub"].map((part) => band.querySelector(part)?.textContent.trim()).filter(Boolean).join("，");

function lost(job, why) {
  failed = job;
  queue.length = 0;
  const card = document.getElementById("band-failed").content.cloneNode(true);
  card.querySelector(".big").textContent = job.body.code || "";
  card.querySelector("[data-why]").textContent = why;
  card.querySelector("[data-retry]").addEventListener("click", () => { queue.push(job); work(); });
  band.replaceChildren(card);
  play("unknown");
  if (!spokenByItself) announce(spoken() + why);
}

// What is typed or scanned. The text is built from the keys themselves, whatever the input method makes of them;
// after any other editing (a correction, a paste) the box is taken as it reads.
let keys = "";
let plain = true;

function clear() {
  box.value = keys = "";
  plain = true;
}

box.addEventListener("keydown", (e) => {
  if (e.code === "Enter" || e.code === "NumpadEnter") { e.preventDefault(); if (!e.repeat) form.requestSubmit(); return; }
  if (e.key === "Shift" || e.key === "CapsLock" || e.repeat) return;
  const c = e.ctrlKey || e.altKey || e.metaKey ? "" : character(e);
  if (!c && !/^F\d/.test(e.key) && e.key !== "Escape" && e.key !== "Tab") plain = false;
  keys += c;
});
box.addEventListener("input", (e) => { if (!box.value && !e.isComposing) clear(); });
for (const kind of ["paste", "drop"]) box.addEventListener(kind, () => { plain = false; });

// An input method must not swallow letters: its composition is ended as it starts
box.addEventListener("compositionstart", () => { box.blur(); box.focus(); });

form.addEventListener("submit", (e) => {
  e.preventDefault();
  const code = plain && keys ? keys : fold(box.value);
  clear();
  scan(code);
});

document.addEventListener("scan", (e) => {
  e.preventDefault();
  clear();
  scan(e.detail);
});

// Undo and the one next step are sent like scans
document.addEventListener("submit", (e) => {
  const small = e.target;
  if (!small.matches("form[data-undo], form[data-desk-step]")) return;
  e.preventDefault();
  const body = new FormData(small, e.submitter);
  body.set("scan_id", uuid());
  small.hidden = small.matches("[data-undo]");
  queue.push({ url: small.action, body });
  work();
}, true);

// Focus comes back after a click, but not while another field is used or text is being marked
function back() {
  const other = document.activeElement !== box && typing();
  const open = document.querySelector("dialog[open], details.me[open]") || location.hash === "#menu";
  if (!other && !open && !String(getSelection())) box.focus({ preventScroll: true });
}

document.addEventListener("click", (e) => { if (e.detail) setTimeout(back); });
window.addEventListener("focus", () => setTimeout(back));
document.addEventListener("keydown", (e) => {
  wake();
  if (e.key === "F9") { e.preventDefault(); silence(); }
  const letter = e.key.length === 1 && e.key !== " " && !e.ctrlKey && !e.altKey && !e.metaKey;
  if (letter && document.activeElement === document.body && !document.querySelector("dialog[open]")) {
    box.focus();
    keys += character(e); // the box sees the keys after this one only
  }
}, true);
document.addEventListener("pointerdown", wake);

function silence() {
  announce(say(toggle() ? "muted" : "unmuted"));
  sign();
}

function sign() {
  document.querySelectorAll("[data-mute]").forEach((place) => {
    place.setAttribute("aria-pressed", String(muted()));
    const icon = place.querySelector(".bi");
    if (icon) icon.className = `bi bi-volume-${muted() ? "mute" : "up"}`;
  });
}

document.addEventListener("click", (e) => { if (e.target.closest("[data-mute]")) silence(); });
document.addEventListener("fragment", sign);

sign();
runUndo(band);
back();
const waiting = sessionStorage.getItem("scan");
sessionStorage.removeItem("scan");
if (waiting) scan(waiting);
