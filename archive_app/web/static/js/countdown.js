// Countdowns move every 30 s by the server's clock; 15, 5 and 0 minutes before the end are announced once.

import { now } from "./clock.js";
import { announce, say } from "./words.js";

const MINUTE = 60_000;
const SOON = 60 * MINUTE;
const CALLS = [15, 5, 0];
const before = new Map(); // element → milliseconds left at the last look

function figure(left) {
  const minutes = Math.floor(Math.abs(left) / MINUTE);
  if (minutes >= 48 * 60) return say("days", { n: Math.floor(minutes / 1440) });
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

function icon(name) {
  const i = document.createElement("i");
  i.className = `bi bi-${name}`;
  i.setAttribute("aria-hidden", "true");
  return i;
}

function number(place) {
  const left = Number(place.dataset.due) - now();
  const kind = left <= 0 ? "stop" : left <= SOON ? "wait" : "";
  place.className = `cd ${kind}`;
  if (kind === "stop") place.replaceChildren(icon("exclamation-triangle-fill"), ` ${say("overdue")} ${figure(left)}`);
  else if (kind === "wait") place.replaceChildren(icon("clock-fill"), ` ${figure(left)}`);
  else place.textContent = figure(left);
  call(place, left);
}

function call(place, left) {
  const last = before.get(place);
  before.set(place, left);
  const crossed = last === undefined ? undefined : CALLS.find((n) => last > n * MINUTE && left <= n * MINUTE);
  if (crossed === undefined || !place.dataset.name) return;
  announce(say(crossed ? "due_in" : "due_now", { name: place.dataset.name, n: crossed }));
}

function bar(svg) {
  const { start, due, open, close } = svg.dataset;
  const at = (ms) => Math.min(Math.max((ms - open) / (close - open), 0), 1) * 100;
  const [a, b, n] = [at(Number(start)), at(Number(due)), at(now())];
  const put = (name, x, width) => {
    const rect = svg.querySelector(`.${name}`);
    rect.setAttribute("x", `${x.toFixed(2)}%`);
    rect.setAttribute("width", `${Math.max(width, 0).toFixed(2)}%`);
  };
  put("gone", a, Math.min(b, n) - a);
  put("left", n, b - n);
  put("late", b, n - b);
  svg.querySelector(".now").setAttribute("x1", `${n.toFixed(2)}%`);
  svg.querySelector(".now").setAttribute("x2", `${n.toFixed(2)}%`);
  const left = Number(due) - now();
  svg.classList.toggle("soon", left > 0 && left <= SOON);
}

function look() {
  document.querySelectorAll(".cd[data-due]").forEach(number);
  document.querySelectorAll("svg.ax[data-due]").forEach(bar);
}

setInterval(look, 30_000);
document.addEventListener("visibilitychange", () => document.hidden || look());
document.addEventListener("fragment", look);
look();
