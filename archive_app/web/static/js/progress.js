// Long work: its card is fetched every two seconds until done; the work goes on when the page is left.
// <div data-progress-url="…" [data-reload]>; the answer is {html, done, announce}.

import { get } from "./net.js";
import { announce } from "./words.js";

const EVERY = 2000;
const SLOWEST = 30000;

function watch(place) {
  let wait = EVERY;
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    if (!place.isConnected) return;
    if (document.hidden) return;
    try {
      const { ok, body } = await get(place.dataset.progressUrl);
      if (!ok || !body) throw new Error("no answer");
      wait = EVERY;
      if (body.html !== undefined && body.html !== place.innerHTML) { place.innerHTML = body.html; document.dispatchEvent(new Event("fragment")); }
      if (body.done) return finished(place, body);
    } catch {
      wait = Math.min(wait * 2, SLOWEST);
    }
    timer = setTimeout(look, wait);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !place.dataset.finished) look(); });
  timer = setTimeout(look, EVERY);
}

function finished(place, body) {
  place.dataset.finished = "1";
  announce(body.announce || place.textContent.trim());
  if ("reload" in place.dataset) location.reload();
}

function start() {
  document.querySelectorAll("[data-progress-url]:not([data-watched])").forEach((place) => { place.dataset.watched = "1"; watch(place); });
}

document.addEventListener("fragment", start);
start();
